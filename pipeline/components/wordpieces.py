"""Tokens of a Doc -> word pieces with their case, and windows of whole sentences for the encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from spacy.tokens import Doc

CASES = ("lower", "title", "upper", "initial", "mixed", "digit", "other")
LINE_START = len(CASES)  # added to a case: the token begins a line
N_CASES = 2 * len(CASES)
WINDOW_PIECES = 160  # a window is closed before it grows beyond this
MAX_PIECES = 400  # a sentence beyond this is cut into windows of its own


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


def make_windows(
    doc: Doc,
    tokenizer: Tokenizer,
    *,
    cls_id: int,
    sep_id: int,
    unknown_id: int,
    skip: Sequence[tuple[int, int]] = (),
) -> list[Window]:
    """Windows over the words of a Doc, in order, every word in exactly one; skip: character spans to leave out."""
    words: list[int] = []
    sents: list[list[int]] = []
    k = 0
    line_start: set[int] = set()
    begins = True
    for sent in doc.sents:
        mine = []
        for token in sent:
            if token.is_space:
                begins = begins or "\n" in token.text
                continue
            while k < len(skip) and skip[k][1] <= token.idx:
                k += 1
            if k < len(skip) and skip[k][0] <= token.idx:
                continue
            if begins:
                line_start.add(token.i)
                begins = False
            mine.append(token.i)
        if mine:
            sents.append(mine)
            words += mine
    if not words:
        return []
    encoding = tokenizer.encode([doc[i].text for i in words], is_pretokenized=True, add_special_tokens=False)
    pieces: list[list[int]] = [[] for _ in words]
    for piece, word in zip(encoding.ids, encoding.word_ids, strict=True):
        if word is not None:
            pieces[word].append(piece)
    runs: list[list[int]] = []  # of positions in words
    run: list[int] = []
    size = 0
    at = 0
    for sent_words in sents:
        positions = list(range(at, at + len(sent_words)))
        at += len(sent_words)
        n = sum(max(1, len(pieces[p])) for p in positions)
        if run and size + n > WINDOW_PIECES:
            runs.append(run)
            run, size = [], 0
        if n > MAX_PIECES:
            for position in positions:
                run.append(position)
                size += max(1, len(pieces[position]))
                if size >= MAX_PIECES:
                    runs.append(run)
                    run, size = [], 0
        else:
            run += positions
            size += n
    if run:
        runs.append(run)
    windows = []
    for run in runs:
        ids, cases, first = [cls_id], [6], []
        for position in run:
            word = words[position]
            mine_ids = (pieces[position] or [unknown_id])[:24]
            case = case_of(doc[word].text) + (LINE_START if word in line_start else 0)
            first.append(len(ids))
            ids += mine_ids
            cases += [case] * len(mine_ids)
        windows.append(
            Window(
                ids=np.asarray([*ids, sep_id], dtype=np.int64),
                cases=np.asarray([*cases, 6], dtype=np.int64),
                tokens=np.asarray([words[p] for p in run], dtype=np.int64),
                first=np.asarray(first, dtype=np.int64),
            )
        )
    return windows
