"""Events of an article: triggers with their dates and instruments."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components import attributes
from pipeline.components.attributes import text_of
from pipeline.components.sentences import read_bounds
from pipeline.labels import EVENT_TYPES
from pipeline.lexicons import read_lexicon
from pipeline.schema import DateMention, Event

ANNOUNCED = re.compile(r"\bannounc(?:e|es|ed|ing)\b")
ANNOUNCED_GAP = 8  # characters to the day of the announcement, where it stands behind: "announced today"
attributes.register()


@cache
def instrument_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (entry["code"], re.compile(entry["pattern"], re.IGNORECASE))
        for entry in read_lexicon("instruments.jsonl", required=("code", "pattern"))
    )


def instrument_of(text: str) -> str | None:
    """Code of the legal form that a stretch of text names, the first that fits in the order of instruments.jsonl."""
    return next((code for code, pattern in instrument_patterns() if pattern.search(text)), None)


@Language.factory(
    "events",
    requires=["doc.spans", "doc.sents", "doc._.dates"],
    assigns=["doc._.events"],
    default_config={"min_score": 0.4},
)
def make_events(nlp: Language, name: str, min_score: float) -> "Events":
    return Events(min_score)


class Events:
    """Set doc._.events from doc.spans["EVENT"]: one event a type and date; orgs are left to the component that finds partnerships."""

    def __init__(self, min_score: float) -> None:
        self.min_score = min_score

    def __call__(self, doc: Doc) -> Doc:
        doc._.events = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Event]:
        group = doc.spans["EVENT"]
        text, sents = text_of(doc), read_bounds(doc)
        named = sorted((m.start, p.id) for p in doc._.people for m in p.mentions)
        found: list[Event] = []
        for span, score, types in zip(group, group.attrs.get("scores", []), group.attrs.get("event_type", []), strict=True):
            if score < self.min_score:
                continue
            n = bisect_right(sents.tokens, span.start) - 1
            kind = EVENT_TYPES[int(np.argmax(types))]
            start, end = sents.starts[n], sents.ends[n]
            people = {identifier for _, identifier in named[bisect_left(named, (start, "")) : bisect_left(named, (end, ""))]}
            found.append(
                Event(
                    type=kind,
                    date=event_date(doc, start, end, span.start_char),
                    start=span.start_char,
                    end=span.end_char,
                    sentence=(start, sents.ends[bisect_right(sents.tokens, span.end - 1) - 1]),
                    orgs=[],
                    people=sorted(people),
                    instrument=instrument_of(text[start:end]) if kind == "signing" else None,
                    confidence=round(float(score * max(types)) ** 0.5, 2),
                    source="encoder:EVENT",
                )
            )
        return merge_events(found)


def event_date(doc: Doc, start: int, end: int, trigger: int) -> str | None:
    """The date of the trigger's sentence that is nearest to it, those of no day only where no other is.

    The day on which it was announced is not the day on which it happened: "today announced that it has signed".
    """
    dates: list[DateMention] = doc._.dates
    low, high = (bisect_left(dates, at, key=lambda d: d.start) for at in (start, end))
    inside = [d for d in dates[low:high] if not d.value.endswith("/..")]
    announced = ANNOUNCED.search(text_of(doc), start, trigger)
    if announced:
        inside = [d for d in inside if d.start > announced.end() + ANNOUNCED_GAP]
    if not inside:
        return None
    exact = [d for d in inside if len(d.value) >= 10] or inside
    return min(exact, key=lambda d: abs(d.start - trigger)).value


def merge_events(events: list[Event]) -> list[Event]:
    """One event a type and date, in text order.

    An undated mention is taken for the event of its type that is dated; where there is none, it happened when the dated event told
    before it did ("A delegation came on 3 May. … A memorandum was signed.").
    """
    dated = sorted((e for e in events if e.date is not None), key=lambda e: e.start)
    starts = [e.start for e in dated]
    kept: dict[tuple[str, str | None], Event] = {}
    of_type: dict[str, Event] = {}
    people: dict[int, set[str]] = {}  # id() of an event told more than once -> people of all its mentions
    for event in [*dated, *sorted((e for e in events if e.date is None), key=lambda e: e.start)]:
        k = bisect_left(starts, event.start)
        if event.date is None and event.type not in of_type and k:
            event.date = dated[k - 1].date
        twin = of_type.get(event.type) if event.date is None else kept.get((event.type, event.date))
        if twin is None:
            kept[event.type, event.date] = event
            of_type.setdefault(event.type, event)
        else:
            people.setdefault(id(twin), set(twin.people)).update(event.people)
            twin.instrument = twin.instrument or event.instrument
    for event in kept.values():
        if id(event) in people:
            event.people = sorted(people[id(event)])
    return sorted(kept.values(), key=lambda e: e.start)
