"""Counts of documents -> intervals and significance, by resampling whole documents.

Nothing is matched anew: counts of documents are summed, with weights, and figures are made from the sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.scoring.counts import ACCURACIES, FIELDS, MEAN_FIELDS, Counts

Floats = NDArray[np.float64]
NAMES = (*FIELDS, *ACCURACIES, "mean_f")  # columns of figures(): F of fields, accuracies, the mean of F
BATCH = 500  # resamples at a time


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a figure; level: the share of resamples that lie within."""

    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second of two runs is better by (below zero: worse).

    interval: of the difference, by paired bootstrap over documents. p: how often a difference as large arises where documents are
    given to either run by chance (approximate randomization, two-sided).
    """

    name: str
    first: float
    second: float
    difference: float
    interval: Interval
    p: float


def ratio(numerator: NDArray[np.number], denominator: NDArray[np.number]) -> Floats:
    """Zero where there is nothing to divide by."""
    out = np.zeros(np.shape(numerator))
    np.divide(numerator, denominator, out=out, where=np.asarray(denominator) > 0)
    return out


def figures(sums: NDArray[np.number]) -> Floats:
    """Figures of rows of summed counts, in the order of NAMES; shape (rows, len(NAMES))."""
    sums = np.atleast_2d(sums)
    fields = sums[:, : 3 * len(FIELDS)].reshape(len(sums), len(FIELDS), 3)
    tp, predicted, gold = fields[..., 0], fields[..., 1], fields[..., 2]
    f = ratio(2 * tp, predicted + gold)
    right = sums[:, 3 * len(FIELDS) :].reshape(len(sums), len(ACCURACIES), 2)
    mean = f[:, [FIELDS.index(name) for name in MEAN_FIELDS]].mean(axis=1, keepdims=True)
    return np.concatenate([f, ratio(right[..., 0], right[..., 1]), mean], axis=1)


def draw(counts: Counts, *, resamples: int, seed: int) -> Floats:
    """Sums of counts of documents drawn with replacement; shape (resamples, columns). The same seed draws the same documents."""
    generator = np.random.default_rng(seed)
    n = len(counts)
    shares = np.full(n, 1 / n)
    steps = [min(BATCH, resamples - done) for done in range(0, resamples, BATCH)]
    return np.concatenate([generator.multinomial(n, shares, size=step).astype(np.float64) @ counts for step in steps])


def intervals(counts: Counts, *, resamples: int = 1000, seed: int = 0, level: float = 0.95) -> dict[str, Interval]:
    """Percentile bootstrap interval of every figure; none where there are no documents."""
    if not len(counts):
        return {}
    drawn = figures(draw(counts, resamples=resamples, seed=seed))
    return dict(zip(NAMES, _bounds(drawn, level), strict=True))


def _bounds(drawn: Floats, level: float) -> list[Interval]:
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return [Interval(float(a), float(b), level) for a, b in zip(low, high, strict=True)]


def compare_counts(first: Counts, second: Counts, *, resamples: int = 1000, seed: int = 0, level: float = 0.95) -> list[Difference]:
    """Difference of every figure between two runs over the same documents, row by row."""
    if first.shape != second.shape:
        raise ValueError(f"counts of the same documents expected, found {len(first)} and {len(second)}")
    if not len(first):
        return []
    ours, theirs = figures(first.sum(0))[0], figures(second.sum(0))[0]
    both = figures(draw(first, resamples=resamples, seed=seed)), figures(draw(second, resamples=resamples, seed=seed))
    spread = _bounds(both[1] - both[0], level)
    p = _randomize(first, second, theirs - ours, resamples=resamples, seed=seed)
    rows = zip(NAMES, ours.tolist(), theirs.tolist(), spread, p.tolist(), strict=True)
    return [Difference(name, a, b, b - a, interval, chance) for name, a, b, interval, chance in rows]


def _randomize(first: Counts, second: Counts, observed: Floats, *, resamples: int, seed: int) -> Floats:
    """Share of exchanges of documents between the runs that differ as much as observed; the observation counts as one."""
    generator = np.random.default_rng(seed)
    total_first, total_second, change = first.sum(0), second.sum(0), second - first
    as_large = np.zeros(len(observed))
    for done in range(0, resamples, BATCH):
        swapped = generator.integers(0, 2, size=(min(BATCH, resamples - done), len(first))).astype(np.float64) @ change
        differences = figures(total_second - swapped) - figures(total_first + swapped)
        as_large += (np.abs(differences) >= np.abs(observed) - 1e-12).sum(0)
    return (as_large + 1) / (resamples + 1)
