"""Where the name of a person is at home, as far as common names tell."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.lexicons import read_lexicon, read_pairs
from pipeline.naming import key_of

Floats = NDArray[np.float32]
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


class Sounds(NamedTuple):
    """Logarithms of how likely three letters are in names of places and people of a country: rows by letters, columns by codes.

    The last row stands for letters that no name has.
    """

    rows: dict[str, int]
    columns: dict[str, int]
    logarithms: Floats


@cache
def sounds() -> Sounds:
    """What places.tsv and person_names.tsv tell; every country shares PRIOR_LETTERS letters with all others."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    places = [(key_of(name), (code,)) for name, code in read_pairs("places.tsv")]
    for name, codes in [*places, *((name, tuple(sorted(codes))) for name, codes in names().items())]:
        for letters in (found for word in name.split() for found in trigrams(word)):
            for code in codes:
                counts[letters, code] += 1
    rows = {letters: n for n, letters in enumerate(sorted({letters for letters, _ in counts}))}
    columns = {code: n for n, code in enumerate(sorted({code for _, code in counts}))}
    table = np.zeros((len(rows) + 1, len(columns) + 1), dtype=np.float32)  # the last column: a country without names
    for (letters, code), count in counts.items():
        table[rows[letters], columns[code]] = count
    common = PRIOR_LETTERS * (table.sum(1, keepdims=True) + 1) / table.sum()
    return Sounds(rows, columns, np.log((table + common) / (table.sum(0) + PRIOR_LETTERS)))


def trigrams(word: str) -> Iterator[str]:
    """Three letters at a time, with the beginning and the end of the word."""
    marked = f"^{word}$"
    return (marked[i : i + 3] for i in range(len(marked) - 2))


@lru_cache(maxsize=16384)
def sound_of(word: str) -> Floats:
    """Logarithms of how likely a word is in each country, by the columns of sounds()."""
    rows, _, logarithms = sounds()
    out: Floats = logarithms[[rows.get(letters, -1) for letters in trigrams(word)]].sum(0)
    return out


def sound_like(words: Collection[str], codes: Collection[str], *, mixed: bool = False) -> dict[str, float]:
    """Of some countries the probability of each, if words are names of one of them: naive Bayes over three letters at a time.

    mixed: they are names of people, who may come from several countries; the evidence counts by the root of their number only.
    """
    columns = sounds().columns
    order = sorted(codes)  # sums of floats depend on it
    scores = sum(map(sound_of, words), np.zeros(len(columns) + 1, dtype=np.float32))[[columns.get(code, -1) for code in order]]
    if mixed:
        scores = scores / max(1, len(words)) ** 0.5
    odds = np.exp(scores - scores.max(initial=-np.inf))
    return dict(zip(order, (odds / odds.sum()).tolist(), strict=True))


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
