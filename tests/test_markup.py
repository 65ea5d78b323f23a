"""Gold source <-> gold documents: what marks mean, what comes back, and every fault by file and line."""

from __future__ import annotations

import copy
import doctest
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MarkupError
from pipeline.markup import Mark, join_body, marks, parse, read_source, split_body, write_markup

Json = dict[str, Any]
HERE = Path(__file__).resolve().parents[1]
SHARED = HERE.parent / "shared"
CORPUS = sorted((HERE / "data/gold/source").glob("*/*.txt"))
FORMAT = (HERE / "data/gold/FORMAT.md").read_text(encoding="utf-8")
EXAMPLE = FORMAT.split("```")[1].strip("\n") + "\n"

SMALL = """### small-one
kind: news
published: null
title: A title
---
[Riga School]{o1} and [Moss Club]{o2} [met]{e1} on [May 13]{=XXXX-05-13} for [dance]{a1}, said [Head]{r p1 o1} [Jan Ozols]{p1}.
===
o1 | school | LV
o2 | ngo | NO
a1 | language_culture | proposed | o1 o2 | p1
e1 | meeting | XXXX-05-13
o1 + o2 | proposed | - | e1
"""


def change(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


# -- what marks mean


def test_example_of_the_format_parses() -> None:
    (document,) = parse(EXAMPLE)
    assert document["doc_id"] == "city-oslo-tunis-twinning" and document["published"] == "2020-02-11"
    assert [o["name"] for o in document["orgs"]] == ["Municipality of Moss", "City of Sousse", "Moss Dagblad"]
    assert document["people"] == [
        {
            "id": "p1",
            "name": "Hanne Tollerud",
            "mentions": [mention(document, "Hanne Tollerud"), mention(document, "Ms Tollerud")],
            "roles": [{"role": "Mayor", "org": "o1", **bounds(document, "Mayor")}],
        }
    ]
    assert [a["text"] for a in document["areas"]][2:] == ["exchange of young footballers", "exchange of coaches"]
    assert document["partnerships"][0]["events"] == [{"type": "signing", "date": "2020-02-10", **bounds(document, "signed")}]
    assert document["instruments"] == [{**mention(document, "twinning agreement"), "type": "agreement"}]


def bounds(document: Json, words: str) -> Json:
    start = document["text"].index(words)
    return {"start": start, "end": start + len(words)}


def mention(document: Json, words: str) -> Json:
    return {"text": words, **bounds(document, words)}


def test_offsets_hold_the_words() -> None:
    for document in [*parse(EXAMPLE), *parse(SMALL)]:
        for item in find_spans(document):
            assert document["text"][item["start"] : item["end"]] == item["text"]
        assert "]{" not in document["text"]


def find_spans(document: Json) -> list[Json]:
    entities = [m for entity in document["orgs"] + document["people"] for m in entity["mentions"]]
    return entities + document["dates"] + document["instruments"]


BODIES = [  # marked, text, marks
    ("[a]{o1}", "a", [Mark(0, 1, "o1")]),
    ("x [[a]{o1} b]{a1}", "x a b", [Mark(2, 5, "a1"), Mark(2, 3, "o1")]),
    ("[x [y]{o1}]{o2}", "x y", [Mark(0, 3, "o2"), Mark(2, 3, "o1")]),
    ("a [note] b", "a [note] b", []),
    ("[see [1] there]{a1}", "see [1] there", [Mark(0, 13, "a1")]),
    ("a] b [c", "a] b [c", []),
    (r"\[a\]{o1} \\x", r"[a]{o1} \\x", []),
    (r"[a \[ b]{o1}", "a [ b", [Mark(0, 5, "o1")]),
    (r"\\[a]{o1}", "\\a", [Mark(1, 2, "o1")]),
    ("[a\\\\]{o1}", "a\\", [Mark(0, 2, "o1")]),
]


@pytest.mark.parametrize(("marked", "text", "marks"), BODIES)
def test_body_is_split(marked: str, text: str, marks: list[Mark]) -> None:
    assert split_body(marked) == (text, marks)


def test_lines_that_look_like_the_format_are_kept_with_a_backslash() -> None:
    (document,) = parse(change("---\n", "---\n\\### not a head\n\\===\n\\\\### two\n---\n"))
    assert document["text"].startswith("### not a head\n===\n\\### two\n---\nRiga School")
    assert parse(write_markup(document)) == [document]


def test_same_role_again_is_no_second_role() -> None:
    (document,) = parse(change("[Jan Ozols]{p1}.", "[Jan Ozols]{p1}, [head]{r p1 o1}, [Head]{r p1 -}."))
    assert [(r["role"], r["org"]) for r in document["people"][0]["roles"]] == [("Head", "o1"), ("Head", None)]


def test_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert list(read_source([tmp_path / "a.txt"])) == parse(SMALL)


# -- faults

FAULTS = [  # source, line, message
    (change("### small-one", "### Small One"), 1, "id 'Small One'"),
    (change("---\n", ""), 1, "needs a line '---'"),
    (change("===\n", ""), 1, "'===' after the body"),
    (change("kind: news", "sort: news"), 2, "header line 'sort: news'"),
    (change("kind: news\n", ""), 1, "header line kind is missing"),
    (change("kind: news", "kind: news\nkind: ngo"), 3, "kind stands twice"),
    (change("[Riga School]{o1}", "Riga School]{o1}"), 6, "'o1' closes no bracket"),
    (change("[Riga School]{o1}", "[Riga School]{x1}"), 6, "tag not understood: ']{x1}'"),
    (change("[Riga School]{o1}", "[Riga School]{o1"), 6, "tag not understood"),
    (change("[Riga School]{o1}", "[Riga School ]{o1}"), 6, "blanks at its edge"),
    (change("[Riga School]{o1}", "[]{o1} [Riga School]{o1}"), 6, "is empty"),
    (change("[Riga School]{o1}", "A\n\n[Riga\n\nSchool]{o1}"), 8, "runs over a blank line"),
    (change("o1 | school | LV", "o1 | school"), 8, "o1: type | country"),
    (change("o1 | school | LV", "o1 | school | LV | o7"), 8, "parent o7 is nowhere marked"),
    (change("o1 | school | LV\n", ""), 7, "o1: type | country [| parent [| name]] expected, found 'no definition'"),
    (change("o2 | ngo | NO", "o2 | ngo | NO\no2 | ngo | NO"), 10, "o2 is defined twice"),
    (change("o2 | ngo | NO", "o2 | ngo | NO\no3 | ngo | NO"), 10, "o3 is defined and nowhere marked"),
    (change("o2 | ngo | NO", "o2 | ngo | NO\nq2: what"), 10, "definition 'q2: what'"),
    (change("{r p1 o1}", "{r p2 o1}"), 6, "role 'Head': p2 nowhere marked"),
    (change("{r p1 o1}", "{r p1 o5}"), 6, "role 'Head': o5 nowhere marked"),
    (change("proposed | o1 o2 | p1", "proposed | o1 o5 | p1"), 10, "a1 ('dance'): o5 is nowhere marked"),
    (change("proposed | o1 o2 | p1", "proposed | o1 o2 | p4"), 10, "p4 is nowhere marked"),
    (change("proposed | o1 o2 | p1", "proposed"), 10, "a1: category | status"),
    (change("e1 | meeting | XXXX-05-13", "e1 | meeting"), 11, "e1: type | date"),
    (change("o1 + o2 | proposed | - | e1", "o1 + o2 | proposed"), 12, "o1 + o2: status | instruments | events"),
    (change("o1 + o2 | proposed | - | e1", "o1 + o4 | proposed | - | e1"), 12, "o4 is nowhere marked"),
    (change("o1 + o2 | proposed | - | e1", "o1 + o2 | proposed | - | e1 e2"), 12, "e2 is not defined"),
    ("stray words\n" + SMALL, 1, "'### id' expected before anything else"),
]


@pytest.mark.parametrize(("source", "line", "message"), FAULTS, ids=[message for *_, message in FAULTS])
def test_fault_is_named_with_file_and_line(source: str, line: int, message: str) -> None:
    with pytest.raises(MarkupError) as caught:
        parse(source, "train/a.txt")
    assert any(fault.startswith(f"train/a.txt:{line}: ") and message in fault for fault in str(caught.value).split("\n")), caught.value


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = change("kind: news", "sort: news") + "\n" + change("small-one", f"small-{name}").replace("o1 | school | LV\n", "")
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    with pytest.raises(MarkupError) as caught:
        list(read_source(sorted(tmp_path.glob("*.txt"))))
    told = str(caught.value)
    assert all(f"{name}.txt:{line}:" in told for name in ("a", "b") for line in (1, 2, 20))


def test_an_id_in_two_files_is_a_fault(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("\n\n" + SMALL, encoding="utf-8")
    with pytest.raises(MarkupError, match=r"b\.txt:3: id small-one stands in .*a\.txt:3 already"):
        list(read_source([tmp_path / "a.txt", tmp_path / "b.txt"]))


# -- and back


@pytest.mark.parametrize("source", [EXAMPLE, SMALL])
def test_document_comes_back(source: str) -> None:
    documents = parse(source)
    assert [parse(write_markup(json.loads(json.dumps(d))))[0] for d in documents] == documents


UNWRITABLE = [
    (lambda d: d["orgs"][0].update(mentions=["Riga School"]), "need start and end"),
    (lambda d: d["orgs"][0].update(name="Riga | School"), "' | '"),
    (lambda d: d.update(title="two\nlines"), "one line"),
    (lambda d: d["areas"][0].update(start=3, end=20), "marks cross: 'o1' 'Riga School' and 'a1'"),
    (lambda d: d["areas"][0].update(start=4, end=4), "empty"),
]


@pytest.mark.parametrize(("spoil", "message"), UNWRITABLE)
def test_what_the_source_cannot_hold_is_told(spoil: Any, message: str) -> None:
    (document,) = copy.deepcopy(parse(SMALL))
    spoil(document)
    with pytest.raises(MarkupError, match=message.replace("|", r"\|")):
        write_markup(document)


TEXTS = st.text(alphabet=st.sampled_from("ab []{}\\o1#=-é\U0001f600\n"), min_size=1, max_size=40)


@st.composite
def nested_marks(draw: Any) -> tuple[str, list[Mark]]:
    """A text, and marks in it that nest or stand apart."""
    text = draw(TEXTS)
    marks: list[Mark] = []

    def put(low: int, high: int, depth: int) -> None:
        while low < high and depth < 3 and draw(st.booleans()):
            start = draw(st.integers(low, high - 1))
            end = draw(st.integers(start + 1, high))
            marks.append(Mark(start, end, draw(st.sampled_from(["o1", "p2", "=2020-01", "i mou", "r p1 -", "a12", "e3"]))))
            put(start, end, depth + 1)
            low = end

    put(0, len(text), 0)
    return text, sorted(marks, key=lambda m: (m.start, -m.end, m.tag))


@settings(max_examples=500)
@given(nested_marks())
def test_any_text_with_nested_marks_comes_back(body: tuple[str, list[Mark]]) -> None:
    text, marks = body
    assert split_body(join_body(text, marks)) == (text, marks)


WORDS = st.text(alphabet=st.sampled_from("ab [](){}\\|#=.-éß\U0001f600"), min_size=1, max_size=12).map(lambda s: " ".join(s.split()))
NAMES = WORDS.filter(lambda s: s and "|" not in s and s != "-")


@st.composite
def documents(draw: Any) -> Json:
    """A gold document as the source gives it: ids in order, mentions in order of the text."""
    lines = draw(st.lists(st.one_of(NAMES, st.sampled_from(["### x", "===", "---", "\\### y", ""])), min_size=1, max_size=6))
    text = "\n".join(lines).strip()
    pieces: list[str] = [text] if text else ["x"]
    length = len(pieces[0])

    def say(words: str) -> Json:
        nonlocal length
        pieces.append(" " + words)
        length += len(words) + 1
        return {"text": words, "start": length - len(words), "end": length}

    def place(words: str) -> Json:
        said = say(words)
        return {"start": said["start"], "end": said["end"]}

    orgs = [
        {"id": f"o{n}", "name": draw(NAMES), "mentions": [say(draw(NAMES)) for _ in range(draw(st.integers(1, 2)))], "type": "ngo"}
        | {"country": draw(st.sampled_from(["FR", None])), "parent": draw(st.sampled_from([None, "o1"])) if n > 1 else None}
        for n in range(1, draw(st.integers(2, 4)))
    ]
    ids = [org["id"] for org in orgs]
    people = [
        {"id": f"p{n}", "name": draw(NAMES), "mentions": [say(draw(NAMES))], "roles": []} for n in range(1, draw(st.integers(1, 3)))
    ]
    for person in people:
        if draw(st.booleans()):
            role = say(draw(NAMES))
            role["role"] = role.pop("text")
            person["roles"] = [{"role": role["role"], "org": draw(st.sampled_from([*ids, None])), **{k: role[k] for k in ("start", "end")}}]
    speakers = [None, *(person["id"] for person in people)]
    areas = [
        {"text": draw(NAMES), **place(draw(NAMES)), "category": "energy", "status": "agreed", "parties": ids}
        | {"speaker": draw(st.sampled_from(speakers))}
        for _ in range(draw(st.integers(0, 2)))
    ]
    events = [
        {"type": "visit", "date": draw(st.sampled_from(["2020", None])), **(place(draw(NAMES)) if draw(st.booleans()) else {})}
        for _ in range(draw(st.integers(0, 2)))
    ]
    pairs = [{"a": ids[0], "b": ids[-1], "status": "agreed", "instruments": ["mou"], "events": events}] if len(ids) > 1 else []
    dates = [{**say(draw(NAMES)), "value": "2020-01-12"} for _ in range(draw(st.integers(0, 2)))]
    instruments = [{**say(draw(NAMES)), "type": "mou"} for _ in range(draw(st.integers(0, 1)))]
    return {
        "doc_id": "a-1",
        "title": draw(NAMES),
        "published": draw(st.sampled_from(["2020-02-03", None])),
        "kind": "ngo",
        "text": "".join(pieces),
        "orgs": orgs,
        "people": people,
        "dates": dates,
        "areas": areas,
        "partnerships": pairs,
        "instruments": instruments,
    }


@settings(max_examples=200, deadline=None)
@given(documents())
def test_any_document_comes_back(document: Json) -> None:
    source = write_markup(document)
    assert parse(source) == [document]
    assert write_markup(parse(source)[0]) == source


# -- the corpus


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_source_of_the_corpus_comes_back(path: Path) -> None:
    found = list(read_source([path]))
    assert found
    again = parse("\n".join(write_markup(document) for document in found))
    assert again == found


def test_corpus_satisfies_the_validator_of_the_format() -> None:
    path = SHARED / "gold/validate.py"
    if not path.is_file():
        pytest.skip("needs ../shared/gold/validate.py, which isn't part of the project")
    spec = importlib.util.spec_from_file_location("validate", path)
    assert spec and spec.loader
    validate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(validate)
    faults = {document["doc_id"]: validate.check(document) for document in read_source(CORPUS)}
    assert not {doc_id: found for doc_id, found in faults.items() if found}


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(marks).attempted >= 2 and doctest.testmod(marks).failed == 0
