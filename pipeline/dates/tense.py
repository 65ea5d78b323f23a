"""Whether the clause around a date tells of what was or of what is to come."""

from __future__ import annotations

import re

from pipeline.dates.words import words

REACH = 240  # characters on either side in which a clause is looked for
SENTENCE_END = re.compile(r"[.!?;]\s+(?=[A-Z\u201c\"(])|\n")
WORD = re.compile(r"[A-Za-z]+|['\u2019](?:ll|s)\b")
FUTURE_PHRASE = re.compile(
    r"\b(?:(?:is|are) (?:set |scheduled |due |expected |planned |slated )?to\b|(?:was|were) (?:due )?to\b"
    r"|to be\b|will\b|shall\b|going to\b)|['\u2019]ll\b",
    re.I,
)
DEADLINE = re.compile(r"\b(?:until|till|through|into|deadline|(?:no|not) later than|expir\w+|starting)\W+(?:\w+\W+){0,2}$", re.I)
LASTED = re.compile(r"\b(?:was|were|ran|lasted|stayed|remained|served|worked|continued)\b", re.I)
FUTURE_AFTER_PAST = 6  # words that a "will" reaches on over a participle: "will probably be held on"


def tense_at(text: str, start: int, end: int) -> str | None:
    """Give "past" or "future" by the verb nearest to a date in its sentence, else None.

    Verbs before the date outweigh those after it. An end that is set ("until 15 May") lies ahead, but where something
    "was open until 15 May" nothing is told.
    """
    before = text[max(0, start - REACH) : start]
    after = text[end : end + REACH]
    ends = [match.end() for match in SENTENCE_END.finditer(before)]
    before = before[ends[-1] :] if ends else before
    stop = SENTENCE_END.search(after)
    after = after[: stop.start()] if stop else after
    if DEADLINE.search(before):
        return None if LASTED.search(before) and not FUTURE_PHRASE.search(before) else "future"
    return nearest(before, backwards=True) or nearest(after, backwards=False)


def nearest(clause: str, *, backwards: bool) -> str | None:
    """Give the tense of the nearest verb of a stretch of text; a future auxiliary governs the participle after it."""
    found = [(match.start(), match[0].lower()) for match in WORD.finditer(clause)]
    futures = {match.start() for match in FUTURE_PHRASE.finditer(clause)}
    marks: list[tuple[int, str]] = []
    for place, (start, word) in enumerate(found):
        if start in futures or word in words("future"):
            marks.append((place, "future"))
        elif word in words("past") or (word.endswith("ed") and len(word) > 4):
            marks.append((place, "past"))
    if not marks:
        return None
    if not backwards:
        return marks[0][1]
    place, tense = marks[-1]
    if tense == "past" and any(t == "future" and place - p <= FUTURE_AFTER_PAST for p, t in marks):
        return "future"
    return tense
