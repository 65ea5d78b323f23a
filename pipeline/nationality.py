"""Where the name of a person is at home, as far as common names tell."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache

from pipeline.lexicons import read_lexicon, read_pairs
from pipeline.naming import key_of

SUFFIX = 3  # letters
MIN_SUFFIX_NAMES = 5
PRIOR_LETTERS = 300  # letters that each country is taken to share with all others
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


@cache
def sounds() -> tuple[dict[str, dict[str, int]], dict[str, int], int]:
    """Three letters -> country -> how many of its names of places and people have them; how many each country has, and all."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    pairs = [(key_of(name), (code,)) for name, code in read_pairs("places.tsv")]
    for name, codes in [*pairs, *((name, tuple(codes)) for name, codes in names().items())]:
        for word in name.split():
            for letters in trigrams(word):
                for code in codes:
                    counts[letters][code] += 1
                    totals[code] += 1
    return dict(counts), dict(totals), totals.total()


def trigrams(word: str) -> Iterator[str]:
    """Three letters at a time, with the beginning and the end of the word."""
    marked = f"^{word}$"
    return (marked[i : i + 3] for i in range(len(marked) - 2))


def sound_like(words: Iterable[str], codes: Collection[str]) -> dict[str, float]:
    """Of some countries the probability of each, if words are names of one of them: naive Bayes over three letters at a time."""
    counts, totals, total = sounds()
    scores = dict.fromkeys(codes, 0.0)
    for letters in (found for word in words for found in trigrams(word)):
        mine = counts.get(letters, {})
        common = PRIOR_LETTERS * (sum(mine.values()) + 1) / total
        for code in codes:
            scores[code] += math.log((mine.get(code, 0) + common) / (totals.get(code, 0) + PRIOR_LETTERS))
    top = max(scores.values(), default=0.0)
    odds = {code: math.exp(max(value - top, -50.0)) for code, value in scores.items()}
    return {code: value / sum(odds.values()) for code, value in odds.items()}


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
