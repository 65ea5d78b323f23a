"""Who speaks in each sentence: direct and indirect speech, carried on across sentences."""

from __future__ import annotations

import re
from functools import cache

from spacy.tokens import Doc, Span

from pipeline.lexicons import read_lexicon
from pipeline.schema import Person

OPENING, CLOSING = "“«", "”»"
PRONOUN = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)
MAX_SILENCE = 1  # sentences without a sign of speech that one who speaks may go on for


@cache
def speech_pattern() -> re.Pattern[str]:
    entries = read_lexicon("speech_verbs.jsonl", required=("forms",))
    forms = sorted({form for entry in entries for form in entry["forms"]}, key=lambda form: (-len(form), form))
    return re.compile(r"\b(?:" + "|".join(re.escape(f) for f in forms) + r")\b", re.IGNORECASE)


def find_speakers(doc: Doc) -> dict[int, str]:
    """Index of each sentence that a person's words make up -> id of that person."""
    text = doc.text
    sents = list(doc.sents)
    people: list[tuple[int, int, Person]] = sorted(((m.start, m.end, p) for p in doc._.people for m in p.mentions), key=lambda x: x[:2])
    quoted = quoted_at(text, sents)
    found: dict[int, str] = {}
    verbs: set[int] = set()
    last: str | None = None
    silence = 0
    at = 0
    for n, sent in enumerate(sents):
        while at < len(people) and people[at][1] <= sent.start_char:
            at += 1
        here = []
        k = at
        while k < len(people) and people[k][0] < sent.end_char:
            here.append(people[k])
            k += 1
        if "\n\n" in text[sents[n - 1].end_char : sent.start_char] and n and not quoted[n]:
            silence += 1
        verb = speech_pattern().search(outside_quotes(sent.text, quoted[n]))
        if verb:
            place = sent.start_char + verb.start()
            before = [p for p in here if p[0] < place]
            after = [p for p in here if p[0] >= place]
            if before and not PRONOUN.match(sent.text):
                last = before[-1][2].id if len(before) == 1 else _subject(text, before, place)
                silence = 0
            elif PRONOUN.search(sent.text[: verb.start()]) and last is not None:
                silence = 0
            elif after:
                last = after[0][2].id
                silence = 0
            elif last is None:
                continue
            if last is not None:
                found[n] = last
                verbs.add(n)
        elif quoted[n] and last is not None:
            found[n] = last
        elif here and not PRONOUN.match(sent.text):
            silence = MAX_SILENCE + 1
        elif last is not None and silence < MAX_SILENCE:
            found[n] = last
            silence += 1
        if silence > MAX_SILENCE:
            last, silence = None, 0
    for n in range(len(sents) - 1, 0, -1):  # a quotation whose speaker is named after it
        if n in verbs and quoted[n - 1] and n - 1 not in verbs:
            found[n - 1] = found[n]
    return found


def _subject(text: str, before: list[tuple[int, int, Person]], verb: int) -> str:
    """Of several people before the verb the first of the clause: one whose name follows no preposition."""
    for start, end, person in before:
        lead = text[max(0, start - 20) : start].casefold()
        if not re.search(r"\b(?:of|with|by|to|for|from|between)\s+(?:\S+\s+)?$", lead) and verb - end < 160:
            return person.id
    return before[-1][2].id


def quoted_at(text: str, sents: list[Span]) -> list[bool]:
    """Whether each sentence begins inside a quotation, or with one."""
    out = []
    inside = False
    for sent in sents:
        first = text[sent.start_char : sent.start_char + 2].lstrip("'‘")
        out.append(inside or first[:1] in OPENING + '"')
        for char in sent.text:
            if char in OPENING:
                inside = True
            elif char in CLOSING:
                inside = False
            elif char == '"':
                inside = not inside
        if "\n" in text[sent.end_char : sent.end_char + 2]:
            inside = False
    return out


def outside_quotes(text: str, inside: bool) -> str:
    """The text with quoted characters blanked, offsets kept."""
    out = []
    quoted = inside and text[:1] not in OPENING + '"'
    for char in text:
        if char in OPENING or (char == '"' and not quoted):
            quoted = True
        elif char in CLOSING or char == '"':
            quoted = False
            out.append(" ")
            continue
        out.append(" " if quoted else char)
    return "".join(out)
