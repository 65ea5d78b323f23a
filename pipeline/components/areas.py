"""Cooperation areas of an article: phrases with words left out restored, category, status, speaker."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span

from pipeline.components import attributes
from pipeline.components.speech import find_speakers
from pipeline.labels import CATEGORIES, SPAN_TASKS, STATUSES
from pipeline.schema import Area

attributes.register()
HEAD_END = frozenset(["of", "in", "on", "for", "between", "with", "to", "into", "at", "through", "from", "by", "about"])
MAX_SHARED_WORDS = 6
MAX_GAP_WORDS = 8  # between items of one list
NOT_AN_AREA = frozenset(
    [
        "cooperation", "collaboration", "partnership", "exchange", "exchanges", "friendship", "agreement", "relations", "ties",
        "relationship", "project", "projects", "programme", "program", "programmes", "programs", "activities", "initiatives",
        "fields", "areas", "development", "research",
    ]
) - {"research"}


@Language.factory(
    "cooperation_areas",
    requires=["doc.spans", "doc.sents", "doc._.people"],
    assigns=["doc._.areas"],
    default_config={"min_score": 0.3, "min_spoken": 0.5},
)
def make_areas(nlp: Language, name: str, min_score: float, min_spoken: float) -> "Areas":
    return Areas(min_score, min_spoken)


class Areas:
    """Set doc._.areas from doc.spans["AREA"], in text order; parties are left to the component that finds partnerships.

    An area said again in the same wording, status and speaker is kept once.
    """

    def __init__(self, min_score: float, min_spoken: float) -> None:
        self.min_score = min_score
        self.min_spoken = min_spoken

    def __call__(self, doc: Doc) -> Doc:
        doc._.areas = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Area]:
        group = doc.spans["AREA"]
        spans, attrs = list(group), group.attrs
        speakers = find_speakers(doc)
        sents = list(doc.sents)
        starts = [sent.start for sent in sents]
        areas: list[Area] = []
        seen: set[tuple[str, str, str | None]] = set()
        for index, text in restore(doc, spans, [int(np.argmax(p)) for p in attrs.get("ellipsis", [])]):
            span, score = spans[index], attrs["scores"][index]
            if score < self.min_score or text.casefold() in NOT_AN_AREA:
                continue
            category, status = np.asarray(attrs["category"][index]), np.asarray(attrs["status"][index])
            n = bisect_right(starts, span.start) - 1
            sent = sents[n]
            speaker = speakers.get(n) if attrs["spoken"][index][1] >= self.min_spoken else None
            area = Area(
                text=text,
                start=span.start_char,
                end=span.end_char,
                sentence=(sent.start_char, sents[bisect_right(starts, span.end - 1) - 1].end_char),
                category=CATEGORIES[int(category.argmax())],
                status=STATUSES[int(status.argmax())],
                parties=[],
                speaker=speaker,
                date=None,
                confidence=round(float(score * category.max() * status.max()) ** (1 / 3), 2),
                source="encoder:AREA",
            )
            key = (area.text.casefold(), area.status, area.speaker)
            if key not in seen:
                seen.add(key)
                areas.append(area)
        return areas


def restore(doc: Doc, spans: list[Span], kinds: list[int]) -> Iterator[tuple[int, str]]:
    """(index, wording) of each area; words that a list leaves out are taken from its neighbour.

    "exchange of students" + "teachers" -> "exchange of teachers"; "student" + "staff exchange" -> "student exchange".
    """
    names = SPAN_TASKS["ellipsis"]
    wordings = [" ".join(span.text.split()) for span in spans]
    for i, span in enumerate(spans):
        if names[kinds[i]] == "prefix" and i and _same_list(doc, spans[i - 1], span):
            head = shared_head(wordings[i - 1], span.text)
            if head:
                wordings[i] = f"{head} {wordings[i]}"
    for i in range(len(spans) - 2, -1, -1):
        if names[kinds[i]] == "suffix" and _same_list(doc, spans[i], spans[i + 1]):
            tail = shared_tail(wordings[i], wordings[i + 1])
            if tail:
                wordings[i] = f"{wordings[i]} {tail}"
    yield from enumerate(wordings)


def _same_list(doc: Doc, left: Span, right: Span) -> bool:
    between = doc[left.end : right.start]
    return len(between) <= MAX_GAP_WORDS and not any(t.is_sent_start for t in doc[left.end : right.start + 1]) and "." not in between.text


def shared_head(full: str, item: str) -> str:
    """The words that a list's item shares with the item before it: up to its last preposition that the item does not bring
    itself, else its first word, where that is a verb or an adjective of the whole list ("joint", "promote").
    """
    words = full.split()
    first = item.split()[0].casefold()
    ends = [i for i, w in enumerate(words[:-1]) if w.casefold() in HEAD_END]
    if first in HEAD_END:
        same = [i for i in ends if words[i].casefold() == first]
        return " ".join(words[: same[0]]) if same else " ".join(words[: ends[0]] if ends else words[:1])
    if ends:
        return " ".join(words[: min(ends[0] + 1, MAX_SHARED_WORDS)])
    return words[0] if len(words) > 1 else ""


def shared_tail(item: str, full: str) -> str:
    """The words that a list's item shares with the item behind it: from the first preposition or all but as many words as it has."""
    words = full.split()
    for i, word in enumerate(words):
        if word.casefold() in HEAD_END and i > 0:
            keep = 1 if re.search(r"(?:ing|ment|tion|ance|ence|or|op|ure|uct|age|ship)$", words[i - 1]) else 0
            return " ".join(words[i - (1 - keep) if keep == 0 and i > 1 else i :])
    return words[-1] if len(words) > 1 else ""
