"""Organisations of an article: mentions put together, each with its type, country and parent."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components import attributes
from pipeline.components.attributes import text_of
from pipeline.components.bodies import keep_bodies
from pipeline.components.countries import set_countries
from pipeline.components.states import add_states
from pipeline.components.types import mean_types, set_types
from pipeline.geography import country_of_name
from pipeline.labels import ORG_TYPES
from pipeline.naming import (
    ACRONYM,
    is_acronym,
    is_generic,
    is_partly_spelled,
    is_short_form,
    key_of,
    same_words,
    spells,
    unspelled_words,
    without_legal_form,
    words_and_country,
)
from pipeline.schema import Mention, Organization

attributes.register()
MIN_PARENT = 0.5
MIN_STATE = 0.35  # countries are organisations of an article only where they are parties
MIN_SURE = 0.7  # a name of several words that the model is sure of somewhere is that name everywhere
# acronyms that are never the initials of another name -> how the key of their long form begins
KNOWN_ACRONYMS = {
    "un": "united nations", "eu": "european union", "us": "united states", "usa": "united states", "uk": "united kingdom",
    "uae": "united arab emirates", "asean": "association of southeast asian nations", "nato": "north atlantic treaty organi",
    "who": "world health organi", "imf": "international monetary fund", "wto": "world trade organi",
}  # fmt: skip
UNIT = ORG_TYPES.index("unit")
MIN_ALIKE = 0.08  # chance that two names are of bodies of one type
BLEND = re.compile(r"[A-Z]{2,5}[a-z]+")  # initials and a word: "USado", "TUDelft"
SPELLED_FROM = 4  # an acronym begins with one of these words of its name: it may be the country's, or small
DEFINES = re.compile(
    r"(?:\s*,?\s*\(|,? (?:also |better |commonly |hereinafter )?(?:known|referred to|abbreviated) (?:simply )?as)"
    r"\s*(?:the\s+|hereinafter\s+(?:referred to as\s+)?|or\s+|formerly\s+)?[“\"'‘]?(?:the\s+)?"
)
BRACKETED = re.compile(r"\s*\(\s*[“\"]?(" + ACRONYM.pattern + r")[”\"]?\s*[;,)]")
WORD = re.compile(r"[\w-]+")
CLOSES = re.compile(r"[”\"'’]?\s*[);,]|\s+or\s")
BEARERS = ("university", "school", "hospital", "government", "research", "company", "ngo", "igo")
ACADEMIC = frozenset(["faculty", "faculties", "school", "college", "academic", "student", "students", "graduate"])  # units of universities
MAX_JOINT_CHARS = 80  # between a unit and its host
MAX_SENTENCE = 600  # characters before a unit where its sentence may begin
SENTENCE_END = re.compile(r"(?<![A-Z][a-z])(?<!Mrs)(?<!Prof)(?<!Assoc)(?<![ .][A-Z])[.!?][”\"’)]*\s+(?=[A-Z“\"«(])|\n")
UNIT_JOIN = re.compile(
    r"^(?:\s*\([^)]{1,30}\))?\s*(?:,|of|at|in|under|within|from|\(|-|–|(?<=[ )])|,? of the|,? at the|,? in the|within the)"
    r"\s*(?:the\s+)?$"
)
POSSESSIVE = re.compile(r"^(?:['’]s?|\s)\s*$")
LISTED = re.compile(r"\s*(?:,|,? and|;)\s+(?:the\s+)?")


@dataclass(slots=True)
class Surface:
    """One mention with what the model says of it."""

    text: str
    start: int
    end: int
    score: float
    types: np.ndarray
    party: float


@Language.factory("organizations", requires=["doc.spans"], assigns=["doc._.organizations"], default_config={"min_score": 0.4})
def make_organizations(nlp: Language, name: str, min_score: float) -> "Organizations":
    return Organizations(min_score)


class Organizations:
    """Set doc._.organizations from doc.spans["ORG"] and ["STATE"], in the order of first mention.

    One entity takes in the full name, variants, acronyms (defined in brackets or spelled by the initials) and short forms.
    """

    def __init__(self, min_score: float) -> None:
        self.min_score = min_score

    def __call__(self, doc: Doc) -> Doc:
        doc._.organizations = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Organization]:
        organizations = keep_bodies(doc, self.find_names(doc), self.min_score)
        add_states(doc, organizations, MIN_STATE)
        organizations.sort(key=lambda o: (o.mentions[0].start, -o.mentions[0].end))
        for number, organization in enumerate(organizations, 1):
            organization.id = f"o{number}"
        set_parents(organizations, text_of(doc), linked_parents(doc, organizations))
        set_countries(organizations, doc)
        return organizations

    def find_names(self, doc: Doc) -> list[Organization]:
        """The names of doc.spans["ORG"] put together, each with its type, whether they are organisations or not."""
        groups = group_surfaces(list(find_surfaces(doc)), text_of(doc))
        organizations = [describe(group, number) for number, group in enumerate(groups, 1)]
        set_types(organizations, doc)
        return organizations


def find_surfaces(doc: Doc) -> Iterator[Surface]:
    """Mentions of organisations; also where the model passed over a name that it is sure of elsewhere, or an acronym in brackets."""
    text = text_of(doc)
    group = doc.spans["ORG"]
    found = []
    for span, score, types, party in zip(
        group, group.attrs.get("scores", []), group.attrs.get("org_type", []), group.attrs.get("party", []), strict=True
    ):
        start, end = trim(text, span.start_char, span.end_char)
        if start < end and not is_generic(text[start:end]):
            found.append(Surface(text[start:end], start, end, score, np.asarray(types), party[1]))
    keys = {key_of(surface.text) for surface in found}
    found = [part for surface in found for part in split_joint(surface, keys)]
    covered = sorted((s.start, s.end) for s in found)
    known: dict[str, Surface] = {}
    for surface in sorted(found, key=lambda x: -x.score):
        bracket = BRACKETED.match(text[surface.end : surface.end + 30])
        if bracket and is_acronym(bracket.group(1)) and spells(bracket.group(1), surface.text):
            known.setdefault(bracket.group(1), surface)
        if surface.score >= MIN_SURE and " " in surface.text and "\n" not in surface.text:
            known.setdefault(surface.text, surface)
    for surface in found:
        if surface.text in known:
            surface.score = max(surface.score, known[surface.text].score)
    left_out = doc._.left_out
    for form, start in sorted(find_forms(text, known), key=lambda x: (-len(x[0]), x)):
        end = start + len(form)
        at = bisect_left(covered, (end, -1))
        if not any(a < end and start < b for a, b in covered[max(0, at - 3) : at]) and not any(a <= start < b for a, b in left_out):
            found.append(replace(known[form], text=form, start=start, end=end))
            insort(covered, (start, end))
    return iter(sorted(found, key=lambda s: (s.start, -s.end)))


def find_forms(text: str, forms: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each form with each place where it stands by itself, in one pass over the text: by the first word of the form."""
    by_word: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for form in forms:
        if word := WORD.search(form):
            by_word[word.group()].append((form, word.start()))
    for word in WORD.finditer(text) if by_word else ():
        for form, lead in by_word.get(word.group(), ()):
            start = word.start() - lead
            beside = text[start - 1 : start], text[start + len(form) : start + len(form) + 1]
            if start >= 0 and text.startswith(form, start) and not any(map(WORD.match, beside)):
                yield form, start


def split_joint(surface: Surface, known: set[str]) -> Iterator[Surface]:
    """ "School of Economics and Department of Law" is two organisations where one side of an "and" is named by itself elsewhere."""
    for joint in re.finditer(r"(?:,|(?<!\s))\s+and\s+(?:the\s+)?", surface.text):
        left, right = surface.text[: joint.start()], surface.text[joint.end() :]
        if key_of(left) in known or key_of(right) in known:
            cut = surface.start + joint.end()
            yield replace(surface, text=left, end=surface.start + joint.start())
            yield replace(surface, text=right, start=cut)
            return
    yield surface


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds without a leading article, white space and stray punctuation at the edges; what begins behind a bracket ends with it."""
    closed = text.find(")", start, end)
    if closed > start > 0 and text[start - 1] == "(" and "(" not in text[start:closed]:
        end = closed
    article = re.match(r"(?:the|The|THE)\s+(?=\w)", text[start:end])
    if article:
        start += article.end()
    while start < end and not (text[start].isalnum() or text[start] in '("“@'):
        start += 1
    while end > start and text[end - 1] in " \t\n,;:-–—'’*_":
        end -= 1
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    return start, end


class Forms:
    """Forms of the names in an article, by key; step by step keys are joined that stand for one organisation.

    types: key -> what its surfaces say of the probability of each type; kinds: key -> index of the likeliest.
    """

    def __init__(self, surfaces: list[Surface]) -> None:
        self.surfaces: dict[str, list[Surface]] = defaultdict(list)
        self.key_by_id: dict[int, str] = {}
        for surface in surfaces:
            key = without_legal_form(surface.text) or surface.text
            self.surfaces[key].append(surface)
            self.key_by_id[id(surface)] = key
        self.names = {key: max((s.text for s in group), key=len) for key, group in self.surfaces.items()}
        self.types = {key: mean_types((s.score, s.types) for s in group) for key, group in self.surfaces.items()}
        self.kinds = {key: int(types.argmax()) for key, types in self.types.items()}
        self.first = {key: min(s.start for s in group) for key, group in self.surfaces.items()}
        self.leader = {key: key for key in self.surfaces}
        self.having: dict[str, set[str]] = defaultdict(set)  # a word -> names that have it
        self.opening: dict[str, set[str]] = defaultdict(set)  # a letter -> names that have it at the head of one of their first words
        self.saying: dict[tuple[str, ...], set[str]] = defaultdict(set)  # large words in any order -> names that say just these
        for key, name in self.names.items():
            words = key_of(name).split()
            for word in words:
                self.having[word].add(key)
            for word in words[:SPELLED_FROM]:
                self.opening[word[0]].add(key)
            self.saying[words_and_country(name)].add(key)

    def having_all(self, words: list[str]) -> set[str]:
        """Names that have each of the words; none where there are no words."""
        return set.intersection(*sorted((self.having.get(word, set()) for word in words), key=len)) if words else set()

    def root(self, key: str) -> str:
        while self.leader[key] != key:
            key = self.leader[key]
        return key

    def join(self, short: str, full: str) -> None:
        self.leader[self.root(short)] = self.root(full)

    def are_alike(self, left: str, right: str) -> bool:
        """Whether both may well be of one type."""
        return self.kinds[left] == self.kinds[right] or float(self.types[left] @ self.types[right]) >= MIN_ALIKE

    def groups(self) -> list[list[Surface]]:
        """Surfaces of each organisation, in text order."""
        groups: dict[str, list[Surface]] = defaultdict(list)
        for key, surfaces in self.surfaces.items():
            groups[self.root(key)].extend(surfaces)
        return sorted((sorted(g, key=lambda s: (s.start, -s.end)) for g in groups.values()), key=lambda g: (g[0].start, -g[0].end))


def group_surfaces(surfaces: list[Surface], text: str) -> list[list[Surface]]:
    """Put mentions of one organisation together: forms of equal key, acronyms, short forms, names in another order."""
    forms = Forms(surfaces)
    join_defined(forms, surfaces, text)
    for key in sorted(forms.surfaces, key=lambda k: forms.first[k]):
        if forms.root(key) == key:
            full = choose_full(forms, key, find_full(forms, key))
            if full is not None:
                forms.join(key, full)
    join_left_over(forms)
    return forms.groups()


def join_defined(forms: Forms, surfaces: list[Surface], text: str) -> None:
    """Join what the text itself defines: "Full Name (ACR)", "ACR (Full Name)", 'Full Name ("Short")', "Full Name, known as Short"."""
    by_start: dict[int, Surface] = {}
    for surface in surfaces:
        by_start.setdefault(surface.start, surface)
    for surface in surfaces:
        opened = DEFINES.match(text[surface.end : surface.end + 60])
        other = by_start.get(surface.end + opened.end()) if opened else None
        if opened is None or other is None or ("(" in opened.group() and not CLOSES.match(text[other.end : other.end + 5])):
            continue
        a, b = forms.key_by_id[id(surface)], forms.key_by_id[id(other)]
        if forms.root(a) == forms.root(b):
            continue
        if "(" not in opened.group() or is_definition(surface, other):
            forms.join(b, a) if len(other.text) < len(surface.text) else forms.join(a, b)


def is_definition(surface: Surface, other: Surface) -> bool:
    """Whether the name in brackets is another name of the one before them: of 1,397 in gold all but a unit's host are."""
    return (surface.types.argmax() == UNIT) == (other.types.argmax() == UNIT) or (
        spells(other.text, surface.text) or spells(surface.text, other.text) or is_short_form(other.text, surface.text)
    )


def find_full(forms: Forms, key: str) -> list[str]:
    """Keys of other organisations that this one may be short for, or that say the same in other words."""
    name = forms.names[key]
    if name.casefold() in KNOWN_ACRONYMS:
        return [k for k in forms.surfaces if re.fullmatch(KNOWN_ACRONYMS[name.casefold()] + r"\w*", k) and forms.root(k) != key]
    if is_acronym(name) or BLEND.fullmatch(name):
        opening = forms.opening.get(name.strip()[0].casefold(), ())
        if spelled := [k for k in opening if spells(name, forms.names[k]) and forms.root(k) != key]:
            return spelled
    near = forms.having_all(key.split()) | forms.having_all(unspelled_words(name)) | forms.saying[words_and_country(name)]
    return [
        k
        for k in near
        if forms.root(k) != key
        and (forms.kinds[k] == UNIT) == (forms.kinds[key] == UNIT)
        and (
            is_short_form(name, forms.names[k], alike=forms.are_alike(k, key))
            or is_partly_spelled(name, forms.names[k])
            or (same_words(name, forms.names[k]) and forms.first[k] < forms.first[key])
        )
    ]


def choose_full(forms: Forms, key: str, full: list[str]) -> str | None:
    """The one of several that is meant: of the same type, at the head of all others; for acronyms the one that stands nearest before."""
    if len({forms.root(k) for k in full}) > 1:
        full = [k for k in full if forms.kinds[k] == forms.kinds[key]] or full
    if len({forms.root(k) for k in full}) > 1:
        shortest = min(full, key=lambda k: (len(k), k))
        if all(k.startswith(shortest) for k in full):
            full = [shortest]
        elif is_acronym(forms.names[key]):
            full = [min(full, key=lambda k: (forms.first[k] > forms.first[key], abs(forms.first[k] - forms.first[key]), k))]
    return full[0] if len({forms.root(k) for k in full}) == 1 else None


def join_left_over(forms: Forms) -> None:
    """ "FEB ULMB" is the FEB of ULMB: without the name of its host (and a country behind that) a unit is what it is called elsewhere."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for key in forms.surfaces:
        for rest, host in without_host(key, forms):
            if forms.kinds[key] == forms.kinds[rest] and forms.root(host) != forms.root(rest):
                found[rest][key] = forms.root(host)
    for rest, hosts in found.items():
        if len(set(hosts.values())) == 1:  # else the bare name may be any of them
            for key in hosts:
                forms.join(rest, key)


def without_host(key: str, forms: Forms) -> Iterator[tuple[str, str]]:
    """(what is left, host) of a key that begins or ends with the key of another form, where what is left is a form too."""
    words = key.split()
    end = next((n for n in range(len(words) - 1, 1, -1) if country_of_name(" ".join(words[n:]))), len(words))
    for cut in range(1, len(words)):
        for host, left in ((words[cut:], words[:cut]), (words[cut:end], words[:cut]), (words[:cut], words[cut:])):
            while left and left[-1] in ("of", "at", "in", "the"):
                left = left[:-1]
            rest = " ".join(left)
            if rest in forms.surfaces and " ".join(host) in forms.surfaces and rest != key:
                yield rest, " ".join(host)


def describe(group: list[Surface], number: int) -> Organization:
    weights = np.asarray([s.score for s in group])
    types = (np.stack([s.types for s in group]) * weights[:, None]).sum(0)
    name = " ".join(max((s.text for s in group), key=lambda t: (len(t), not t.isupper())).split())
    kind = ORG_TYPES[int(types.argmax())]
    shorter = re.match(r"(.{6,}?),? (?:of|in|from) (?:the )?(.+)", name) if kind == "university" else None
    if shorter and country_of_name(shorter.group(2)) and any(" ".join(s.text.split()) == shorter.group(1) for s in group):
        name = shorter.group(1)  # "Woosong University of South Korea", called Woosong University elsewhere
    if name.isupper():  # prefer a form in mixed case of the same words
        name = next((" ".join(s.text.split()) for s in group if key_of(s.text) == key_of(name) and not s.text.isupper()), name)
    return Organization(
        id=f"o{number}",
        name=name,
        mentions=[Mention(s.text, s.start, s.end) for s in group],
        type=kind,
        country=None,
        parent=None,
        confidence=round(float(max(s.score for s in group)), 2),
        source="encoder:ORG",
    )


def linked_parents(doc: Doc, organizations: list[Organization]) -> dict[str, Organization]:
    """Id of a unit -> the organisation that the encoder links its mentions to, the likeliest of them."""
    group = doc.spans["ORG"]
    spans = list(group)
    owner = {m.end: o for o in organizations for m in o.mentions}
    best: dict[str, tuple[float, Organization]] = {}
    for span, links in zip(spans, group.attrs.get("unit_parent", []), strict=True):
        target, score = links[0]
        unit, host = owner.get(span.end_char), owner.get(spans[int(target)].end_char) if target >= 0 else None
        if unit is not None and host is not None and host is not unit and score >= MIN_PARENT and score > best.get(unit.id, (0.0, host))[0]:
            best[unit.id] = (score, host)
    return {unit: host for unit, (_, host) in best.items()}


def set_parents(organizations: list[Organization], text: str, linked: Mapping[str, Organization] = MappingProxyType({})) -> None:
    """Parents of units: the organisation whose name is part of the unit's; the one that stands beside it somewhere ("X, Y", "X of Y",
    "X at Y", "Y's X"); else, but for joint bodies, that of the unit before it in a list; else the linked one, where a link is given; else a
    university of its sentence; else the one that the article names most, for what only universities have a university.
    """
    mentions = sorted(((m, o) for o in organizations for m in o.mentions), key=lambda x: (x[0].start, -x[0].end))
    places: dict[str, list[int]] = defaultdict(list)  # of the mentions of each, in text order
    for place, (_, owner) in enumerate(mentions):
        places[owner.id].append(place)
    by_id = {o.id: o for o in organizations}
    hosts = name_hosts(organizations)
    longest = max((key.count(" ") + 1 for key in hosts), default=0)
    bearers = sorted((o for o in organizations if o.type in BEARERS), key=lambda o: (-len(o.mentions), o.mentions[0].start))
    academic_bearers = [o for o in bearers if o.type == "university"] or bearers
    for unit in organizations:
        if unit.type in ("unit", "research", "school", "other"):
            host = _host_in_name(unit, organizations, hosts, longest) or _host_beside(unit, mentions, places[unit.id], text)
            if host is None and unit.type == "unit" and not key_of(unit.name).startswith("joint "):
                before = _parent_in_list(unit, mentions, places[unit.id], text)
                host = by_id[before] if before is not None else linked.get(unit.id)
                academic = not ACADEMIC.isdisjoint(key_of(unit.name).split())
                likely = (o for o in (academic_bearers if academic else bearers) if o is not unit)
                host = host or _host_in_sentence(unit, mentions, text) or next(likely, None)
            unit.parent = host.id if host is not None and host is not unit else None
    for unit in organizations:  # no circles
        seen, at = {unit.id}, unit.parent
        while at:
            if at in seen:
                unit.parent = None
                break
            seen.add(at)
            at = by_id[at].parent


def _parent_in_list(unit: Organization, mentions: list[tuple[Mention, Organization]], places: list[int], text: str) -> str | None:
    """The parent of the unit that stands before it in a list ("leaders of the School of Ships and the Office of Ports")."""
    for at in places:
        left, before = mentions[at - 1]
        if at and before.type == "unit" and before.parent and LISTED.fullmatch(text, left.end, mentions[at][0].start):
            return before.parent
    return None


def name_hosts(organizations: list[Organization]) -> dict[str, list[int]]:
    """Names (as keys) -> the indices of whose they are; of all but countries and units."""
    out: dict[str, list[int]] = defaultdict(list)
    for n, o in enumerate(organizations):
        if o.type not in ("country", "unit"):
            for key in {key_of(m.text) for m in o.mentions} - {""}:
                out[key].append(n)
    return out


def _host_in_name(
    unit: Organization, organizations: list[Organization], hosts: Mapping[str, list[int]], longest: int
) -> Organization | None:
    """ "Confucius Institute at the University of Toledo", "UT Graduate School": of several the longest name, the first of equals.

    longest: words of the longest name of a host.
    """
    words = key_of(unit.name).split()
    keys = {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(len(words), i + longest) + 1)}
    found = [(len(key), -n) for key in keys for n in hosts.get(key, ())]
    return next((organizations[-n] for _, n in sorted(found, reverse=True) if organizations[-n] is not unit), None)


def _host_beside(unit: Organization, mentions: list[tuple[Mention, Organization]], places: list[int], text: str) -> Organization | None:
    for at in places:
        mention = mentions[at][0]
        host = _host_behind(unit, mention, mentions[at + 1 : at + 9], text)
        if host is not None:
            return host
        before = next(((m, o) for m, o in reversed(mentions[max(0, at - 3) : at]) if o is not unit and m.end <= mention.start), None)
        if before is not None and before[1].type != "unit" and POSSESSIVE.match(text[before[0].end : mention.start]):
            return before[1]
    return None


def _host_behind(unit: Organization, mention: Mention, behind: list[tuple[Mention, Organization]], text: str) -> Organization | None:
    """The organisation joined to the end of the mention; units of its kind that are listed with it are passed over."""
    end, head = mention.end, key_of(unit.name).split()[:1]
    for other, owner in behind:
        if owner is unit or other.start < end:
            continue
        joint = text[end : other.start]
        if owner.type == "unit" and LISTED.fullmatch(joint) and key_of(owner.name).split()[:1] == head:
            end = other.end
        elif len(joint) > MAX_JOINT_CHARS or not UNIT_JOIN.match(joint) or ("," in joint and (unit.type != "unit" or owner.type == "unit")):
            break
        else:
            return owner
    return None


def _host_in_sentence(unit: Organization, mentions: list[tuple[Mention, Organization]], text: str) -> Organization | None:
    """The only university of the sentence where the unit is named first, of several the last one before it."""
    first = unit.mentions[0]
    low = max(0, first.start - MAX_SENTENCE)
    start = max((m.end() for m in SENTENCE_END.finditer(text, low, first.start)), default=low)
    after = SENTENCE_END.search(text, first.end)
    end = after.start() + 1 if after else len(text)
    low, high = (bisect_left(mentions, at, key=lambda x: x[0].start) for at in (start, end))
    here = [(m, o) for m, o in mentions[low:high] if o.type == "university"]
    if len({o.id for _, o in here}) == 1:
        return here[0][1]
    return next((o for m, o in reversed(here) if m.end <= first.start), None)
