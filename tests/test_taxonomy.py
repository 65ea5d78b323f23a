"""Taxonomies: the shipped one is whole, a user's is checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ResourceError
from pipeline.labels import CATEGORIES
from pipeline.taxonomy import dump_taxonomy, parse_taxonomy, read_taxonomy, shipped_taxonomy

WATER = {"id": "water", "name": "Water", "description": "Drinking water and sewage.", "examples": ["desalination", "drinking water"]}


def line(**changed: Any) -> str:
    return json.dumps({**WATER, **changed}) + "\n"


def test_the_shipped_taxonomy_has_the_codes_of_the_network() -> None:
    assert tuple(category.id for category in shipped_taxonomy()) == CATEGORIES


def test_every_shipped_category_has_six_to_twelve_examples_of_its_own() -> None:
    phrases = [phrase.casefold() for category in shipped_taxonomy() for phrase in category.examples]
    assert all(6 <= len(category.examples) <= 12 for category in shipped_taxonomy())
    assert len(set(phrases)) == len(phrases)


def test_a_category_needs_id_name_description_and_examples() -> None:
    (water,) = parse_taxonomy(line(), "mine.jsonl")
    assert (water.id, water.kind, water.examples, water.within, water.replaces) == (
        "water", "activity", ("desalination", "drinking water"), (), (),
    )  # fmt: skip


def test_what_is_written_is_read_again() -> None:
    taxonomy = parse_taxonomy(line(within=["environment"], kind="field") + line(id="aid", replaces=["development_aid"]), "mine.jsonl")
    assert parse_taxonomy(dump_taxonomy(taxonomy), "again") == taxonomy


FAULTS = [
    ("{", "mine.jsonl:1: no JSON"),
    ("[1]\n", "mine.jsonl:1: a JSON object expected, found list"),
    ('{"id": "water"}\n', "mine.jsonl:1: name, description, examples missing"),
    (line(id=7), "mine.jsonl:1: id 7: text expected"),
    (line(id="Water supply"), "mine.jsonl:1: id 'Water supply': small letters"),
    (line() + line(), "mine.jsonl:2: id 'water' stands in line 1 already"),
    (line(exmaples=[]), "mine.jsonl:1: unknown key 'exmaples'; did you mean 'examples'?"),
    (line(name=""), 'mine.jsonl:1: name: text expected, found ""'),
    (line(kind="topic"), "mine.jsonl:1: kind 'topic': activity or field expected"),
    (line(examples=[]), "mine.jsonl:1: no examples"),
    (line(examples="desalination"), "mine.jsonl:1: examples: a list of phrases expected, found str"),
    (line(examples=["wells", " "]), 'mine.jsonl:1: examples: a phrase expected, found " "'),
    (line(within="environment"), "mine.jsonl:1: within: a list of shipped categories expected, found str"),
    (line(within=["enviroment"]), "mine.jsonl:1: within: unknown category 'enviroment'; did you mean 'environment'?"),
    (line(replaces=[{}]), "mine.jsonl:1: replaces: unknown category {}"),
    ("\n", "mine.jsonl: no category"),
]


@pytest.mark.parametrize("text, message", FAULTS)
def test_a_fault_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ResourceError) as error:
        parse_taxonomy(text, "mine.jsonl")
    assert message in str(error.value)


def test_all_faults_are_told_at_once_in_the_order_of_lines() -> None:
    with pytest.raises(ResourceError) as error:
        parse_taxonomy(line(examples=[], kind="x") + "?\n" + line(id="b", within=["helth"]), "mine.jsonl")
    assert [fault.split(" ")[0] for fault in str(error.value).splitlines()] == ["mine.jsonl:1:"] * 2 + ["mine.jsonl:2:", "mine.jsonl:3:"]


def test_a_file_may_have_a_byte_order_mark_and_any_line_ends(tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_bytes(b"\xef\xbb\xbf" + line().replace("\n", "\r\n").encode())
    assert [category.id for category in read_taxonomy(tmp_path / "mine.jsonl")] == ["water"]


@pytest.mark.parametrize(
    "content, message", [(None, "can't be read: No such file"), (line(name="Wasser für Köln").encode("utf-16"), "no UTF-8")]
)
def test_a_file_that_can_not_be_read_is_told(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "mine.jsonl").write_bytes(content)
    with pytest.raises(ResourceError, match=message):
        read_taxonomy(tmp_path / "mine.jsonl")
