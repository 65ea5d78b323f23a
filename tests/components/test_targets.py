"""Gold documents -> training passages (models/scripts/targets.py): spans, attributes, links, areas with words left out."""

from __future__ import annotations

import importlib.util
import itertools
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline.markup import parse

Json = dict[str, Any]
SCRIPT = Path(__file__).resolve().parents[2] / "models/scripts/targets.py"

SOURCE = """### harbour-mill
kind: university
published: 2021-05-14
title: Harbour and Mill
---
[Harbour Academy]{o1} and [Mill College]{o2} [signed]{e1} a [memorandum]{i mou} on [May 13]{=2021-05-13}.
[Dean]{r p1 o3} [Ida Voss]{p1} of the [Faculty of Looms]{o3}, [Mill College]{o2}, hopes for [[exchange of weavers]{a1} and dyers]{a2}.
[Lusatia]{o4} will [train and [certify millers]{a4}]{a3}, the [Reed Gazette]{o5} reports.
===
o1 | university | LV
o2 | university | NO
o3 | unit | NO | o2
o4 | country | -
o5 | media | -
a1 | staff_exchange | proposed | o1 o2 | p1
a2 | staff_exchange | proposed | o1 o2 | p1 | exchange of dyers
a3 | talent_training | agreed | o1 o4 | - | train millers
a4 | talent_training | agreed | o1 o4 | -
e1 | signing | 2021-05-13
o1 + o2 | agreed | mou | e1
o1 + o4 | agreed | - | -
"""


@pytest.fixture(scope="module")
def targets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coopfacts_targets", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def passage(targets: ModuleType) -> Json:
    return targets.make_passage(parse(SOURCE)[0])


def loose(text: str, **parts: Any) -> Json:
    """A gold document that gives words and no offsets."""
    return {"doc_id": "loose", "text": text, "orgs": [], "people": [], "dates": [], "areas": [], "partnerships": []} | parts


def org(id_: str, *mentions: str, type_: str = "university", parent: str | None = None) -> Json:
    return {"id": id_, "name": mentions[0], "mentions": list(mentions), "type": type_, "country": None, "parent": parent}


def area(text: str, **more: Any) -> Json:
    return {"text": text, "category": "student_exchange", "status": "agreed", "parties": ["o1", "o2"], "speaker": None} | more


def texts(passage: Json, layer: str) -> list[str]:
    return [passage["text"][a:b] for a, b in passage["spans"][layer]]


def attributes(passage: Json, task: str) -> dict[str, str]:
    return {passage["text"][x["start"] : x["end"]]: x["value"] for x in passage["attributes"] if x["task"] == task}


def links(passage: Json, task: str) -> list[tuple[str, str | None]]:
    text = passage["text"]
    return [(text[slice(*x["from"])], text[slice(*x["to"])] if x["to"] else None) for x in passage["links"] if x["task"] == task]


# -- documents with offsets

LAYERS = [
    ("ORG", ["Harbour Academy", "Mill College", "Faculty of Looms", "Mill College", "Reed Gazette"]),
    ("STATE", ["Lusatia"]),  # a country that is a party
    ("PER", ["Ida Voss"]),
    ("ROLE", ["Dean"]),
    ("DATE", ["May 13"]),
    ("EVENT", ["signed"]),
    ("INST", ["memorandum"]),
]


@pytest.mark.parametrize("layer, expected", LAYERS)
def test_every_mark_becomes_a_span_of_its_layer(passage: Json, layer: str, expected: list[str]) -> None:
    assert texts(passage, layer) == expected


def test_places_are_unknown_in_gold(passage: Json) -> None:
    assert "LOC" not in passage["labelled"] and set(passage["spans"]) == set(passage["labelled"])


def test_attributes_of_organisations_areas_and_events(passage: Json) -> None:
    assert attributes(passage, "org_type") == {
        "Harbour Academy": "university",
        "Mill College": "university",
        "Faculty of Looms": "unit",
        "Reed Gazette": "media",
    }
    assert attributes(passage, "party") == {
        "Harbour Academy": "yes",
        "Mill College": "yes",
        "Lusatia": "yes",
        "Faculty of Looms": "no",
        "Reed Gazette": "no",
    }
    assert attributes(passage, "event_type") == {"signed": "signing"}
    assert set(attributes(passage, "category").values()) == {"staff_exchange", "talent_training"}
    assert attributes(passage, "status")["exchange of weavers"] == "proposed"
    assert attributes(passage, "spoken")["exchange of weavers"] == "yes"
    assert "no" in attributes(passage, "spoken").values()


def test_attributes_lie_on_spans_and_are_labels_of_their_task(passage: Json) -> None:
    from pipeline.labels import SPAN_TASKS

    spans = {tuple(s) for layer in passage["spans"].values() for s in layer}
    for found in passage["attributes"]:
        assert (found["start"], found["end"]) in spans
        assert found["value"] in SPAN_TASKS[found["task"]]


def test_roles_point_to_their_person_and_organisation_and_units_to_their_host(passage: Json) -> None:
    assert links(passage, "role_person") == [("Dean", "Ida Voss")]
    assert links(passage, "role_org") == [("Dean", "Faculty of Looms")]
    assert links(passage, "unit_parent") == [("Faculty of Looms", "Mill College")]
    host = next(x["to"] for x in passage["links"] if x["task"] == "unit_parent")
    assert host[0] == passage["text"].rindex("Mill College")  # the mention that is nearest


def test_pairs_have_the_status_of_their_partnership(passage: Json) -> None:
    assert passage["statuses"] == {("o1", "o2"): "agreed", ("o1", "o4"): "agreed"}
    assert [m[2] for m in passage["mentions"]] == ["o1", "o2", "o3", "o2", "o4", "o5"]


def test_of_an_elliptical_area_the_part_that_is_its_own_is_marked(passage: Json) -> None:
    ellipses = attributes(passage, "ellipsis")
    assert ellipses["exchange of weavers"] == "full"
    assert ellipses["dyers"] == "prefix"  # words before it are left out
    assert ellipses["train"] == "suffix"  # words after it
    assert sorted(texts(passage, "AREA")) == sorted(ellipses)


# -- documents without offsets


def test_every_occurrence_of_a_mention_is_taken_the_longest_form_first(targets: ModuleType) -> None:
    found = targets.make_passage(loose("Mill College met Mill. Mills did not.", orgs=[org("o1", "Mill", "Mill College")]))
    assert texts(found, "ORG") == ["Mill College", "Mill"]


def test_a_word_is_no_mention_within_another_word(targets: ModuleType) -> None:
    assert list(targets.occurrences("art, Art, artful, start", "art")) == [(0, 3)]
    assert list(targets.occurrences("(A+) A+B", "A+")) == [(1, 3), (5, 7)]


def test_events_and_instruments_are_unknown_without_offsets(targets: ModuleType) -> None:
    found = targets.make_passage(loose("Nothing.", orgs=[]))
    assert "EVENT" not in found["labelled"] and "INST" not in found["labelled"]


def test_the_role_nearest_to_its_person_is_taken(targets: ModuleType) -> None:
    person = {"id": "p1", "name": "Bo Lind", "mentions": ["Bo Lind"], "roles": [{"role": "Dean", "org": None}]}
    found = targets.make_passage(loose("The Dean spoke. Later Dean Bo Lind left.", people=[person]))
    assert [s[0] for s in found["spans"]["ROLE"]] == [22]
    assert links(found, "role_person") == [("Dean", "Bo Lind")]
    assert links(found, "role_org") == [("Dean", None)]


def test_a_role_that_the_text_lacks_is_left_out(targets: ModuleType) -> None:
    person = {"id": "p1", "name": "Bo Lind", "mentions": ["Bo Lind"], "roles": [{"role": "Rector", "org": None}]}
    assert texts(targets.make_passage(loose("Bo Lind left.", people=[person])), "ROLE") == []


ELLIPSES = [  # text, areas, spans and what is left out
    ("exchange of students", ["Exchange of students"], {"exchange of students": "full"}),  # case doesn't matter
    ("exchange of staff and students", ["exchange of staff", "exchange of students"], {"exchange of staff": "full", "students": "prefix"}),
    ("joint labs and courses", ["joint labs", "joint courses"], {"joint labs": "full", "courses": "prefix"}),
    ("student and staff exchange", ["staff exchange", "student exchange"], {"staff exchange": "full", "student": "suffix"}),
    ("joint labs", ["lunar farming"], {}),  # words that the text lacks
    ("joint labs", ["joint labs", "joint labs"], {"joint labs": "full"}),  # told twice, marked once
]


@pytest.mark.parametrize("text, areas, expected", ELLIPSES)
def test_areas_by_their_words(targets: ModuleType, text: str, areas: list[str], expected: dict[str, str]) -> None:
    found = targets.make_passage(loose(f"They agreed on {text}.", areas=[area(a) for a in areas]))
    assert attributes(found, "ellipsis") == expected
    assert sorted(texts(found, "AREA")) == sorted(expected)


def test_areas_never_overlap(passage: Json) -> None:
    spans = passage["spans"]["AREA"]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_gold_files_are_read_line_by_line(targets: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(parse(SOURCE)[0]) + "\n\n" + json.dumps(loose("Nothing.")) + "\n", encoding="utf-8")
    assert [p["doc_id"] for p in targets.read_gold([path])] == ["harbour-mill", "loose"]
