"""Pairs of entities that are worth comparing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from pipeline.resolve.compare import Entity
from pipeline.resolve.forms import common_words, initials_of, skeleton_of, words_of_kind

MAX_BLOCK = 24  # of larger blocks only neighbours in the order of names are compared
WINDOW = 4
RARE = 8  # names that a word may be in to be called rare


def find_pairs(entities: Sequence[Entity]) -> list[tuple[int, int]]:
    """Give pairs of indices, lower first, sorted: those that share a key. Time grows with the number of entities, not of pairs."""
    blocks: dict[str, list[int]] = defaultdict(list)
    shorts: dict[str, list[int]] = defaultdict(list)
    fulls: dict[str, list[int]] = defaultdict(list)
    counts = Counter(word for e in entities for word in e.form.core)
    for i, entity in enumerate(entities):
        for key in {*find_keys(entity), *(f"r:{w}" for w in entity.form.core if 1 < counts[w] <= RARE)}:
            blocks[key].append(i)
        if entity.form.acronym:
            shorts[entity.form.key].append(i)
        else:
            for acronym in entity.acronyms | initials_of(entity.name):
                fulls[acronym].append(i)
    pairs: set[tuple[int, int]] = set()
    for members in blocks.values():
        if len(members) > 1:
            pairs.update(pairs_in(members, entities))
    for acronym, members in shorts.items():
        likely = fulls.get(acronym, [])
        stated = [j for j in likely if acronym in entities[j].acronyms]
        for j in stated[:MAX_BLOCK] if len(likely) > MAX_BLOCK else likely:
            pairs.update((min(i, j), max(i, j)) for i in members[:MAX_BLOCK] if i != j)
    return sorted(pairs)


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
    """Give the keys under which an entity meets its like: sorted words, sounds, all words but one with the ends of that one."""
    if entity.form.generic and entity.parent is None and entity.country is None:
        return  # "International Office": nothing to go by
    scope = f"{entity.parent or ''}:"
    fillers = words_of_kind("filler")
    for words in (entity.exact, *sorted(entity.aliases)):
        bare = tuple(w for w in words if w not in fillers) or words
        yield scope + "w:" + " ".join(bare)
        if entity.parent is not None and entity.form.core:
            yield ":w:" + " ".join(bare)
        yield scope + "s:" + " ".join(sorted(skeleton_of(w) if w[0] not in "#@" else w for w in bare))
        if len(words) > 1:
            for word in words:
                if len(word) > 3 and word not in common_words():
                    rest = " ".join(w for w in words if w != word)
                    yield f"{scope}p:{rest}~{word[:3]}"
                    yield f"{scope}e:{rest}~{word[-3:]}"
