"""Pairs of entities that are worth comparing."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pipeline.resolve.entity import Entity
from pipeline.resolve.forms import initials_of, spelled_key_of, spelling_keys_of
from pipeline.resolve.words import common_words, skeleton_of, words_of_kind

MAX_BLOCK = 24  # of larger blocks only neighbours in the order of names are compared
WINDOW = 4
RARE = 8  # names that a word may be in to be called rare
JOINED = 6  # letters from which words may be written as one


def find_pairs(entities: Sequence[Entity]) -> Iterator[tuple[int, int]]:
    """Give pairs of indices, lower first, sorted: those that share a key. Time grows with the number of entities, not of pairs."""
    counts = Counter(word for e in entities for word in e.form.core)
    keys, owners, pairs = array("q"), array("q"), array("q")
    for i, entity in enumerate(entities):
        found = {hash(key) for key in (*find_keys(entity), *(f"r:{w}" for w in entity.form.core if 1 < counts[w] <= RARE))}
        keys.extend(found)
        owners.extend([i] * len(found))
    for members in groups_of(np.frombuffer(keys, dtype=np.int64), np.frombuffer(owners, dtype=np.int64)):
        pairs.extend(i * len(entities) + j for i, j in pairs_in(members, entities))
    pairs.extend(i * len(entities) + j for i, j in pairs_of_short_forms(entities))
    for pair in np.unique(np.frombuffer(pairs, dtype=np.int64)).tolist() if pairs else ():
        yield divmod(pair, len(entities))


def groups_of(keys: NDArray[np.int64], owners: NDArray[np.int64]) -> Iterator[list[int]]:
    """Give the owners of each key that has two or more."""
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    begins = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, dtype=np.intp)
    sizes = np.diff(np.r_[begins, len(keys)])
    for begin, size in zip(begins[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        yield owners[begin : begin + size].tolist()


def pairs_of_short_forms(entities: Sequence[Entity]) -> Iterator[tuple[int, int]]:
    """Give acronyms, alone or with a place ("UC Berkeley"), with those whose names they may spell or to which articles give them."""
    shorts: dict[str, list[int]] = defaultdict(list)
    for i, entity in enumerate(entities):
        key = entity.form.key if entity.form.acronym else spelled_key_of(entity.name)
        if key:
            shorts[key].append(i)
    fulls: dict[str, list[int]] = defaultdict(list)
    for j, entity in enumerate(entities):
        if not entity.form.acronym:
            for key in {*entity.acronyms, *initials_of(entity.name), *spelling_keys_of(entity.name)}:
                if key in shorts:
                    fulls[key].append(j)
    for key, likely in fulls.items():
        stated = [j for j in likely if key in entities[j].acronyms]
        for j in stated[:MAX_BLOCK] if len(likely) > MAX_BLOCK else likely:
            yield from ((min(i, j), max(i, j)) for i in shorts[key][:MAX_BLOCK] if i != j)


def pairs_in(members: list[int], entities: Sequence[Entity]) -> Iterator[tuple[int, int]]:
    """Give all pairs of a small block, pairs of neighbours of a large one."""
    if len(members) <= MAX_BLOCK:
        yield from combinations(members, 2)
        return
    ordered = sorted(members, key=lambda i: (entities[i].exact, entities[i].label))
    for at, i in enumerate(ordered):
        for j in ordered[at + 1 : at + 1 + WINDOW]:
            yield (min(i, j), max(i, j))


def find_keys(entity: Entity) -> Iterator[str]:
    """Give the keys under which an entity meets its like: sorted words, sounds, letters, all words but one with the ends of that one."""
    if entity.form.generic and entity.parent is None and entity.country is None:
        return  # "International Office": nothing to go by
    scope = f"{entity.parent or ''}:"
    fillers = words_of_kind("filler")
    land = f"@{entity.country}"
    landless = tuple(w for w in entity.exact if w != land)
    for words in {entity.form.exact, entity.complete, entity.unhonoured, entity.unroyal, landless}:
        yield scope + "w:" + " ".join(words)
    for words in (entity.exact, *sorted(entity.aliases)):
        bare = tuple(w for w in words if w not in fillers) or words
        yield scope + "w:" + " ".join(bare)
        if entity.parent is not None and entity.form.core:
            yield ":w:" + " ".join(bare)
        yield scope + "s:" + " ".join(sorted(skeleton_of(w) if w[0] not in "#@" else w for w in bare))
        letters = sorted("".join(w for w in words if w[0] not in "#@" and w not in common_words()))
        if len(letters) >= JOINED:
            yield scope + "l:" + "".join(letters)
        if len(words) > 1:
            for word in words:
                if len(word) > 3 and word not in common_words():
                    rest = " ".join(w for w in words if w != word)
                    yield f"{scope}p:{rest}~{word[:3]}"
                    yield f"{scope}e:{rest}~{word[-3:]}"
