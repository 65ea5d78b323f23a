"""Which category an area is of: what the encoder says, the words of the phrase, and the article around it, weighed."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from spacy.tokens import Doc

from pipeline.components.linear import choose
from pipeline.labels import CATEGORIES
from pipeline.naming import content_words
from pipeline.schema import Area

STEM = 6  # letters
MIN_PROBABILITY = 0.002


def set_codes(doc: Doc, areas: list[tuple[Area, int]]) -> None:
    """Give each area (with its index in doc.spans["AREA"]) the likeliest of CATEGORIES."""
    for (area, _), options in zip(areas, weigh_codes(doc, areas), strict=True):
        area.category = CATEGORIES[choose("code", options)[0]]


def weigh_codes(doc: Doc, areas: list[tuple[Area, int]]) -> list[list[dict[str, float]]]:
    """For each area the features of every category, in the order of CATEGORIES."""
    group = doc.spans["AREA"].attrs.get("category", [])
    shares = np.asarray([group[index] for _, index in areas], dtype=np.float64).reshape(-1, len(CATEGORIES))
    total = shares.sum(0)
    kinds = Counter(o.type for o in doc._.organizations if o.type not in ("media", "unit")).most_common(1)
    around = {f"among {kinds[0][0]}"} if kinds else set()
    out = []
    for (area, _), own in zip(areas, shares, strict=True):
        words = content_words(area.text)
        clues = {f"stem {word[:STEM]}" for word in words} | around
        if words:
            clues |= {f"first {words[0][:STEM]}", f"last {words[-1][:STEM]}"}
        rest = (total - own) / max(1, len(areas) - 1)
        out.append(
            [
                {
                    "encoder": math.log(max(float(own[k]), MIN_PROBABILITY)),
                    "article": float(rest[k]),
                    f"any|{code}": 1.0,
                    **{f"{clue}|{code}": 1.0 for clue in clues},
                }
                for k, code in enumerate(CATEGORIES)
            ]
        )
    return out
