"""Who holds a role: features of a role and each person named near it, weighed by a logistic choice."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from dataclasses import dataclass

from pipeline.components.layout import JOINED_ROLES, Layout
from pipeline.schema import Mention, Person

MAX_NAMES = 4  # mentions of people looked at on either side
COPULA = re.compile(r"\A\s*,?\s*(?:who\s+)?(?:is|was|has been|serves|served|works|acts|will|became|becomes)\b", re.IGNORECASE)
CLOSED = re.compile(r"\A\s*(?:;|\)|\.|\n|$|and\b|said\b|,\s*(?:said|and)\b)")


@dataclass(slots=True)
class Holder:
    """A person who may hold a role (None: nobody) and the features that speak for or against it."""

    person: Person | None
    features: dict[str, float]


def find_holders(layout: Layout, start: int, end: int, score: float, linked: dict[str, float]) -> list[Holder]:
    """Candidates for a role that stands at start to end: nobody first, then people by their nearest mention.

    score: of the role; linked: person -> probability of the encoder's link to one of its mentions.
    """
    low, high = layout.sentence(start)
    first = bisect_left(layout.person_starts, start)
    near = range(max(0, first - MAX_NAMES), min(len(layout.people), first + MAX_NAMES))
    behind, before = layout.behind(end), layout.before(start)
    votes = layout.votes(low, high)
    partner = _joined_holder(layout, start, end)
    options = [Holder(None, {"none": 1.0, "none:score": score, "none:linked": 1.0 - max(linked.values(), default=0.0)})]
    people: dict[str, list[int]] = {}
    for n in near:
        people.setdefault(layout.people[n][1].id, []).append(n)
    by_gap = sorted(people.values(), key=lambda ns: (min(_gap(layout.people[n][0], start, end) for n in ns), ns[0]))
    for place, ns in enumerate(by_gap):
        person = layout.people[ns[0]][1]
        name = layout.people[min(ns, key=lambda n: _gap(layout.people[n][0], start, end))][0]
        link = linked.get(person.id, 0.0)
        features = {
            "behind": float(behind in ns),
            "before": float(before in ns),
            "linked": link,
            "linked surely": float(link >= 0.8),
            "nearest": float(place == 0),
            "distance": math.log1p(_gap(name, start, end)) / 5,
            "in the sentence": float(low <= name.start < high),
            "joined role's": float(partner is person),
        }
        if behind in ns:
            mention = layout.people[behind][0]
            between = layout.text[end : mention.start]
            features |= {
                "behind, at once": float(not between.strip(" \u00a0")),
                "behind, comma": float(between.lstrip()[:1] == ","),
                "behind, another before": float(before is not None and before not in ns),
                "behind, has a role behind": float(layout.has_role_behind(mention)),
                "behind, vote": votes[0],
            }
        if before in ns:
            mention = layout.people[before][0]
            between = layout.text[mention.end : start]
            features |= {
                "before, comma": float(between.strip()[:1] == ","),
                "before, bracket": float("(" in between or "–" in between or " - " in between),
                "before, verb": float(COPULA.match(between) is not None),
                "before, another behind": float(behind is not None and behind not in ns),
                "before, has a role before": float(layout.has_role_before(mention)),
                "before, closed": float(CLOSED.match(layout.text[end : end + 12]) is not None),
                "before, vote": votes[1],
            }
        options.append(Holder(person, features))
    return options


def _gap(mention: Mention, start: int, end: int) -> int:
    return max(mention.start - end, start - mention.end, 0)


def _joined_holder(layout: Layout, start: int, end: int) -> Person | None:
    """Who stands beside the role that this one is joined to ("founder and director of X, A")."""
    at = bisect_left(layout.roles, (start, end))
    for n, left, right in ((at + 1, end, None), (at - 1, None, start)):
        if 0 <= n < len(layout.roles) and (n > at or at > 0):
            other = layout.roles[n]
            between = layout.text[left : other[0]] if right is None else layout.text[other[1] : right]
            if JOINED_ROLES.fullmatch(between):
                found = layout.behind(other[1]) if right is None else layout.before(other[0])
                if found is not None:
                    return layout.people[found][1]
    return None
