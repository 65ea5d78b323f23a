"""Near-copies of one article: republished, trimmed, lightly edited."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from datasketch import MinHash, MinHashLSH

from pipeline.grouping import Groups
from pipeline.naming import key_of

SHINGLE = 3  # words
PERMUTATIONS = 96
SEED = 7
CANDIDATE = 0.3  # estimated Jaccard from which a pair is looked at
JACCARD, CONTAINMENT = 0.4, 0.6  # exact; containment is the share of the shorter article that is in the longer
MIN_SHINGLES = 25  # shorter texts are copies only where they are equal
LEAD = 60  # shingles: what trimmed copies keep


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What telling copies takes: sorted hashes of the shingles of an article, and those of its beginning, in order."""

    doc_id: str
    day: str
    shingles: np.ndarray
    lead: np.ndarray


def make_fingerprint(doc_id: str, day: str | None, text: str, left_out: Iterable[tuple[int, int]] = ()) -> Fingerprint:
    """Give the fingerprint of a text without the spans left out (menus, footers, "About us")."""
    kept, at = [], 0
    for start, end in sorted(left_out):
        kept.append(text[at : max(at, start)])
        at = max(at, end)
    words = key_of(" ".join([*kept, text[at:]])).split()
    hashes = [crc32(" ".join(words[i : i + SHINGLE]).encode()) for i in range(max(1, len(words) - SHINGLE + 1))] if words else []
    return Fingerprint(doc_id, day or "", np.unique(np.asarray(hashes, dtype=np.uint32)), np.asarray(hashes[: 3 * LEAD], dtype=np.uint32))


def find_duplicates(fingerprints: Sequence[Fingerprint]) -> dict[str, str]:
    """Give doc_id of each near-copy -> doc_id of the first of its group: published first, then of the smallest id.

    Candidates come from MinHash LSH (datasketch, fixed seed) over whole articles and over their beginnings; each is verified by the
    exact Jaccard similarity or the exact containment of its shingles, so the result doesn't hang on the hashing.
    """
    prints = sorted((f for f in fingerprints if len(f.shingles)), key=lambda f: (f.day or "9999", f.doc_id))
    groups = Groups(len(prints))
    for i, j in find_candidates(prints):
        low, high = sorted((groups.root(i), groups.root(j)))
        if low != high and is_copy(prints[i].shingles, prints[j].shingles):
            groups.join(high, low)
    return {prints[i].doc_id: prints[root].doc_id for i in range(len(prints)) if (root := groups.root(i)) != i}


def find_candidates(prints: Sequence[Fingerprint]) -> Iterator[tuple[int, int]]:
    """Give pairs that may be copies: equal texts, articles or beginnings that seem alike."""
    by_text: dict[bytes, int] = {}
    distinct = []
    for i, fingerprint in enumerate(prints):
        first = by_text.setdefault(fingerprint.shingles.tobytes(), i)
        if first != i:
            yield first, i
        else:
            distinct.append(i)
    empty = MinHash(num_perm=PERMUTATIONS, seed=SEED, hashfunc=int)
    for attribute, threshold in (("shingles", CANDIDATE), ("lead", CANDIDATE)):
        index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, weights=(0.2, 0.8))
        seen: dict[tuple[int, int], None] = {}
        for i in distinct:
            values = getattr(prints[i], attribute)
            if len(values) < MIN_SHINGLES:
                continue
            signature = empty.copy()
            signature.update_batch(values.tolist())
            for j in index.query(signature):
                seen[j, i] = None
            index.insert(i, signature)
        yield from sorted(seen)


def is_copy(left: np.ndarray, right: np.ndarray) -> bool:
    """One is a near-copy of the other, by the exact overlap of their shingles."""
    if min(len(left), len(right)) < MIN_SHINGLES:
        return bool(np.array_equal(left, right))
    shared = len(np.intersect1d(left, right, assume_unique=True))
    union = len(left) + len(right) - shared
    return shared / union >= JACCARD or shared / min(len(left), len(right)) >= CONTAINMENT


def group_sources(doc_ids: Iterable[str], duplicate_of: Mapping[str, str]) -> dict[str, list[str]]:
    """Give the first article of each group -> all of its group, sorted."""
    groups: dict[str, list[str]] = defaultdict(list)
    for doc_id in sorted(doc_ids):
        groups[duplicate_of.get(doc_id, doc_id)].append(doc_id)
    return dict(groups)


def domain_of(url: str | None) -> str | None:
    """Give the host of an address without www, lower case."""
    match = re.match(r"(?:[a-z]+:)?//(?:[^/@]*@)?(?:www\.)?([^/:?#]+)", (url or "").strip().casefold())
    return match.group(1) if match else None
