"""Which category an area is of: what the encoder says, the words of the phrase, and the article around it, weighed."""

from __future__ import annotations

from collections import Counter

import numpy as np
from spacy.tokens import Doc

from pipeline.components.linear import Labelling, choose_label
from pipeline.labels import CATEGORIES
from pipeline.naming import STEM, content_words
from pipeline.schema import Area

MIN_PROBABILITY = 0.002


def set_codes(doc: Doc, areas: list[tuple[Area, int]]) -> None:
    """Give each area (with its index in doc.spans["AREA"]) the likeliest of CATEGORIES."""
    for (area, _), labelling in zip(areas, weigh_codes(doc, areas), strict=True):
        area.category = choose_label("code", labelling)


def weigh_codes(doc: Doc, areas: list[tuple[Area, int]]) -> list[Labelling]:
    """For each area what speaks for every category."""
    group = doc.spans["AREA"].attrs.get("category", [])
    shares = np.asarray([group[index] for _, index in areas], dtype=np.float64).reshape(-1, len(CATEGORIES))
    logarithms = np.log(np.maximum(shares, MIN_PROBABILITY))
    rest = (shares.sum(0) - shares) / max(1, len(areas) - 1)
    kinds = Counter(o.type for o in doc._.organizations if o.type not in ("media", "unit")).most_common(1)
    out = []
    for (area, _), own, others in zip(areas, logarithms, rest, strict=True):
        words = content_words(area.text)
        clues = ["any", *dict.fromkeys(f"stem {word[:STEM]}" for word in words), *(f"among {kind}" for kind, _ in kinds)]
        if words:
            clues += [f"first {words[0][:STEM]}", f"last {words[-1][:STEM]}"]
        out.append(Labelling(CATEGORIES, {"encoder": own, "article": others}, clues))
    return out
