"""Where the items of a document stand, and the sentence around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
Place = tuple[int, int]
MAX_CONTEXT = 240  # characters
SENTENCE_END = re.compile(r"(?<=[.!?])[”\"’')\]]*\s+(?=[“\"‘'(\[]?[^\W\da-z_])|\n")
ABBREVIATED = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|No|vs|Inc|Ltd|Co|Corp|Gen|Sen|Rep|H\.E|[A-Z])\.)\Z")


def first_place(item: Json, text: str) -> Place | None:
    return next(iter(find_places(item, text)), None) if "mentions" in item else find_place(item, text, words=item.get("text"))


def find_place(item: Mapping[str, Any], text: str, *, words: str | None) -> Place | None:
    """Bounds of an item, by its own offsets or else where its words stand first."""
    if item.get("start") is not None:
        return item["start"], item["end"]
    at = text.find(words) if words else -1
    return (at, at + len(words)) if words and at >= 0 else None


def find_places(entity: Json, text: str) -> list[Place]:
    """Bounds of the mentions of an entity, in text order; of mentions without offsets, where their words stand."""
    found: set[Place] = set()
    for mention in entity.get("mentions", ()):
        if isinstance(mention, dict):
            found.add((mention["start"], mention["end"]))
        elif mention:
            found.update(m.span() for m in re.finditer(re.escape(mention), text))
    return sorted(found)


def pair_overlapping(gold: Sequence[Sequence[Place]], predicted: Sequence[Sequence[Place]]) -> Iterator[tuple[int | None, int | None]]:
    """Gold and predicted items that share characters, one to one, most of them first; then what is left, alone."""
    shared = []
    for i, ours in enumerate(gold):
        for j, theirs in enumerate(predicted):
            common = max((min(a[1], b[1]) - max(a[0], b[0]) for a in ours for b in theirs), default=0)
            if common > 0:
                shared.append((-common, i, j))
    left, right = set(range(len(gold))), set(range(len(predicted)))
    for _, i, j in sorted(shared):
        if i in left and j in right:
            left.discard(i)
            right.discard(j)
            yield i, j
    yield from ((i, None) for i in sorted(left))
    yield from ((None, j) for j in sorted(right))


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence (or two) that holds start:end, the words between « and »; cut to MAX_CONTEXT characters around them.

    >>> sentence_around("It rained. Dr. Ito signed it. Then he left.", 15, 18)
    'Dr. «Ito» signed it.'
    """
    low, high = 0, len(text)
    for found in SENTENCE_END.finditer(text):
        if found.group() != "\n" and ABBREVIATED.search(text[max(0, found.start() - 8) : found.start()]):
            continue
        if found.end() <= start:
            low = found.end()
        elif found.start() >= end:
            high = found.start() + len(found.group().rstrip())
            break
    room = max(0, MAX_CONTEXT - (end - start)) // 2
    before, after = text[low:start], text[end:high]
    if len(before) > room:
        before = "…" + re.sub(r"^\S*\s+", "", before[-room:])
    if len(after) > room:
        after = re.sub(r"\s+\S*$", "", after[:room]) + "…"
    return " ".join(f"{before}«{text[start:end]}»{after}".split())
