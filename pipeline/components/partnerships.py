"""Partnerships of an article: which organisations cooperate, how firmly, by which instruments, in what."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components import attributes
from pipeline.components.events import instrument_of
from pipeline.dates import bounds
from pipeline.labels import STATUSES
from pipeline.schema import STATUS_STRENGTH, Event, Mention, Organization, Partnership

attributes.register()


@Language.factory(
    "partnerships",
    requires=["doc._.organizations", "doc._.areas", "doc._.events"],
    assigns=["doc._.partnerships"],
    default_config={"min_score": 0.5, "min_party": 0.5},
)
def make_partnerships(nlp: Language, name: str, min_score: float, min_party: float) -> "Partnerships":
    return Partnerships(min_score, min_party)


@dataclass(slots=True)
class Pair:
    """Two organisations with what the model says of their mentions: the probability that they cooperate, and of each status."""

    a: Organization
    b: Organization
    score: float
    statuses: NDArray[np.float64]
    source: str
    areas: list[str] = field(default_factory=list)


class Partnerships:
    """Set doc._.partnerships (in the order of the organisations), and the parties of areas and events.

    A pair is one that the encoder finds in two mentions that stand near each other, or two organisations that the article shows as
    parties and never side by side. A unit stands back where its parent is in a pair with the same partner.
    """

    def __init__(self, min_score: float, min_party: float) -> None:
        self.min_score = min_score
        self.min_party = min_party

    def __call__(self, doc: Doc) -> Doc:
        doc._.partnerships = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Partnership]:
        scores = party_scores(doc)
        pairs = [p for p in score_pairs(doc) if p.score >= self.min_score and min(scores[p.a.id], scores[p.b.id]) >= self.min_party]
        pairs = without_relatives([*pairs, *pair_leftovers(doc, pairs, scores, self.min_party)])
        places = Places(doc, pairs)
        for area in doc._.areas:
            near = places.pairs_at(area.start)
            area.parties = sorted({o.id for p in near for o in (p.a, p.b)}, key=number)
            for pair in near:
                pair.areas.append(area.status)
        events: dict[int, list[Event]] = defaultdict(list)
        for event in doc._.events:
            near = places.pairs_at(event.start)
            event.orgs = sorted({o.id for p in near for o in (p.a, p.b)}, key=number)
            for pair in near:
                events[id(pair)].append(event)
        instruments: dict[int, list[tuple[str, Mention]]] = defaultdict(list)
        for code, mention in find_instruments(doc):
            for pair in places.pairs_at(mention.start):
                instruments[id(pair)].append((code, mention))
        found = []
        for pair in pairs:
            mine = instruments[id(pair)]
            found.append(
                Partnership(
                    a=pair.a.id,
                    b=pair.b.id,
                    status=pair_status(pair),
                    instruments=sorted({code for code, _ in mine}),
                    events=events[id(pair)],
                    valid_until=find_term(doc, [m for _, m in mine]),
                    confidence=round(pair.score, 2),
                    source=pair.source,
                    evidence=[m for _, m in mine],
                )
            )
        return found


def number(identifier: str) -> int:
    return int(identifier[1:])


def score_pairs(doc: Doc) -> list[Pair]:
    """Every pair of organisations that share a sentence, as the encoder weighs them."""
    organizations: list[Organization] = doc._.organizations
    owner = {m.start: o for o in organizations for m in o.mentions}
    starts = sorted(owner)

    def org_at(start: int) -> Organization | None:
        at = bisect_right(starts, start + 4) - 1  # a leading article was cut off the mention
        return owner[starts[at]] if at >= 0 and abs(starts[at] - start) <= 4 else None

    rows: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    by_id = {o.id: o for o in organizations}
    for row in doc.spans["ORG"].attrs.get("pairs", []):
        a, b = org_at(int(row[0])), org_at(int(row[1]))
        if a is not None and b is not None and a is not b:
            key = (a.id, b.id) if number(a.id) < number(b.id) else (b.id, a.id)
            rows[key].append(row[2:])
    pairs = []
    for (a_id, b_id), found in sorted(rows.items(), key=lambda x: (number(x[0][0]), number(x[0][1]))):
        table = np.asarray(found)
        strength = np.sort(1.0 - table[:, 0])[::-1]
        score = float(strength[:2].mean()) if len(strength) > 1 else float(strength[0])
        statuses = (table[:, 1:] * (1.0 - table[:, :1])).sum(0)
        pairs.append(Pair(by_id[a_id], by_id[b_id], score, statuses, "encoder:pair"))
    return pairs


def pair_leftovers(doc: Doc, pairs: list[Pair], scores: dict[str, float], least: float) -> list[Pair]:
    """Pairs for parties that no sentence shows beside a partner: with the party that the article is most about."""
    organizations: list[Organization] = doc._.organizations
    covered = {o.id for p in pairs for o in (p.a, p.b)}
    parties = [o for o in organizations if scores[o.id] >= least]
    if not parties or not (doc._.areas or doc._.events):
        return []
    hub = max([o for o in organizations if o.id in covered] or parties, key=lambda o: (len(o.mentions), scores[o.id], -number(o.id)))
    out = []
    for party in parties:
        if party is not hub and party.id not in covered:
            a, b = sorted((party, hub), key=lambda o: number(o.id))
            out.append(Pair(a, b, min(scores[a.id], scores[b.id]), np.zeros(len(STATUSES)), "encoder:party"))
    return out


def party_scores(doc: Doc) -> dict[str, float]:
    """Organisation -> mean probability of its mentions that it is a party to some cooperation."""
    by_start: dict[int, float] = {}
    for layer in ("ORG", "STATE"):
        group = doc.spans[layer]
        for span, party in zip(group, group.attrs.get("party", []), strict=True):
            by_start[span.end_char] = party[1]
    out = {}
    for organization in doc._.organizations:
        mine = [by_start[m.end] for m in organization.mentions if m.end in by_start]
        out[organization.id] = sum(mine) / len(mine) if mine else 0.0
    return out


def without_relatives(pairs: list[Pair]) -> list[Pair]:
    """Pairs without those of a unit with its own parent, and of two pairs that differ in unit and parent only the likelier."""
    kept = [p for p in pairs if p.a.parent != p.b.id and p.b.parent != p.a.id]
    kept.sort(key=lambda p: -p.score)
    out: list[Pair] = []
    for pair in kept:
        if not any(_kin(pair, other) for other in out):
            out.append(pair)
    return sorted(out, key=lambda p: (number(p.a.id), number(p.b.id)))


def _kin(left: Pair, right: Pair) -> bool:
    def same(x: Organization, y: Organization) -> bool:
        return x is y or x.parent == y.id or y.parent == x.id

    return (same(left.a, right.a) and same(left.b, right.b)) or (same(left.a, right.b) and same(left.b, right.a))


class Places:
    """Which pairs a place in the text is about: those of its sentence, else of its paragraph, else all."""

    def __init__(self, doc: Doc, pairs: list[Pair]) -> None:
        self.pairs = pairs
        text = doc.text
        self.bounds = [sorted({s.start_char for s in doc.sents}), [0, *(m.end() for m in re.finditer(r"\n\s*\n", text))]]
        self.mentioned: list[dict[int, set[str]]] = []
        for starts in self.bounds:
            inside: dict[int, set[str]] = defaultdict(set)
            for organization in doc._.organizations:
                for mention in organization.mentions:
                    inside[bisect_right(starts, mention.start)].add(organization.id)
            self.mentioned.append(inside)

    def pairs_at(self, start: int) -> list[Pair]:
        for starts, inside in zip(self.bounds, self.mentioned, strict=True):
            here = inside.get(bisect_right(starts, start), set())
            near = [p for p in self.pairs if p.a.id in here and p.b.id in here]
            if near:
                return near
        return self.pairs


def find_instruments(doc: Doc) -> list[tuple[str, Mention]]:
    found = []
    for span in doc.spans["INST"]:
        code = instrument_of(span.text)
        if code:
            found.append((code, Mention(span.text, span.start_char, span.end_char)))
    return found


def find_term(doc: Doc, instruments: list[Mention]) -> str | None:
    """The end of an instrument's term in EDTF: a date behind "until", "valid through" in a sentence that names the instrument."""
    for mention in instruments:
        for date in doc._.dates:
            if 0 < date.start - mention.end < 160:
                between = doc.text[mention.end : date.start]
                if "." not in between and re.search(r"\b(?:until|till|through|expires? (?:on|in))\s*(?:the end of\s*)?$", between):
                    latest = bounds(date.value)[1]
                    return latest or str(date.value)
    return None


def pair_status(pair: Pair) -> str:
    """The likeliest status by the mentions; where they tell none, the strongest of its areas."""
    if pair.statuses.any():
        return STATUSES[int(pair.statuses.argmax())]
    return str(next((s for s in STATUS_STRENGTH if s in pair.areas), "proposed"))
