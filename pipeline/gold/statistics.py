"""Gold documents -> what there is of everything, and what two splits share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import median
from typing import Any

from pipeline.scoring.matching import normal_form

Json = dict[str, Any]
LABELS = ("org_type", "category", "area_status", "partnership_status", "instrument", "event_type")


def statistics(documents: Sequence[Json]) -> Json:
    """Counts by field, label, kind and country, lengths in words, and the share of documents without cooperation, as JSON values.

    A document tells of no cooperation where it has neither areas nor partnerships.
    """
    words = [len(document["text"].split()) for document in documents]
    roles = [role for document in documents for person in document["people"] for role in person["roles"]]
    pairs = [pair for document in documents for pair in document["partnerships"]]
    alone = sum(not document["areas"] and not document["partnerships"] for document in documents)
    return {
        "documents": len(documents),
        "words": sum(words),
        "words_of_a_document": {"min": min(words, default=0), "median": median(words) if words else 0, "max": max(words, default=0)},
        "without_cooperation": alone,
        "share_without_cooperation": round(alone / len(documents), 3) if documents else 0.0,
        "without_date": sum(document["published"] is None for document in documents),
        "kinds": count(document["kind"] for document in documents),
        "fields": {
            "orgs": sum(len(document["orgs"]) for document in documents),
            "org_mentions": sum(len(org["mentions"]) for document in documents for org in document["orgs"]),
            "people": sum(len(document["people"]) for document in documents),
            "person_mentions": sum(len(person["mentions"]) for document in documents for person in document["people"]),
            "roles": len(roles),
            "dates": sum(len(document["dates"]) for document in documents),
            "areas": sum(len(document["areas"]) for document in documents),
            "partnerships": len(pairs),
            "events": sum(len(pair["events"]) for pair in pairs),
            "instruments": sum(len(pair["instruments"]) for pair in pairs),
        },
        "labels": count_labels(documents),
        "countries": count(org["country"] for document in documents for org in document["orgs"] if org["country"]),
        "distinct_orgs": len(names(documents, "orgs")),
        "distinct_people": len(names(documents, "people")),
    }


def count_labels(documents: Iterable[Json]) -> dict[str, dict[str, int]]:
    """For each of LABELS, how often each label stands."""
    counts: dict[str, Counter[str]] = {label: Counter() for label in LABELS}
    for document in documents:
        counts["org_type"].update(org["type"] for org in document["orgs"])
        counts["category"].update(area["category"] for area in document["areas"])
        counts["area_status"].update(area["status"] for area in document["areas"])
        for pair in document["partnerships"]:
            counts["partnership_status"].update([pair["status"]])
            counts["instrument"].update(pair["instruments"])
            counts["event_type"].update(event["type"] for event in pair["events"])
    return {label: ordered(found) for label, found in counts.items()}


def count(values: Iterable[str]) -> dict[str, int]:
    return ordered(Counter(values))


def ordered(counts: Mapping[str, int]) -> dict[str, int]:
    """Most frequent first, then by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def names(documents: Iterable[Json], key: str) -> set[str]:
    """Normal forms of the names of organisations or people."""
    return {normal_form(entity["name"]) for document in documents for entity in document[key]}


def name_overlap(splits: Mapping[str, Sequence[Json]]) -> list[Json]:
    """For each two splits, the names that both have; share: of the names of the second one."""
    rows = []
    for (first, ours), (second, theirs) in combinations(splits.items(), 2):
        for key in ("orgs", "people"):
            left, right = names(ours, key), names(theirs, key)
            both = sorted(left & right)
            rows.append({"of": key, "first": first, "second": second, "names": both, "share": round(len(both) / max(1, len(right)), 4)})
    return rows


def format_statistics(splits: Mapping[str, Sequence[Json]]) -> str:
    """Tables to read, a column a split."""
    found = {name: statistics(documents) for name, documents in splits.items()}
    rows: list[tuple[str, list[Any]]] = []

    def row(name: str, *path: str) -> None:
        values = []
        for table in found.values():
            value: Any = table
            for step in path:
                value = value.get(step, 0)
            values.append(value)
        rows.append((name, values))

    for key in ("documents", "words"):
        row(key, key)
    for key in ("min", "median", "max"):
        row(f"words of a document, {key}", "words_of_a_document", key)
    row("without cooperation", "without_cooperation")
    row("share without cooperation", "share_without_cooperation")
    row("without day of publication", "without_date")
    row("distinct organisations", "distinct_orgs")
    row("distinct people", "distinct_people")
    rows.append(("countries", [len(table["countries"]) for table in found.values()]))
    for title, tables in (("kind", ["kinds"]), ("field", ["fields"]), *((label, ["labels", label]) for label in LABELS)):
        rows.append(("", []))
        codes: dict[str, None] = {}
        for table in found.values():
            for step in tables:
                table = table[step]
            codes.update(dict.fromkeys(table))
        for code in codes:
            row(f"{title}: {code}", *tables, code)
    head = f"{'':36s}" + "".join(f"{name:>10s}" for name in found)
    lines = [head, *(f"{name:36s}" + "".join(f"{value:10}" for value in values) for name, values in rows)]
    for name, table in found.items():
        lines += ["", f"countries of {name}: " + ", ".join(f"{code} {n}" for code, n in table["countries"].items())]
    for shared in name_overlap(splits):
        told = f" ({', '.join(shared['names'][:20])}{', …' if len(shared['names']) > 20 else ''})" if shared["names"] else ""
        lines.append(
            f"{shared['of']} of {shared['second']} that {shared['first']} has too: {len(shared['names'])}, {shared['share']:.1%}{told}"
        )
    return "\n".join(line.rstrip() for line in lines)
