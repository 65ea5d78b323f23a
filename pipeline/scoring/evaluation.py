"""Counts of matched documents -> figures: of all documents, by kind of issuer, by label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.errors import UsageError
from pipeline.scoring.counts import ACCURACIES, DIMENSIONS, FIELDS, MEAN_FIELDS, Counts, count_labels
from pipeline.scoring.matching import Matches
from pipeline.scoring.misses import FINDERS, Miss, find_misses
from pipeline.scoring.reliability import Band, find_bands
from pipeline.scoring.resampling import Interval, intervals

Json = dict[str, Any]
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """Precision, recall and F1 of what was counted; zero where there is nothing to divide by."""

    tp: int
    predicted: int
    gold: int

    @property
    def p(self) -> float:
        return self.tp / self.predicted if self.predicted else 0.0

    @property
    def r(self) -> float:
        return self.tp / self.gold if self.gold else 0.0

    @property
    def f(self) -> float:
        return 2 * self.p * self.r / (self.p + self.r) if self.p + self.r else 0.0

    def as_json(self) -> Json:
        rounded = {name: round(value, DIGITS) for name, value in (("p", self.p), ("r", self.r), ("f", self.f))}
        return {**rounded, "gold": self.gold, "pred": self.predicted}


@dataclass(frozen=True)
class Evaluation:
    """Predictions measured by gold documents.

    matched: gold documents with their predictions, in the order of gold. counts: one row a document (pipeline.scoring.counts).
    """

    matched: Sequence[Matches]
    counts: Counts

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Micro-averaged over documents, for each of FIELDS."""
        sums = self.counts.sum(0).tolist()
        return {name: Figure(*sums[3 * n : 3 * n + 3]) for n, name in enumerate(FIELDS)}

    @cached_property
    def accuracy(self) -> dict[str, float | None]:
        """Share of found items whose attribute is right; None where none was found."""
        sums = self.counts.sum(0).tolist()[3 * len(FIELDS) :]
        pairs = zip(ACCURACIES, sums[::2], sums[1::2], strict=True)
        return {name: round(right / all_, DIGITS) if all_ else None for name, right, all_ in pairs}

    @property
    def mean_f(self) -> float:
        """The mean of the F1 of MEAN_FIELDS, as they are printed: to four digits."""
        return round(sum(round(self.figures[name].f, DIGITS) for name in MEAN_FIELDS) / len(MEAN_FIELDS), DIGITS)

    @cached_property
    def labels(self) -> dict[str, dict[str, Figure]]:
        """For each of DIMENSIONS, figures by label, sorted; an item is right where it was found with its label."""
        counts: Counter[tuple[str, str, int]] = Counter()
        for matches in self.matched:
            counts.update(count_labels(matches))
        names: dict[str, set[str]] = {dimension: set() for dimension in DIMENSIONS}
        for dimension, label, _ in counts:
            names[dimension].add(label)
        return {d: {label: Figure(*(counts[d, label, n] for n in range(3))) for label in sorted(names[d])} for d in DIMENSIONS}

    def by_kind(self) -> dict[str, "Evaluation"]:
        """The same figures for the documents of each kind of issuer."""
        kinds = [matches.gold.get("kind") or "unknown" for matches in self.matched]
        rows = {kind: [n for n, k in enumerate(kinds) if k == kind] for kind in sorted(set(kinds))}
        return {kind: Evaluation([self.matched[n] for n in ns], self.counts[ns]) for kind, ns in rows.items()}

    def intervals(self, *, resamples: int = 1000, seed: int = 0, level: float = 0.95) -> dict[str, Interval]:
        """Bootstrap intervals over documents: F1 of FIELDS, accuracies, and mean_f."""
        return intervals(self.counts, resamples=resamples, seed=seed, level=level)

    def reliability(self, field: str = "partnership", *, bands: int = 5) -> list[Band]:
        """What was found by bands of confidence, and how much of it is right; field: of reliability.FIELDS."""
        return find_bands(self.matched, field, bands=bands)

    def misses(self, field: str | None = None) -> Iterator[Miss]:
        """What went wrong, in the order of the documents; field: one of FINDERS, or None for all."""
        if field is not None and field not in FINDERS:
            raise UsageError(f"no field {field!r} to list the errors of; one of {', '.join(FINDERS)} expected")
        for matches in self.matched:
            yield from find_misses(matches, [field] if field else None)

    def as_json(self) -> Json:
        """The figures in plain values, rounded."""
        return {**{name: self.figures[name].as_json() for name in FIELDS}, "accuracy": dict(self.accuracy), "mean_f": self.mean_f}
