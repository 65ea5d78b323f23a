"""Organisations of an article: mentions put together, each with its type, country and parent."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components import attributes
from pipeline.geography import country_of_domain, country_of_name, find_country, universities
from pipeline.labels import ORG_TYPES
from pipeline.naming import ACRONYM, is_acronym, is_generic, is_short_form, key_of, same_words, spells, without_legal_form
from pipeline.schema import Mention, Organization

attributes.register()
# acronyms that stand for themselves: never taken for the initials of another name
MIN_PARENT = 0.5
MIN_STATE_PARTY = 0.4  # countries are organisations of an article only where they are parties
MIN_SURE = 0.7  # a name of several words that the model is sure of somewhere is that name everywhere
KNOWN_ACRONYMS = frozenset(["un", "eu", "us", "uk", "usa", "uae", "asean", "nato", "who", "imf", "wto"])
AFTER_COUNTRY = re.compile(
    r"^(?:\s*\([^)]{1,40}\))?(?:,| in| of| from|\s*\()\s*(?:the\s+)?(?P<place>[A-Z][\w.’'-]*(?:,? (?:and |of |the )?[A-Z][\w.’'-]*){0,6})"
)
BEARERS = ("university", "school", "hospital", "government", "research", "company", "ngo", "igo")
UNIT_JOIN = re.compile(
    r"^(?:\s*\([^)]{1,30}\))?\s*(?:,|of|at|in|under|within|from|\(|-|–|,? of the|,? at the|,? in the|within the)"
    r"\s*(?:the\s+)?$"
)
POSSESSIVE = re.compile(r"^(?:['’]s?|\s)\s*$")


@dataclass(slots=True)
class Surface:
    """One mention with what the model says of it."""

    text: str
    start: int
    end: int
    score: float
    types: np.ndarray
    party: float
    entity: int = -1


@Language.factory("organizations", requires=["doc.spans"], assigns=["doc._.organizations"], default_config={"min_score": 0.3})
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
        surfaces = [s for s in find_surfaces(doc) if s.score >= self.min_score]
        text = doc.text
        groups = group_surfaces(surfaces, text)
        organizations = [describe(group, number) for number, group in enumerate(groups, 1)]
        organizations = [*organizations, *find_states(doc, len(organizations))]
        organizations.sort(key=lambda o: (o.mentions[0].start, -o.mentions[0].end))
        for number, organization in enumerate(organizations, 1):
            organization.id = f"o{number}"
        set_parents(organizations, text, linked_parents(doc, organizations))
        set_countries(organizations, doc)
        return organizations


def find_surfaces(doc: Doc) -> Iterator[Surface]:
    """Mentions of organisations; also where the model passed over a name that it is sure of elsewhere, or an acronym in brackets."""
    text = doc.text
    group = doc.spans["ORG"]
    found = []
    for span, score, types, party in zip(
        group, group.attrs.get("scores", []), group.attrs.get("org_type", []), group.attrs.get("party", []), strict=True
    ):
        start, end = trim(text, span.start_char, span.end_char)
        if start < end and not is_generic(text[start:end]):
            found.append(Surface(text[start:end], start, end, score, np.asarray(types), party[1]))
    found = [part for surface in found for part in split_joint(surface, {key_of(s.text) for s in found if s is not surface})]
    covered = sorted((s.start, s.end) for s in found)
    known: dict[str, Surface] = {}
    for surface in sorted(found, key=lambda x: -x.score):
        bracket = re.match(r"\s*\(\s*[“\"]?(" + ACRONYM.pattern + r")[”\"]?\s*[;,)]", text[surface.end : surface.end + 30])
        if bracket and is_acronym(bracket.group(1)) and spells(bracket.group(1), surface.text):
            known.setdefault(bracket.group(1), surface)
        if surface.score >= MIN_SURE and " " in surface.text and "\n" not in surface.text:
            known.setdefault(surface.text, surface)
    for surface in found:
        if surface.text in known:
            surface.score = max(surface.score, known[surface.text].score)
    for form, surface in sorted(known.items(), key=lambda x: (-len(x[0]), x[0])):
        for match in re.finditer(rf"(?<![\w-]){re.escape(form)}(?![\w-])", text):
            start, end = match.span()
            at = bisect_left(covered, (end, -1))
            if not any(a < end and start < b for a, b in covered[max(0, at - 3) : at]) and not is_left_out(doc, start):
                found.append(Surface(form, start, end, surface.score, surface.types, surface.party))
                insort(covered, (start, end))
    return iter(sorted(found, key=lambda s: (s.start, -s.end)))


def is_left_out(doc: Doc, start: int) -> bool:
    return any(a <= start < b for a, b in doc._.left_out)


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
    """Bounds without a leading article, white space and stray punctuation at the edges."""
    article = re.match(r"(?:the|The|THE)\s+(?=\w)", text[start:end])
    if article:
        start += article.end()
    while start < end and not (text[start].isalnum() or text[start] in "(\"“@"):
        start += 1
    while end > start and text[end - 1] in " \t\n,;:-–—'’*_":
        end -= 1
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    return start, end


def group_surfaces(surfaces: list[Surface], text: str) -> list[list[Surface]]:
    """Put mentions of one organisation together: forms of equal key, acronyms, short forms, names in another order."""
    forms: dict[str, list[Surface]] = defaultdict(list)
    for surface in surfaces:
        forms[without_legal_form(surface.text) or key_of(surface.text) or surface.text].append(surface)
    keys = list(forms)
    names = {key: max((s.text for s in forms[key]), key=len) for key in keys}
    leader = {key: key for key in keys}

    def root(key: str) -> str:
        while leader[key] != key:
            key = leader[key]
        return key

    def join(short: str, full: str) -> None:
        if root(short) != root(full):
            leader[root(short)] = root(full)

    by_start = {s.start: s for s in surfaces}
    key_by_id = {id(s): key for key in keys for s in forms[key]}
    for surface in surfaces:  # "Full Name (ACR)", "ACR (Full Name)", "Full Name ("Short")"
        bracket = re.match(r"\s*[,]?\s*\(\s*(?:the\s+|hereinafter\s+)?[“\"'‘]?(?:the\s+)?", text[surface.end : surface.end + 30])
        other = by_start.get(surface.end + bracket.end()) if bracket and "(" in bracket.group() else None
        if other is None:
            continue
        a, b = key_by_id[id(surface)], key_by_id[id(other)]
        closes = re.match(r"[”\"'’]?\s*[);,]|\s+or\s", text[other.end : other.end + 5]) is not None
        if closes and (spells(other.text, surface.text) or spells(surface.text, other.text) or is_short_form(other.text, surface.text)):
            join(b, a) if len(other.text) < len(surface.text) else join(a, b)
        elif closes and is_acronym(other.text) and not is_acronym(surface.text):
            join(b, a)
    for key in sorted(keys, key=lambda k: forms[k][0].start):
        if root(key) != key:
            continue
        name = names[key]
        others = [k for k in keys if root(k) != key]
        if is_acronym(name):
            if name.casefold() in KNOWN_ACRONYMS:
                continue
            full = [k for k in others if spells(name, names[k])]
        else:
            full = [k for k in others if is_short_form(name, names[k]) or (same_words(name, names[k]) and k < key)]
        targets = {root(k) for k in full}
        if len(targets) == 1:
            join(key, targets.pop())
        elif len(targets) > 1 and is_acronym(name):
            first = min(full, key=lambda k: (forms[k][0].start > forms[key][0].start, abs(forms[k][0].start - forms[key][0].start)))
            join(key, first)
    groups: dict[str, list[Surface]] = defaultdict(list)
    for surface in surfaces:
        groups[root(key_by_id[id(surface)])].append(surface)
    return list(groups.values())


def describe(group: list[Surface], number: int) -> Organization:
    weights = np.asarray([s.score for s in group])
    types = (np.stack([s.types for s in group]) * weights[:, None]).sum(0)
    name = " ".join(max((s.text for s in group), key=lambda t: (len(t), not t.isupper())).split())
    shorter = re.match(r"(.{6,}?),? (?:of|in|from) (?:the )?(.+)", name)
    if shorter and country_of_name(shorter.group(2)) and any(" ".join(s.text.split()) == shorter.group(1) for s in group):
        name = shorter.group(1)  # "Woosong University of South Korea", called Woosong University elsewhere
    if name.isupper():  # prefer a form in mixed case of the same words
        name = next((" ".join(s.text.split()) for s in group if key_of(s.text) == key_of(name) and not s.text.isupper()), name)
    return Organization(
        id=f"o{number}",
        name=name,
        mentions=[Mention(s.text, s.start, s.end) for s in group],
        type=ORG_TYPES[int(types.argmax())],
        country=None,
        parent=None,
        confidence=round(float(max(s.score for s in group)), 2),
        source="encoder:ORG",
    )


def find_states(doc: Doc, offset: int) -> Iterator[Organization]:
    """Countries that are parties themselves, one entity a country."""
    by_code: dict[str, list[tuple[Mention, float]]] = defaultdict(list)
    group = doc.spans["STATE"]
    article = doc.text
    for span, score, party in zip(group, group.attrs.get("scores", []), group.attrs.get("party", []), strict=True):
        if party[1] < MIN_STATE_PARTY:
            continue
        start, end = trim(article, span.start_char, span.end_char)
        text = article[start:end]
        code = country_of_name(re.sub(r"^(?:Government|GOVERNMENT) of (?:the )?", "", text)) or find_country(text, with_places=False)
        if code and start < end:
            by_code[code].append((Mention(text, start, end), score))
    for n, (code, mentions) in enumerate(by_code.items(), offset + 1):
        yield Organization(
            id=f"o{n}",
            name=max((m.text for m, _ in mentions), key=len),
            mentions=[m for m, _ in mentions],
            type="country",
            country=code,
            parent=None,
            confidence=round(max(s for _, s in mentions), 2),
            source="encoder:STATE",
        )


def linked_parents(doc: Doc, organizations: list[Organization]) -> dict[str, Organization]:
    """Id of a unit -> the organisation that the encoder links its mentions to, the likeliest of them."""
    group = doc.spans["ORG"]
    spans = list(group)
    owner = {m.end: o for o in organizations for m in o.mentions}
    best: dict[str, tuple[float, Organization]] = {}
    for span, (target, score) in zip(spans, group.attrs.get("unit_parent", []), strict=True):
        unit, host = owner.get(span.end_char), owner.get(spans[int(target)].end_char) if target >= 0 else None
        if unit is not None and host is not None and host is not unit and score >= MIN_PARENT and score > best.get(unit.id, (0.0, host))[0]:
            best[unit.id] = (score, host)
    return {unit: host for unit, (_, host) in best.items()}


def set_parents(organizations: list[Organization], text: str, linked: Mapping[str, Organization] = MappingProxyType({})) -> None:
    """Parents of units: the organisation whose name is part of the unit's; the one that stands beside it somewhere ("X, Y", "X of Y",
    "X at Y", "Y's X"); else the linked one, where a link is given; else the only university of its sentence; else the
    university, or where there is none the other organisation, that the article names most.
    """
    mentions = sorted(((m, o) for o in organizations for m in o.mentions), key=lambda x: (x[0].start, -x[0].end))
    universities_ = [o for o in organizations if o.type == "university"]
    others = [o for o in organizations if o.type in BEARERS]
    by_prominence = sorted(universities_ or others, key=lambda o: (-len(o.mentions), o.mentions[0].start))
    for unit in organizations:
        if unit.type in ("unit", "research", "school", "other"):
            host = _host_in_name(unit, organizations) or _host_beside(unit, mentions, text)
            if host is None and unit.type == "unit":
                host = linked.get(unit.id) or _host_in_sentence(unit, mentions, text)
                host = host or next((o for o in by_prominence if o is not unit), None)
            unit.parent = host.id if host is not None and host is not unit else None
    by_id = {o.id: o for o in organizations}
    for unit in organizations:  # no circles
        seen, at = {unit.id}, unit.parent
        while at:
            if at in seen:
                unit.parent = None
                break
            seen.add(at)
            at = by_id[at].parent


def _host_in_name(unit: Organization, organizations: list[Organization]) -> Organization | None:
    """ "Confucius Institute at the University of Toledo", "UT Graduate School"."""
    name = f" {key_of(unit.name)} "
    hosts = [
        (len(key), o)
        for o in organizations
        if o is not unit and o.type not in ("country", "unit") for key in {key_of(m.text) for m in o.mentions} if key and f" {key} " in name
    ]  # fmt: skip
    return max(hosts, key=lambda x: x[0])[1] if hosts else None


def _host_beside(unit: Organization, mentions: list[tuple[Mention, Organization]], text: str) -> Organization | None:
    for at, (mention, owner) in enumerate(mentions):
        if owner is not unit:
            continue
        after = next(((m, o) for m, o in mentions[at + 1 : at + 4] if o is not unit and m.start >= mention.end), None)
        if after is not None:
            joint = text[mention.end : after[0].start]
            if UNIT_JOIN.match(joint) and (after[1].type != "unit" or "," not in joint):
                return after[1]
        before = next(((m, o) for m, o in reversed(mentions[max(0, at - 3) : at]) if o is not unit and m.end <= mention.start), None)
        if before is not None and before[1].type != "unit" and POSSESSIVE.match(text[before[0].end : mention.start]):
            return before[1]
    return None


def _host_in_sentence(unit: Organization, mentions: list[tuple[Mention, Organization]], text: str) -> Organization | None:
    first = unit.mentions[0]
    start = max(text.rfind(mark, 0, first.start) for mark in (". ", "\n", "; "))
    end = min((e for mark in (". ", "\n") if (e := text.find(mark, first.end)) >= 0), default=len(text))
    here = {o.id: o for m, o in mentions if start <= m.start < end and o.type == "university"}
    return next(iter(here.values())) if len(here) == 1 else None


def set_countries(organizations: list[Organization], doc: Doc) -> None:
    """Countries by the name, the words around it, its parent, a list of universities, a city in the name, the site's domain."""
    text = doc.text
    taken = sorted(m.start for o in organizations for m in o.mentions)
    for o in organizations:
        if o.country is None:
            o.country = _country_in_names(o)
    for o in organizations:
        if o.country is None:
            o.country = _country_around(o, text, taken) or universities().get(key_form(o.name))
    for o in organizations:
        if o.country is None and o.type != "igo":
            o.country = find_country(o.name)
    by_id = {o.id: o for o in organizations}
    named = [(s.start_char, code) for s in doc.spans["LOC"] if (code := find_country(s.text))]
    for o in organizations:
        if o.country is None and o.type not in ("igo", "unit", "media"):
            o.country = _country_of_sentence(o, named, text)
    for o in organizations:
        at = o
        for _ in range(5):
            if o.country is None and at.parent:
                at = by_id[at.parent]
                o.country = at.country
    home = country_of_domain(doc._.url or "") or _home(organizations)
    for o in organizations:
        if o.country is None and o.type in ("government", "unit", "school", "media", "hospital"):
            o.country = home


def key_form(name: str) -> str:
    return re.sub(r"^the ", "", name.casefold())


def _begins(starts: list[int], low: int, high: int) -> bool:
    """Whether one of the sorted offsets lies in [low, high)."""
    at = bisect_left(starts, low)
    return at < len(starts) and starts[at] < high


def _country_of_sentence(o: Organization, places: list[tuple[int, str]], text: str) -> str | None:
    """The country of the place that is named nearest to a mention in its sentence, behind it rather than before it."""
    for mention in o.mentions:
        low = max(text.rfind(mark, 0, mention.start) for mark in (". ", "\n"))
        high = min((e for mark in (". ", "\n") if (e := text.find(mark, mention.end)) >= 0), default=len(text))
        here = [(at - mention.end if at > mention.start else 2 * (mention.start - at), code) for at, code in places if low <= at < high]
        if here:
            return min(here)[1]
    return None


def _home(organizations: list[Organization]) -> str | None:
    """The country of the organisation that is named most, first ones first."""
    known = [o for o in organizations if o.country]
    return max(known, key=lambda o: len(o.mentions), default=None).country if known else None  # type: ignore[union-attr]


def _country_in_names(o: Organization) -> str | None:
    for form in sorted({m.text for m in o.mentions if not is_acronym(m.text)}, key=lambda t: (-len(t), t)):
        code = find_country(form, with_places=False)
        if code:
            return code
    return None


def _country_around(o: Organization, text: str, taken: list[int]) -> str | None:
    for mention in o.mentions:
        before = text[max(0, mention.start - 40) : mention.start]
        owner = re.search(r"([A-Z][\w.]+(?: [A-Z][\w.]+){0,2})(?:['’]s?)?\s+(?:the\s+)?$", before)
        if owner:
            words = owner.group(1).split()
            for i in range(len(words)):
                code = country_of_name(" ".join(words[i:]))
                if code:
                    return code
        after = AFTER_COUNTRY.match(text[mention.end : mention.end + 90])
        if after and not _begins(taken, mention.end + after.start("place"), mention.end + after.end("place")):
            place = after.group("place")
            pieces = [p.strip() for p in place.split(",")]
            code = next((c for p in pieces if (c := country_of_name(p))), None) or find_country(place)
            if code:
                return code
    return None


