"""Partnerships of an article: which organisations cooperate, how firmly, by which instruments, in what."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components import attributes
from pipeline.components.attributes import text_of
from pipeline.components.events import instrument_of
from pipeline.components.linear import Labelling, choose_label
from pipeline.components.pairs import Weighed, number, weigh_pairs
from pipeline.components.sentences import read_bounds
from pipeline.components.statuses import find_cues
from pipeline.dates import bounds
from pipeline.labels import STATUSES
from pipeline.naming import key_of
from pipeline.schema import STATUS_STRENGTH, Event, Mention, Partnership

MIN_PROBABILITY = 0.02
MAX_TERM_CHARS = 160  # from an instrument to the end of its term
REACH = 20_000  # characters from a place in the text to the organisations that it may be about; most articles are shorter
UNTIL = re.compile(r"\b(?:until|till|through|expires? (?:on|in))\s*(?:the end of\s*)?$")
attributes.register()


@Language.factory(
    "partnerships",
    requires=["doc._.organizations", "doc._.areas", "doc._.events"],
    assigns=["doc._.partnerships"],
    default_config={"min_score": 0.24},
)
def make_partnerships(nlp: Language, name: str, min_score: float) -> "Partnerships":
    return Partnerships(min_score)


class Partnerships:
    """Set doc._.partnerships (in the order of the organisations), and the parties of areas and events.

    A pair is one whose weight (pipeline.components.pairs) reaches min_score.
    """

    def __init__(self, min_score: float) -> None:
        self.min_score = min_score

    def __call__(self, doc: Doc) -> Doc:
        doc._.partnerships = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Partnership]:
        pairs = without_variants([p for p in weigh_pairs(doc) if p.score >= self.min_score])
        told = tell_of_pairs(doc, pairs)
        terms = find_terms(doc, {mention.start: mention for tale in told for _, mention in tale.instruments}.values())
        found = []
        for pair, tale, labelling in zip(pairs, told, weigh_firmness(doc, pairs, told), strict=True):
            found.append(
                Partnership(
                    a=pair.a.id,
                    b=pair.b.id,
                    status=choose_label("firmness", labelling),
                    instruments=sorted({code for code, _ in tale.instruments}),
                    events=tale.events,
                    valid_until=next((terms[m.start] for _, m in tale.instruments if m.start in terms), None),
                    confidence=round(pair.score, 2),
                    source="pair_weights",
                    evidence=[m for _, m in tale.instruments],
                )
            )
        return found


@dataclass(slots=True)
class Tale:
    """What an article tells of a pair: the statuses of its areas, its events, its instruments and where they are named."""

    areas: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    instruments: list[tuple[str, Mention]] = field(default_factory=list)


def tell_of_pairs(doc: Doc, pairs: list[Weighed]) -> list[Tale]:
    """What is told of each pair; sets the parties of areas and events as it goes."""
    places = Places(doc, pairs)
    tales = {id(pair): Tale() for pair in pairs}
    for area in doc._.areas:
        near = places.pairs_at(area.start)
        area.parties = sorted({o.id for p in near for o in (p.a, p.b)}, key=number)
        for pair in near:
            tales[id(pair)].areas.append(area.status)
    for event in doc._.events:
        near = places.pairs_at(event.start)
        event.orgs = sorted({o.id for p in near for o in (p.a, p.b)}, key=number)
        for pair in near:
            tales[id(pair)].events.append(event)
    for code, mention in find_instruments(doc):
        for pair in places.pairs_at(mention.start):
            tales[id(pair)].instruments.append((code, mention))
    return [tales[id(pair)] for pair in pairs]


def weigh_firmness(doc: Doc, pairs: list[Weighed], tales: list[Tale]) -> list[Labelling]:
    """For each pair what speaks for every status."""
    if not pairs:
        return []
    starts = read_bounds(doc).starts
    cues: dict[int, set[str]] = defaultdict(set)
    for cue in find_cues(text_of(doc)):
        cues[bisect_right(starts, cue.start)].add(cue.status)
    out = []
    for pair, tale in zip(pairs, tales, strict=True):
        together = {bisect_right(starts, m.start) for m in pair.a.mentions} & {bisect_right(starts, m.start) for m in pair.b.mentions}
        near = {status for sentence in together for status in cues[sentence]}
        told = pair.statuses
        total = float(told.sum())
        strongest = next((s for s in STATUS_STRENGTH if s in tale.areas), None)
        values = {
            "encoder": np.log(np.maximum(told / total, MIN_PROBABILITY)) if total else np.zeros(len(STATUSES)),
            "encoder's choice": [float(total > 0 and int(told.argmax()) == k) for k in range(len(STATUSES))],
            "areas": [tale.areas.count(status) / max(1, len(tale.areas)) for status in STATUSES],
            "an area": [float(status in tale.areas) for status in STATUSES],
            "strongest area": [float(status == strongest) for status in STATUSES],
            "cue": [float(status in near) for status in STATUSES],
        }
        clues = ["any", *dict.fromkeys(f"event {event.type}" for event in tale.events)]
        clues += dict.fromkeys(f"instrument {code}" for code, _ in tale.instruments)
        clues += ["no areas"] if not tale.areas else []
        clues += ["countries"] if pair.a.type == pair.b.type == "country" else []
        out.append(Labelling(STATUSES, values, clues))
    return out


def without_variants(pairs: list[Weighed]) -> list[Weighed]:
    """Pairs without those one side of which is called as the other and more: a body and its branch or longer form, no two partners."""
    return [pair for pair in pairs if not _one_name(key_of(pair.a.name), key_of(pair.b.name))]


def _one_name(left: str, right: str) -> bool:
    return left.startswith(right + " ") or right.startswith(left + " ")


class Places:
    """Which pairs a place in the text is about: those of its sentence, else of its paragraph, else all, both sides being named within
    REACH.
    """

    def __init__(self, doc: Doc, pairs: list[Weighed]) -> None:
        self.pairs: dict[str, list[Weighed]] = defaultdict(list)  # by the id of their first side
        for pair in pairs:
            self.pairs[pair.a.id].append(pair)
        text = text_of(doc)
        self.bounds = [read_bounds(doc).starts, [0, *(m.end() for m in re.finditer(r"\n\s*\n", text))], [0]]
        sides = {o.id: o for pair in pairs for o in (pair.a, pair.b)}
        self.mentioned = sorted((mention.start, o.id) for o in sides.values() for mention in o.mentions)

    def pairs_at(self, start: int) -> list[Weighed]:
        """In their order."""
        for starts in self.bounds:
            n = bisect_right(starts, start)
            low = max(starts[n - 1] if n else 0, start - REACH)
            high = min(starts[n] if n < len(starts) else start + REACH, start + REACH)
            here = {o for _, o in self.mentioned[bisect_left(self.mentioned, (low, "")) : bisect_left(self.mentioned, (high, ""))]}
            near = [p for a in sorted(here, key=number) for p in self.pairs.get(a, ()) if p.b.id in here]
            if near:
                return near
        return []


def find_instruments(doc: Doc) -> list[tuple[str, Mention]]:
    found = []
    for span in doc.spans["INST"]:
        code = instrument_of(span.text)
        if code:
            found.append((code, Mention(span.text, span.start_char, span.end_char)))
    return found


def find_terms(doc: Doc, instruments: Iterable[Mention]) -> dict[int, str]:
    """Start of an instrument -> the end of its term in EDTF: a date behind "until", "valid through" in a sentence that names it."""
    text, dates = text_of(doc), doc._.dates
    starts = [date.start for date in dates]
    out = {}
    for mention in instruments:
        for date in dates[bisect_right(starts, mention.end) : bisect_left(starts, mention.end + MAX_TERM_CHARS)]:
            between = text[mention.end : date.start]
            if "." not in between and UNTIL.search(between):
                out[mention.start] = bounds(date.value)[1] or str(date.value)
                break
    return out
