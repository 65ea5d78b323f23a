"""Tokens of a Doc -> word pieces with their case, and windows of whole sentences for the encoder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.sentences import read_bounds

CASES = ("lower", "title", "upper", "initial", "mixed", "digit", "other")
LINE_START = len(CASES)  # added to a case: the token begins a line
OTHER = CASES.index("other")
N_CASES = 2 * len(CASES)
WINDOW_PIECES = 256  # a window is closed before it grows beyond this
MAX_PIECES = 400  # a sentence beyond this is cut into windows of its own
MAX_WORD_PIECES = 24  # of longer words, addresses for the most part, the encoder sees the beginning
MAX_KNOWN = 50_000  # words whose pieces are kept


class Encoding(Protocol):
    @property
    def ids(self) -> list[int]: ...

    @property
    def word_ids(self) -> list[int | None]: ...


class Tokenizer(Protocol):
    def encode(self, sequence: list[str], *, is_pretokenized: bool, add_special_tokens: bool) -> Encoding: ...


@dataclass(frozen=True, slots=True)
class Window:
    """A run of tokens for the encoder: tokens[i] is the index in the Doc of the i-th word, first[i] the place of its first piece.

    ids and cases hold the pieces, [CLS] and [SEP] included.
    """

    ids: np.ndarray
    cases: np.ndarray
    tokens: np.ndarray
    first: np.ndarray


def case_of(word: str) -> int:
    """Index in CASES: what the letters of a word look like, which an uncased encoder can't see."""
    if word.islower():
        return 0
    if word.isupper():
        return 3 if len(word) == 1 else 2
    if word[:1].isupper() and word[1:].islower():
        return 1
    if word.isdigit():
        return 5
    return 4 if any(c.isalpha() for c in word) else 6


class Pieces(NamedTuple):
    """A word as the encoder sees it: ids of its pieces (at least one), their number before the longest were cut, and its case."""

    ids: tuple[int, ...]
    size: int
    case: int


class PieceCache:
    """A tokenizer that keeps the pieces of the words it has met; they depend on nothing but the word."""

    def __init__(self, tokenizer: Tokenizer, *, unknown_id: int) -> None:
        self.tokenizer = tokenizer
        self.unknown_id = unknown_id
        self.known: dict[str, Pieces] = {}

    def __call__(self, words: Sequence[str]) -> list[Pieces]:
        """The pieces of each word."""
        new = [word for word in dict.fromkeys(words) if word not in self.known]
        if new:
            if len(self.known) + len(new) > MAX_KNOWN:
                self.known.clear()
                new = list(dict.fromkeys(words))
            encoding = self.tokenizer.encode(new, is_pretokenized=True, add_special_tokens=False)
            found: list[list[int]] = [[] for _ in new]
            for piece, n in zip(encoding.ids, encoding.word_ids, strict=True):
                if n is not None:
                    found[n].append(piece)
            for word, ids in zip(new, found):
                self.known[word] = Pieces(tuple(ids[:MAX_WORD_PIECES]) or (self.unknown_id,), max(1, len(ids)), case_of(word))
        return [self.known[word] for word in words]


def make_windows(
    doc: Doc,
    tokenizer: Tokenizer | PieceCache,
    *,
    cls_id: int,
    sep_id: int,
    unknown_id: int,
    skip: Sequence[tuple[int, int]] = (),
) -> list[Window]:
    """Windows over the words of a Doc, in order, every word in exactly one; skip: character spans to leave out, in text order."""
    text = text_of(doc)
    offsets, lengths, spaces = doc.to_array(["IDX", "LENGTH", "IS_SPACE"]).astype(np.int64).reshape(-1, 3).T
    kept = spaces == 0
    if skip:
        starts, ends = np.asarray(skip, dtype=np.int64).T
        near = np.searchsorted(np.maximum.accumulate(ends), offsets, side="right")  # the first span that ends behind a token
        kept &= np.append(starts, len(text))[near] > offsets
    tokens = np.flatnonzero(kept)
    if not len(tokens):
        return []
    line_ends = np.zeros(len(offsets), dtype=np.int64)
    for i in np.flatnonzero(spaces).tolist():
        line_ends[i] = "\n" in text[offsets[i] : offsets[i] + lengths[i]]
    lines = np.cumsum(line_ends)[tokens]
    begins_line = np.diff(lines, prepend=-1) > 0
    spans = zip(offsets[tokens].tolist(), (offsets + lengths)[tokens].tolist())
    cache = tokenizer if isinstance(tokenizer, PieceCache) else PieceCache(tokenizer, unknown_id=unknown_id)
    words = cache([text[start:end] for start, end in spans])
    n_ids = np.asarray([len(word.ids) for word in words])
    ids = np.asarray([piece for word in words for piece in word.ids], dtype=np.int64)
    cases = np.repeat(np.asarray([word.case for word in words], dtype=np.int64) + LINE_START * begins_line, n_ids)
    first = np.cumsum(n_ids) - n_ids
    sents = np.searchsorted(read_bounds(doc).tokens, tokens, side="right")
    bounds = [0, *(np.flatnonzero(np.diff(sents)) + 1).tolist(), len(tokens)]
    windows = []
    for a, b in find_runs([word.size for word in words], bounds):
        low, high = int(first[a]), int(first[b]) if b < len(first) else len(ids)
        windows.append(
            Window(
                ids=np.concatenate(([cls_id], ids[low:high], [sep_id])),
                cases=np.concatenate(([OTHER], cases[low:high], [OTHER])),
                tokens=tokens[a:b],
                first=first[a:b] - low + 1,
            )
        )
    return windows


def find_runs(sizes: Sequence[int], bounds: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and end word of each window; sizes: the pieces of every word; bounds: where sentences begin, and the number of words."""
    start = size = 0
    for a, b in itertools.pairwise(bounds):
        n = sum(sizes[a:b])
        if a > start and size + n > WINDOW_PIECES:
            yield start, a
            start, size = a, 0
        if n <= MAX_PIECES:
            size += n
            continue
        for word in range(a, b):
            size += sizes[word]
            if size >= MAX_PIECES:
                yield start, word + 1
                start, size = word + 1, 0
    if start < bounds[-1]:
        yield start, bounds[-1]
