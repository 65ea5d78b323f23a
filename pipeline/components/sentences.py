"""Sentence boundaries by punctuation, abbreviations and line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

ABBREVIATIONS = frozenset(
    [
        "mr", "mrs", "ms", "messrs", "dr", "prof", "profs", "assoc", "asst", "eng", "h.e", "st", "sr", "jr", "rev", "hon", "gov",
        "sen", "rep", "gen", "col", "lt", "capt", "maj", "sgt", "adm", "amb", "pres", "no", "nos", "vol", "pp", "fig", "al", "etc",
        "e.g", "i.e", "vs", "cf", "approx", "est", "dept", "univ", "inst", "inc", "ltd", "co", "corp", "bros", "jan", "feb", "mar",
        "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri",
        "sat", "sun", "a.m", "p.m", "u.s", "u.k", "u.n", "e.u", "ph.d", "m.d", "b.a", "m.a", "s.a", "acad", "arch", "fr", "mt",
        "ft", "ave", "blvd", "rd", "tel", "ext", "art", "sec",
    ]
)
ENDS = frozenset([".", "!", "?", "…", "。", "！", "？", "?!", "!!", "..."])
CLOSERS = frozenset(["\"", "'", "”", "’", "»", ")", "]", "''"])
LIST_ITEM = re.compile(r"[ \t]*(?:[-*•·–—▪●◦#>]|\(?\d{1,2}[.)]|\(?[a-zA-Z][.)]|\(?[ivx]{1,4}[.)])\s")
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
        starts = find_sentence_starts(doc)
        for i, token in enumerate(doc):
            token.is_sent_start = i == 0 or i in starts
        return doc


def find_sentence_starts(doc: Doc) -> set[int]:
    """Indices of tokens that begin a sentence."""
    text = doc.text
    soft = set(find_soft_line_ends(text))
    starts: set[int] = set()
    after_end = False  # a final mark was read, closers may follow
    for i, token in enumerate(doc):
        if token.is_space:
            if "\n" in token.text and any(
                token.idx + k not in soft for k, c in enumerate(token.text) if c == "\n"
            ):
                if i + 1 < len(doc):
                    starts.add(i + 1)
                after_end = False
            continue
        if after_end and token.text not in CLOSERS and token.text not in ENDS:
            if not _goes_on(doc, i):
                starts.add(i)
            after_end = False
        if token.text in ENDS and not (token.text == "." and _is_abbreviation(doc, i)):
            after_end = True
        elif len(token.text) > 1 and token.text[-1] in ".!?" and not _is_abbreviation(doc, i):
            after_end = token.text[-1] != "." or not _keeps_its_dot(token.text)
    return starts


def find_soft_line_ends(text: str) -> Iterator[int]:
    """Offsets of line ends inside wrapped paragraphs."""
    start = 0
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        if len(lines) > 1:
            full = lines[:-1]
            width = max(len(line) for line in lines)
            wrapped = width >= MIN_WRAP and width <= 140 and all(
                width - len(line) <= WRAP_SLACK for line in full
            )
            at = start
            for line, after in zip(full, lines[1:], strict=True):
                at += len(line)
                if (wrapped or after[:1].islower()) and not LIST_ITEM.match(after) and line.strip():
                    yield at
                at += 1
        start += len(paragraph) + 2


def _keeps_its_dot(word: str) -> bool:
    return word.count(".") > 1 or (len(word) == 2 and word[0].isupper())


def _is_abbreviation(doc: Doc, i: int) -> bool:
    word = doc[i].text
    if word == ".":
        if i == 0 or doc[i - 1].whitespace_:
            return False
        word = doc[i - 1].text
    word = word.rstrip(".")
    return word.casefold() in ABBREVIATIONS or (len(word) == 1 and word.isupper())


def _goes_on(doc: Doc, i: int) -> bool:
    """What follows a final mark belongs to the same sentence: a lower-case word, a comma."""
    text = doc[i].text
    return text[0].islower() or text in {",", ";", ":", "-", "–", "—"}
