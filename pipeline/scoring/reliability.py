"""Whether confidence can be read as a frequency: what was found, by its confidence, and the share of it that is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import UsageError
from pipeline.scoring.counts import counted_orgs
from pipeline.scoring.matching import Matches

Json = dict[str, Any]
FIELDS = ("org", "person", "role", "area", "partnership")


@dataclass(frozen=True, slots=True)
class Band:
    """What was found with a confidence from low to below high (1 included in the last band).

    confidence: the mean of what was stated; right: the share that gold has. Confidence is calibrated where the two are equal.
    """

    low: float
    high: float
    found: int
    confidence: float
    right: float


def find_bands(matched: Sequence[Matches], field: str, *, bands: int = 5) -> list[Band]:
    """Give the bands in which something was found, lowest first; field: of FIELDS. A role is right with its organisation only."""
    if field not in FIELDS:
        raise UsageError(f"no confidence of {field!r} to compare; one of {', '.join(FIELDS)} expected")
    judged: list[list[tuple[float, bool]]] = [[] for _ in range(bands)]
    for matches in matched:
        for confidence, right in _judge(matches, field):
            judged[min(bands - 1, int(confidence * bands))].append((confidence, right))
    return [
        Band(n / bands, (n + 1) / bands, len(items), _mean(c for c, _ in items), _mean(r for _, r in items))
        for n, items in enumerate(judged)
        if items
    ]


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return round(sum(listed) / len(listed), 4)


def calibration_error(bands: Sequence[Band]) -> float:
    """Expected calibration error (Naeini et al., AAAI 2015), 0 to 1: the mean distance of confidence from the share that is right."""
    total = sum(band.found for band in bands)
    return round(sum(band.found * abs(band.confidence - band.right) for band in bands) / total, 4) if total else 0.0


def _judge(matches: Matches, field: str) -> Iterator[tuple[float, bool]]:
    """Confidence of each thing found, and whether gold has it."""
    if field == "partnership":
        there = set(matches.pairs.values())
        found = [(partnership, pair in there) for pair, partnership in matches.predicted_pairs.items()]
    elif field == "role":
        right = {id(match.predicted) for match in matches.roles if match.affiliated}
        found = [(role, id(role) in right) for person in matches.items("people")[1] for role in person.get("roles", [])]
    elif field == "org":
        hits = set(matches.orgs.values())
        found = [(matches.items("orgs")[1][n], n in hits) for n in counted_orgs(matches)]
    else:
        key, matched = ("people", matches.people) if field == "person" else ("areas", matches.areas)
        hits = set(matched.values())
        found = [(item, n in hits) for n, item in enumerate(matches.items(key)[1])]
    yield from ((float(item.get("confidence", 1.0)), right) for item, right in found)
