"""Whether confidence can be read as a frequency: what was found, by its confidence, and the share of it that is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import UsageError
from pipeline.scoring.matching import Matches

Json = dict[str, Any]
FIELDS = ("area", "partnership")


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
    """Give the bands in which something was found, lowest first; field: area or partnership."""
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


def _judge(matches: Matches, field: str) -> Iterator[tuple[float, bool]]:
    if field == "area":
        right = set(matches.areas.values())
        for n, area in enumerate(matches.items("areas")[1]):
            yield float(area.get("confidence", 1.0)), n in right
    else:
        there = set(matches.pairs.values())
        for pair, partnership in matches.predicted_pairs.items():
            yield float(partnership.get("confidence", 1.0)), pair in there
