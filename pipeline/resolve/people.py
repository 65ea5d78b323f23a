"""People of articles -> people across articles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, groupby

from pipeline.grouping import Groups
from pipeline.lexicons import read_lexicon
from pipeline.nationality import names as common_names
from pipeline.resolve.cluster import id_of, make_clusters
from pipeline.resolve.compare import Judgement
from pipeline.resolve.decisions import Decision, decide_pairs
from pipeline.resolve.words import fold, sound_of

UNDATED = "9999"
MAX_BLOCK = 40
RARE_LETTERS = 3  # letters that a word has at least one more than to be called rare
LinkRow = dict[str, object]


@cache
def name_variants() -> dict[str, str]:
    """Folded spellings of given names that rules of sound don't bring together -> one of them."""
    return {form: entry["id"] for entry in read_lexicon("name_variants.jsonl", required=("forms",)) for form in entry["forms"]}


@dataclass(frozen=True, slots=True)
class PersonAppearance:
    """A person of one article. orgs: org_ids (and their parents') where the person holds an office; around: all org_ids of the article."""

    doc_id: str
    local_id: str
    name: str
    orgs: frozenset[str]
    around: frozenset[str]
    day: str


@dataclass(slots=True)
class Same:
    """Appearances of one name that are one person for sure: some organisation is common to them.

    first: day, doc_id, local id and name where the person appears first.
    """

    words: tuple[str, ...]
    first: tuple[str, str, str, str]
    orgs: set[str] = field(default_factory=set)
    around: set[str] = field(default_factory=set)
    docs: set[str] = field(default_factory=set)
    names: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class ResolvedPeople:
    """ids: person_id of each that was given, in their order; names: person_id -> name; links: rows."""

    ids: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    links: list[LinkRow] = field(default_factory=list)


def person_words(name: str) -> tuple[str, ...]:
    """Words of a name, sorted, each in one spelling; initials stay single letters."""
    words = fold(name.replace(".", ". ").replace("-", "") if len(name) > 3 else name).split()
    variants = name_variants()
    return tuple(sorted(variants.get(w) or (sound_of(w) if len(w) > 3 else w) for w in words))


def resolve_people(given: Sequence[Same], org_names: dict[str, str], *, decisions: Sequence[Decision] = ()) -> ResolvedPeople:
    """Give people of equal names (see gather_people) a person_id.

    Names that differ (initials, middle names) are one person where they hold office in the same organisation.
    """
    known = [label_of(person, org_names) for person in given]
    order = sorted(range(len(given)), key=lambda i: (known[i], person_key(given[i])))
    people, labels = [given[i] for i in order], [known[i] for i in order]
    bearers = count_bearers(people)
    judged = {}
    for i, j in find_person_pairs(people):
        judgement = judge_people(people[i], people[j], rare=is_rare(people[i], bearers))
        if judgement.score > 0:
            judged[i, j] = judgement
    clusters = make_clusters(len(people), judged, decide_pairs(decisions, labels), forbid_people(people), labels)
    out = ResolvedPeople()
    members: dict[int, list[int]] = defaultdict(list)
    for i, leader in enumerate(clusters.leaders):
        members[leader].append(i)
    ids = {}
    for leader, indices in members.items():
        first = min((people[i] for i in indices), key=lambda p: (len(p.words) < 2, p.first[0], person_key(p)))
        ids[leader] = id_of("person", person_key(first))
        counts: Counter[str] = Counter()
        for i in indices:
            counts.update(people[i].names)
        out.names[ids[leader]] = min(
            counts, key=lambda n: (n.isupper(), len(n.split()) < 2, any(len(w.rstrip(".")) == 1 for w in n.split()), -counts[n], -len(n), n)
        )
    places = {given_as: i for i, given_as in enumerate(order)}
    out.ids.extend(ids[clusters.leaders[places[i]]] for i in range(len(given)))
    out.links.extend(clusters.rows("person", labels, ids))
    return out


def person_key(person: Same) -> tuple[str, ...]:
    """Identity of a person: the folded name and the first article that names the person so."""
    _, doc_id, local_id, name = person.first
    return (fold(name), doc_id, local_id)


def label_of(person: Same, org_names: dict[str, str]) -> str:
    name = min(person.names, key=lambda n: (-person.names[n], -len(n), n))
    where = sorted({org_names[o] for o in person.orgs if o in org_names})
    return f"{name} @ {'; '.join(where)}" if where else f"{name} (in {min(person.docs)})"


def gather_people(appearances: Iterable[PersonAppearance]) -> Iterator[tuple[Same, list[PersonAppearance]]]:
    """Put together appearances of equal names that some organisation joins; single words ("Dr. Batang") stay alone.

    One name is one person where an organisation says so: the same office's organisation or, where an article tells no office,
    an organisation that both articles name. appearances: sorted, those whose names have equal person_words one after another.
    """
    for words, same_name in groupby(appearances, key=lambda a: person_words(a.name)):
        items = list(same_name)
        groups = Groups(len(items))
        holders: dict[str, int] = {}
        for i, item in enumerate(items):  # the same office's organisation
            for org in sorted(item.orgs) if len(words) > 1 else ():
                groups.join(i, holders.setdefault(org, i))
        if len(words) > 1:
            join_by_surroundings(items, groups, holders)
        members: dict[int, list[PersonAppearance]] = defaultdict(list)
        for i, item in enumerate(items):
            members[groups.root(i)].append(item)
        for found in members.values():
            same = Same(words, min((a.day or UNDATED, a.doc_id, a.local_id, a.name) for a in found))
            for item in found:
                same.orgs |= item.orgs
                same.around |= item.around
                same.docs.add(item.doc_id)
                same.names[item.name] += 1
            yield same, found


def join_by_surroundings(items: Sequence[PersonAppearance], groups: Groups, holders: dict[str, int]) -> None:
    """Join articles that tell no office to the one person whose organisations they name, else to each other."""
    bare = [i for i, item in enumerate(items) if not item.orgs]
    lonely = []
    for i in bare:
        hosts = {groups.root(holders[org]) for org in items[i].around if org in holders}
        if len(hosts) == 1:
            groups.join(i, hosts.pop())
        elif not hosts:
            lonely.append(i)
    seen: dict[str, int] = {}
    for i in lonely:
        for org in sorted(items[i].around):
            groups.join(i, seen.setdefault(org, i))


def find_person_pairs(people: Sequence[Same]) -> list[tuple[int, int]]:
    """Pairs that share the longest word of their names, or all words, or an organisation and a word."""
    blocks: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, person in enumerate(people):
        blocks[("=", *person.words)].append(i)
        for word in {w for w in person.words if len(w) > 2}:
            for org in person.orgs:
                blocks[(word, org)].append(i)
    pairs: set[tuple[int, int]] = set()
    for members in blocks.values():
        pairs.update(combinations(members[:MAX_BLOCK], 2))
    return sorted(pairs)


def count_bearers(people: Iterable[Same]) -> Counter[str]:
    """Word of names -> how many full names of the archive have it."""
    full = {person.words for person in people if len(person.words) > 1}
    return Counter(word for words in full for word in words)


def is_rare(person: Same, bearers: Counter[str]) -> bool:
    """Two of the name are hardly two people: some word of it is in no other name of the archive, nor common in any country."""
    alone = {word for word in person.words if len(word) > RARE_LETTERS and bearers[word] == 1}
    if len(person.words) < 2 or not alone:
        return False
    common = {sound_of(word) for name in person.names for word in fold(name).split() if word in common_names()}
    return not alone <= common


def judge_people(left: Same, right: Same, *, rare: bool = False) -> Judgement:
    """Compare two people: their names, then where they hold office. rare: the name of left is."""
    score, reason = compare_names(left.words, right.words)
    if score == 0:
        return Judgement(0.0, "apart", "score", ())
    if rare and left.words == right.words:
        score, reason = 0.9, "the same rare name but for spelling and order"
    shared = left.orgs & right.orgs
    if len(left.words) < 2 or len(right.words) < 2:
        where = (-0.3, "a single word is too little to go by")
    elif shared:
        where = (0.3, "they hold office in the same organisation")
    elif left.orgs & right.around and right.orgs & left.around:
        where = (0.2, "articles on each name the organisation of the other")
    elif left.orgs & right.around or right.orgs & left.around:
        where = (0.1, "articles on the one name the organisation of the other")
    elif left.around & right.around:
        where = (0.0, "articles on both name the same organisation, but not as theirs")
    else:
        where = (-0.2, "no organisation is common to them")
    total = round(max(0.0, min(1.0, score + where[0])), 4)
    verdict = "linked" if total >= 0.9 else "unsure" if total >= 0.55 else "apart"
    return Judgement(total, verdict, "score", (f"names {score:+.2f}: {reason}", f"organisations {where[0]:+.2f}: {where[1]}"))


def compare_names(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[float, str]:
    """How alike two names are, as sorted words in one spelling, and why."""
    if left == right:
        return 0.7, "the same name but for spelling and order"
    rest_l, rest_r = list(left), list(right)
    for word in left:
        if word in rest_r:
            rest_l.remove(word)
            rest_r.remove(word)
    shared = [w for w in left if w in right and len(w) > 2]
    if not shared:
        return 0.0, ""
    if not rest_l or not rest_r:
        added = rest_l or rest_r
        if all(len(w) == 1 for w in added) and min(len(left), len(right)) > 1:
            return 0.65, "the one leaves out an initial"
        return (0.6, "the one leaves out a name") if min(len(left), len(right)) > 1 else (0.5, "the one has a single word")
    if len(rest_l) == len(rest_r) and all(any(a[0] == b[0] and 1 in (len(a), len(b)) for b in rest_r) for a in rest_l):
        return 0.6, "the one has initials that fit the other"
    return 0.0, ""


def forbid_people(people: Sequence[Same]) -> Callable[[int, int], str | None]:
    """Two whom one article names side by side under full names that differ aren't one."""

    def forbids(i: int, j: int) -> str | None:
        left, right = people[i], people[j]
        if compare_names(left.words, right.words)[0] == 0:
            return "their names differ"
        if left.docs & right.docs and len(left.words) > 1 and len(right.words) > 1:
            return "an article names both"
        return None

    return forbids
