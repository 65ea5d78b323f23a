"""What kind of organisation a name is of: what the encoder says of its mentions and the words of its name, weighed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from spacy.tokens import Doc

from pipeline.components.linear import choose
from pipeline.labels import ORG_TYPES
from pipeline.naming import is_acronym, key_of
from pipeline.schema import Organization

MIN_PROBABILITY = 0.005


def set_types(organizations: list[Organization], doc: Doc) -> None:
    """Give every organisation but states the likeliest of ORG_TYPES."""
    for organization, probabilities in read_types(organizations, doc):
        organization.type = ORG_TYPES[choose("type", weigh_types(organization.name, probabilities))[0]]


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
            yield organization, (sum(score * types for score, types in mine) / sum(score for score, _ in mine)).tolist()


def weigh_types(name: str, probabilities: Sequence[float]) -> list[dict[str, float]]:
    """Features of every type, in the order of ORG_TYPES."""
    words = key_of(name).split()
    clues = {f"word {word}" for word in words} | {f"last {words[-1]}" for _ in words[:1]} | {f"first {words[0]}" for _ in words[:1]}
    if is_acronym(name):
        clues.add("acronym")
    out = []
    for kind, probability in zip(ORG_TYPES, probabilities, strict=True):
        out.append(
            {"encoder": math.log(max(probability, MIN_PROBABILITY)), f"any|{kind}": 1.0, **{f"{clue}|{kind}": 1.0 for clue in clues}}
        )
    return out
