"""What kind of organisation a name is of: what the encoder says of its mentions and the words of its name, weighed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from spacy.tokens import Doc

from pipeline.components.linear import Labelling, choose_label
from pipeline.labels import ORG_TYPES
from pipeline.naming import is_acronym, key_of
from pipeline.schema import Organization

MIN_PROBABILITY = 0.005
TINY = 1e-9  # beside a score: where all scores are nothing, all mentions weigh alike


def set_types(organizations: list[Organization], doc: Doc) -> None:
    """Give every organisation but states the likeliest of ORG_TYPES."""
    for organization, probabilities in read_types(organizations, doc):
        organization.type = choose_label("type", weigh_types(organization.name, probabilities))


def read_types(organizations: list[Organization], doc: Doc) -> Iterator[tuple[Organization, list[float]]]:
    """Organisations but states, with the mean of what the encoder says of their mentions, weighted by its scores."""
    group = doc.spans["ORG"]
    said = {
        span.end_char: (score, np.asarray(types))
        for span, score, types in zip(group, group.attrs.get("scores", []), group.attrs.get("org_type", []), strict=True)
    }
    for organization in organizations:
        mine = [said[m.end] for m in organization.mentions if m.end in said]
        if organization.type != "country" and mine:
            yield organization, mean_types(mine).tolist()


def mean_types(said: Iterable[tuple[float, np.ndarray]]) -> np.ndarray:
    """The probability of each of ORG_TYPES: the mean of what is said of mentions, weighed by the encoder's scores of them."""
    scores, types = zip(*said, strict=True)
    weights = np.asarray(scores) + TINY
    mean: np.ndarray = weights @ np.asarray(types) / weights.sum()
    return mean


def weigh_types(name: str, probabilities: Sequence[float]) -> Labelling:
    """What speaks for every type."""
    words = key_of(name).split()
    clues = ["any", *dict.fromkeys(f"word {word}" for word in words)]
    if words:
        clues += [f"first {words[0]}", f"last {words[-1]}"]
    if is_acronym(name):
        clues.append("acronym")
    return Labelling(ORG_TYPES, {"encoder": np.log(np.maximum(probabilities, MIN_PROBABILITY))}, clues)
