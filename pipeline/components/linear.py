"""Linear models over named features, on top of the network: their weights are resources, NAME_weights.jsonl."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

from pipeline.lexicons import read_lexicon

Features = Mapping[str, float]


@cache
def weights(name: str) -> dict[str, float]:
    """Feature -> weight; fitted by models/scripts/linear.py on documents that the network has not seen."""
    return {entry["id"]: float(entry["weight"]) for entry in read_lexicon(f"{name}_weights.jsonl", required=("weight",))}


def score(name: str, features: Features) -> float:
    """Weighted sum; a feature that has no weight counts nothing."""
    known = weights(name)
    return sum(known.get(feature, 0.0) * value for feature, value in features.items())


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


def reason(name: str, features: Features) -> str:
    """The feature that adds most."""
    known = weights(name)
    return max(features, key=lambda feature: (known.get(feature, 0.0) * features[feature], feature))
