"""What forbids that two organisations are one, whatever the score. Each rule is the same either way."""

from __future__ import annotations

from pipeline.geography import universities
from pipeline.resolve.entity import KINDS, Entity
from pipeline.resolve.features import reason_of, shared_alias
from pipeline.resolve.forms import apart_groups
from pipeline.resolve.words import common_words, place_words, sound_of


def countries_differ(left: Entity, right: Entity) -> bool:
    """They are in different countries."""
    return left.country is not None and right.country is not None and left.country != right.country


def parents_differ(left: Entity, right: Entity) -> bool:
    """They are units of different organisations."""
    return left.parent is not None and right.parent is not None and left.parent != right.parent


def unit_and_parent(left: Entity, right: Entity) -> bool:
    """The one is a unit of the other, or a unit and something else."""
    if (left.parent is not None and right.parent is None) or (right.parent is not None and left.parent is None):
        unit, other = (left, right) if left.parent is not None else (right, left)
        return unit.parent in (other.label, other.name) or unit.form.generic or (other.type != "unit" and unit.exact != other.exact)
    return False


def numbers_differ(left: Entity, right: Entity) -> bool:
    """Their numbers differ: "No. 2 Hospital", "No. 3 Hospital"."""
    return left.form.numbers != right.form.numbers and not (left.form.acronym or right.form.acronym)


def states_differ(left: Entity, right: Entity) -> bool:
    """Different countries in their names, or one is the national branch of the other: "Hafenlogik", "Hafenlogik Ghana"."""
    if left.form.acronym or right.form.acronym:
        return False
    a, b = (frozenset(w[1:] for w in e.exact if w.startswith("@")) for e in (left, right))
    if a == b:
        return False
    if a and b:
        return not (a & b)
    added, other = (a, left) if a else (b, right)
    bare = right if a else left
    return other.type == "company" or not added <= {bare.country}


def places_differ(left: Entity, right: Entity) -> bool:
    """Places in their names differ, or one is a campus or branch of the other: "University of X", "University of X at Y"."""
    if left.form.acronym or right.form.acronym or left.exact == right.exact:
        return False
    one_sits = bool(left.form.seat) != bool(right.form.seat)
    lefts, rights = (left.complete, right.complete) if one_sits else (left.exact, right.exact)
    a = {w for w in lefts if w not in rights}
    b = {w for w in rights if w not in lefts}
    places_a, places_b = a & place_words(), b & place_words()
    if not places_a and not places_b:
        return False
    if places_a and places_b:
        return not ({sound_of(w) for w in places_a} & {sound_of(w) for w in places_b})
    more = b if places_b else a
    fewer = a if places_b else b
    shared = set(left.exact) & set(right.exact)
    return not fewer and bool(more) and any(w not in common_words() for w in shared)


def kinds_differ(left: Entity, right: Entity) -> bool:
    """Different kinds of organisation by their names: "Sado Polytechnic Institute", "University of Sado"."""
    a, b = left.form.types & KINDS, right.form.types & KINDS
    return bool(a) and bool(b) and not (a & b) and not shared_alias(left, right)


def acronyms_differ(left: Entity, right: Entity) -> bool:
    """Articles give them different acronyms, and their names differ too."""
    if not left.acronyms or not right.acronyms or left.acronyms & right.acronyms or left.exact == right.exact:
        return False
    return not (shared_alias(left, right) or left.form.key == right.form.key)


def known_apart(left: Entity, right: Entity) -> bool:
    """Known to be two: "Miami University", "University of Miami"."""
    groups = apart_groups()
    group = groups.get(left.form.key)
    return group is not None and group == groups.get(right.form.key) and left.form.key != right.form.key


def both_listed(left: Entity, right: Entity) -> bool:
    """The list of universities has both, as two."""
    if left.exact == right.exact or left.form.key == right.form.key:
        return False
    return left.name.casefold() in universities() and right.name.casefold() in universities()


def both_registered(left: Entity, right: Entity) -> bool:
    """The registry has both, as two."""
    return left.registry_id is not None and right.registry_id is not None and left.registry_id != right.registry_id


RULES = (
    countries_differ,
    parents_differ,
    unit_and_parent,
    numbers_differ,
    states_differ,
    places_differ,
    kinds_differ,
    acronyms_differ,
    known_apart,
    both_listed,
    both_registered,
)


def find_rule(left: Entity, right: Entity) -> str | None:
    """Give the reason of the first rule that forbids a link, or None."""
    for rule in RULES:
        if rule(left, right):
            return reason_of(rule)
    return None
