"""Matched documents -> counts: what was found, what was predicted, what there is, by field and by label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.scoring.matching import Matches

Json = dict[str, Any]
Counts = NDArray[np.int64]

FIELDS = ("org", "person", "role", "affiliation", "date", "area", "category", "partnership", "instrument", "event")
MEAN_FIELDS = ("org", "person", "affiliation", "date", "category", "area", "partnership")  # whose mean F sums a run up
ACCURACIES = ("area_category", "area_speaker", "area_status", "org_country", "org_type", "partnership_status")
DIMENSIONS = ("org_type", "category", "status", "partnership_status", "instrument", "event_type")
WIDTH = 3 * len(FIELDS) + 2 * len(ACCURACIES)


class Found(NamedTuple):
    """tp: predictions that are right, or items whose attribute is right; of predicted and gold ones."""

    tp: int
    predicted: int
    gold: int


def count(matches: Matches) -> Counts:
    """One row of WIDTH counts: tp, predicted, gold of each of FIELDS, then right, all of each of ACCURACIES."""
    found = dict(count_fields(matches))
    right = count_accuracies(matches)
    return np.asarray([n for name in FIELDS for n in found[name]] + [n for name in ACCURACIES for n in right[name]], dtype=np.int64)


def count_fields(matches: Matches) -> Iterator[tuple[str, Found]]:
    yield "org", count_orgs(matches)
    gold_people, people = matches.items("people")
    yield "person", Found(len(matches.people), len(people), len(gold_people))
    n_roles = sum(len(p.get("roles", [])) for p in people), sum(len(p.get("roles", [])) for p in gold_people)
    yield "role", Found(len(matches.roles), *n_roles)
    yield "affiliation", Found(sum(match.affiliated for match in matches.roles), *n_roles)
    yield "date", overlap(*dates_of(matches))
    gold_areas, areas = matches.items("areas")
    yield "area", Found(len(matches.areas), len(areas), len(gold_areas))
    yield "category", overlap(*categories_of(matches))
    hits = list(matched_pairs(matches))
    yield "partnership", Found(len(hits), len(matches.predicted_pairs), len(matches.gold_pairs))
    yield "instrument", add(overlap(set(g["instruments"]), set(p.get("instruments", []))) for g, p in hits)
    yield "event", add(overlap(events_of(g), events_of(p)) for g, p in hits)


def count_orgs(matches: Matches) -> Found:
    """Countries as organisations go together, and cost neither precision nor recall."""
    gold, _ = matches.items("orgs")
    wanted = [i for i, org in enumerate(gold) if org["type"] != "country"]
    return Found(sum(i in matches.orgs for i in wanted), len(counted_orgs(matches)), len(wanted))


def counted_orgs(matches: Matches) -> list[int]:
    """Indices of predicted organisations that count for precision: no country, unless it stands for a gold organisation that is none."""
    gold, predicted = matches.items("orgs")
    for_country = {j for i, j in matches.orgs.items() if gold[i]["type"] == "country"}
    matched = set(matches.orgs.values())
    return [j for j, org in enumerate(predicted) if j not in for_country and (org.get("type") != "country" or j in matched)]


def dates_of(matches: Matches) -> tuple[set[str], set[str]]:
    """Distinct EDTF values of gold and prediction."""
    gold, predicted = matches.items("dates")
    return {date["value"] for date in gold}, {date["value"] for date in predicted if date.get("value")}


def categories_of(matches: Matches) -> tuple[set[str], set[str | None]]:
    gold, predicted = matches.items("areas")
    return {area["category"] for area in gold}, {area.get("category") for area in predicted}


def events_of(partnership: Json) -> set[tuple[str, str | None]]:
    return {(event["type"], event["date"]) for event in partnership.get("events", [])}


def matched_pairs(matches: Matches) -> Iterator[tuple[Json, Json]]:
    """Gold partnerships that were predicted, each with its prediction."""
    for pair, gold in matches.gold_pairs.items():
        if matches.pairs[pair] in matches.predicted_pairs:
            yield gold, matches.predicted_pairs[matches.pairs[pair]]


def overlap(gold: set[Any], predicted: set[Any]) -> Found:
    return Found(len(gold & predicted), len(predicted), len(gold))


def add(found: Iterator[Found]) -> Found:
    rows = list(found)
    return Found(*(sum(row[n] for row in rows) for n in range(3)))


def count_accuracies(matches: Matches) -> dict[str, tuple[int, int]]:
    """Name -> (right, all): attributes of items that were found."""
    outcomes = {name: list(values) for name, values in judge_attributes(matches).items()}
    return {name: (sum(gold == found for gold, found in values), len(values)) for name, values in outcomes.items()}


def judge_attributes(matches: Matches) -> dict[str, list[tuple[Any, Any]]]:
    """Name of an attribute -> (gold's value, the predicted one) for every item that was found."""
    gold_orgs, orgs = matches.items("orgs")
    found_orgs = [(gold_orgs[i], orgs[j]) for i, j in sorted(matches.orgs.items()) if gold_orgs[i]["type"] != "country"]
    gold_areas, areas = matches.items("areas")
    found_areas = [(gold_areas[i], areas[j]) for i, j in sorted(matches.areas.items())]
    return {
        "org_type": [(g["type"], p.get("type")) for g, p in found_orgs],
        "org_country": [(g["country"], p.get("country")) for g, p in found_orgs if g.get("country")],
        "area_category": [(g.get("category"), p.get("category")) for g, p in found_areas],
        "area_status": [(g.get("status"), p.get("status")) for g, p in found_areas],
        "area_speaker": [(speaker_of(g, matches), p.get("speaker")) for g, p in found_areas],
        "partnership_status": [(g["status"], p.get("status")) for g, p in matched_pairs(matches)],
    }


def speaker_of(area: Json, matches: Matches) -> str | None:
    """The predicted id that stands for gold's speaker, "?" where that person wasn't found, None where nobody speaks."""
    return matches.person_ids.get(area["speaker"], "?") if area.get("speaker") else None


def count_labels(matches: Matches) -> Counter[tuple[str, str, int]]:
    """(dimension, label, place in Found) -> count, for each of DIMENSIONS; right is what was found with its label."""
    counts: Counter[tuple[str, str, int]] = Counter()

    def tell(dimension: str, place: int, labels: Sequence[str | None]) -> None:
        counts.update((dimension, label, place) for label in labels if label is not None)

    gold_orgs, orgs = matches.items("orgs")
    gold_areas, areas = matches.items("areas")
    judged = judge_attributes(matches)
    of_countries = ["country"] * sum(gold_orgs[i]["type"] == orgs[j].get("type") == "country" for i, j in matches.orgs.items())
    tell("org_type", 0, [g for g, p in judged["org_type"] if g == p] + of_countries)
    tell("org_type", 1, [org.get("type") for org in orgs])
    tell("org_type", 2, [org["type"] for org in gold_orgs])
    for dimension, key in (("category", "category"), ("status", "status")):
        tell(dimension, 0, [g for g, p in judged[f"area_{key}"] if g == p])
        tell(dimension, 1, [area.get(key) for area in areas])
        tell(dimension, 2, [area[key] for area in gold_areas])
    tell("partnership_status", 0, [g for g, p in judged["partnership_status"] if g == p])
    tell("partnership_status", 1, [pair.get("status") for pair in matches.predicted_pairs.values()])
    tell("partnership_status", 2, [pair["status"] for pair in matches.gold_pairs.values()])
    for gold, predicted in matched_pairs(matches):
        named, found = set(gold["instruments"]), set(predicted.get("instruments", []))
        events, found_events = events_of(gold), events_of(predicted)
        for place, (codes, told) in enumerate(((named & found, events & found_events), (found, found_events), (named, events))):
            tell("instrument", place, sorted(codes))
            tell("event_type", place, [kind for kind, _ in sorted(told, key=str)])
    return counts
