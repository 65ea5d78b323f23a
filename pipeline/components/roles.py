"""Roles of people: who holds each, and at which organisation."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from spacy.tokens import Doc

from pipeline.components.holders import Holder, find_holders
from pipeline.components.layout import Layout
from pipeline.components.linear import logit, probability, shares
from pipeline.components.seats import Seat, choose_seat, find_seats, role_words
from pipeline.geography import find_country
from pipeline.schema import Mention, Person, Role

DESTINATION = re.compile(  # behind it the envoy's name may follow, with titles: "to Kenya H.E. Mrs. …"
    r"\s+(?:of\s+(?:the\s+)?(?:[A-Z][\w.’'-]+\s+(?:of\s+|and\s+)?){1,5})?"
    r"(?P<to>to\s+(?:the\s+)?[A-Z][\w.’'-]*(?:\s+(?:of\s+|and\s+|the\s+)*(?!H\.\s?E\b|(?:HE|Mr|Mrs|Ms|Dr|Prof)\b)[A-Z][\w.’'-]*){0,4})"
)
MAX_DESTINATION_CHARS = 90
MAX_NOBODY = 0.6  # a role that is likelier to be nobody's is left out
# where two patterns could share white space, only one of them may begin in it: long runs of it take no longer
JOINT = re.compile(r"(?:(?<!\s)\s+)?,\s+|(?<!\s)\s+(?:and|&)\s+")

FIELD = re.compile(r",|\s(?:of|for|in|at|from|to)\s")  # what begins behind the words that say which office
PLURAL_S = re.compile(r"s\b")
DOERS = re.compile(r"(?:[eo]r|ist|ian|ant|ent|mate|man|lead|fellow)s\Z")  # endings of who does something, in the plural
LISTED_NAMES = re.compile(r"\s*(?:[,;&/]|\band\b|,\s*and\b)\s*(?:[A-Z][A-Za-z]{1,4}\.?\s+){0,2}")  # with titles before the next name


class Holders(NamedTuple):
    """Who may hold a role: index of a span of doc.spans["PER"] -> person, and the mentions of people in text order."""

    person_of: dict[int, Person]
    mentions: list[tuple[Mention, Person]]


class Held(NamedTuple):
    """A role with its holder, the encoder's score, the holder's chance, its wording and bounds, and where it may be held."""

    person: Person
    score: float
    chance: float
    text: str
    start: int
    end: int
    seats: list[Seat]


def add_roles(doc: Doc, holders: Holders) -> None:
    """Give each role to the likeliest holder, at the likeliest seat."""
    for held in find_roles(doc, holders):
        seat, sure, why = choose_seat(held.seats)
        confidence = round(probability("role", weigh_role(held, seat, sure)), 2)
        role = Role(held.text, seat.org.id if seat.org else None, held.start, held.end, confidence, f"encoder:ROLE+{why}")
        if not any(_repeats(r, role) for r in held.person.roles):
            held.person.roles.append(role)


def weigh_role(held: Held, seat: Seat, sure: float) -> dict[str, float]:
    """Features that tell whether a role is held by this person at this organisation."""
    return {
        "bias": 1.0,
        "encoder": logit(held.score),
        "holder": logit(held.chance),
        "seat": logit(sure),
        "nowhere": float(seat.org is None),
        "words": math.log(len(held.text.split())),
    }


def find_roles(doc: Doc, holders: Holders) -> Iterator[Held]:
    """Every role that somebody holds, in text order."""
    layout = Layout(doc, holders.mentions)
    group = doc.spans["ROLE"]
    names: dict[str, list[Mention]] = defaultdict(list)
    for mention, person in holders.mentions:
        names[person.id].append(mention)
    org_of = _org_ids(doc, layout)
    for (start, end, score, options), to_org in zip(weigh_holders(doc, layout, holders), group.attrs.get("role_org", []), strict=True):
        nobody, *chances = shares("holder", [option.features for option in options])
        if nobody > MAX_NOBODY or not chances:
            continue
        holder = options[1 + chances.index(max(chances))].person
        assert holder is not None
        linked: dict[str, float] = defaultdict(float)
        for target, share in to_org:
            if int(target) in org_of:
                linked[org_of[int(target)]] += share
        unlinked = next((share for target, share in to_org if target < 0), 0.0)
        name = nearest(names[holder.id], start, end)
        together = [(name, holder), *(listed_with(name, start, layout) if is_plural(layout.text, start, end) else ())]
        for text, begin, close in split_role(layout.text[start:end], start):
            text = with_destination(text, layout.text[close : layout.before_next_name(close, MAX_DESTINATION_CHARS)])
            for mention, person in together:
                seats = find_seats(layout, text, begin, close, mention, person.name, linked, unlinked)
                yield Held(person, score, max(chances), text, begin, close, seats)


def is_plural(text: str, start: int, end: int) -> bool:
    """Whether the role that stands there is told of several: "deans", "Vice Presidents of X"; the s may lie outside."""
    office = FIELD.split(text[start:end], maxsplit=1)[0]
    last = office.split()[-1].casefold() if office.strip() else ""
    inside = last.endswith("s") and (last[:-1] in role_words("head") or DOERS.search(last) is not None)
    return inside or (start + len(office) == end and PLURAL_S.match(text, end) is not None)


def listed_with(name: Mention, start: int, layout: Layout) -> Iterator[tuple[Mention, Person]]:
    """Who is named in one list with a holder: on the holder's side of the role that begins at start, away from it."""
    step = 1 if name.start >= start else -1
    at = bisect_left(layout.person_starts, name.start)
    while 0 <= at + step < len(layout.people):
        left, right = sorted((layout.people[at][0], layout.people[at + step][0]), key=lambda m: m.start)
        if LISTED_NAMES.fullmatch(layout.text, left.end, right.start) is None:
            return
        at += step
        yield layout.people[at]


def nearest(mentions: list[Mention], start: int, end: int) -> Mention:
    """The mention that is nearest to a stretch of the text, the first of equals; mentions: in text order, none in another."""
    first, behind = (bisect_left(mentions, at, key=lambda m: m.start) for at in (start, end))
    return min(mentions[max(0, first - 1) : behind + 1], key=lambda m: max(m.start - end, start - m.end))


def weigh_holders(doc: Doc, layout: Layout, holders: Holders) -> Iterator[tuple[int, int, float, list[Holder]]]:
    """(start, end, score, who may hold it) of every span of doc.spans["ROLE"]."""
    group = doc.spans["ROLE"]
    for span, score, to_person in zip(group, group.attrs.get("scores", []), group.attrs.get("role_person", []), strict=True):
        linked: dict[str, float] = defaultdict(float)
        for target, share in to_person:
            if int(target) in holders.person_of:
                linked[holders.person_of[int(target)].id] += share
        end = layout.end_of_role(span.start_char, span.end_char)
        yield span.start_char, end, score, find_holders(layout, span.start_char, end, score, linked)


def _org_ids(doc: Doc, layout: Layout) -> dict[int, str]:
    """Index of a span of doc.spans["ORG"] -> id of the organisation that it is a mention of."""
    out = {}
    for index, span in enumerate(doc.spans["ORG"]):
        at = layout.org_at(span.start_char, span.end_char)
        if at is not None:
            out[index] = at.id
    return out


def _repeats(old: Role, new: Role) -> bool:
    """The same role again, at the same organisation or once only with one that is told."""
    return old.role.casefold() == new.role.casefold() and (old.org == new.org or new.org is None)


def split_role(text: str, start: int) -> list[tuple[str, int, int]]:
    """ "Chairman and CEO" is two roles: split at "and" where the words on both sides begin or end with a noun of office."""
    heads = role_words("head")
    for joint in JOINT.finditer(text):
        left, right = text[: joint.start()].split(), text[joint.end() :].split()
        if not left or not right:
            continue
        opens = right[0].casefold() in heads or (right[0].isupper() and len(right[0]) > 2)
        closes = right[-1].casefold() in heads and left[-1].casefold() in heads
        if (opens and left[0].casefold() in heads) or (opens and left[-1].casefold() in heads) or closes:
            cut = start + joint.end()
            return [(" ".join(left), start, start + joint.start()), *split_role(text[joint.end() :], cut)]
    return [(" ".join(text.split()), start, start + len(text))] if text.strip() else []


def with_destination(role: str, after: str) -> str:
    """ "Ambassador" with the country that it is sent to: "Ambassador (of Singapore) to Uzbekistan" -> "Ambassador to Uzbekistan"."""
    if role.split()[-1].casefold() not in role_words("envoy"):
        return role
    found = DESTINATION.match(after)
    return f"{role} {' '.join(found.group('to').split())}" if found and find_country(found.group("to"), with_places=False) else role
