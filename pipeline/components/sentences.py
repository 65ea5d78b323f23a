"""Sentence boundaries by punctuation, abbreviations and line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components.attributes import text_of

BOUNDS = "coop_bounds"  # key in doc.user_data
NO_START = np.uint64(2**64 - 1)  # spaCy's -1: known to begin no sentence
ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "messrs",
        "dr",
        "prof",
        "profs",
        "assoc",
        "asst",
        "eng",
        "h.e",
        "st",
        "sr",
        "jr",
        "rev",
        "hon",
        "gov",
        "sen",
        "rep",
        "gen",
        "col",
        "lt",
        "capt",
        "maj",
        "sgt",
        "adm",
        "amb",
        "pres",
        "no",
        "nos",
        "vol",
        "pp",
        "fig",
        "al",
        "etc",
        "e.g",
        "i.e",
        "vs",
        "cf",
        "approx",
        "est",
        "dept",
        "univ",
        "inst",
        "inc",
        "ltd",
        "co",
        "corp",
        "bros",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "a.m",
        "p.m",
        "u.s",
        "u.k",
        "u.n",
        "e.u",
        "ph.d",
        "m.d",
        "b.a",
        "m.a",
        "s.a",
        "acad",
        "arch",
        "fr",
        "mt",
        "ft",
        "ave",
        "blvd",
        "rd",
        "tel",
        "ext",
        "art",
        "sec",
        "engr",
        "atty",
        "brig",
        "cmdr",
        "insp",
        "supt",
        "smt",
        "shri",
        "govt",
        "pvt",
        "pte",
        "sdn",
    ]
)
ENDS = frozenset([".", "!", "?", "…", "。", "！", "？", "?!", "!!", "..."])
CLOSERS = frozenset(['"', "'", "”", "’", "»", ")", "]", "''"])
LIST_ITEM = re.compile(r"[ \t]*(?:[-*•·–—▪●◦#>]|\(?\d{1,2}[.)]|\(?[a-zA-Z][.)]|\(?[ivx]{1,4}[.)])\s")
LABEL = re.compile(r"[A-Z]\w{0,20}(?: \w{1,20})?:\s")  # "Source: …" goes on no sentence
MIN_WRAP = 50  # characters: shorter lines are not taken for wrapped ones
WRAP_SLACK = 24


@Language.factory("sentences", assigns=["token.is_sent_start", "doc.sents"])
def make_sentences(nlp: Language, name: str) -> "Sentences":
    return Sentences()


class Sentences:
    """Set doc.sents: a sentence ends at its final mark or at the end of its line.

    The end of a line ends no sentence where the paragraph is wrapped (lines of like length, none an item of a list).
    """

    def __call__(self, doc: Doc) -> Doc:
        if len(doc):
            flags = np.full(len(doc), NO_START, dtype=np.uint64)
            flags[[0, *find_sentence_starts(doc)]] = 1
            # all at once: the setter of a token looks through the whole Doc, every time
            doc.from_array(["SENT_START"], flags[:, None])  # type: ignore[arg-type]  # spaCy's stub has array types of its own
            doc.user_data.pop(BOUNDS, None)
        return doc


class Bounds(NamedTuple):
    """Where the sentences of a Doc lie, each list in order: their first tokens, and the offsets of their first characters and behind
    their last.
    """

    tokens: list[int]
    starts: list[int]
    ends: list[int]


def read_bounds(doc: Doc) -> Bounds:
    """The bounds of doc.sents, without a Span for each; read once, when the first component asks."""
    if BOUNDS not in doc.user_data:
        doc.user_data[BOUNDS] = find_bounds(doc)
    return Bounds(*doc.user_data[BOUNDS])


def find_bounds(doc: Doc) -> Bounds:
    if not len(doc):
        return Bounds([], [], [])
    flags, offsets, lengths = doc.to_array(["SENT_START", "IDX", "LENGTH"]).astype(np.int64).T
    tokens = np.flatnonzero(flags == 1)
    tokens = tokens if len(tokens) and not tokens[0] else np.append(0, tokens)
    return Bounds(tokens.tolist(), offsets[tokens].tolist(), (offsets + lengths)[np.append(tokens[1:], len(doc)) - 1].tolist())


def find_sentence_starts(doc: Doc) -> set[int]:
    """Indices of tokens that begin a sentence."""
    text = text_of(doc)
    tokens = doc.to_array(["IDX", "LENGTH", "IS_SPACE", "SPACY"]).tolist()
    soft = set(find_soft_line_ends(text))
    starts: set[int] = set()
    after_end = False  # a final mark was read, closers may follow
    for i, (at, length, is_space, _) in enumerate(tokens):
        if not after_end and text[at + length - 1].isalnum():
            continue  # ends nothing
        word = text[at : at + length]
        if is_space:
            if "\n" in word and any(at + k not in soft for k, c in enumerate(word) if c == "\n"):
                if i + 1 < len(tokens):
                    starts.add(i + 1)
                after_end = False
            continue
        if after_end and word not in CLOSERS and word not in ENDS:
            if not _goes_on(word):
                starts.add(i)
            after_end = False
        if word in ENDS:
            before, before_length, _, spaced = tokens[i - 1] if i else (0, 0, 0, 1)
            if word != "." or spaced or not _is_abbreviation(text[before : before + before_length]):
                after_end = True
        elif len(word) > 1 and word[-1] in ".!?" and not _is_abbreviation(word):
            after_end = word[-1] != "." or not _keeps_its_dot(word)
    return starts


def find_soft_line_ends(text: str) -> Iterator[int]:
    """Offsets of line ends inside wrapped paragraphs."""
    start = 0
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        if len(lines) > 1:
            full = lines[:-1]
            width = max(len(line) for line in lines)
            wrapped = width >= MIN_WRAP and width <= 140 and all(width - len(line) <= WRAP_SLACK for line in full)
            at = start
            for line, after in zip(full, lines[1:], strict=True):
                at += len(line)
                if (wrapped or after[:1].islower()) and not LIST_ITEM.match(after) and not LABEL.match(after) and line.strip():
                    yield at
                at += 1
        start += len(paragraph) + 2


def _keeps_its_dot(word: str) -> bool:
    return word.count(".") > 1 or (len(word) == 2 and word[0].isupper())


def _is_abbreviation(word: str) -> bool:
    word = word.rstrip(".")
    return word.casefold() in ABBREVIATIONS or word == "Ag" or (len(word) == 1 and word.isupper())  # "Ag. Dean"; "AG" is a legal form


def _goes_on(word: str) -> bool:
    """What follows a final mark belongs to the same sentence: a lower-case word, a comma."""
    return word[0].islower() or word in {",", ";", ":", "-", "–", "—"}
