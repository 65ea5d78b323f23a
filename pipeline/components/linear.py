"""Linear models over named features, on top of the network: their weights are resources, NAME_weights.jsonl."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import repeat
from operator import mul
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.lexicons import read_lexicon

Features = Mapping[str, float]


class Labelling(NamedTuple):
    """Labels of which one is to be chosen.

    values: feature -> its value for each label; clues: what holds for all labels, and weighs "CLUE|LABEL" with each.
    """

    labels: tuple[str, ...]
    values: Mapping[str, ArrayLike]
    clues: Collection[str]

    def options(self) -> list[dict[str, float]]:
        """The features of each label, by name."""
        rows = np.asarray(list(self.values.values()), dtype=np.float64).T.tolist()
        return [
            dict(zip(self.values, row), **{f"{clue}|{label}": 1.0 for clue in self.clues})
            for label, row in zip(self.labels, rows, strict=True)
        ]


@cache
def weights(name: str) -> dict[str, float]:
    """Feature -> weight; fitted by models/scripts/linear.py on documents that the network has not seen."""
    return {entry["id"]: float(entry["weight"]) for entry in read_lexicon(f"{name}_weights.jsonl", required=("weight",))}


@cache
def clue_weights(name: str, labels: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
    """Clue -> the weights of "CLUE|LABEL" for each label."""
    out: dict[str, NDArray[np.float64]] = {}
    for feature, weight in weights(name).items():
        clue, _, label = feature.rpartition("|")
        if label in labels:
            out.setdefault(clue, np.zeros(len(labels)))[labels.index(label)] = weight
    return out


def score(name: str, features: Features) -> float:
    """Weighted sum; a feature that has no weight counts nothing."""
    total: float = sum(map(mul, map(weights(name).get, features, repeat(0.0)), features.values()))
    return total


def logit(share: float) -> float:
    """Logarithm of the odds of a probability that is taken for 0.01 to 0.99."""
    bounded = min(max(share, 0.01), 0.99)
    return math.log(bounded / (1.0 - bounded))


def probability(name: str, features: Features) -> float:
    """Logistic regression: the probability of yes."""
    return 1.0 / (1.0 + math.exp(-score(name, features)))


def shares(name: str, options: Sequence[Features]) -> list[float]:
    """Conditional logit (McFadden 1974): the probability of each option among those given."""
    scores = [score(name, features) for features in options]
    top = max(scores)
    odds = [math.exp(value - top) for value in scores]
    total = sum(odds)
    return [value / total for value in odds]


def choose(name: str, options: Sequence[Features]) -> tuple[int, float]:
    """The index of the likeliest option, the first of equals, and its probability."""
    found = shares(name, options)
    top = max(found)
    return found.index(top), top


def choose_label(name: str, labelling: Labelling) -> str:
    """The likeliest label, the first of equals."""
    known, by_clue = weights(name), clue_weights(name, labelling.labels)
    scores = np.zeros(len(labelling.labels))
    for feature, values in labelling.values.items():
        scores += known.get(feature, 0.0) * np.asarray(values)
    for clue in labelling.clues:
        if clue in by_clue:
            scores += by_clue[clue]
    return labelling.labels[int(scores.argmax())]


def reason(name: str, features: Features) -> str:
    """The feature that adds most."""
    known = weights(name)
    return max(features, key=lambda feature: (known.get(feature, 0.0) * features[feature], feature))
