"""Which predicted item stands for which gold item of one document.

The definitions are those by which the project is judged: organisations and people go together where they share a surface form, roles
where they read alike, areas where they share words; each item goes with one other at most.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from rapidfuzz.fuzz import ratio

Json = dict[str, Any]
Pair = frozenset[Any]
STOP_WORDS = frozenset(re.findall(r"\w+", "the a an of for in on and to with between its their our other as at by into from"))
MIN_ROLE_RATIO = 80
MIN_AREA_SIMILARITY = 0.5
STEM_LENGTH = 6


@lru_cache(maxsize=100_000)
def normal_form(text: str | None) -> str:
    """Words without case, accents, possessives, punctuation and a leading article.

    >>> normal_form("The Université d’Été's R&D-Lab")
    'universite d ete r and d lab'
    """
    text = unicodedata.normalize("NFKD", text or "")
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
    text = text.replace("’", "'").replace("&", " and ")
    text = re.sub(r"'s\b", "", text)
    text = re.sub(r"[^\w+]+", " ", text).strip()
    return re.sub(r"^(the|a|an) ", "", text)


@lru_cache(maxsize=100_000)
def content_words(text: str | None) -> frozenset[str]:
    return frozenset(normal_form(text).split()) - STOP_WORDS


def surface_forms(entity: Json) -> frozenset[str]:
    """Normal forms of name and mentions; mentions are strings or objects with text."""
    mentions = (m["text"] if isinstance(m, dict) else m for m in entity.get("mentions", ()))
    return frozenset(form for name in (entity.get("name"), *mentions) if name and (form := normal_form(name)))


def match_entities(gold: Sequence[Json], predicted: Sequence[Json]) -> dict[int, int]:
    """Gold index -> index of the prediction: equal names first, then those that share most forms, then the first ones."""
    gold_forms, predicted_forms = [surface_forms(g) for g in gold], [surface_forms(p) for p in predicted]
    candidates = []
    for i, forms in enumerate(gold_forms):
        for j, others in enumerate(predicted_forms):
            if shared := len(forms & others):
                same_name = normal_form(gold[i]["name"]) == normal_form(predicted[j]["name"])
                candidates.append((same_name, shared, -i, -j))
    return _take_best((-i, -j) for *_, i, j in sorted(candidates, reverse=True))


def area_similarity(left: str, right: str) -> float:
    """Dice's coefficient of the content words, cut to stems."""
    a, b = ({word[:STEM_LENGTH] for word in content_words(text)} for text in (left, right))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def match_areas(gold: Sequence[Json], predicted: Sequence[Json]) -> dict[int, int]:
    """Gold index -> index of the prediction: the most alike first."""
    candidates = [(area_similarity(g["text"], p["text"]), i, j) for i, g in enumerate(gold) for j, p in enumerate(predicted)]
    return _take_best((i, j) for similarity, i, j in sorted(candidates, reverse=True) if similarity >= MIN_AREA_SIMILARITY)


def _take_best(pairs: Any) -> dict[int, int]:
    """One-to-one, in the order given."""
    matched: dict[int, int] = {}
    used: set[int] = set()
    for i, j in pairs:
        if i not in matched and j not in used:
            matched[i] = j
            used.add(j)
    return matched


def is_same_role(gold: str, predicted: str | None) -> bool:
    return ratio(normal_form(gold), normal_form(predicted)) >= MIN_ROLE_RATIO or content_words(gold) == content_words(predicted or "")


class RoleMatch(NamedTuple):
    """A role of a person that was found; affiliated: with the right organisation."""

    gold_person: int
    gold: Json
    predicted_person: int
    predicted: Json
    affiliated: bool


@dataclass(frozen=True, slots=True)
class Matches:
    """One gold document with its prediction ({} where there is none) and all that goes together in them.

    orgs, people, areas: gold index -> index of the prediction. org_ids, person_ids: gold id -> id of the prediction.
    pairs: pair of gold ids -> the pair of ids it would have in the prediction, ("missing", id) for an organisation that isn't there.
    """

    gold: Json
    predicted: Json
    orgs: Mapping[int, int]
    org_ids: Mapping[str, str]
    people: Mapping[int, int]
    person_ids: Mapping[str, str]
    roles: Sequence[RoleMatch]
    areas: Mapping[int, int]
    gold_pairs: Mapping[Pair, Json]
    predicted_pairs: Mapping[Pair, Json]
    pairs: Mapping[Pair, Pair]

    def items(self, field: str) -> tuple[list[Json], list[Json]]:
        """Gold and predicted items of a field of the document."""
        return self.gold[field], self.predicted.get(field, [])


def match_documents(gold: Json, predicted: Json) -> Matches:
    """All that goes together in a gold document and its prediction."""
    orgs = match_entities(gold["orgs"], predicted.get("orgs", []))
    people = match_entities(gold["people"], predicted.get("people", []))
    org_ids = {gold["orgs"][i]["id"]: predicted["orgs"][j]["id"] for i, j in orgs.items()}
    gold_pairs = pairs_of(gold)
    return Matches(
        gold=gold,
        predicted=predicted,
        orgs=orgs,
        org_ids=org_ids,
        people=people,
        person_ids={gold["people"][i]["id"]: predicted["people"][j]["id"] for i, j in people.items()},
        roles=[match for i, j in people.items() for match in match_roles(gold, predicted, i, j, org_ids)],
        areas=match_areas(gold["areas"], predicted.get("areas", [])),
        gold_pairs=gold_pairs,
        predicted_pairs=pairs_of(predicted),
        pairs={pair: frozenset(org_ids.get(org, ("missing", org)) for org in pair) for pair in gold_pairs},
    )


def pairs_of(document: Json) -> dict[Pair, Json]:
    return {frozenset((pair["a"], pair["b"])): pair for pair in document.get("partnerships", [])}


def match_roles(gold: Json, predicted: Json, i: int, j: int, org_ids: Mapping[str, str]) -> list[RoleMatch]:
    """Roles of gold person i that predicted person j has; of like roles the first one with the right organisation, else the first."""
    left = list(predicted["people"][j].get("roles", []))
    matches = []
    for role in gold["people"][i].get("roles", []):
        alike = [(is_affiliated(role, other, org_ids), n) for n, other in enumerate(left) if is_same_role(role["role"], other.get("role"))]
        if alike:
            affiliated, n = max(alike, key=lambda found: found[0])
            matches.append(RoleMatch(i, role, j, left.pop(n), affiliated))
    return matches


def is_affiliated(gold: Json, predicted: Json, org_ids: Mapping[str, str]) -> bool:
    """The organisation of the role is the one that stands for gold's, or neither has any."""
    if gold["org"]:
        return gold["org"] in org_ids and org_ids[gold["org"]] == predicted.get("org")
    return predicted.get("org") is None
