"""Where a role is held: features of a role and each organisation of the article, weighed by a logistic choice."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from pipeline.components.layout import Layout, is_state
from pipeline.components.linear import choose, reason
from pipeline.geography import country_of_name
from pipeline.lexicons import read_lexicon
from pipeline.naming import stems
from pipeline.nationality import fits
from pipeline.schema import Mention, Organization

MAX_CANDIDATES = 40  # organisations, the ones named nearest to the role
HEAD_CHARS = 200  # of the article: its headline and first line
NONE = "none"  # what stands for no organisation in the names of features
OWNER = re.compile(r"(?P<name>[A-Z][\w.]+(?: (?:of |and |the )?[A-Z][\w.]+){0,3})(?:['’]s?)?\s+(?:the\s+)?\Z")
OF_STATE = re.compile(r"\s*,?\s*(?:of|from|for)\s+(?:the\s+)?(?P<name>[A-Z][\w.’'-]+(?: (?:of |and |the )?[A-Z][\w.’'-]+){0,4})")
GENERIC_BEHIND = re.compile(r"\s*,?\s*(?:of|at|for|from|in)\s+(?:the|this|that|our|said)\s+(?:\w+\s+)?(?P<noun>[A-Za-z]+)")
GENERIC_BEFORE = re.compile(r"\b(?:the|this|our)\s+(?:\w+\s+)?(?P<noun>[A-Za-z]+)['’]s?\s+(?:new\s+|former\s+)?\Z", re.IGNORECASE)
OURS = re.compile(r"\bour\s+(?:new\s+|own\s+)?\Z", re.IGNORECASE)
THEIRS = re.compile(r"\b(?:its|his|her|their|whose)\s+(?:\w+\s+)?\Z", re.IGNORECASE)
ACTS_FOR = re.compile(r"\b(?:for|from|on behalf of|represent(?:ing|ed|s))\s+(?:the\s+)?\Z", re.IGNORECASE)
ACTS_BY = re.compile(r"\b(?:by|through)\s+(?:(?:its|the|their)\s+)?(?:[\w.-]+\s+){0,2}\Z", re.IGNORECASE)
SIDE_CHARS = 60  # between a name or a role and the side that somebody signs for
WORD_CHARS = 30
ADJECTIVE_CHARS = 45  # before a role, for the country of its side: "for the Egyptian side, by Deputy Director"


@cache
def role_words(kind: str) -> frozenset[str]:
    """Words of role_words.jsonl of a kind, case-folded."""
    return frozenset(form for e in read_lexicon("role_words.jsonl", required=("kind", "forms")) if e["kind"] == kind for form in e["forms"])


@dataclass(slots=True)
class Seat:
    """An organisation where a role may be held (None: the text tells none) and the features that speak for or against it."""

    org: Organization | None
    features: dict[str, float]


def choose_seat(seats: list[Seat]) -> tuple[Seat, float, str]:
    """The likeliest seat, its probability among those given, and the feature that spoke for it most."""
    best, sure = choose("seat", [seat.features for seat in seats])
    return seats[best], sure, reason("seat", seats[best].features)


def role_head(role: str) -> str:
    """The noun of an office, case-folded: the last word before "of", "for" …: "Vice Dean of Studies" -> "dean"."""
    words = re.findall(r"[\w-]+", re.split(r"\s+(?:of|for|to|at|in|on|and)\s+|[,(]", role, maxsplit=1)[0])
    return words[-1].casefold() if words else ""


def is_state_office(role: str) -> bool:
    """Minister, ambassador, head of state or government: held at a state, not at an organisation that stands near."""
    words = [w.casefold() for w in re.findall(r"\w+", role)]
    return bool(set(words) & role_words("state")) or any(phrase in " ".join(words) for phrase in role_words("state phrase"))


def state_named(text: str, start: int, end: int) -> str | None:
    """Code of the country that is named right before the role ("Singapore's Minister") or behind it ("Minister of Trade of Peru")."""
    for found in (OWNER.search(text[max(0, start - 50) : start]), OF_STATE.match(text[end : end + 60])):
        words = found.group("name").split() if found else []
        for i in range(len(words)):
            for j in range(len(words), i, -1):
                code = country_of_name(" ".join(words[i:j]))
                if code:
                    return code
    return None


def generic_noun(text: str, start: int, end: int) -> str | None:
    """The noun for an organisation that is named elsewhere, behind the role or before it: "director of the bank", "the bank's director"."""
    found = GENERIC_BEHIND.match(text[end : end + 60]) or GENERIC_BEFORE.search(text[max(0, start - 40) : start])
    return found["noun"].casefold() if found else None


def sides_of(layout: Layout, low: int, high: int) -> tuple[Organization | None, Organization | None]:
    """Of a name with its role, from low to high: the organisation that the person acts for ("signed for X"), and the one that acts through
    the person ("X, represented by its Rector").
    """
    behind, before = layout.orgs_around(low, high)
    acts_for = behind is not None and ACTS_FOR.search(layout.text[max(high, behind[0].start - SIDE_CHARS) : behind[0].start]) is not None
    acts_by = before is not None and ACTS_BY.search(layout.text[max(before[0].end, low - SIDE_CHARS) : low]) is not None
    return (
        behind[1] if acts_for and behind is not None and behind[0].start - high <= SIDE_CHARS else None,
        before[1] if acts_by and before is not None and low - before[0].end <= SIDE_CHARS else None,
    )


def is_called(layout: Layout, o: Organization, noun: str) -> bool:
    """Whether a noun may stand for an organisation: its type, or a word of its names ("bank": "Padma Bank")."""
    return o.type == noun or noun in layout.wording(o).words


def country_beside(text: str, low: int, high: int) -> str | None:
    """Code of the last country or nationality that a stretch of the text names."""
    found = [code for word in re.finditer(r"[A-Z][\w’'-]+", text[low:high]) if (code := country_of_name(word.group()))]
    return found[-1] if found else None


def find_seats(
    layout: Layout, role: str, start: int, end: int, name: Mention, person: str, linked: dict[str, float], unlinked: float
) -> list[Seat]:
    """Candidates for the seat of a role that stands at start to end: no organisation first, then by the place of the nearest mention.

    name: the mention of its holder that is nearest; person: the holder's name. linked: organisation -> probability of the encoder's
    link to one of its mentions; unlinked: of none.
    """
    head, office = role_head(role), is_state_office(role)
    words = {w.casefold() for w in re.findall(r"\w+", role)}
    country = state_named(layout.text, start, end) if office else None
    low, high = layout.sentence(start)
    behind, owned, chained = layout.seats_beside(start, end)
    at_name = layout.orgs_beside_name(name.start, name.end)
    acts_for, acts_by = sides_of(layout, min(start, name.start), max(end, name.end))
    meant = stems(role)
    word_before = re.search(r"([\w’'-]+)[ ]\Z", layout.text[max(low, start - WORD_CHARS) : start])
    modifier = stems(word_before[1]) if word_before else frozenset()
    noun = generic_noun(layout.text, start, end)
    side = country_beside(layout.text, max(low, start - ADJECTIVE_CHARS), start) if not office else None
    lead_in = layout.text[max(0, start - 20) : start]
    ours, theirs = float(OURS.search(lead_in) is not None), float(THEIRS.search(lead_in) is not None)
    nearest: dict[str, int] = {}
    owners: dict[str, Organization] = {}
    inside: dict[str, list[int]] = defaultdict(list)
    for n in layout.mentions_near(start, MAX_CANDIDATES * 4):
        mention, o = layout.orgs[n]
        gap = max(mention.start - end, start - mention.end, 0)
        nearest[o.id] = min(gap, nearest.get(o.id, gap))
        owners[o.id] = o
        if low <= mention.start < high:
            inside[o.id].append(n)
    for far in (layout.lead, layout.main_state, layout.most_named):
        if far is not None:
            owners.setdefault(far.id, far)
            nearest.setdefault(far.id, min(max(m.start - end, start - m.end, 0) for m in far.mentions[:MAX_CANDIDATES]))
    before = [n for ns in inside.values() for n in ns if layout.orgs[n][0].end <= start]
    after = [n for ns in inside.values() for n in ns if layout.orgs[n][0].start >= end]
    last, first = max(before, default=-1), min(after, default=-1)
    line_before = layout.last_of_paragraph(start)
    at_home = {o.id: fits(person, o.country) if o.country else 0.0 for o in owners.values()}
    most_at_home = max(at_home.values(), default=0.0)
    seats = [
        Seat(
            None,
            {
                "none": 1.0,
                "none:unlinked": unlinked,
                "none:byline": float(bool(words & role_words("byline"))),
                "none:office": float(office),
                "none:office, no state": float(office and not layout.states),
                "none:office, other state": float(office and country is not None and not any(s.country == country for s in layout.states)),
                "none:no organisation in the sentence": float(not inside),
                "none:beside": float(behind is not None or owned is not None or chained is not None),
                f"{head}|{NONE}": 1.0,
            },
        )
    ]
    for identifier, o in sorted(owners.items(), key=lambda x: (nearest[x[0]], x[0]))[:MAX_CANDIDATES]:
        mine = inside.get(identifier, [])
        state = is_state(o)
        link = linked.get(identifier, 0.0)
        called = layout.wording(o).stems
        seats.append(
            Seat(
                o,
                {
                    "behind": float(o is behind),
                    "owned": float(o is owned),
                    "chained": float(o is chained and behind is None and owned is None),
                    "behind the name": float(o is at_name[0]),
                    "before the name": float(o is at_name[1]),
                    "other role's": float(bool(mine) and all(n in layout.taken for n in mine) and o not in (behind, owned, chained)),
                    "in the sentence": float(bool(mine)),
                    "last before": float(last >= 0 and layout.orgs[last][1] is o),
                    "first behind": float(first >= 0 and layout.orgs[first][1] is o),
                    "last before in the paragraph": float(not before and line_before is o),
                    "linked": link,
                    "linked surely": float(link >= 0.7),
                    "lead": float(o is layout.lead),
                    "in the headline": float(o.mentions[0].start < HEAD_CHARS),
                    "named most": float(o is layout.most_named),
                    "share of mentions": len(o.mentions) / max(1, len(layout.orgs)),
                    "distance": math.log1p(nearest[identifier]) / 5,
                    "name fits": at_home[identifier],
                    "name fits best": float(0.0 < most_at_home == at_home[identifier]),
                    "name fits another": float(at_home[identifier] < most_at_home) * (most_at_home - at_home[identifier]),
                    "unit": float(o.type == "unit"),
                    "media": float(o.type == "media"),
                    "state": float(state and not office),
                    "office, this state": float(office and state and country is not None and o.country == country),
                    "office, other state": float(office and state and country is not None and o.country != country),
                    "office, main state": float(office and o is layout.main_state and country is None),
                    "office, first state": float(office and state and country is None and o is layout.first_state),
                    "office, home state": float(office and state and country is None and o.country == layout.home),
                    "office, state": float(office and state),
                    "the noun of its name": float(noun is not None and is_called(layout, o, noun)),
                    "another noun": float(noun is not None and not is_called(layout, o, noun)),
                    "of the side's country": float(side is not None and o.country == side),
                    "of another country than the side": float(side is not None and o.country not in (side, None)),
                    "acts for": float(o is acts_for),
                    "acts by": float(o is acts_by),
                    "acts for another": float(acts_for is not None and o is not acts_for),
                    "of the role's words": float(bool(meant & called)),
                    "share of the role's words": len(meant & called) / max(1, len(meant)),
                    "of the word before": float(bool(modifier & called)),
                    "ours, lead": ours * float(o is layout.lead),
                    "ours, named most": ours * float(o is layout.most_named),
                    "theirs, last before": theirs * float(line_before is o or (last >= 0 and layout.orgs[last][1] is o)),
                    "office, no state": float(office and not state),
                    f"{head}|{o.type}": 1.0,
                },
            )
        )
    return seats
