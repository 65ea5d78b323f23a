"""Features of two organisations of an article that tell whether it reports them as cooperating."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.linear import probability
from pipeline.components.sentences import read_bounds
from pipeline.labels import STATUSES
from pipeline.schema import Organization

JOINTS = frozenset(
    [
        "and",
        "with",
        "by",
        "from",
        "to",
        "of",
        "at",
        "in",
        "for",
        "between",
        "signed",
        "agreement",
        "memorandum",
        "mou",
        "partner",
        "partners",
    ]
)
LISTED = re.compile(  # what may stand between two names of a list: a bracket, a country, a joint, the next number
    r"(?:\s?\([^()\n]{1,40}\))?(?:,\s[A-Z][\w .]{1,25}(?=[,;\n]|\sand\s))?"
    r"\s?(?:[,;&•*\n-]|\d{1,2}[.)]|\band\b|\bas well as\b){1,3}\s{0,3}(?:and\s)?(?:the\s|\d{1,2}[.)]\s)?"
)
STEPS = (0.1, 0.3, 0.5, 0.7, 0.9)
Rows = list[list[float]]
MAX_ORGANIZATIONS = 40  # the ones named most; pairs of others are not weighed


@dataclass(slots=True)
class Weighed:
    """A pair with its features, the probability that they cooperate, and what the encoder says of each two of their mentions (rows of
    probabilities of none, then STATUSES).
    """

    a: Organization
    b: Organization
    features: dict[str, float]
    score: float
    rows: Rows

    @property
    def statuses(self) -> NDArray[np.float64]:
        """What the encoder says of their status: sums over mentions, by STATUSES."""
        found = np.asarray(self.rows).reshape(-1, len(STATUSES) + 1)
        return np.asarray((found[:, 1:] * (1.0 - found[:, :1])).sum(0))


def number(identifier: str) -> int:
    return int(identifier[1:])


def party_scores(doc: Doc) -> dict[str, float]:
    """Organisation -> mean probability of its mentions that it is a party to some cooperation."""
    by_end: dict[int, float] = {}
    for layer in ("ORG", "STATE"):
        group = doc.spans[layer]
        for span, party in zip(group, group.attrs.get("party", []), strict=True):
            by_end[span.end_char] = party[1]
    out = {}
    for organization in doc._.organizations:
        mine = [by_end[m.end] for m in organization.mentions if m.end in by_end]
        out[organization.id] = sum(mine) / len(mine) if mine else 0.0
    return out


def weigh_pairs(doc: Doc) -> list[Weighed]:
    """Every pair of the organisations that the article names most, in the order of their ids."""
    most_named: list[Organization] = sorted(doc._.organizations, key=lambda o: (-len(o.mentions), o.mentions[0].start))
    organizations = sorted(most_named[:MAX_ORGANIZATIONS], key=lambda o: number(o.id))
    parties = party_scores(doc)
    starts = read_bounds(doc).starts
    rows = _encoder_rows(doc, starts)
    sentences = {o.id: {bisect_right(starts, m.start) for m in o.mentions} for o in organizations}
    signals = {bisect_right(starts, s.start_char) for layer in ("AREA", "EVENT", "INST") for s in doc.spans[layer]}
    crowd: dict[int, int] = defaultdict(int)
    for o in organizations:
        for sentence in sentences[o.id]:
            crowd[sentence] += parties[o.id] >= 0.5
    head = starts[2] if len(starts) > 2 else 10**9
    joints = _joints(text_of(doc), organizations, starts)
    officials = Counter(i for p in doc._.people for i in {role.org for role in p.roles if role.org})
    title = bisect_right(starts, 0)
    n_parties = sum(parties[o.id] >= 0.5 for o in organizations)
    total = sum(len(o.mentions) for o in organizations) or 1
    lead = max(organizations, key=lambda o: (parties[o.id] * len(o.mentions), -number(o.id)), default=None)
    by_party = sorted(organizations, key=lambda o: (-parties[o.id] * math.log1p(len(o.mentions)), number(o.id)))
    rank = {o.id: place for place, o in enumerate(by_party)}
    strength = {pair: max((1.0 - row[0] for row in near + distant), default=0.0) for pair, (near, distant) in rows.items()}
    partners: dict[str, dict[str, float]] = defaultdict(dict)
    for (left, right), value in strength.items():
        partners[left][right] = partners[right][left] = value
    firm = {identifier: sum(value >= 0.5 for value in mine.values()) for identifier, mine in partners.items()}
    lists = listed_together(text_of(doc), organizations)
    of_article = {
        "n_parties": math.log1p(n_parties),
        "two_parties": float(n_parties == 2),
        "areas": math.log1p(len(doc.spans["AREA"])),
        "instruments": math.log1p(len(doc.spans["INST"])),
    }
    out = []
    for a, b in combinations(organizations, 2):
        table, distant = rows.get((a.id, b.id), ([], []))
        strengths = sorted((1.0 - row[0] for row in table), reverse=True)
        near = strengths[0] if strengths else 0.0
        far = max((1.0 - row[0] for row in distant), default=0.0)
        strongest = max(far, near)
        together = sentences[a.id] & sentences[b.id]
        low, high = sorted((parties[a.id], parties[b.id]))
        common = max((min(value, partners[b.id].get(c, 0.0)) for c, value in partners[a.id].items()), default=0.0)
        listed = lists.get(frozenset((a.id, b.id)), 0)
        types = {a.type, b.type}
        features = {
            "bias": 1.0,
            "seen_together": float(bool(together)),
            "pair_max": near,
            "pair_far": far,
            "pair_any": strongest,
            "both_have_signals": float(bool(sentences[a.id] & signals) and bool(sentences[b.id] & signals)),
            "first_mention": math.log1p(max(a.mentions[0].start, b.mentions[0].start)) / 5,
            "lower_rank": math.log1p(max(rank[a.id], rank[b.id])),
            "both_top": float(max(rank[a.id], rank[b.id]) <= 1),
            "third": float(max(rank[a.id], rank[b.id]) >= 3),
            **steps("pair", strongest),
            **steps("party_min", low),
            f"parties|{int(low * 4)} {int(high * 4)}": 1.0,
            "common partner": common,
            "listed": float(listed > 0),
            "listed, common partner": common * float(listed > 0),
            "listed, parties": low * float(listed > 0),
            "length of the list": math.log1p(listed),
            "common partner alone": common * float(listed == 0) * float(not together),
            "partners": math.log1p(firm.get(a.id, 0) + firm.get(b.id, 0)),
            f"together|{bool(together)} {int(4 * strongest)}": 1.0,
            "pair_top2": sum(strengths[:2]) / len(strengths[:2]) if strengths else 0.0,
            "party_min": low,
            "party_max": high,
            "party_product": low * high,
            "both_in_head": float(a.mentions[0].start < head and b.mentions[0].start < head),
            "both_in_title": float(title in sentences[a.id] and title in sentences[b.id]),
            "officials": float(min(officials[a.id], officials[b.id]) > 0),
            "one_side_officials": float((officials[a.id] > 0) != (officials[b.id] > 0)),
            "sentences": math.log1p(len(together)),
            "signal_sentences": math.log1p(len(together & signals)),
            "mentions": math.log(min(len(a.mentions), len(b.mentions)) / total + 0.01),
            "is_lead": float(lead is a or lead is b),
            **of_article,
            "media": float("media" in types),
            "country": float(types == {"country"}),
            "mixed_country": float("country" in types and len(types) == 2),
            "unit": float("unit" in types),
            "relatives": float(a.parent == b.id or b.parent == a.id),
            "same_type": float(a.type == b.type),
            "same_country": float(a.country is not None and a.country == b.country),
            "only_pair_of_sentence": float(any(crowd[s] == 2 for s in together) and low >= 0.5),
            "types|" + "+".join(sorted((a.type, b.type))): 1.0,
            **{f"joint|{joint}": 1.0 for joint in joints.get((a.id, b.id), ())},
        }
        out.append(Weighed(a, b, features, probability("pair", features), table + distant))
    return out


def _joints(text: str, organizations: list[Organization], starts: list[int]) -> dict[tuple[str, str], set[str]]:
    """(id, id) -> what stands between mentions that follow one another in a sentence: the small words of JOINTS, or "," of a list."""
    mentions = sorted(((m, o) for o in organizations for m in o.mentions), key=lambda x: x[0].start)
    out: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (left, a), (right, b) in pairwise(mentions):
        if a is b or bisect_right(starts, left.start) != bisect_right(starts, right.start):
            continue
        between = text[left.end : right.start].casefold()
        words = re.findall(r"[a-z]+", between)
        found = {word for word in words if word in JOINTS}
        if len(words) <= 2:
            found |= {f"only {word}" for word in words if word in JOINTS} | ({"comma"} if not words and "," in between else set())
        if not words and "(" in between:
            found.add("bracket")
        if re.search(r"\bbetween\s+(?:the\s+)?$", text[max(0, left.start - 12) : left.start].casefold()) and "and" in words:
            found.add("between")
        key = (a.id, b.id) if number(a.id) < number(b.id) else (b.id, a.id)
        out[key] |= found
    return out


def listed_together(text: str, organizations: list[Organization]) -> dict[frozenset[str], int]:
    """Two ids -> how many organisations the longest list names that both stand in: no more than a joint, a country or an acronym stands
    between its mentions.
    """
    mentions = sorted(((m, o.id) for o in organizations for m in o.mentions), key=lambda x: x[0].start)
    runs: list[set[str]] = [set()]
    end = 0
    for mention, identifier in mentions:
        if runs[-1] and not LISTED.fullmatch(text, end, max(end, mention.start)):
            runs.append(set())
        runs[-1].add(identifier)
        end = max(end, mention.end)
    longest: dict[frozenset[str], int] = {}
    for run in sorted(runs, key=len):
        longest.update((frozenset(pair), len(run)) for pair in combinations(sorted(run), 2))
    return longest


def _encoder_rows(doc: Doc, starts: list[int]) -> dict[tuple[str, str], tuple[Rows, Rows]]:
    """(id, id) -> rows of probabilities (none, then STATUSES) of mentions that share a sentence, and of mentions that don't."""
    owner = {m.start: o for o in doc._.organizations for m in o.mentions}
    places = sorted(owner)

    def org_at(start: int) -> Organization | None:
        at = bisect_right(places, start + 4) - 1  # a leading article was cut off the mention
        return owner[places[at]] if at >= 0 and abs(places[at] - start) <= 4 else None

    rows: dict[tuple[str, str], tuple[Rows, Rows]] = defaultdict(lambda: ([], []))
    for row in doc.spans["ORG"].attrs.get("pairs", []):
        left, right = int(row[0]), int(row[1])
        a, b = org_at(left), org_at(right)
        if a is not None and b is not None and a is not b:
            apart = bisect_right(starts, left) != bisect_right(starts, right)
            rows[(a.id, b.id) if number(a.id) < number(b.id) else (b.id, a.id)][apart].append(row[2:])
    return rows


def steps(name: str, value: float) -> dict[str, float]:
    """A value as steps, so that what speaks for it may rise unevenly."""
    return {f"{name} >= {step}": 1.0 for step in STEPS if value >= step}
