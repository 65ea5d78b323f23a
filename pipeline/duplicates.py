"""Near-copies of one article: republished, trimmed, lightly edited."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from datasketch import MinHash, MinHashLSH

from pipeline.grouping import Groups
from pipeline.naming import key_of
from pipeline.rows import RowStore

SHINGLE = 3  # words
PERMUTATIONS = 96
SEED = 7
CANDIDATE = 0.3  # estimated Jaccard from which a pair is looked at
JACCARD, CONTAINMENT = 0.4, 0.6  # exact; containment is the share of the shorter article that is in the longer
MIN_SHINGLES = 25  # shorter texts are copies only where they are equal
LEAD = 60  # shingles: what trimmed copies keep
FINGERPRINTS = {"doc_id": "string", "day": "string", "shingles": "binary", "lead": "binary"}
ARTICLES_AT_A_TIME, PAIRS_AT_A_TIME = 2_000, 20_000
NEIGHBOURS = 50  # of the articles that share a band, in order of publication: more would be compared all with all where a form is filled in


def make_fingerprint(doc_id: str, day: str | None, text: str, left_out: Iterable[tuple[int, int]] = ()) -> dict[str, Any]:
    """Give what telling copies takes, of a text without the spans left out (menus, footers, "About us"), as a row of FINGERPRINTS.

    shingles: the sorted hashes of its shingles; lead: those of its beginning, in order.
    """
    kept, at = [], 0
    for start, end in sorted(left_out):
        kept.append(text[at : max(at, start)])
        at = max(at, end)
    words = key_of(" ".join([*kept, text[at:]])).split()
    hashes = [crc32(" ".join(words[i : i + SHINGLE]).encode()) for i in range(max(1, len(words) - SHINGLE + 1))] if words else []
    shingles, lead = np.unique(np.asarray(hashes, dtype=np.uint32)), np.asarray(hashes[: 3 * LEAD], dtype=np.uint32)
    return {"doc_id": doc_id, "day": day, "shingles": shingles.tobytes(), "lead": lead.tobytes()}


def find_duplicates(store: RowStore) -> dict[str, str]:
    """Give doc_id of each near-copy -> doc_id of the first of its group: published first, then of the smallest id.

    Candidates come from MinHash LSH (datasketch, fixed seed) over whole articles and over their beginnings; each is verified by the
    exact Jaccard similarity or the exact containment of its shingles, so the result doesn't hang on the hashing. Of articles that are
    made after one form by the thousand, each is compared with NEIGHBOURS of its kind.
    store: has the table "fingerprints", which goes.
    """
    order = "row_number() over (order by coalesce(day, '9999'), doc_id) - 1"
    store.sort("fingerprints", f"select *, {order} as i from fingerprints where octet_length(shingles) > 0 order by i")
    store.sort("fingerprints", "select *, min(i) over (partition by shingles) as first from fingerprints order by i")
    find_candidates(store)
    groups = Groups(store.count("fingerprints"))
    for pairs in store.read_chunks("candidates", PAIRS_AT_A_TIME):
        wanted = sorted({*pairs["low"], *pairs["high"]})
        rows = store.read("select i, shingles from fingerprints where i in (select unnest(?))", (wanted,))
        prints = {i: np.frombuffer(data, dtype=np.uint32) for i, data in zip(rows["i"], rows["shingles"], strict=True)}
        for i, j in zip(pairs["low"], pairs["high"], strict=True):
            low, high = sorted((groups.root(i), groups.root(j)))
            if low != high and is_copy(prints[i], prints[j]):
                groups.join(high, low)
    copies = [(i, root) for i in range(store.count("fingerprints")) if (root := groups.root(i)) != i]
    store.make("copies", {"i": "int64", "root": "int64"})
    store.add("copies", pd.DataFrame(copies, columns=["i", "root"]), {"i": "int64", "root": "int64"})
    found = store.read(
        "select one.doc_id as copy, other.doc_id as original from copies c"
        " join fingerprints one on one.i = c.i join fingerprints other on other.i = c.root"
    )
    store.drop("fingerprints", "candidates", "copies")
    return dict(zip(found["copy"], found["original"], strict=True))


def find_candidates(store: RowStore) -> None:
    """Make the table "candidates": pairs that may be copies, for their texts are equal, or articles or beginnings seem alike."""
    types = {"band": "int64", "i": "int64"}
    store.make("bands", types)
    for rows in store.read_chunks("fingerprints", ARTICLES_AT_A_TIME):
        distinct = rows[rows["first"] == rows["i"]]
        bands = [
            (band, i)
            for i, *prints in zip(distinct["i"], distinct["shingles"], distinct["lead"], strict=True)
            for number, data in enumerate(prints)
            for band in make_bands(np.frombuffer(data, dtype=np.uint32), number)
        ]
        store.add("bands", pd.DataFrame(bands, columns=list(types)), types)
    store.sort("bands", "select band, i, row_number() over (partition by band order by i) as place from bands order by band, i")
    store.sort(
        "candidates",
        "select distinct one.i as low, other.i as high from bands one join bands other"
        f" on one.band = other.band and other.place > one.place and other.place <= one.place + {NEIGHBOURS}"
        " union all select first, i from fingerprints where first < i order by all",
    )
    store.drop("bands")


@cache
def make_index() -> MinHashLSH:
    """Give the index whose bands are used: how many, and how wide."""
    return MinHashLSH(threshold=CANDIDATE, num_perm=PERMUTATIONS, weights=(0.2, 0.8))


@cache
def make_empty() -> MinHash:
    return MinHash(num_perm=PERMUTATIONS, seed=SEED, hashfunc=int)


def make_bands(shingles: np.ndarray, number: int) -> list[int]:
    """Give a hash of each band of the MinHash of a text, which texts that seem alike share; number: which of the texts of an article."""
    if len(shingles) < MIN_SHINGLES:
        return []
    signature = make_empty().copy()
    signature.update_batch(shingles.tolist())
    values = signature.hashvalues
    spans = enumerate(make_index().hashranges)
    digests = (blake2b(bytes((number, n)) + values[start:end].tobytes(), digest_size=8).digest() for n, (start, end) in spans)
    return [int.from_bytes(digest, "little", signed=True) for digest in digests]


def is_copy(left: np.ndarray, right: np.ndarray) -> bool:
    """One is a near-copy of the other, by the exact overlap of their shingles."""
    if min(len(left), len(right)) < MIN_SHINGLES:
        return bool(np.array_equal(left, right))
    shared = len(np.intersect1d(left, right, assume_unique=True))
    union = len(left) + len(right) - shared
    return shared / union >= JACCARD or shared / min(len(left), len(right)) >= CONTAINMENT


def domain_of(url: str | None) -> str | None:
    """Give the host of an address without www, lower case."""
    match = re.match(r"(?:[a-z]+:)?//(?:[^/@]*@)?(?:www\.)?([^/:?#]+)", (url or "").strip().casefold())
    return match.group(1) if match else None
