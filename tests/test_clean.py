"""Text -> spans to leave out: what each pattern finds, what it lets be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean import Boilerplate, Cue, find_boilerplate, read_cues

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
CUES = read_cues()
BODY = "The two universities signed a memorandum on Monday, and their rectors were pleased with it."


def left_out(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find_boilerplate(text) if not span.extract]


@pytest.mark.parametrize("cue", CUES, ids=[cue.id for cue in CUES])
def test_pattern_finds_its_example(cue: Cue) -> None:
    found = [span for span in find_boilerplate(cue.example) if span.found_by == cue.id]
    assert found and found[0].kind == cue.kind and found[0].extract == cue.extract


@pytest.mark.parametrize("cue", CUES, ids=[cue.id for cue in CUES])
def test_pattern_lets_its_counter_example_be(cue: Cue) -> None:
    assert cue.id not in {span.found_by for span in find_boilerplate(cue.counter_example)}


def test_patterns_are_sorted_by_id() -> None:
    assert [cue.id for cue in CUES] == sorted(cue.id for cue in CUES)


def test_page_of_a_university_loses_menu_and_address_only() -> None:
    text = f"current position: Content\n\nTwo universities confer\n\n{BODY}\n\n{BODY}"
    text += "\n\nAddress:No.169 Shiying Street, Jinzhou City, China, 121001"
    assert left_out(text) == [
        ("navigation", "current position: Content"),
        ("address", "Address:No.169 Shiying Street, Jinzhou City, China, 121001"),
    ]


def test_address_glued_to_a_sentence_leaves_the_sentence() -> None:
    text = f"{BODY}\n\n{BODY}Address:No.169 Shiying Street, Guta District, Jinzhou City, China, 121001"
    assert [kept for _, kept in left_out(text)] == [text[text.index("Address") :]]


def test_about_section_is_marked_and_stays_readable() -> None:
    text = f"Two companies sign\n\n{BODY}\n\nAbout Nektar Therapeutics\n\nNektar develops medicines.\nIt has 600 people."
    text += "\n\nMedia contact:\nJane Roe, Nektar\nTel: +1 415 555 0100\njane.roe@nektar.example"
    about, *others = find_boilerplate(text)
    assert (about.kind, about.extract) == ("about", True)
    assert text[about.start : about.end].endswith("600 people.")
    assert [text[span.start : span.end] for span in others] == [
        "Media contact:",
        "Tel: +1 415 555 0100",
        "jane.roe@nektar.example",
    ]


def test_list_of_links_is_left_out_only_where_it_ends_the_page() -> None:
    text = f"{BODY}\n\n{BODY}\n\nRelated news\nA bank opens in Lusaka\nA port opens in Turku"
    assert left_out(text) == [("navigation", "Related news\nA bank opens in Lusaka\nA port opens in Turku")]
    assert left_out(f"{text}\n\n{BODY}") == []


def test_line_within_a_paragraph_of_broken_lines_stays() -> None:
    text = (
        f"{BODY}\nThe two universities and the ministry signed an agreement on\ncopyright, on patents and on other such rights\nof theirs."
    )
    assert left_out(text) == []


def test_text_without_boilerplate_has_none() -> None:
    assert find_boilerplate(f"Two universities sign\n\n12 Mar 2008\n\n{BODY}\n\n{BODY}") == []
    assert find_boilerplate("") == []


def check(text: str, spans: list[Boilerplate]) -> None:
    """Spans are in order, don't overlap, aren't empty and lie in the text."""
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        end = span.end


PIECES = [
    "\n",
    "\n\n",
    " ",
    "Home",
    " > ",
    "About Us",
    "Address:",
    "No. 1 Road",
    "©",
    "(c) ",
    "Tel: +1 23456789",
    "Share this:",
    "Facebook",
    " | ",
    "Related news",
    "Forward-looking statements",
    "x" * 60,
    ".",
    "12",
    "\x00",
    "\u2028",
    "\t",
    "-30-",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=30).map("".join))
def test_spans_of_any_text_are_in_order_and_inside(text: str) -> None:
    check(text, find_boilerplate(text))


def test_gold_annotations_lie_outside_of_what_is_left_out() -> None:
    paths = sorted((SHARED / "gold").glob("*.jsonl"))
    if not paths:
        pytest.skip("needs the gold documents of ../shared/gold, which aren't part of the project")
    total, lost = 0, []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            kept = cut(record["text"])
            named = [name for entry in record["orgs"] + record["people"] for name in entry["mentions"]]
            said = [entry["text"] for entry in record["dates"] + record["areas"]]
            for surface in {*named, *said}:
                if surface in record["text"]:
                    total += 1
                    if surface not in kept:
                        lost.append((record["doc_id"], surface))
    assert total > 500
    assert len(lost) < 0.005 * total, lost


def cut(text: str) -> str:
    """Give a text without what is left out; "\\0" stands in its place."""
    for span in reversed(find_boilerplate(text)):
        if not span.extract:
            text = text[: span.start] + "\0" + text[span.end :]
    return text
