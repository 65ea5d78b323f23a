"""Two organisations -> whether they are one, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.resolve.entity import Entity
from pipeline.resolve.features import CONTEXT_FEATURES, NAME_FEATURES, Feature
from pipeline.resolve.rules import find_rule

LINK, UNSURE = 0.8, 0.5  # scores from which a pair is linked, and from which it is listed as unsure


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether two entities are one: verdict is linked, unsure, forbidden or apart; by: score or rule."""

    score: float
    verdict: str
    by: str
    reasons: tuple[str, ...]


@cache
def reason_with(feature: Feature, added: float) -> str:
    """Give the reason of a feature with what it added."""
    return f"{feature.name} {added:+.2f}: {feature.reason}"


def judge(left: Entity, right: Entity) -> Judgement:
    """Compare two entities. Symmetric; reasons tell what each feature added, the strongest of those of the names first."""
    best = (0.0, NAME_FEATURES[0])
    for feature in NAME_FEATURES:  # heaviest first
        if feature.weight <= best[0]:
            break
        best = max(best, (feature.weight * feature.of(left, right), feature), key=lambda x: x[0])
    if best[0] == 0:
        return Judgement(0.0, "apart", "score", ())
    score = best[0]
    reasons = [reason_with(best[1], best[0])]
    for feature in CONTEXT_FEATURES:
        added = feature.weight * feature.of(left, right)
        if added:
            score += added
            reasons.append(reason_with(feature, added))
    score = round(min(1.0, max(0.0, score)), 4)
    rule = find_rule(left, right)
    if rule:
        return Judgement(score, "forbidden", "rule", (rule, *reasons))
    verdict = "linked" if score >= LINK else "unsure" if score >= UNSURE else "apart"
    return Judgement(score, verdict, "score", tuple(reasons))
