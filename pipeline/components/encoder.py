"""The encoder: tokens -> hidden states and labelled spans of every layer."""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from pipeline.components import attributes
from pipeline.components.heads import Floats, Ints, LinkHead, PairHead, SpanHead, Stack, gather
from pipeline.components.scorers import ENT_LABELS, Scorer
from pipeline.components.sentences import read_bounds
from pipeline.components.wordpieces import PieceCache, make_windows
from pipeline.errors import ResourceError
from pipeline.labels import LAYERS, LINK_SOURCES, LINK_TASKS, MAX_PAIRED, SPAN_TASKS, TAGS

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

HEADS_OF = {
    "ORG": ("org_type", "party"),
    "STATE": ("party",),
    "AREA": ("category", "status", "ellipsis", "spoken"),
    "EVENT": ("event_type",),
}
MAX_PAIR_WORDS = 100  # mentions further apart are not paired
MIN_LINK = 0.02  # less likely links are not kept
LINKED_AT_ONCE = 64  # sources, neighbours
PAIRED_AT_ONCE = 4096  # pairs of mentions
MAX_LINK_WORDS = 90  # a role is linked to people and organisations no further off
FILES = ("encoder.onnx", "heads.safetensors", "tokenizer.json")
UNKNOWN = 100  # id of the piece of words that have none
OUTSIDE, BEGIN, INSIDE, END, SINGLE = range(len(TAGS))
STARTS, ENDS, OPENS, STAYS = (  # the span begins with this word, ends with it, goes on behind it, began before it
    np.isin(np.arange(len(TAGS)), tags) for tags in ((BEGIN, SINGLE), (END, SINGLE), (BEGIN, INSIDE), (INSIDE, END))
)
attributes.register()


@Language.factory(
    "coop_encoder",
    assigns=["doc.tensor", "doc.spans", "doc.ents"],
    requires=["doc.sents"],
    default_config={"biases": {}, "min_score": {}, "scorer": {"@scorers": "coop_spans_scorer.v1"}},
    default_score_weights={"ents_f": 0.5, "spans_AREA_f": 0.5},
)
def make_encoder(nlp: Language, name: str, biases: dict[str, float], min_score: dict[str, float], scorer: Scorer | None) -> "Encoder":
    return Encoder(name, biases=biases, min_score=min_score, scorer=scorer)


class Encoder:
    """Read a Doc with the shipped network.

    Writes doc.tensor (one row of hidden states a token; zero for white space and for what doc._.left_out covers),
    doc.spans[layer] for every layer of LAYERS, in text order, and doc.ents of ORG, PERSON, GPE and DATE. The attrs of a span group
    hold, span by span: "scores" (probabilities), for each task of HEADS_OF the probabilities of its labels, and for each task of
    LINK_TASKS its links [index of the span pointed to in its layer or -1, probability], likeliest first; of "ORG" also "pairs", see
    find_pairs. Each window of whole sentences is run by itself, so that what is read in an article never depends on its neighbours,
    on batches or on workers.

    biases: layer -> number added to the scores of its O tag (above zero: fewer spans). min_score: layer -> least probability.
    """

    def __init__(self, name: str, *, biases: dict[str, float], min_score: dict[str, float], scorer: Scorer | None = None) -> None:
        self.name = name
        self.scorer = scorer
        self.biases = biases
        self.min_score = min_score
        self.cfg: dict[str, Any] = {}
        self._files: dict[str, bytes] = {}
        self._session: InferenceSession | None = None
        self._tokenizer: Tokenizer | None = None
        self._pieces: PieceCache | None = None
        self.stacks: dict[str, Stack] = {}
        self.span_heads: dict[str, SpanHead] = {}
        self.link_heads: dict[str, LinkHead] = {}
        self.pair_head: PairHead | None = None

    # -- annotation

    def __call__(self, doc: Doc) -> Doc:
        self.set_annotations(doc, *self.predict(doc))
        return doc

    def predict(self, doc: Doc) -> tuple[Floats, dict[str, list[tuple[int, int, float]]]]:
        """Hidden states (tokens, width) and, by layer, (first token, end token, probability) in text order."""
        session, _ = self._ready()
        assert self._pieces is not None
        windows = make_windows(doc, self._pieces, cls_id=101, sep_id=102, unknown_id=UNKNOWN, skip=doc._.left_out)
        tensor = np.zeros((len(doc), self.width), dtype=np.float32)
        found: dict[str, list[tuple[int, int, float]]] = {layer: [] for layer in LAYERS}
        line_starts = [i for i in read_bounds(doc).tokens if i and "\n" in doc[i - 1].text]
        bias = np.asarray([self.biases.get(layer, 0.0) for layer in LAYERS], dtype=np.float32)
        for window in windows:
            hidden, tags = session.run(None, {"ids": window.ids[None], "cases": window.cases[None]})
            tensor[window.tokens] = hidden[0, window.first]
            scores = tags[0, window.first].reshape(-1, len(LAYERS), len(TAGS))
            scores[:, :, OUTSIDE] += bias
            for layer, first, last, score in decode(scores):
                if score >= self.min_score.get(LAYERS[layer], 0.0):
                    bounds = int(window.tokens[first]), int(window.tokens[last]) + 1
                    found[LAYERS[layer]] += [(start, end, score) for start, end in cut(*bounds, line_starts)]
        return tensor, found

    def set_annotations(self, doc: Doc, tensor: Floats, found: dict[str, list[tuple[int, int, float]]]) -> None:
        doc.tensor = tensor  # type: ignore[assignment]  # spaCy's stub says float64
        spans = {layer: [Span(doc, a, b, label=layer) for a, b, _ in found[layer]] for layer in LAYERS}
        attrs = self.classify(doc, spans)
        taken: set[int] = set()
        ents = []
        for layer in LAYERS:
            scores: dict[str, Any] = {"scores": [round(score, 4) for *_, score in found[layer]]}
            doc.spans[layer] = SpanGroup(doc, name=layer, spans=spans[layer], attrs=scores | attrs[layer])
            if layer in ENT_LABELS:
                for a, b, _ in found[layer]:
                    if taken.isdisjoint(range(a, b)):
                        taken.update(range(a, b))
                        ents.append(Span(doc, a, b, label=ENT_LABELS[layer]))
        doc.set_ents(ents)

    def classify(self, doc: Doc, spans: Mapping[str, Sequence[Span]]) -> dict[str, dict[str, Any]]:
        """What the heads say of the spans of each layer, as the attrs of its span group."""
        bounds = {layer: np.asarray([(s.start, s.end) for s in spans[layer]], dtype=np.int64).reshape(-1, 2) for layer in self.stacks}
        hidden = {layer: stack(gather(doc.tensor, *bounds[layer].T)) for layer, stack in self.stacks.items()}
        attrs: dict[str, dict[str, Any]] = {layer: {} for layer in LAYERS}
        for layer, tasks in HEADS_OF.items():
            for task in tasks:
                attrs[layer][task] = self.span_heads[task].classify(hidden[layer][task]).round(4).tolist()
        for task, layer in LINK_TASKS.items():
            origin = LINK_SOURCES[task]
            sides = hidden[origin][f"{task}.source"], hidden[layer][f"{task}.target"]
            starts = bounds[origin][:, 0], bounds[layer][:, 0]
            attrs[origin][task] = find_links(self.link_heads[task], sides, starts, same=layer == origin)
        assert self.pair_head is not None
        mentions = [*spans["ORG"], *spans["STATE"]]
        attrs["ORG"]["pairs"] = find_pairs(self.pair_head, doc, mentions, np.concatenate([hidden[x]["side"] for x in ("ORG", "STATE")]))
        return attrs

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        return self.scorer(examples) if self.scorer else {}

    # -- the network

    @property
    def width(self) -> int:
        return int(self.cfg.get("width", 384))

    def _ready(self) -> tuple["InferenceSession", "Tokenizer"]:
        if self._session is None or self._tokenizer is None:
            if not self._files:
                raise ResourceError(f"{self.name}: no network loaded; load a trained pipeline: pipeline.load()")
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            self._session = onnxruntime.InferenceSession(self._files["encoder.onnx"], options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_buffer(self._files["tokenizer.json"])
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            self._pieces = PieceCache(self._tokenizer, unknown_id=UNKNOWN, model=self._tokenizer.model)
        return self._session, self._tokenizer

    def read_files(self, folder: Path) -> None:
        """Take the network from a folder with encoder.onnx, heads.safetensors, tokenizer.json; ResourceError names what is missing."""
        from safetensors.numpy import load

        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise ResourceError(f"{folder}: {', '.join(missing)} missing; a trained model has {', '.join(FILES)}")
        self._files = {name: (folder / name).read_bytes() for name in FILES}
        weights = {k: v.astype(np.float32) for k, v in load(self._files["heads.safetensors"]).items()}
        try:
            self.span_heads = {task: SpanHead(task, weights) for task in SPAN_TASKS}
            self.link_heads = {task: LinkHead(task, weights) for task in LINK_TASKS}
            self.pair_head = PairHead(weights)
            self.stacks = self.make_stacks(self.pair_head)
        except KeyError as error:
            raise ResourceError(f"{folder / 'heads.safetensors'}: {error.args[0]} missing; a network of this version has it") from None
        self._session = self._tokenizer = self._pieces = None

    def make_stacks(self, pair_head: PairHead) -> dict[str, Stack]:
        """Layer -> the hidden layers of all heads that read its spans."""
        layers: dict[str, dict[str, tuple[Floats, Floats]]] = {}
        for layer, tasks in HEADS_OF.items():
            layers[layer] = {task: (self.span_heads[task].w1, self.span_heads[task].b1) for task in tasks}
        for task, head in self.link_heads.items():
            layers.setdefault(LINK_SOURCES[task], {})[f"{task}.source"] = head.ws, head.bs
            layers.setdefault(LINK_TASKS[task], {})[f"{task}.target"] = head.wt, head.bt
        for layer in ("ORG", "STATE"):
            layers[layer]["side"] = pair_head.ws, pair_head.bs
        return {layer: Stack(parts) for layer, parts in layers.items()}

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self._files.items():
            (folder / name).write_bytes(content)
        (folder / "cfg.json").write_text(json.dumps(self.cfg, sort_keys=True) + "\n", encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "Encoder":
        folder = Path(path)
        if (folder / "cfg.json").is_file():
            self.cfg = json.loads((folder / "cfg.json").read_text(encoding="utf-8"))
        self.read_files(folder)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        import srsly

        return bytes(srsly.msgpack_dumps({"cfg": self.cfg, "files": self._files}))

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "Encoder":
        import tempfile

        import srsly

        given = srsly.msgpack_loads(data)
        self.cfg = given["cfg"]
        if given["files"]:
            with tempfile.TemporaryDirectory() as folder:
                for name, content in given["files"].items():
                    (Path(folder) / name).write_bytes(content)
                self.read_files(Path(folder))
        return self


def find_links(head: LinkHead, sides: tuple[Floats, Floats], starts: tuple[Ints, Ints], *, same: bool) -> list[list[list[float]]]:
    """The links of each source: [index of the target or -1, probability], likeliest first.

    sides: hidden states of sources and targets; starts: their first tokens, sorted; same: they are the same spans.
    """
    (sources, targets), (begins, goals) = sides, starts
    links: list[list[list[float]]] = []
    for at in range(0, len(begins), LINKED_AT_ONCE):  # so that long texts make no large tables
        some = slice(at, at + LINKED_AT_ONCE)
        low, high = np.searchsorted(goals, (begins[some][0] - MAX_LINK_WORDS, begins[some][-1] + MAX_LINK_WORDS)).tolist()
        words = goals[None, low:high] - begins[some, None]
        near = (words >= -MAX_LINK_WORDS) & (words < MAX_LINK_WORDS)
        if same:
            near &= words != 0
        scores = head.link(sources[some], targets[low:high], words, near)
        order = np.argsort(-scores, axis=1, kind="stable")
        ranked = np.take_along_axis(scores, order, axis=1)
        goal = np.where(order < high - low, order + low, -1).tolist()
        rounded = ranked.astype(np.float64).round(4).tolist()
        kept = (ranked >= MIN_LINK).sum(1).tolist()
        links += [[[n, p] for n, p in zip(goal[row][:k], rounded[row][:k])] for row, k in enumerate(kept)]
    return links


def find_pairs(head: PairHead, doc: Doc, mentions: Sequence[Span], sides: Floats) -> list[list[float]]:
    """Rows [start, start, probabilities of PAIR_STATUSES], offsets of characters, of mentions that stand near each other.

    sides: what head.sides gives of each mention.
    """
    order = sorted(range(len(mentions)), key=lambda n: (mentions[n].start, mentions[n].end))
    mentions, sides = [mentions[n] for n in order], sides[order]
    starts, texts = [m.start for m in mentions], [m.text for m in mentions]
    left, right, gaps = [], [], []
    for i, mention in enumerate(mentions):
        end = mention.end
        for j in range(i + 1, min(len(mentions), i + MAX_PAIRED)):
            if starts[j] - end > MAX_PAIR_WORDS:
                break
            if texts[i] != texts[j]:
                left.append(i)
                right.append(j)
                gaps.append(starts[j] - end)
    if not left:
        return []
    scores: list[list[float]] = []
    for at in range(0, len(left), PAIRED_AT_ONCE):  # so that long texts make no large tables
        some = slice(at, at + PAIRED_AT_ONCE)
        scores += head(sides[left[some]], sides[right[some]], np.asarray(gaps[some], dtype=np.int64)).round(4).tolist()
    chars = [m.start_char for m in mentions]
    return [[chars[i], chars[j], *p] for i, j, p in zip(left, right, scores, strict=True)]


def cut(start: int, end: int, line_starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The pieces of a span of tokens that lie in one line or wrapped paragraph each: no name goes on below a headline.

    line_starts: tokens that begin a sentence and a line, in order; the white space before them belongs to no piece.
    """
    for at in line_starts[bisect_right(line_starts, start) : bisect_left(line_starts, end)]:
        yield start, at - 1
        start = at
    yield start, end


def decode(scores: Floats) -> Iterator[tuple[int, int, int, float]]:
    """(layer, first word, last word, probability) of the best valid tag sequence of each layer; scores (words, layers, tags).

    The best tags word by word are the best sequence wherever they are a valid one; only the others need Viterbi.
    The probability is the least of the tag probabilities in the span.
    """
    tags = scores.argmax(-1)
    if not tags.any():
        return
    opens, stays = OPENS[tags], STAYS[tags]
    broken = (opens[:-1] != stays[1:]).any(0) | stays[0] | opens[-1]
    for layer in np.flatnonzero(broken):
        tags[:, layer] = viterbi(scores[:, layer])
    layers, words = np.nonzero(tags.T)
    inside = tags[words, layers]
    cells = scores[words, layers]
    exp = np.exp(cells - cells.max(-1, keepdims=True))
    probabilities = exp[np.arange(len(exp)), inside] / exp.sum(-1)
    first, last = np.flatnonzero(STARTS[inside]), np.flatnonzero(ENDS[inside])
    least = np.minimum.reduceat(probabilities, first) if len(first) else first
    yield from zip(layers[first].tolist(), words[first].tolist(), words[last].tolist(), least.tolist(), strict=True)


def viterbi(scores: Floats) -> Ints:
    """The best valid sequence of tags; scores (words, tags).

    Behind every word a span goes on or none does: two states, few enough for plain Python to be faster than numpy.
    """
    outside, inside = 0.0, -math.inf  # of the best sequence so far behind which no span goes on, and behind which one does
    back: list[tuple[int, int]] = []
    for o, b, i, e, s in scores.tolist():
        tag, alone = (OUTSIDE, outside + o) if o >= s else (SINGLE, outside + s)
        last, begun, within = inside + e, outside + b, inside + i
        goes, inside = (INSIDE, within) if within > begun else (BEGIN, begun)
        if last > alone:
            tag, alone = END, last
        back.append((tag, goes))
        outside = alone
    tags = np.zeros(len(back), dtype=np.int64)
    goes_on = 0  # behind the last word
    for n in range(len(back) - 1, -1, -1):
        tag = back[n][goes_on]
        tags[n] = tag
        goes_on = tag in (INSIDE, END)
    return tags
