"""Where the name of a person is at home, as far as common names tell."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache, lru_cache

from pipeline.lexicons import read_lexicon, read_pairs
from pipeline.naming import key_of

SUFFIX = 3  # letters
MIN_SUFFIX_NAMES = 5
SAME_REGION, BY_SUFFIX = 0.6, 0.4  # what a name of a neighbouring country, and an ending, count for


@cache
def names() -> dict[str, frozenset[str]]:
    """Part of a name as a key -> countries where it is common."""
    return {name: frozenset(codes.split(",")) for name, codes in read_pairs("person_names.tsv")}


@cache
def regions() -> dict[str, frozenset[str]]:
    """Country -> regions whose names it shares."""
    out: dict[str, set[str]] = defaultdict(set)
    for entry in read_lexicon("regions.jsonl", required=("countries",)):
        for code in entry["countries"]:
            out[code].add(entry["id"])
    return {code: frozenset(found) for code, found in out.items()}


@cache
def suffixes() -> dict[str, dict[str, float]]:
    """Ending of names -> region or country -> its share of the names that end so."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, codes in names().items():
        if len(name) > SUFFIX + 1:
            counts[name[-SUFFIX:]].update({area for code in codes for area in regions().get(code, (code,))})
    return {
        ending: {area: n / found.total() for area, n in found.items()}
        for ending, found in counts.items()
        if found.total() >= MIN_SUFFIX_NAMES
    }


@lru_cache(maxsize=16384)
def fits(name: str, country: str) -> float:
    """How well a person's name fits a country, from 0 (nothing tells so) to 1 (a part of it is common in that country alone)."""
    own = regions().get(country, frozenset((country,)))
    best = 0.0
    for part in re.findall(r"[^\W\d_]+", key_of(name)):
        codes = names().get(part)
        if codes:
            areas = {area for code in codes for area in regions().get(code, (code,))}
            shared = 1.0 if country in codes else SAME_REGION if areas & own else 0.0
            best = max(best, shared / len(areas) ** 0.5)
        elif len(part) > SUFFIX + 1:
            found = suffixes().get(part[-SUFFIX:], {})
            best = max(best, BY_SUFFIX * max((found.get(area, 0.0) for area in own), default=0.0))
    return best
