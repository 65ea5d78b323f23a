"""Features of two organisations of an article that tell whether it reports them as cooperating."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from pipeline.labels import STATUSES
from pipeline.lexicons import read_lexicon
from pipeline.schema import Organization

MAX_ORGANIZATIONS = 40  # the ones named most; pairs of others are not weighed
FEATURES = (
    "bias", "seen_together", "pair_max", "pair_top2", "party_min", "party_max", "party_product", "both_in_head",
    "sentences", "signal_sentences", "mentions", "is_lead", "n_parties", "two_parties", "media", "country", "mixed_country",
    "unit", "relatives", "same_type", "same_country", "areas", "instruments", "only_pair_of_sentence",
)  # fmt: skip


@dataclass(slots=True)
class Weighed:
    """A pair with its features and what the encoder says of its status (sums over mentions, by STATUSES)."""

    a: Organization
    b: Organization
    features: dict[str, float]
    statuses: NDArray[np.float64]

    @property
    def score(self) -> float:
        """Probability that they cooperate, by the weights of pair_weights.jsonl."""
        weights = pair_weights()
        return 1.0 / (1.0 + math.exp(-sum(weights[name] * value for name, value in self.features.items())))


@cache
def pair_weights() -> dict[str, float]:
    """Weights of the logistic regression that models/scripts/pairs.py fits on documents that the network has not seen."""
    return {entry["id"]: float(entry["weight"]) for entry in read_lexicon("pair_weights.jsonl", required=("weight",))}


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
    rows = _encoder_rows(doc)
    starts = [sent.start_char for sent in doc.sents]
    sentences = {o.id: {bisect_right(starts, m.start) for m in o.mentions} for o in organizations}
    signals = {bisect_right(starts, s.start_char) for layer in ("AREA", "EVENT", "INST") for s in doc.spans[layer]}
    crowd: dict[int, int] = defaultdict(int)
    for o in organizations:
        for sentence in sentences[o.id]:
            crowd[sentence] += parties[o.id] >= 0.5
    head = starts[2] if len(starts) > 2 else 10**9
    n_parties = sum(parties[o.id] >= 0.5 for o in organizations)
    total = sum(len(o.mentions) for o in organizations) or 1
    lead = max(organizations, key=lambda o: (parties[o.id] * len(o.mentions), -number(o.id)), default=None)
    out = []
    for a, b in combinations(organizations, 2):
        table = rows.get((a.id, b.id), [])
        strengths = sorted((1.0 - row[0] for row in table), reverse=True)
        together = sentences[a.id] & sentences[b.id]
        low, high = sorted((parties[a.id], parties[b.id]))
        types = {a.type, b.type}
        features = {
            "bias": 1.0,
            "seen_together": float(bool(together)),
            "pair_max": strengths[0] if strengths else 0.0,
            "pair_top2": sum(strengths[:2]) / len(strengths[:2]) if strengths else 0.0,
            "party_min": low,
            "party_max": high,
            "party_product": low * high,
            "both_in_head": float(a.mentions[0].start < head and b.mentions[0].start < head),
            "sentences": math.log1p(len(together)),
            "signal_sentences": math.log1p(len(together & signals)),
            "mentions": math.log(min(len(a.mentions), len(b.mentions)) / total + 0.01),
            "is_lead": float(lead in (a, b)),
            "n_parties": math.log1p(n_parties),
            "two_parties": float(n_parties == 2),
            "media": float("media" in types),
            "country": float(types == {"country"}),
            "mixed_country": float("country" in types and len(types) == 2),
            "unit": float("unit" in types),
            "relatives": float(a.parent == b.id or b.parent == a.id),
            "same_type": float(a.type == b.type),
            "same_country": float(a.country is not None and a.country == b.country),
            "areas": math.log1p(len(doc.spans["AREA"])),
            "instruments": math.log1p(len(doc.spans["INST"])),
            "only_pair_of_sentence": float(any(crowd[s] == 2 for s in together) and low >= 0.5),
        }
        found = np.asarray(table) if table else np.zeros((0, len(STATUSES) + 1))
        out.append(Weighed(a, b, features, (found[:, 1:] * (1.0 - found[:, :1])).sum(0)))
    return out


def _encoder_rows(doc: Doc) -> dict[tuple[str, str], list[list[float]]]:
    """(id, id) -> rows of probabilities (none, then STATUSES) of mentions that share a sentence."""
    owner = {m.start: o for o in doc._.organizations for m in o.mentions}
    starts = sorted(owner)

    def org_at(start: int) -> Organization | None:
        at = bisect_right(starts, start + 4) - 1  # a leading article was cut off the mention
        return owner[starts[at]] if at >= 0 and abs(starts[at] - start) <= 4 else None

    rows: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for row in doc.spans["ORG"].attrs.get("pairs", []):
        a, b = org_at(int(row[0])), org_at(int(row[1]))
        if a is not None and b is not None and a is not b:
            rows[(a.id, b.id) if number(a.id) < number(b.id) else (b.id, a.id)].append(row[2:])
    return rows
