"""How alike two entities are, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA

from pipeline.geography import universities
from pipeline.naming import spells
from pipeline.resolve.forms import NameForm, apart_groups, common_words, form_of, initials_of, place_words, sound_of, words_of_kind

LINK, UNSURE = 0.8, 0.5  # scores from which a pair is linked, and from which it is listed as unsure
GOVERNMENT_WORDS = """
    ministry city government agency authority department commission council province region district directorate parliament
"""
GOVERNMENT = frozenset(GOVERNMENT_WORDS.split())
KINDS_WORDS = """
    academy agency airport association authority bank chamber city college commission council department embassy faculty
    federation foundation fund hospital institute laboratory library ministry museum network polytechnic port school society uas
    union university trust
"""
KINDS = frozenset(KINDS_WORDS.split())
UNITS_WORDS = """
    school faculty department office division laboratory center committee directorate chair campus college institute
"""
UNITS = frozenset(UNITS_WORDS.split())
ACADEMIC = frozenset(("university", "school", "research", "unit", "hospital"))
TYPE_GROUPS = {**dict.fromkeys(ACADEMIC, "academic"), "company": "company", "government": "public", "igo": "public", "country": "public"}


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """What the articles say of an organisation under one name: what is compared.

    label tells it from all others; names: every name that stands for it in an article, its own included; parent: id or name of the
    organisation that it is a unit of; people: folded names of those who hold an office there; docs: articles that name it.
    """

    label: str
    name: str
    names: frozenset[str] = frozenset()
    type: str = "other"
    country: str | None = None
    parent: str | None = None
    parent_name: str | None = None
    people: frozenset[str] = frozenset()
    docs: frozenset[str] = frozenset()
    registry_id: str | None = None
    form: NameForm = field(init=False)
    exact: tuple[str, ...] = field(init=False)
    aliases: frozenset[tuple[str, ...]] = field(init=False)
    acronyms: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        form = form_of(self.name)
        set_ = object.__setattr__
        set_(self, "form", form)
        if (
            self.country is None
            and len(form.states) == 1
            and (form.types & GOVERNMENT or self.type == "government")
            and "embassy" not in form.types
        ):
            set_(self, "country", next(iter(form.states)))
        elif self.country is None and form.home and "embassy" not in form.types:
            set_(self, "country", form.home)
        set_(self, "exact", self.words_of(form))
        others = [form_of(n) for n in sorted(self.names) if n != self.name]
        telling = [f for f in others if not f.acronym and (f.core or f.states) and len(f.words) + len(f.states) > 1]
        set_(self, "aliases", frozenset(map(self.words_of, telling)))
        set_(self, "acronyms", frozenset(f.key.replace(" ", "") for f in (form, *others) if f.acronym))

    def words_of(self, form: NameForm) -> tuple[str, ...]:
        """Words of a name, without those that its parent or its country says already."""
        if self.type == "country" and self.country:
            return (f"@{self.country}",)
        words, states = form.words, set(form.states)
        if (form.types & GOVERNMENT or self.type == "government") and "embassy" not in form.types:
            if "government" in form.types and not form.core and len(states) == 1 and len(words) == 1:
                return (f"@{next(iter(states))}",)
            states -= {self.country}
        elif form.home and "embassy" in form.types:
            states -= {form.home}
            words = (*words, f"of@{form.home}")
        elif form.home == self.country:
            states -= {self.country}
        if self.parent_name:
            parent = form_of(self.parent_name)
            rest = tuple(w for w in words if w not in parent.words)
            words = rest or words
            states -= parent.states
        return (*words, *sorted(f"#{n}" for n in form.numbers), *sorted(f"@{s}" for s in states))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether two entities are one: verdict is linked, unsure, forbidden or apart; by: score or rule."""

    score: float
    verdict: str
    by: str
    reasons: tuple[str, ...]


# What names say. The strongest of these counts.


def same_name(left: Entity, right: Entity) -> float:
    """The same name but for case, accents, punctuation and legal form: "Hafenlogik GmbH", "HAFENLOGIK"."""
    return float(left.form.key == right.form.key)


def same_words(left: Entity, right: Entity) -> float:
    """The same words in another order or language: "Sado University", "Universidade do Sado"."""
    return float(left.exact == right.exact and bool(left.exact))


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
    return float(len(kinds) == 2 and None not in kinds)


def kept_apart(left: Entity, right: Entity) -> float:
    """An article names both as two organisations, and not in two languages."""
    return float(left.exact != right.exact and not left.docs.isdisjoint(right.docs))


def generic_name(left: Entity, right: Entity) -> float:
    """Nothing in the name tells it from others of its kind ("School of Economics"), and neither parent nor country does."""
    if not (left.form.generic and right.form.generic):
        return 0.0
    if left.parent is not None and left.parent == right.parent:
        return 0.0
    national = (left.form.national and right.form.national) or left.type == right.type == "country"
    return 0.0 if national and left.country is not None and left.country == right.country else 1.0


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
    Feature(nearly_same_words, 0.82),
    Feature(stated_acronym, 0.80),
    Feature(spelled_acronym, 0.50),
    Feature(contained, 0.45),
)
CONTEXT_FEATURES = (
    Feature(same_country, 0.08),
    Feature(shared_people, 0.30),
    Feature(type_differs, -0.15),
    Feature(kept_apart, -0.30),
    Feature(generic_name, -0.50),
    Feature(parent_unknown, -0.35),
)


# Rules that forbid a link, whatever the score.


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
    if left.form.acronym or right.form.acronym:
        return False
    a = {w for w in left.exact if w not in right.exact}
    b = {w for w in right.exact if w not in left.exact}
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
    reasons = [f"{best[1].name} {best[0]:+.2f}: {best[1].reason}"]
    for feature in CONTEXT_FEATURES:
        added = feature.weight * feature.of(left, right)
        if added:
            score += added
            reasons.append(f"{feature.name} {added:+.2f}: {feature.reason}")
    score = round(min(1.0, max(0.0, score)), 4)
    rule = find_rule(left, right)
    if rule:
        return Judgement(score, "forbidden", "rule", (rule, *reasons))
    verdict = "linked" if score >= LINK else "unsure" if score >= UNSURE else "apart"
    return Judgement(score, verdict, "score", tuple(reasons))


@lru_cache(maxsize=100_000)
def _near(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    a = [w for w in left if w not in right]
    b = [w for w in right if w not in left]
    shared = sum(w in right and w not in words_of_kind("filler") for w in left)
    if len(left) == len(right) == len(a) == len(b) == 1 and min(len(a[0]), len(b[0])) > 7:  # the only word has to sound the same
        return float(_alike(a[0], b[0]) == 1.0)
    if not 1 <= len(a) <= 2 or len(a) != len(b) or not shared:
        return 0.0
    if len(a) == 1 and shared > 3 and OSA.distance(a[0], b[0]) == 1 and a[0][0] == b[0][0] and a[0].isalpha() and b[0].isalpha():
        return 0.97 if not {a[0], b[0]} <= place_words() | common_words() else 0.0
    matched = min((sum(_alike(x, y) for x, y in zip(a, order)) / len(a) for order in _orders(b)), key=lambda s: -s)
    if matched == 0 or any(all(_alike(x, y) == 0 for y in b) for x in a):
        return 0.0
    return matched * (1.0 if shared > 1 or matched == 1 else 0.92)


def _orders(words: list[str]) -> Iterable[list[str]]:
    return (words, words[::-1]) if len(words) == 2 else (words,)


def _alike(left: str, right: str) -> float:
    """How surely two words are one, misspelt: 1.0 where they sound alike, 0.97 for a letter more, less or exchanged in a long word."""
    if left[:1] in "#@" or right[:1] in "#@" or (left in common_words() and right in common_words()):
        return 0.0
    if sound_of(left) == sound_of(right) and min(len(left), len(right)) > 2:
        return 1.0
    if left in place_words() and right in place_words():
        return 0.0
    if min(len(left), len(right)) > 3 and {left, right} in ({left, left + "s"}, {right, right + "s"}):  # "Johns", "King's"
        return 0.97
    length = min(len(left), len(right))
    distance = OSA.distance(left, right, score_cutoff=2)
    if length < 5 or distance > (1 if length < 9 else 2):
        return 0.0
    return 0.97 if left[0] == right[0] else 0.85
