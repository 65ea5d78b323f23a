"""How alike two organisations are: each feature from 0 to 1, the same either way, with what a full 1 of it adds to the score."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from rapidfuzz.distance import OSA

from pipeline.naming import spells
from pipeline.resolve.entity import KINDS, TYPE_GROUPS, UNITS, Entity
from pipeline.resolve.forms import initials_of, spelled_key_of, spelling_keys_of
from pipeline.resolve.words import common_words, place_words, sound_of, words_of_kind

MAX_JOINED = 3  # words written as one
FEW = 2  # words of a name that anybody may have: "School of Economics", not "Institute of Marine Science"


# What names say. The strongest of these counts.


def same_name(left: Entity, right: Entity) -> float:
    """The same name but for case, accents, punctuation and legal form: "Hafenlogik GmbH", "HAFENLOGIK"."""
    return float(left.form.key == right.form.key)


def same_words(left: Entity, right: Entity) -> float:
    """The same words in another order or language: "Sado University", "Universidade do Sado"."""
    if left.exact == right.exact:
        return float(bool(left.exact))
    both = left.form.exact == right.form.exact and left.country == right.country and "embassy" not in left.form.types
    return float(both and bool(left.form.states) and left.parent_name == right.parent_name)


def shared_alias(left: Entity, right: Entity) -> float:
    """An article calls the one by the full name of the other."""
    lefts, rights = {left.exact, *left.aliases}, {right.exact, *right.aliases}
    return float(bool((left.aliases & rights) | (right.aliases & lefts)))


def short_form(left: Entity, right: Entity) -> float:
    """The same but for words that companies leave out: "Qingtan Machinery Group", "Qingtan Machinery"."""
    added = set(left.exact) ^ set(right.exact)
    both = set(left.exact) & set(right.exact)
    fillers = words_of_kind("filler")
    return float(bool(added) and added <= fillers and any(w not in common_words() for w in both))


def seat_left_out(left: Entity, right: Entity) -> float:
    """The same but for the place where it is: "Fudan University, Shanghai", "Fudan University"."""
    a, b = left.form.seat, right.form.seat
    same_land = left.country is not None and left.country == right.country
    return float(bool(a) != bool(b) and same_land and left.complete == right.complete)


def honour_left_out(left: Entity, right: Entity) -> float:
    """The same but for whom it is named after: "Lomonosov Moscow State University", "Moscow State University"."""
    if left.form.exact == right.form.exact or left.country != right.country:
        return 0.0
    bare = min(left, right, key=lambda e: len(e.form.exact))
    return float(bare.form.exact == bare.unhonoured and left.unhonoured == right.unhonoured)


def state_left_out(left: Entity, right: Entity) -> float:
    """The same but for words that governments leave out: "Federal Ministry of Health", "Ministry of Health" of one country."""
    same_land = left.country is not None and left.country == right.country
    return float(same_land and left.exact != right.exact and bool(left.unroyal) and left.unroyal == right.unroyal)


def land_left_out(left: Entity, right: Entity) -> float:
    """The same but for the country in which both are: "French National Centre for Scientific Research"."""
    if left.country is None or left.country != right.country or left.exact == right.exact or not left.form.types & KINDS:
        return 0.0
    land = f"@{left.country}"
    telling = "national" in left.form.words or bool(left.form.core - place_words())
    return float(telling and [w for w in left.exact if w != land] == [w for w in right.exact if w != land])


def partly_spelled(left: Entity, right: Entity) -> float:
    """One word of the one spells what its other words leave of the other: "UC Berkeley", "University of California, Berkeley"."""
    if left.form.acronym or right.form.acronym:
        return 0.0
    return float(spelled_key_of(left.name) in spelling_keys_of(right.name) or spelled_key_of(right.name) in spelling_keys_of(left.name))


def nearly_same_words(left: Entity, right: Entity) -> float:
    """The same words but for spelling: "Mangystau University", "Mangistau University"."""
    return _near(left.exact, right.exact)


def stated_acronym(left: Entity, right: Entity) -> float:
    """The one is an acronym that an article gives to the other: "BUMT", "Beihai University of Marine Technology (BUMT)"."""
    return float(left.form.acronym != right.form.acronym and bool(left.acronyms & right.acronyms))


def spelled_acronym(left: Entity, right: Entity) -> float:
    """The one spells the initials of the other: "LUT", "Liaoning University of Technology"."""
    if left.form.acronym == right.form.acronym:
        return 0.0
    short, full = (left, right) if left.form.acronym else (right, left)
    return float(short.form.key in initials_of(full.name) or spells(short.name, full.name))


def names_added(left: Entity, right: Entity) -> float:
    """The one adds proper names only, no place and no word for what it does: "Friedrich Schiller University Jena", "University of Jena"."""
    a, b = set(left.form.exact), set(right.form.exact)
    added, both = a ^ b, a & b
    proper = all(w[0] not in "#@" and w not in common_words() and w not in place_words() for w in added)
    return float(proper and bool(added) and (a < b or b < a) and bool(left.form.types & right.form.types & KINDS) and len(both) > 1)


def contained(left: Entity, right: Entity) -> float:
    """All words of the one are in the other, which has more: "Kvarken University", "Kvarken University College"."""
    a, b = set(left.exact), set(right.exact)
    small, large = (a, b) if len(a) <= len(b) else (b, a)
    return float(small < large and any(w not in common_words() for w in small))


# What else the articles say. These are added.


def same_country(left: Entity, right: Entity) -> float:
    """Both are in one country."""
    return float(left.country is not None and left.country == right.country)


def shared_people(left: Entity, right: Entity) -> float:
    """People of one name hold office in both."""
    return min(1.0, len(left.people & right.people) / 2)


def type_differs(left: Entity, right: Entity) -> float:
    """The one is, say, a university, the other a company."""
    kinds = {TYPE_GROUPS.get(left.type), TYPE_GROUPS.get(right.type)}
    told = left.exact == right.exact and left.form.types & KINDS  # the name tells the kind: an article was misread
    return float(len(kinds) == 2 and None not in kinds and not told)


def kept_apart(left: Entity, right: Entity) -> float:
    """An article names both as two organisations, and not in two languages."""
    return float(left.exact != right.exact and not left.docs.isdisjoint(right.docs))


def generic_name(left: Entity, right: Entity) -> float:
    """Nothing in the name tells it from others of its kind ("School of Economics"), and neither parent nor country does."""
    if not (left.form.generic and right.form.generic):
        return 0.0
    if left.parent is not None and left.parent == right.parent:
        return 0.0
    national = (left.form.national and right.form.national) or left.type == right.type in ("country", "government")
    if national and left.country is not None and left.country == right.country:
        return 0.0
    return 0.8 if min(len(left.form.words), len(right.form.words)) > FEW else 1.0


def parent_unknown(left: Entity, right: Entity) -> float:
    """One is a school, office or the like, and no article tells of what: others may have one of the same name."""
    return float(any(e.parent is None and e.type == "unit" and bool(e.form.types & UNITS) for e in (left, right)))


def reason_of(told: Callable[..., object]) -> str:
    """Give what the docstring of a feature or rule says of any pair: without its example, whose names aren't those of the pair."""
    said = (told.__doc__ or "").strip()
    return re.sub(r""": ".*"| \(".*"\)""", "", said).rstrip(".:")


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature and what a full 1.0 of it adds to the score."""

    of: Callable[[Entity, Entity], float]
    weight: float

    @property
    def name(self) -> str:
        return self.of.__name__

    @property
    def reason(self) -> str:
        return reason_of(self.of)


NAME_FEATURES = (
    Feature(same_name, 0.95),
    Feature(same_words, 0.92),
    Feature(shared_alias, 0.88),
    Feature(short_form, 0.85),
    Feature(seat_left_out, 0.82),
    Feature(state_left_out, 0.82),
    Feature(land_left_out, 0.82),
    Feature(partly_spelled, 0.82),
    Feature(nearly_same_words, 0.82),
    Feature(honour_left_out, 0.81),
    Feature(stated_acronym, 0.80),
    Feature(spelled_acronym, 0.50),
    Feature(names_added, 0.50),
    Feature(contained, 0.40),
)
CONTEXT_FEATURES = (
    Feature(same_country, 0.08),
    Feature(shared_people, 0.30),
    Feature(type_differs, -0.15),
    Feature(kept_apart, -0.30),
    Feature(generic_name, -0.60),
    Feature(parent_unknown, -0.35),
)


@lru_cache(maxsize=20_000)
def _near(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    a = [w for w in left if w not in right]
    b = [w for w in right if w not in left]
    shared = sum(w in right and w not in words_of_kind("filler") for w in left)
    if len(left) == len(right) == len(a) == len(b) == 1 and min(len(a[0]), len(b[0])) > 7:  # the only word has to sound the same
        return float(_alike(a[0], b[0]) == 1.0)
    if len(a) != len(b) and min(len(a), len(b)) >= 1 and max(len(a), len(b)) <= MAX_JOINED and _joined(a) & _joined(b):
        return 1.0
    if not 1 <= len(a) <= 2 or len(a) != len(b) or not shared:
        return 0.0
    if len(a) == 1 and shared > 3 and OSA.distance(a[0], b[0]) == 1 and a[0][0] == b[0][0] and a[0].isalpha() and b[0].isalpha():
        return 0.97 if not {a[0], b[0]} <= place_words() | common_words() else 0.0
    matched = min((sum(_alike(x, y) for x, y in zip(a, order)) / len(a) for order in _orders(b)), key=lambda s: -s)
    if matched == 0 or any(all(_alike(x, y) == 0 for y in b) for x in a):
        return 0.0
    return matched * (1.0 if shared > 1 or matched == 1 else 0.92)


def _joined(words: list[str]) -> set[str]:
    """Words written as one, in any order: "Tung Hai", "Tunghai"."""
    return {sound_of("".join(order)) for order in permutations(words)} if all(w.isalpha() for w in words) else set()


def _orders(words: list[str]) -> Iterable[list[str]]:
    return (words, words[::-1]) if len(words) == 2 else (words,)


def _alike(left: str, right: str) -> float:
    """How surely two words are one, misspelt: 1.0 where they sound alike, 0.97 for a letter more, less or exchanged in a long word."""
    if left[:1] in "#@" or right[:1] in "#@" or (left in common_words() and right in common_words()):
        return 0.0
    if sound_of(left) == sound_of(right) and min(len(left), len(right)) > 2:
        return 1.0
    if sound_of(left).rstrip("a") == sound_of(right).rstrip("a") and min(len(left), len(right)) > 4:  # "imeni Gumilyova"
        return 0.97 if not {left, right} <= place_words() else 0.0
    if (left in place_words() and right in place_words()) or left + "i" == right or right + "i" == left:  # "Punjab", "Punjabi"
        return 0.0
    if min(len(left), len(right)) > 3 and {left, right} in ({left, left + "s"}, {right, right + "s"}):  # "Johns", "King's"
        return 0.97
    length = min(len(left), len(right))
    distance = OSA.distance(left, right, score_cutoff=2)
    if length < 5 or distance > (1 if length < 9 else 2):
        return 0.0
    return 0.97 if left[0] == right[0] else 0.85
