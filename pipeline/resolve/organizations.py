"""Organisations of articles -> organisations across articles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
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
class Gathered:
    """All appearances of one identity. said: name, its other names, type and people of an appearance -> how often so; first: a day."""

    parent_id: str | None
    said: Counter[tuple[str, frozenset[str], str, frozenset[str]]] = field(default_factory=Counter)
    docs: list[str] = field(default_factory=list)
    first: str = UNDATED

    def add(self, a: Appearance) -> None:
        self.said[a.name, a.names, a.type, a.people] += 1
        self.docs.append(a.doc_id)
        self.first = min(self.first, a.day or UNDATED)

    def names(self) -> Counter[str]:
        """Give how often each name stands for it."""
        return sum_up((name, n) for (name, _, _, _), n in self.said.items())


def sum_up(counts: Iterable[tuple[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for key, n in counts:
        total[key] += n
    return total


@dataclass(slots=True)
class Resolved:
    """What was found of all articles; it grows with the number of names, not of articles.

    org_ids: depth, identity -> org_id; of org_ids: registry_ids, display names, countries (of a unit its parent's); links: rows;
    misread: see find_misread.
    """

    org_ids: dict[tuple[int, Identity], str] = field(default_factory=dict)
    registry_ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    links: list[LinkRow] = field(default_factory=list)
    misread: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)

    def find_ids(self, appearances: Iterable[Appearance]) -> dict[tuple[str, str], str]:
        """Give (doc_id, local id) -> org_id of the organisations of articles that were resolved; each article's have to be complete."""
        return {(a.doc_id, a.local_id): self.org_ids[depth, identity] for depth, a, _, identity in self.identify(appearances, MAX_DEPTH)}

    def identify(self, appearances: Iterable[Appearance], deepest: int) -> Iterator[tuple[int, Appearance, str | None, Identity]]:
        """Give the organisations of articles down to a depth, parents first: depth, appearance, org_id of the parent, identity."""
        items = [self.settle(a) for a in appearances]
        levels: dict[int, list[Appearance]] = defaultdict(list)
        depths = find_depths(items)
        for a in items:
            levels[depths[a.doc_id, a.local_id]].append(a)
        ids: dict[tuple[str, str], str] = {}
        for depth in sorted(n for n in levels if n <= deepest):
            found = {}
            for a in levels[depth]:
                parent_id = ids.get((a.doc_id, a.parent or "")) if is_unit(a) else None
                identity = identity_of(a, parent_id)
                yield depth, a, parent_id, identity
                found[a.doc_id, a.local_id] = self.org_ids.get((depth, identity), "")
            ids.update(found)

    def settle(self, appearance: Appearance) -> Appearance:
        """Give an organisation with the country that the articles which use its name agree on."""
        instead = self.misread.get(name_of(appearance), {}).get(appearance.country or "")
        return replace(appearance, country=instead) if instead else appearance


def resolve_organizations(
    appearances: Iterable[Appearance], *, decisions: Sequence[Decision] = (), registry: Sequence[Entity] = ()
) -> Resolved:
    """Resolve the organisations of articles. Parents come first, then their units, which are compared under one parent only.

    appearances: those of one article one after another; gone through several times, and not kept.
    """
    resolved = Resolved(misread=find_misread(appearances))
    deepest = max((depth for article in by_article(appearances) for depth in find_depths(article).values()), default=0)
    for depth in range(deepest + 1):
        gathered: dict[Identity, Gathered] = {}
        for article in by_article(appearances):
            for level, a, parent_id, identity in resolved.identify(article, depth):
                if level == depth:
                    gathered.setdefault(identity, Gathered(parent_id)).add(a)
        if gathered or (depth == 0 and registry):
            resolve_level(depth, gathered, resolved, decisions, registry if depth == 0 else ())
    return resolved


def by_article(appearances: Iterable[Appearance]) -> Iterator[list[Appearance]]:
    return (list(article) for _, article in groupby(appearances, key=lambda a: a.doc_id))


def find_misread(appearances: Iterable[Appearance]) -> dict[tuple[str, ...], dict[str, str]]:
    """Give words of a name -> countries that are misread -> the country that the articles which use the name agree on.

    Countries of articles are guesses now and then (a town of that name lies elsewhere): what fewer than a third of the votes say is
    taken for misread. A country that a third or more say stays, and keeps the two apart. Names that say nothing are left alone.
    Articles whose country is that of a town in the name may all be wrong together: n of them have the votes of the root of n.
    """
    votes: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    guesses: Counter[tuple[tuple[str, ...], str]] = Counter()
    for a in appearances:
        name = name_of(a)
        if name and a.country and a.country not in form_of(a.name).states and find_country(a.name) == a.country:
            guesses[name, a.country] += 1
        elif name and a.country:
            votes[name][a.country] += IN_NAME if a.country in form_of(a.name).states else STATED
    for (name, country), n in guesses.items():
        votes[name][country] += round(STATED * sqrt(n))
    misread = {}
    for name, counts in votes.items():
        winner = most_frequent(counts)
        if few := {country: winner for country, n in counts.items() if country != winner and n < MINORITY * counts.total()}:
            misread[name] = few
    return misread


def name_of(appearance: Appearance) -> tuple[str, ...]:
    """Give the words of a name that tells its bearer from others, in whatever language and order; else nothing.

    A company with a country in its name is the daughter of one without: "Hafenlogik Ghana Limited" tells nothing of "Hafenlogik GmbH".
    """
    form = form_of(appearance.name)
    if not form.core or form.acronym or appearance.type == "country":
        return ()
    return (*form.words, *sorted(form.numbers), *(sorted(form.states) if appearance.type == "company" else ()))


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


def resolve_level(
    depth: int, gathered: Mapping[Identity, Gathered], resolved: Resolved, decisions: Sequence[Decision], registry: Sequence[Entity]
) -> None:
    """Resolve identities of one depth, whose parents are resolved, and write what was found into resolved."""
    order = sorted(gathered)
    groups = [gathered[identity] for identity in order]
    entities = [make_entity(i, group, resolved.names) for i, group in zip(order, groups, strict=True)] + list(registry)
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
            first = min(own, key=lambda i: (entities[i].form.acronym, groups[i].first, order[i]))
            ids[leader] = id_of("org", (order[first].key, order[first].country, order[first].scope))
        if own:
            resolved.names[ids[leader]] = best_name(sum_up(count for i in own for count in groups[i].names().items()))
            countries = [c for i in indices if (c := entities[i].country or resolved.countries.get(entities[i].parent or ""))]
            if countries:
                resolved.countries[ids[leader]] = min(countries)
    for identity, leader in zip(order, clusters.leaders, strict=False):  # the registry's entities stand behind
        resolved.org_ids[depth, identity] = ids[leader]
    for link, row in zip(clusters.links, clusters.rows("organization", labels, ids), strict=True):
        by_registry = row["by"] == "score" and (entities[link.left].registry_id or entities[link.right].registry_id)
        resolved.links.append({**row, "by": "registry"} if by_registry else row)


def make_entity(identity: Identity, group: Gathered, names: dict[str, str]) -> Entity:
    """Give what is compared of an identity."""
    name = best_name(group.names())
    parent = names.get(group.parent_id or "")
    scope = f" < {parent}" if parent else f" ({identity.scope})" if identity.scope else ""
    return Entity(
        label=f"{name} [{identity.country}]{scope}" if identity.country else f"{name}{scope}",
        name=name,
        names=frozenset(form for said, names, _, _ in group.said for form in (said, *names)),
        type=most_frequent(sum_up((kind, n) for (_, _, kind, _), n in group.said.items())),
        country=identity.country or None,
        parent=group.parent_id,
        parent_name=parent,
        people=frozenset(p for _, _, _, people in group.said for p in people) or NO_WORDS,
        docs=frozenset(group.docs),
    )


def best_name(counts: Counter[str]) -> str:
    """Give the most frequent full name; an acronym only where there is nothing else."""
    if len(counts) == 1:
        return next(iter(counts))
    return min(counts, key=lambda n: (form_of(n).acronym, n.isupper(), -counts[n], -len(n), n))


def most_frequent(counts: Counter[str]) -> str:
    return min(counts, key=lambda t: (-counts[t], t))
