"""Organisations of articles -> organisations across articles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

from pipeline.geography import find_country
from pipeline.resolve.block import find_pairs
from pipeline.resolve.cluster import id_of, make_clusters
from pipeline.resolve.compare import judge
from pipeline.resolve.decisions import Decision, decide_pairs
from pipeline.resolve.entity import NO_WORDS, TYPE_GROUPS, UNITS, Entity
from pipeline.resolve.forms import form_of
from pipeline.resolve.rules import find_rule

MAX_DEPTH = 6
UNDATED = "9999"
IN_NAME, STATED = 20, 3  # votes of an article for a country, by the organisation's name or its text
MINORITY = 1 / 3  # of the votes: a country with fewer was misread
LinkRow = dict[str, object]


@dataclass(frozen=True, slots=True)
class Appearance:
    """An organisation of one article: what resolving needs of it. day: ISO day of publication or ""; parent: local id or None."""

    doc_id: str
    local_id: str
    name: str
    names: frozenset[str]
    type: str
    country: str | None
    parent: str | None
    day: str
    people: frozenset[str]


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What names of articles share that are one entity before anything is compared: folded name, country, scope.

    scope: the parent of a unit; the kind of an acronym; the article of a name that says nothing ("International Office").
    """

    key: str
    country: str
    scope: str


@dataclass(slots=True)
class Resolved:
    """ids: (doc_id, local id) -> org_id; of org_ids: registry_ids, display names, countries (of a unit its parent's); links: rows."""

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    registry_ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    links: list[LinkRow] = field(default_factory=list)


def resolve_organizations(
    appearances: Iterable[Appearance], *, decisions: Sequence[Decision] = (), registry: Sequence[Entity] = ()
) -> Resolved:
    """Give each organisation of each article its org_id. Parents come first, then their units, which are compared under one parent only."""
    waiting = settle_countries(sorted(appearances, key=lambda a: (a.doc_id, a.local_id)))
    resolved = Resolved()
    depths = find_depths(waiting)
    for depth in range(MAX_DEPTH + 1):
        level = [a for a in waiting if depths[a.doc_id, a.local_id] == depth]
        if level or (depth == 0 and registry):
            resolve_level(level, resolved, decisions, registry if depth == 0 else ())
    return resolved


def settle_countries(appearances: Sequence[Appearance]) -> list[Appearance]:
    """Give appearances the country that the articles that use their name agree on.

    Countries of articles are guesses now and then (a town of that name lies elsewhere): what fewer than a third of the votes say is
    taken for misread. A country that a third or more say stays, and keeps the two apart. Names that say nothing are left alone.
    Articles whose country is that of a town in the name may all be wrong together: n of them have the votes of the root of n.
    """
    votes: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    guesses: Counter[tuple[tuple[str, ...], str]] = Counter()
    names = [name_of(a) for a in appearances]
    for a, name in zip(appearances, names, strict=True):
        if name and a.country and a.country not in form_of(a.name).states and find_country(a.name) == a.country:
            guesses[name, a.country] += 1
        elif name and a.country:
            votes[name][a.country] += IN_NAME if a.country in form_of(a.name).states else STATED
    for (name, country), n in guesses.items():
        votes[name][country] += round(STATED * sqrt(n))
    return [
        a
        if not name
        or not a.country
        or a.country == (winner := most_frequent(votes[name]))
        or votes[name][a.country] >= MINORITY * votes[name].total()
        else replace(a, country=winner)
        for a, name in zip(appearances, names, strict=True)
    ]


def name_of(appearance: Appearance) -> tuple[str, ...]:
    """Give the words of a name that tells its bearer from others, in whatever language and order; else nothing."""
    form = form_of(appearance.name)
    return (*form.words, *sorted(form.numbers)) if form.core and not form.acronym and appearance.type != "country" else ()


def is_unit(appearance: Appearance) -> bool:
    """A unit under a parent: by its type, or by a name that means nothing without the parent."""
    return appearance.parent is not None and (appearance.type == "unit" or form_of(appearance.name).generic)


def find_depths(appearances: Sequence[Appearance]) -> dict[tuple[str, str], int]:
    """Give each the number of organisations above it; a named unit whose parent isn't told stands beside those one deep."""
    by_id = {(a.doc_id, a.local_id): a for a in appearances}
    depths: dict[tuple[str, str], int] = {}
    for a in appearances:
        depth, at = 0, a
        while is_unit(at) and depth < MAX_DEPTH and (at.doc_id, at.parent or "") in by_id:
            depth += 1
            at = by_id[at.doc_id, at.parent or ""]
        if depth == 0 and a.type == "unit" and not form_of(a.name).generic:
            depth = 1
        depths[a.doc_id, a.local_id] = depth
    return depths


def identity_of(appearance: Appearance, parent_id: str | None) -> Identity:
    """Give the identity of an appearance; parent_id: the org_id of its parent, of a unit only."""
    form = form_of(appearance.name)
    country = appearance.country or ""
    if parent_id is not None:
        return Identity(form.key, "", f"<{parent_id}")
    if appearance.type == "country" and country:
        return Identity(f"@{country}", country, "")
    if form.acronym:
        return Identity(form.key, country, TYPE_GROUPS.get(appearance.type, "other"))
    if (appearance.type == "unit" and form.types & UNITS) or (form.generic and not (country and form.national)):
        return Identity(form.key, country, f"in {appearance.doc_id}")
    return Identity(form.key, country, "")


def resolve_level(level: Sequence[Appearance], resolved: Resolved, decisions: Sequence[Decision], registry: Sequence[Entity]) -> None:
    """Resolve appearances whose parents are resolved, and write what was found into resolved."""
    gathered: dict[Identity, list[Appearance]] = {}
    parents: dict[Identity, str] = {}
    for a in level:
        parent_id = resolved.ids.get((a.doc_id, a.parent or "")) if is_unit(a) else None
        identity = identity_of(a, parent_id)
        gathered.setdefault(identity, []).append(a)
        if parent_id is not None:
            parents[identity] = parent_id
    order = sorted(gathered)
    groups = [gathered[identity] for identity in order]
    del gathered
    entities = [make_entity(i, group, parents.get(i), resolved.names) for i, group in zip(order, groups, strict=True)] + list(registry)
    labels = [e.label for e in entities]
    judged = {(i, j): told for i, j in find_pairs(entities) if (told := judge(entities[i], entities[j])).score > 0}
    decided = decide_pairs(decisions, labels)
    clusters = make_clusters(len(entities), judged, decided, lambda i, j: find_rule(entities[i], entities[j]), labels)
    members: dict[int, list[int]] = {}
    for i, leader in enumerate(clusters.leaders):
        members.setdefault(leader, []).append(i)
    ids: dict[int, str] = {}
    for leader, indices in members.items():
        known = [entities[i].registry_id for i in indices if entities[i].registry_id]
        own = [i for i in indices if i < len(order)]
        if known:
            ids[leader] = id_of("org", ("registry", str(known[0])))
            resolved.registry_ids[ids[leader]] = str(known[0])
        else:
            first = min(own, key=lambda i: (entities[i].form.acronym, min(a.day or UNDATED for a in groups[i]), order[i]))
            ids[leader] = id_of("org", (order[first].key, order[first].country, order[first].scope))
        if own:
            resolved.names[ids[leader]] = best_name(Counter(a.name for i in own for a in groups[i]))
            countries = [c for i in indices if (c := entities[i].country or resolved.countries.get(entities[i].parent or ""))]
            if countries:
                resolved.countries[ids[leader]] = min(countries)
    for group, leader in zip(groups, clusters.leaders, strict=False):  # the registry's entities stand behind
        for a in group:
            resolved.ids[a.doc_id, a.local_id] = ids[leader]
    for link, row in zip(clusters.links, clusters.rows("organization", labels, ids), strict=True):
        by_registry = row["by"] == "score" and (entities[link.left].registry_id or entities[link.right].registry_id)
        resolved.links.append({**row, "by": "registry"} if by_registry else row)


def make_entity(identity: Identity, group: Sequence[Appearance], parent_id: str | None, names: dict[str, str]) -> Entity:
    """Give what is compared of an identity; group: all its appearances."""
    name = best_name(Counter(a.name for a in group))
    parent = names.get(parent_id or "")
    scope = f" < {parent}" if parent else f" ({identity.scope})" if identity.scope else ""
    return Entity(
        label=f"{name} [{identity.country}]{scope}" if identity.country else f"{name}{scope}",
        name=name,
        names=frozenset(form for a in group for form in (a.name, *a.names)),
        type=most_frequent(Counter(a.type for a in group)),
        country=identity.country or None,
        parent=parent_id,
        parent_name=parent,
        people=frozenset(p for a in group for p in a.people) or NO_WORDS,
        docs=frozenset(a.doc_id for a in group),
    )


def best_name(counts: Counter[str]) -> str:
    """Give the most frequent full name; an acronym only where there is nothing else."""
    if len(counts) == 1:
        return next(iter(counts))
    return min(counts, key=lambda n: (form_of(n).acronym, n.isupper(), -counts[n], -len(n), n))


def most_frequent(counts: Counter[str]) -> str:
    return min(counts, key=lambda t: (-counts[t], t))
