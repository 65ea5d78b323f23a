"""Records and gold -> scores: the same figures as the referee's, intervals, differences, and misses that add up."""

from __future__ import annotations

import copy
import doctest
import importlib.util
import json
import random
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import RecordError, UsageError
from pipeline.evaluate import compare, evaluate, evaluate_files, report_evaluation
from pipeline.labels import CATEGORIES, EVENT_TYPES, ORG_TYPES, STATUSES
from pipeline.markup import parse, read_source
from pipeline.scoring import matching, places
from pipeline.scoring.counts import ACCURACIES, FIELDS
from pipeline.scoring.misses import CAUSES, FINDERS
from pipeline.scoring.places import sentence_around
from pipeline.scoring.reliability import calibration_error

Json = dict[str, Any]
HERE = Path(__file__).resolve().parents[1]
SHARED = HERE.parent / "shared"
SOURCES = sorted((HERE / "data/gold/source/train").glob("*.txt"))

SOURCE = """### riga-pusan
kind: university
published: 2019-05-14
title: Visit from Korea
---
[Dr. Ozols]{p1} welcomed guests.
[Riga Harbour University]{o1} and [Pusan Sea College]{o2} [signed]{e1} a [memorandum]{i mou} on [May 13]{=2019-05-13}.

It covers [[exchange of students]{a1} and lecturers]{a2}, said [Rector]{r p1 o1} [Jānis Ozols]{p1}.
[Prof. Kim Min-seo]{p2} is [Dean]{r p2 o2} there.
===
o1 | university | LV
o2 | school | KR
p2 | Kim Min-seo
a1 | student_exchange | agreed | o1 o2 | p1
a2 | staff_exchange | agreed | o1 o2 | p1 | exchange of lecturers
e1 | signing | 2019-05-13
o1 + o2 | agreed | mou | e1
"""


@pytest.fixture(scope="module")
def referee() -> ModuleType:
    path = SHARED / "score.py"
    if not path.is_file():
        pytest.skip("needs ../shared/score.py, the referee, which isn't part of the project")
    spec = importlib.util.spec_from_file_location("referee", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_gold_sets() -> dict[str, list[Json]]:
    sets = {"train": list(read_source(SOURCES))}
    for path in sorted((SHARED / "gold").glob("*.jsonl")):
        sets[path.stem] = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return {name: documents for name, documents in sets.items() if documents}


GOLD_SETS = read_gold_sets()


def perturb(document: Json, chance: random.Random, rate: float) -> Json:
    """A prediction that is wrong in as many ways as predictions are."""
    predicted = copy.deepcopy(document)

    def hit() -> bool:
        return chance.random() < rate

    def spoil(items: list[Json]) -> list[Json]:
        kept = [item for item in items if not hit()]
        kept += [copy.deepcopy(item) for item in kept if chance.random() < rate / 3]
        if hit():
            chance.shuffle(kept)
        return kept

    def shorten(text: str) -> str:
        words = text.split()
        return " ".join(words[chance.randrange(len(words)) :]) if hit() else text

    for key in ("orgs", "people", "dates", "areas", "partnerships"):
        predicted[key] = spoil(predicted[key])
    for n, org in enumerate(predicted["orgs"], 1):
        renumber(predicted, org, f"o{n}x")
        org["name"] = shorten(org["name"])
        org["mentions"] = [m if not hit() else "The Something" for m in spoil(org["mentions"])] if hit() else org["mentions"]
        if hit():
            org["type"] = chance.choice((*ORG_TYPES, "country", None))
        if hit():
            org["country"] = chance.choice(("CN", "FR", None))
    ids = [org["id"] for org in predicted["orgs"]] + [None, "o99x"]
    for person in predicted["people"]:
        person["name"] = shorten(person["name"])
        person["mentions"] = spoil(person["mentions"])
        person["roles"] = spoil(person["roles"])
        for role in person["roles"]:
            role["role"] = shorten(role["role"]) if not hit() else "Vice President"
            if hit():
                role["org"] = chance.choice(ids)
    for date in predicted["dates"]:
        if hit():
            date["value"] = chance.choice(("2020", "XXXX-01", None, date["value"]))
    for area in predicted["areas"]:
        area["text"] = shorten(area["text"])
        for field, labels in (("category", CATEGORIES), ("status", STATUSES)):
            if hit():
                area[field] = chance.choice(labels)
        if hit():
            area["speaker"] = chance.choice([p["id"] for p in predicted["people"]] + [None])
    for pair in predicted["partnerships"]:
        for side in ("a", "b"):
            if hit():
                pair[side] = chance.choice([i for i in ids if i])
        if hit():
            pair["a"], pair["b"] = pair["b"], pair["a"]
        if hit():
            pair["status"] = chance.choice(STATUSES)
        pair["instruments"] = [*spoil(pair["instruments"]), *(["plan"] if hit() else [])]
        pair["events"] = spoil(pair["events"])
        for event in pair["events"]:
            if hit():
                event["type"] = chance.choice(EVENT_TYPES)
            if hit():
                event["date"] = chance.choice((None, "2020-01-01"))
    return predicted


def renumber(document: Json, org: Json, new: str) -> None:
    old, org["id"] = org["id"], new
    for holder in [r for p in document["people"] for r in p["roles"]]:
        if holder["org"] == old:
            holder["org"] = new
    for pair in document["partnerships"]:
        for side in ("a", "b"):
            if pair[side] == old:
                pair[side] = new


def perturb_all(documents: list[Json], seed: int, rate: float) -> dict[str, Json]:
    chance = random.Random(seed)
    found = {}
    for document in documents:
        predicted = perturb(document, chance, rate)
        if chance.random() > 0.05:
            found[document["doc_id"]] = predicted
    return found


# -- the referee


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("name", GOLD_SETS)
def test_every_figure_is_the_referees(referee: ModuleType, name: str, rate: float) -> None:
    golds = GOLD_SETS[name]
    for seed in (1, 2):
        predictions = perturb_all(golds, seed, rate)
        assert told(evaluate(golds, predictions).as_json()) == told(referee.score(golds, predictions))


def test_every_figure_is_the_referees_where_documents_are_exchanged(referee: ModuleType) -> None:
    golds = GOLD_SETS["train"]
    predictions = {gold["doc_id"]: other for gold, other in pairwise(golds)}
    assert told(evaluate(golds, predictions).as_json()) == told(referee.score(golds, predictions))


def told(figures: Json) -> Json:
    """The referee leaves out an accuracy of which it met nothing; here it is None."""
    return {**figures, "accuracy": {name: share for name, share in figures["accuracy"].items() if share is not None}}


# -- figures


def test_gold_against_itself_is_perfect() -> None:
    golds = parse(SOURCE)
    evaluation = evaluate(golds, golds)
    assert all(evaluation.figures[name].f == 1 for name in FIELDS)
    assert set(evaluation.accuracy.values()) == {1.0}
    assert evaluation.mean_f == 1 and not list(evaluation.misses())


def test_document_without_prediction_is_missed_as_a_whole() -> None:
    evaluation = evaluate(parse(SOURCE), [])
    assert evaluation.figures["org"].as_json() == {"p": 0.0, "r": 0.0, "f": 0.0, "gold": 2, "pred": 0}
    assert evaluation.accuracy["org_type"] is None


def test_no_documents_give_no_figures() -> None:
    evaluation = evaluate([], [])
    assert evaluation.mean_f == 0 and evaluation.intervals() == {} and compare(evaluation, evaluation) == []


def test_labels_are_counted_by_their_own() -> None:
    golds = parse(SOURCE)
    predicted = copy.deepcopy(golds)
    predicted[0]["orgs"][1]["type"] = "university"
    predicted[0]["areas"][0]["status"] = "ongoing"
    labels = evaluate(golds, predicted).labels
    assert (labels["org_type"]["university"].tp, labels["org_type"]["university"].predicted, labels["org_type"]["school"].gold) == (1, 2, 1)
    assert labels["status"]["agreed"].r == 0.5 and labels["status"]["ongoing"].p == 0
    assert labels["event_type"]["signing"].f == labels["instrument"]["mou"].f == labels["partnership_status"]["agreed"].f == 1


def test_kinds_add_up_to_the_whole() -> None:
    golds = GOLD_SETS["train"]
    evaluation = evaluate(golds, perturb_all(golds, 1, 0.2))
    parts = evaluation.by_kind()
    assert set(parts) == {g["kind"] for g in golds}
    assert sum(part.counts.sum(0) for part in parts.values()).tolist() == evaluation.counts.sum(0).tolist()  # type: ignore[union-attr]


# -- how sure it is


def test_intervals_hold_the_figure_and_are_the_same_every_time() -> None:
    golds = GOLD_SETS["train"]
    evaluation = evaluate(golds, perturb_all(golds, 1, 0.2))
    bounds = evaluation.intervals()
    for name in FIELDS:
        assert bounds[name].low < evaluation.figures[name].f < bounds[name].high
    assert bounds == evaluation.intervals() != evaluation.intervals(seed=1)
    assert evaluation.intervals(level=0.5)["org"].low > bounds["org"].low


def test_a_worse_run_is_told_from_an_equal_one() -> None:
    golds = GOLD_SETS["train"]
    good, equal, bad = (evaluate(golds, perturb_all(golds, seed, rate)) for seed, rate in ((1, 0.1), (2, 0.1), (3, 0.3)))
    worse = {d.name: d for d in compare(good, bad)}["mean_f"]
    assert worse.difference < 0 and worse.p < 0.01 and worse.interval.high < 0
    chance = {d.name: d for d in compare(good, equal)}["mean_f"]
    assert chance.p > 0.05 and chance.interval.low < 0 < chance.interval.high
    assert all(d.difference == 0 and d.p == 1 for d in compare(good, good))


def test_runs_over_other_documents_are_not_compared() -> None:
    golds = GOLD_SETS["train"]
    with pytest.raises(UsageError, match="same gold documents"):
        compare(evaluate(golds[:3], []), evaluate(golds[1:4], []))


# -- misses


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([0.1, 0.3, 0.6]))
def test_misses_add_up_to_the_figures(seed: int, rate: float) -> None:
    golds = random.Random(seed).sample(GOLD_SETS["train"], 4)
    evaluation = evaluate(golds, perturb_all(golds, seed, rate))
    for field in FIELDS:
        figure, misses = evaluation.figures[field], list(evaluation.misses(field))
        assert sum(m.gold is not None for m in misses) == figure.gold - figure.tp, field
        assert sum(m.predicted is not None for m in misses) == figure.predicted - figure.tp, field
    sums = evaluation.counts.sum(0)[3 * len(FIELDS) :]
    for n, field in enumerate(ACCURACIES):
        assert len(list(evaluation.misses(field))) == sums[2 * n + 1] - sums[2 * n], field
    assert {m.cause for m in evaluation.misses()} <= set(CAUSES)


def change_role_org(document: Json) -> None:
    document["people"][0]["roles"][0]["org"] = "o2"


def move_role(document: Json) -> None:
    document["people"][1]["roles"].append(document["people"][0]["roles"].pop())


def shorten_org(document: Json) -> None:
    org = document["orgs"][0]
    org["name"], org["mentions"] = "Harbour University", [{"text": "Harbour University", "start": 38, "end": 56}]


def misread_date(document: Json) -> None:
    document["dates"][0]["value"] = "2018-05-13"


def cut_area(document: Json) -> None:
    document["areas"][0].update(text="students and lecturers they named", start=document["areas"][0]["start"] + 12)


def forget_org(document: Json) -> None:
    document["orgs"].pop(0)


def move_event(document: Json) -> None:
    document["partnerships"][0]["events"][0]["date"] = None


def invent_person(document: Json) -> None:
    document["people"].append({"id": "p9", "name": "Pusan Sea", "mentions": [], "roles": []})


CASES = [  # what is done to a perfect prediction, field, cause
    (change_role_org, "affiliation", "wrong organisation"),
    (move_role, "role", "wrong person"),
    (shorten_org, "org", "boundary"),
    (misread_date, "date", "wrong value"),
    (cut_area, "area", "boundary"),
    (forget_org, "org", "missed"),
    (forget_org, "partnership", "organisation missed"),
    (forget_org, "affiliation", "organisation missed"),
    (move_event, "event", "wrong date"),
    (invent_person, "person", "spurious"),
]


@pytest.mark.parametrize(("change", "field", "cause"), CASES)
def test_miss_has_its_cause(change: Any, field: str, cause: str) -> None:
    golds = parse(SOURCE)
    predicted = copy.deepcopy(golds)
    change(predicted[0])
    assert cause in {miss.cause for miss in evaluate(golds, predicted).misses(field)}


def test_miss_shows_the_sentence() -> None:
    golds = parse(SOURCE)
    predicted = copy.deepcopy(golds)
    misread_date(predicted[0])
    (miss,) = evaluate(golds, predicted).misses("date")
    expected = "Riga Harbour University and Pusan Sea College signed a memorandum on «May 13»."
    assert (miss.context, miss.gold, miss.predicted) == (expected, "May 13 = 2019-05-13", "May 13 = 2018-05-13")


def test_context_of_a_long_line_is_cut() -> None:
    text = "x " * 500 + "here " + "y " * 500
    assert len(sentence_around(text, 1000, 1004)) < 300


def test_unknown_field_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'areas'.*area_status"):
        list(evaluate([], []).misses("areas"))


# -- the command


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    golds = GOLD_SETS["train"][:30]
    runs = {"gold": golds, "good": list(perturb_all(golds, 1, 0.05).values()), "bad": list(perturb_all(golds, 2, 0.4).values())}
    for name, documents in runs.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(d) + "\n" for d in documents), encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/documents.jsonl").write_bytes((tmp_path / "bad.jsonl").read_bytes())
    return {name: tmp_path / f"{name}.jsonl" for name in runs} | {"out": tmp_path / "out"}


def test_report_shows_figures_breakdowns_differences_and_misses(files: dict[str, Path]) -> None:
    by = ["kind", "status"]
    text = report_evaluation([files["gold"]], pred=files["good"], against=files["out"], errors="org", by=by, resamples=100)
    assert all(word in text for word in ("mean_f", "95 % interval", "kind", "proposed", "before", " *", "org: missed", "«"))


def test_report_for_machines_is_json(files: dict[str, Path]) -> None:
    text = report_evaluation([files["gold"]], pred=files["bad"], against=files["good"], errors="area", as_json=True, resamples=100)
    report = json.loads(text)
    assert report["org"]["f"] == evaluate_files([files["gold"]], files["bad"]).as_json()["org"]["f"]
    assert {"intervals", "by_kind", "by_label", "differences", "misses"} <= set(report)
    assert {m["field"] for m in report["misses"]} == {"area"}


@pytest.mark.parametrize("field", FINDERS)
def test_every_field_can_be_listed(files: dict[str, Path], field: str) -> None:
    assert field in report_evaluation([files["gold"]], pred=files["bad"], errors=field, resamples=10)


def test_bad_files_and_settings_are_named(files: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"doc_id": "a"}\nno json\n', encoding="utf-8")
    with pytest.raises(RecordError, match=r"broken\.jsonl:2"):
        evaluate_files([files["gold"]], broken)
    with pytest.raises(UsageError, match="no such file"):
        evaluate_files([files["gold"]], tmp_path / "missing.jsonl")
    with pytest.raises(UsageError, match="no such file"):
        evaluate_files([tmp_path / "missing.jsonl"], files["good"])
    with pytest.raises(UsageError, match="no break-down by colour"):
        report_evaluation([files["gold"]], pred=files["bad"], by=["colour"])


def test_examples_in_docstrings_hold() -> None:
    assert all(doctest.testmod(module).failed == 0 for module in (matching, places))


def test_reliability_sets_what_was_found_beside_what_of_it_is_right():
    gold = parse(SOURCE)[0]
    prediction = copy.deepcopy(gold)
    right = prediction["partnerships"][0] | {"confidence": 0.9}
    wrong = right | {"a": "o1", "b": "o9", "confidence": 0.3}
    prediction["partnerships"] = [right, wrong]
    low, high = evaluate([gold], [prediction]).reliability("partnership", bands=2)
    assert (low.found, low.confidence, low.right) == (1, 0.3, 0.0)
    assert (high.low, high.high, high.found, high.right) == (0.5, 1.0, 1, 1.0)
    with pytest.raises(UsageError, match="area, partnership"):
        evaluate([gold], [prediction]).reliability("date")


def test_a_role_at_another_organisation_counts_as_wrong_however_sure_it_is(files):
    gold = parse(SOURCE)[0]
    prediction = copy.deepcopy(gold)
    roles = [role for person in prediction["people"] for role in person["roles"]]
    for role in roles:
        role["confidence"] = 0.9
    roles[0]["org"] = "elsewhere"
    (band,) = evaluate([gold], [prediction]).reliability("role")
    assert (band.found, band.right) == (len(roles), pytest.approx(1 - 1 / len(roles), abs=1e-4))
    assert calibration_error([band]) == pytest.approx(abs(0.9 - band.right))
    assert "ECE" in report_evaluation([files["gold"]], pred=files["bad"], by=["confidence"])
