"""The gold corpus and its tools: checks, building, statistics, agreement, and the corpus itself."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.errors import MarkupError, RecordError, UsageError
from pipeline.gold import agreement, build, build_splits, check_document, check_files, name_overlap, read_gold, statistics
from pipeline.gold.checking import edtf_fault
from pipeline.gold.commands import check_corpus, import_gold, show_agreement, show_statistics
from pipeline.markup import parse, read_source, write_markup
from pipeline.records import dump_record

Json = dict[str, Any]
HERE = Path(__file__).resolve().parents[1]
GOLD = HERE / "data/gold"
SHARED = HERE.parent / "shared"
SPLITS = {folder.name: sorted(folder.glob("*.txt")) for folder in sorted((GOLD / "source").iterdir()) if any(folder.glob("*.txt"))}
MAX_SHARED_PEOPLE = 0.02  # of the names of people of a split that another one has

SOURCE = """### two-clubs
kind: ngo
published: 2021-02-03
title: Two clubs
---
[Riga Club]{o1} and [Moss Club]{o2} [met]{e1} on [May 13]{=2020-05-13} for [dance]{a1}.
[Head]{r p1 o1} [Ana Ruiz]{p1} called it a [pact]{i agreement}.
===
o1 | ngo | LV
o2 | ngo | NO | o1
a1 | language_culture | proposed | o1 o2 | p1
e1 | meeting | 2020-05-13
o1 + o2 | proposed | agreement | e1
"""


@pytest.fixture
def document() -> Json:
    return copy.deepcopy(parse(SOURCE)[0])


# -- checks


def test_good_document_has_no_faults(document: Json) -> None:
    assert check_document(document) == []
    for org in document["orgs"]:
        org["mentions"] = [m["text"] for m in org["mentions"]]  # strings will do
    assert check_document(document) == []


SPOILS: list[tuple[Callable[[Json], Any], str]] = [
    (lambda d: d.pop("kind"), "kind missing"),
    (lambda d: d.update(text=" "), "text: empty"),
    (lambda d: d.update(orgs={}), "orgs: a list expected"),
    (lambda d: d.update(published="2021-02-30"), "published: '2021-02-30': an ISO date"),
    (lambda d: d.update(published="2021-02"), "published: '2021-02': an ISO date"),
    (lambda d: d.update(kind="blog"), "kind: unknown code 'blog'"),
    (lambda d: d["orgs"][0].pop("type"), "orgs[0]: type missing"),
    (lambda d: d["orgs"][0].update(colour="red"), "orgs[0]: unknown key colour"),
    (lambda d: d["orgs"][0].update(id="x1"), "orgs[0]: id 'x1'"),
    (lambda d: d["orgs"][1].update(id="o1", parent=None), "orgs: id o1 stands 2 times"),
    (lambda d: d["orgs"][0].update(type="univercity"), "org o1: type: unknown code 'univercity'; did you mean 'university'?"),
    (lambda d: d["orgs"][0].update(country="UK"), "org o1: country 'UK'"),
    (lambda d: d["orgs"][0].update(country="lv"), "org o1: country 'lv'"),
    (lambda d: d["orgs"][0].update(name="The Riga Club"), "begins with 'the'"),
    (lambda d: d["orgs"][0].update(parent="o2"), "org o1: parents run in a circle"),
    (lambda d: d["orgs"][0].update(parent="o9"), "org o1: parent 'o9'"),
    (lambda d: d["orgs"][0].update(mentions=[]), "org o1: no mentions"),
    (lambda d: d["orgs"][0].update(mentions=["Oslo"]), "org o1: mention 'Oslo' is not in the text"),
    (lambda d: d["orgs"][0]["mentions"][0].update(start=1), "org o1: mention: offsets 1:9 hold 'iga Club', not 'Riga Club'"),
    (lambda d: d["orgs"][0]["mentions"][0].update(end=999), "org o1: mention: offsets 0:999 lie outside"),
    (lambda d: d["orgs"][0]["mentions"].append(d["orgs"][0]["mentions"][0]), "stands 2 times"),
    (lambda d: d["people"][0]["roles"][0].update(org="o9"), "person p1 roles[0]: org 'o9'"),
    (lambda d: d["people"][0]["roles"][0].update(role="the Head"), "person p1 roles[0]: 'the Head'"),
    (lambda d: d["people"][0]["roles"][0].pop("start"), "people[0] roles[0]: start and end go together"),
    (lambda d: d["dates"][0].update(value="2020-13"), "dates[0] 'May 13': '2020-13': no such month"),
    (lambda d: d["dates"].append(d["dates"][0]), "dates: ('May 13', '2020-05-13'"),
    (lambda d: d["areas"][0].update(category="dancing"), "category: unknown code 'dancing'"),
    (lambda d: d["areas"][0].update(status="planned"), "status: unknown code 'planned'"),
    (lambda d: d["areas"][0].update(parties=[]), "no parties"),
    (lambda d: d["areas"][0].update(parties=["o1", "p1"]), "party 'p1' is no organisation"),
    (lambda d: d["areas"][0].update(parties=["o1", "o1"]), "party o1 stands 2 times"),
    (lambda d: d["areas"][0].update(speaker="o1"), "speaker 'o1' is no person"),
    (lambda d: d["areas"][0].update(end=d["areas"][0]["end"] + 2, start=d["areas"][0]["start"] - 1), "blanks at their edges"),
    (lambda d: d["areas"].append(d["areas"][0]), "areas: ("),
    (lambda d: d["partnerships"][0].update(b="o1"), "o1 is paired with itself"),
    (lambda d: d["partnerships"][0].update(b="o7"), "b 'o7' is no organisation"),
    (lambda d: d["partnerships"].append({**d["partnerships"][0], "a": "o2", "b": "o1"}), "partnerships: ('o1', 'o2') stands 2 times"),
    (lambda d: d["partnerships"][0].update(instruments=["moa"]), "instrument: unknown code 'moa'"),
    (lambda d: d["partnerships"][0]["events"][0].update(type="dance"), "events[0]: type: unknown code 'dance'"),
    (lambda d: d["partnerships"][0]["events"][0].update(date="May"), "events[0]: 'May': EDTF expected"),
    (lambda d: d["instruments"][0].update(type="pact"), "instruments[0]: type: unknown code 'pact'"),
]


@pytest.mark.parametrize(("spoil", "fault"), SPOILS, ids=[fault for _, fault in SPOILS])
def test_fault_is_found(spoil: Callable[[Json], Any], fault: str, document: Json) -> None:
    spoil(document)
    assert any(fault in found for found in check_document(document)), check_document(document)


DATES = [  # value, whether it is one of the kinds in use
    ("2022", True), ("2022-01", True), ("2024-02-29", True), ("XXXX-02-29", True), ("201X", True), ("20XX", True), ("2022-XX-12", True),
    ("2022-01-10/2022-01-12", True), ("2006/..", True), ("../2006", True), ("2022-01/2022-03", True), ("2022~", True),
    ("2023-02-29", False), ("2022-21", False), ("2022-1", False), ("2022-01-10/2022-01-09", False), ("../..", False), ("", False),
    ("2022/2023/2024", False), ("today", False), ("X022", False), (None, False), (2022, False), ("2022-0X", False),
]  # fmt: skip


@pytest.mark.parametrize(("value", "good"), DATES)
def test_edtf_is_checked(value: Any, good: bool) -> None:
    assert (edtf_fault(value) is None) == good


@pytest.fixture(scope="module")
def validate() -> ModuleType:
    path = SHARED / "gold/validate.py"
    if not path.is_file():
        pytest.skip("needs ../shared/gold/validate.py, which isn't part of the project")
    spec = importlib.util.spec_from_file_location("validate", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_faults_of_the_other_validator_are_found_too(validate: ModuleType) -> None:
    chance = random.Random(0)
    for document in read_source(SPLITS["train"]):
        spoilt = copy.deepcopy(document)
        for _ in range(2):
            spoil_at_random(spoilt, chance)
        assert bool(check_document(spoilt)) or not validate.check(spoilt), validate.check(spoilt)


def spoil_at_random(value: Any, chance: random.Random) -> None:
    """Change one value somewhere in a document."""
    while True:
        keys = [k for k in (value if isinstance(value, dict) else range(len(value))) if k not in ("text", "doc_id")]
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(value[key], dict | list) and value[key]:
            value = value[key]
            continue
        value[key] = chance.choice(["o99", "p99", None, "2022-02-31", "nonsense", "The Hague Club"])
        return


@pytest.mark.parametrize("name", ["real-web", "rewritten-general", "rewritten-university"])
def test_documents_of_others_have_no_faults(name: str) -> None:
    path = SHARED / f"gold/{name}.jsonl"
    if not path.is_file():
        pytest.skip("needs ../shared/gold, which isn't part of the project")
    assert check_files([path])[1] == []


def test_faults_of_files_have_file_line_and_document(document: Json, tmp_path: Path) -> None:
    bad = {**document, "doc_id": "b", "kind": "blog"}
    (tmp_path / "a.jsonl").write_text("\n".join([dump_record(document), "", "{", "3", dump_record(bad), dump_record(document)]))
    (tmp_path / "b.txt").write_text("\n" + SOURCE.replace("two-clubs", "more-clubs").replace("kind: ngo", "kind: club"))
    number, faults = check_files([tmp_path / "a.jsonl", tmp_path / "b.txt"])
    assert number == 6
    starts = ["a.jsonl:3: no JSON", "a.jsonl:4: a JSON", "a.jsonl:5 b: kind:", "a.jsonl:6 two-clubs: doc_id", "b.txt:2 more-clubs: kind"]
    assert [any(f"/{start}" in fault for fault in faults) for start in starts] == [True] * 5 and len(faults) == 5


# -- building


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for split, ids in (("train", "ba"), ("dev", "c")):
        folder = tmp_path / "source" / split
        folder.mkdir(parents=True)
        for doc_id in ids:
            (folder / f"{split}-{doc_id}.txt").write_text(SOURCE.replace("two-clubs", doc_id), encoding="utf-8")
    return tmp_path


def test_splits_are_built_sorted_and_the_same_every_time(corpus: Path) -> None:
    (corpus / "source/train/train-b.txt").rename(corpus / "source/train/a-first.txt")
    assert build_splits(corpus) == {"train": 2, "dev": 1}
    assert [document["doc_id"] for document in read_gold(corpus / "train.jsonl")] == ["a", "b"]
    first = (corpus / "train.jsonl").read_bytes()
    build_splits(corpus)
    assert (corpus / "train.jsonl").read_bytes() == first and not list(corpus.glob("*.part"))


def test_nothing_is_built_where_a_split_has_faults(corpus: Path) -> None:
    (corpus / "source/dev/dev-c.txt").write_text(SOURCE.replace("ngo | LV", "club | LV"), encoding="utf-8")
    with pytest.raises(MarkupError, match=r"dev-c\.txt:1 two-clubs: org o1: type: unknown code 'club'"):
        build_splits(corpus)
    assert not list(corpus.glob("*.jsonl"))


def test_an_id_in_two_splits_is_a_fault(corpus: Path) -> None:
    (corpus / "source/dev/dev-a.txt").write_text(SOURCE.replace("two-clubs", "a"), encoding="utf-8")
    with pytest.raises(MarkupError, match="id a stands in split train too"):
        build_splits(corpus)


def test_missing_and_faulty_files_are_named(tmp_path: Path, document: Json) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(UsageError, match=r"no source files|no such file"):
            read_gold(path)
    with pytest.raises(UsageError, match="no splits"):
        build_splits(tmp_path)
    (tmp_path / "a.jsonl").write_text(dump_record({**document, "kind": "x"}))
    with pytest.raises(RecordError, match=r"a\.jsonl:1"):
        read_gold(tmp_path / "a.jsonl")


# -- statistics and agreement


def test_statistics_count_everything(document: Json) -> None:
    other = {**document, "doc_id": "b", "areas": [], "partnerships": [], "published": None}
    found = statistics([document, other])
    assert (found["documents"], found["without_cooperation"], found["without_date"], found["distinct_orgs"]) == (2, 1, 1, 2)
    assert found["fields"] == {
        "orgs": 4, "org_mentions": 4, "people": 2, "person_mentions": 2, "roles": 2, "dates": 2, "areas": 1, "partnerships": 1,
        "events": 1, "instruments": 1,
    }  # fmt: skip
    assert found["countries"] == {"LV": 2, "NO": 2} and found["labels"]["category"] == {"language_culture": 1}
    assert statistics([])["share_without_cooperation"] == 0


def test_names_that_splits_share_are_told(document: Json) -> None:
    other = copy.deepcopy(document)
    other["people"][0]["name"] = "Ana  RUIZ"
    other["orgs"][0]["name"] = "Tartu Club"
    rows = {row["of"]: row for row in name_overlap({"train": [document], "dev": [other]})}
    assert (rows["people"]["names"], rows["people"]["share"]) == (["ana ruiz"], 1.0)
    assert (rows["orgs"]["names"], rows["orgs"]["share"]) == (["moss club"], 0.5)


def test_agreement_is_told_by_field_and_by_exact_span(document: Json) -> None:
    other = copy.deepcopy(document)
    other["people"][0]["roles"] = []
    other["orgs"][0]["mentions"][0] = {"text": "Riga", "start": 0, "end": 4}
    found = agreement([document], [other, {**other, "doc_id": "more"}]).as_json()
    assert found["documents"] == 1 and found["fields"]["role"]["f"] == 0 and found["fields"]["org"]["f"] == 1
    assert found["spans"]["org mentions"] == {"p": 0.5, "r": 0.5, "f": 0.5, "gold": 2, "pred": 2}
    assert found["spans"]["areas"]["f"] == 1


def test_agreement_needs_the_same_texts(document: Json) -> None:
    with pytest.raises(UsageError, match="no document stands in both"):
        agreement([document], [])
    with pytest.raises(UsageError, match="texts of two-clubs differ"):
        agreement([document], [{**document, "text": document["text"] + "!"}])


# -- the command


def test_commands_say_what_came_out(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: object, status: int = 0) -> str:
        assert main(["gold", *map(str, arguments)]) == status
        out = capsys.readouterr()
        return out.out + out.err

    train, tasks, back = corpus / "train.jsonl", tmp_path / "tasks.json", tmp_path / "back.jsonl"
    assert "train.jsonl: 2 documents" in told("build", corpus)
    assert "no faults" in told("check", corpus)
    assert "share without cooperation" in told("stats", train, corpus / "dev.jsonl")
    assert json.loads(told("stats", train, "--json"))["splits"]["train"]["documents"] == 2
    assert "exact spans" in told("agreement", train, train)
    assert "2 documents" in told("export", train, "--to", "label-studio", "--out", tasks)
    assert "2 documents" in told("import", tasks, "--from", "label-studio", "--out", back)
    assert back.read_bytes() == train.read_bytes()
    (corpus / "source/dev/dev-c.txt").write_text("nothing", encoding="utf-8")
    assert "dev-c.txt:1: a line '### id'" in told("check", corpus, status=1)


def test_imported_draft_says_how_many_faults_are_to_mend(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "Riga", "label": [[0, 4, "ORG"]]}), encoding="utf-8")
    assert "faults to mend" in import_gold(tmp_path / "a.jsonl", "doccano", tmp_path / "a.txt")
    assert "[Riga]{o1}" in (tmp_path / "a.txt").read_text(encoding="utf-8")


def test_nothing_to_look_at_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no splits"):
        show_statistics()
    with pytest.raises(UsageError, match="no gold files"):
        check_corpus([tmp_path])
    with pytest.raises(UsageError, match="no such file"):
        show_agreement(tmp_path / "a.jsonl", tmp_path / "b.jsonl")


# -- the corpus itself


@pytest.mark.parametrize("path", [path for paths in SPLITS.values() for path in paths], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_source_of_the_corpus_has_no_faults(path: Path) -> None:
    number, faults = check_files([path])
    assert number and not faults, "\n".join(faults)


@pytest.mark.parametrize("split", SPLITS)
def test_built_file_is_what_its_sources_say(split: str) -> None:
    path = GOLD / f"{split}.jsonl"
    if not path.is_file():
        pytest.skip(f"{path.name} isn't built yet; coopfacts gold build makes it")
    assert path.read_text(encoding="utf-8") == "".join(dump_record(d) + "\n" for d in build(GOLD / "source" / split))


def test_splits_share_no_document_and_hardly_a_name() -> None:
    splits = {split: list(read_source(paths)) for split, paths in SPLITS.items()}
    ids = [document["doc_id"] for documents in splits.values() for document in documents]
    assert len(ids) == len(set(ids))
    for row in name_overlap(splits):
        assert row["of"] != "people" or row["share"] <= MAX_SHARED_PEOPLE, row


def test_texts_of_splits_differ() -> None:
    texts = [document["text"] for paths in SPLITS.values() for document in read_source(paths)]
    assert len(texts) == len(set(texts))


def test_at_least_an_eighth_of_the_training_texts_tell_of_no_cooperation() -> None:
    assert statistics(list(read_source(SPLITS["train"])))["share_without_cooperation"] >= 0.12


def test_source_written_again_is_the_same_corpus(tmp_path: Path) -> None:
    documents = build(GOLD / "source/train")
    (tmp_path / "all.txt").write_text("\n".join(map(write_markup, documents)), encoding="utf-8")
    assert build(tmp_path) == documents
