"""The country of each organisation of an article: what its name and the text say for each country, weighed."""

from __future__ import annotations

import math
import re
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache

from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.linear import choose
from pipeline.geography import country_of_domain, country_of_name, find_countries_named, find_country, universities
from pipeline.lexicons import common_words, read_lexicon, read_pairs
from pipeline.naming import content_words, is_acronym, key_of, without_legal_form
from pipeline.nationality import fits, sound_like, sounds
from pipeline.schema import Mention, Organization

Options = dict[str | None, dict[str, float]]  # country (None: the text does not tell) -> features
AFTER_COUNTRY = re.compile(
    r"^(?:\s*\([^)]{1,40}\))?(?:,| in| of| from|\s*\()\s*(?:the\s+)?(?P<place>[A-Z][\w.’'-]*(?:,? (?:and |of |the )?[A-Z][\w.’'-]*){0,6})"
)
BEFORE_COUNTRY = re.compile(r"([A-Z][\w.]*(?: [A-Z][\w.]+){0,2}(?:\w|[A-Z]\.))(?:['’]s?)? (?:the )?$")  # no full stop but of "U.S."
OWN = ("named", "placed", "behind", "before", "listed", "known")
OF_PARENT = frozenset(
    [*OWN, "legal form", "language", "word of universities", "sounds", "people fit", "near", "beside, no partner", "beside, partner"]
)
# evidence that settles a country, the surest first
SURE = ("listed", "known", "named", "before", "behind", "placed", "legal form", "language")
MIN_SURE = 0.5  # of a legal form or a language: one that four countries share settles none
NEAR_CHARS = 300
BESIDE_CHARS = 80  # between an organisation and a person whose name tells where it is at home
MAX_PEOPLE = 4
MAX_NAMES = 40  # of people in an article, by which it is asked where they are at home
ACADEMIC = ("university", "research", "school", "hospital")
SIDE_CHARS = 600  # to another organisation whose country is settled
MAX_AROUND = 4  # settled organisations on either side of a mention
WEB_ADDRESS = re.compile(r"(?:https?://|www\.|@)[\w.-]+\.[a-z]{2,}(?=[/\s,;:)>]|\.?\s|\.?\Z)")
MIN_STRANGE = 4  # letters
MIN_SHARE = 0.5  # of the universities with a word in their names, that are in one country
MAX_COUNTRIES = 40  # of the article, the ones named most, that any organisation may be in without more than that
BREAK = re.compile(r"\. |\n")


@cache
def hints(kind: str) -> dict[str, tuple[str, ...]]:
    """Words of names -> countries where such names are at home; kind: legal form, language."""
    entries = read_lexicon("country_hints.jsonl", required=("kind", "forms", "countries"))
    out: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry["kind"] == kind:
            for form in entry["forms"]:
                out[form] |= set(entry["countries"])
    return {form: tuple(sorted(codes)) for form, codes in out.items()}


@cache
def university_words() -> dict[str, tuple[str, float]]:
    """Word of names of universities -> the country where most of those are, and their share, one more university counted elsewhere."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, code in read_pairs("universities.tsv"):
        for word in set(content_words(name)):
            counts[word][code] += 1
    ranked = ((word, found.most_common(1)[0], found.total()) for word, found in counts.items())
    return {word: (code, n / (total + 1)) for word, (code, n), total in ranked if n / (total + 1) >= MIN_SHARE}


def is_strange(word: str) -> bool:
    """A word that tells by its sound where it is at home."""
    return len(word) >= MIN_STRANGE and word.isalpha() and word not in common_words()


def parents_first(organizations: list[Organization]) -> list[Organization]:
    """The same in an order in which none comes before its parent."""
    by_id = {o.id: o for o in organizations}

    def depth(o: Organization) -> int:
        seen = {o.id}
        while o.parent in by_id and o.parent not in seen:
            seen.add(o.parent)
            o = by_id[o.parent]
        return len(seen)

    return sorted(organizations, key=depth)


@cache
def university_keys() -> dict[frozenset[str], str]:
    """Content words of a university's name -> its country."""
    return {frozenset(content_words(name)): code for name, code in read_pairs("universities.tsv")}


def set_countries(organizations: list[Organization], doc: Doc) -> None:
    """Give every organisation that has none yet the likeliest country, or none."""
    by_id = {o.id: o for o in organizations}
    for identifier, options in find_countries(organizations, doc).items():
        codes = list(options)
        best, _ = choose("country", [options[code] for code in codes])
        by_id[identifier].country = codes[best]


def find_countries(organizations: list[Organization], doc: Doc) -> dict[str, Options]:
    """Id of each organisation but states -> the countries that it may be in, none first, then by code."""
    text = text_of(doc)
    taken = sorted(m.start for o in organizations for m in o.mentions)
    places = [(span.start_char, code) for span in doc.spans["LOC"] if (code := find_country(span.text))]
    states = [(m.start, o.country) for o in organizations if o.type == "country" and o.country for m in o.mentions]
    named = sorted({*places, *states, *find_countries_named(text)})
    counts = Counter(code for _, code in named)
    share = dict(counts.most_common(MAX_COUNTRIES))
    home = country_of_domain(doc._.url or "")
    addresses = {code for found in WEB_ADDRESS.finditer(text) if (code := country_of_domain(found.group()))}
    people = [(span.start_char, span.end_char, span.text) for span in doc.spans["PER"]]
    evidence = {o.id: own_evidence(o, text, taken) for o in organizations if o.type != "country"}
    lead = min((o for o in organizations if o.type not in ("country", "media", "unit")), key=lambda o: o.mentions[0].start, default=None)
    breaks = [m.start() for m in BREAK.finditer(text)]
    lead_codes = set(evidence[lead.id]) if lead is not None else set()
    settled = {o.id: code for o in organizations if (code := o.country if o.type == "country" else settle(evidence[o.id]))}
    settlements = sorted((m.start, o.id, settled[o.id]) for o in organizations if o.id in settled for m in o.mentions)
    common = dict(Counter(settled.values()).most_common(MAX_COUNTRIES))
    partners = find_partners(doc, organizations)
    strangers = {word for _, _, name in people[:MAX_NAMES] for word in content_words(name) if is_strange(word)}
    likely = sound_like(sorted(strangers), sounds().columns, mixed=True) if strangers else {}
    likeliest = min(likely, key=lambda code: (-likely[code], code), default=None)
    out: dict[str, Options] = {}
    for o in parents_first(organizations):
        if o.type == "country":
            continue
        options: Options = {None: {"none": 1.0, f"none|{o.type}": 1.0, "none:acronym": float(is_acronym(o.name))}}
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for code, features in evidence[o.id].items():
            found[code] |= features
        mine = settled.get(o.id)
        for code, count in common.items():
            if count > (code == mine):
                found[code]["share of the settled"] = (count - (code == mine)) / (len(settled) - (mine is not None))
        for name, code, value in sides(o, settlements, partners):
            found[code][name] = max(value, found[code].get(name, 0.0))
        for code in sorted(addresses):
            found[code]["address"] = 1.0
        host = o.parent and out.get(o.parent)
        for code, features in host.items() if host else ():
            if code:
                found[code] |= {f"parent {name}": value for name, value in features.items() if name in OF_PARENT}
        for code, gap in nearest_places(o.mentions, named, breaks).items():
            found[code]["in the sentence"] = 1.0
            found[code]["near in the sentence"] = 1.0 / (1.0 + gap / 30)
        for code, gap in places_around(o.mentions, named).items():
            found[code]["near"] = 1.0 / (1.0 + gap / 100)
        for code, count in share.items():
            found[code]["share of places"] = count / len(named)
            found[code]["only country"] = float(len(share) == 1)
            found[code]["first country"] = float(named[0][1] == code)
        if likeliest:
            found[likeliest]["likeliest by people"] = 1.0
        if home:
            found[home]["domain"] = 1.0
        for code in lead_codes:
            found[code]["lead's"] = 1.0 if o is not lead else 0.0
            found[code]["unit or office, lead's"] = float(o is not lead and o.type in ("unit", "government", "media", "school", "hospital"))
        strange = sorted({word for m in o.mentions if not is_acronym(m.text) for word in content_words(m.text) if is_strange(word)})
        if strange:
            for code, value in sound_like(strange, found).items():
                found[code]["sounds"] = value
        beside = people_beside(o.mentions, people)
        for code in found:
            if beside:
                found[code]["people fit"] = max(fits(name, code) for name in beside)
        for code in found:
            found[code]["sound of people"] = likely.get(code, 0.0)
        most = max((features.get("people fit", 0.0) for features in found.values()), default=0.0)
        for features in found.values():
            features["people fit best"] = float(0.0 < most == features.get("people fit"))
        if any(found[code].get("named") for code in found):
            for code in found:
                found[code]["another named"] = float(not found[code].get("named"))
        for code in sorted(found):
            features = found[code]
            features["unit"] = float(o.type == "unit")
            features["igo"] = float(o.type == "igo")
            features["no evidence of its own"] = float(not any(features.get(name) for name in (*OWN, "hinted")))
            options[code] = features
        out[o.id] = options
    return out


@cache
def known_organizations() -> dict[str, str]:
    """Keys of names of companies, agencies, media and foundations that are known worldwide -> country."""
    return {key_of(name): code for name, code in read_pairs("organizations.tsv")}


def known_country(name: str) -> str | None:
    """Where an organisation is at home that is known worldwide by this name, with or without a legal form."""
    return known_organizations().get(key_of(name)) or known_organizations().get(without_legal_form(name))


def own_evidence(o: Organization, text: str, taken: list[int]) -> dict[str, dict[str, float]]:
    """Country -> what the organisation's names, and the words right beside its mentions, say for it."""
    out: dict[str, dict[str, float]] = defaultdict(dict)
    names = sorted({o.name, *(m.text for m in o.mentions)})
    for form in (name for name in names if name == o.name or not is_acronym(name)):
        if code := find_country(form, with_places=False):
            out[code]["named"] = 1.0
        elif code := find_country(form):
            out[code]["placed"] = 1.0
    listed = universities().get(re.sub(r"^the ", "", o.name.casefold()))
    if listed is None and o.type in ACADEMIC:
        listed = next((code for name in names if (code := university_keys().get(frozenset(content_words(name))))), None)
    if o.type != "company":
        academic = o.type in ACADEMIC
        for word in dict.fromkeys(w for name in names for w in content_words(name) if academic or is_strange(w)):
            code, part = university_words().get(word, ("", 0.0))
            if code:
                out[code]["word of universities"] = max(part, out[code].get("word of universities", 0.0))
    if listed:
        out[listed]["listed"] = 1.0
    for name in names:
        if code := known_country(name):
            out[code]["known, acronym" if is_acronym(name) else "known"] = 1.0
    for mention in o.mentions:
        before = BEFORE_COUNTRY.search(text[max(0, mention.start - 40) : mention.start])
        words = before.group(1).split() if before else []
        code = next((c for i in range(len(words)) if (c := country_of_name(" ".join(words[i:])))), None)
        if code:
            out[code]["before"] = 1.0
        after = AFTER_COUNTRY.match(text[mention.end : mention.end + 90])
        if after and not any_between(taken, mention.end + after.start("place"), mention.end + after.end("place")):
            place = after.group("place")
            pieces = [p.strip() for p in place.split(",")]
            code = next((c for p in pieces if (c := country_of_name(p))), None) or find_country(place)
            if code:
                out[code]["behind"] = 1.0
    words = [w for m in o.mentions for w in key_of(m.text).split()]
    for kind in ("legal form", "language"):
        known = hints(kind)
        codes = dict.fromkeys(code for word in words for code in known.get(word, ()))
        for code in codes:
            out[code][kind] = 1.0 / math.sqrt(len(codes))
            out[code]["hinted"] = 1.0
    return out


def settle(evidence: dict[str, dict[str, float]]) -> str | None:
    """The country for which the surest evidence of an organisation speaks, if it speaks for one alone."""
    for kind in SURE:
        codes = [code for code, features in evidence.items() if features.get(kind, 0.0) > MIN_SURE]
        if codes:
            return codes[0] if len(codes) == 1 else None
    return None


def find_partners(doc: Doc, organizations: list[Organization]) -> dict[tuple[str, str], float]:
    """Ids of two organisations, in either order -> how sure the encoder is that they cooperate."""
    owner = {m.start: o.id for o in organizations for m in o.mentions}
    out: dict[tuple[str, str], float] = {}
    for row in doc.spans["ORG"].attrs.get("pairs", []):
        a, b = owner.get(int(row[0])), owner.get(int(row[1]))
        if a and b and a != b:
            out[a, b] = out[b, a] = max(1.0 - row[2], out.get((a, b), 0.0))
    return out


def sides(
    o: Organization, settlements: list[tuple[int, str, str]], partners: dict[tuple[str, str], float]
) -> Iterator[tuple[str, str, float]]:
    """(feature, country, value) of the settled organisations named around o: partners are rather of another country, others of the same."""
    for mention in o.mentions:
        at = bisect_left(settlements, (mention.start, "", ""))
        for start, identifier, code in settlements[max(0, at - MAX_AROUND) : at + MAX_AROUND]:
            if identifier != o.id and abs(start - mention.start) <= SIDE_CHARS:
                near = 1.0 / (1.0 + abs(start - mention.start) / 100)
                sure = partners.get((o.id, identifier), 0.0)
                yield "partner's", code, sure
                yield "beside, no partner", code, near * (1.0 - sure)
                yield "beside, partner", code, near * sure


def people_beside(mentions: list[Mention], people: list[tuple[int, int, str]]) -> list[str]:
    """Names of people near to mentions, at most MAX_PEOPLE."""
    out: dict[str, None] = {}
    for mention in mentions:
        low, high = (bisect_left(people, (at, 0, "")) for at in (mention.start - BESIDE_CHARS, mention.end + BESIDE_CHARS))
        out |= dict.fromkeys(name for _, _, name in people[low:high])
        if len(out) >= MAX_PEOPLE:
            break
    return list(out)[:MAX_PEOPLE]


def any_between(places: list[int], low: int, high: int) -> bool:
    """Whether one of the sorted offsets lies in [low, high)."""
    at = bisect_left(places, low)
    return at < len(places) and places[at] < high


def nearest_places(mentions: list[Mention], named: list[tuple[int, str]], breaks: list[int]) -> dict[str, int]:
    """Country -> characters between a mention and its nearest place in one sentence or line, places before counted twice.

    breaks: the offsets of all ends of sentences and lines.
    """
    out: dict[str, int] = {}
    for mention in mentions:
        before, behind = bisect_left(breaks, mention.start) - 1, bisect_left(breaks, mention.end)
        low, high = breaks[before] if before >= 0 else -1, breaks[behind] if behind < len(breaks) else sys.maxsize
        for at, code in named[bisect_left(named, (low, "")) : bisect_left(named, (high, ""))]:
            gap = max(0, at - mention.end) if at > mention.start else 2 * (mention.start - at)
            out[code] = min(gap, out.get(code, gap))
    return out


def places_around(mentions: list[Mention], named: list[tuple[int, str]]) -> dict[str, int]:
    """Country -> characters between a mention and its nearest place, up to NEAR_CHARS."""
    out: dict[str, int] = {}
    for mention in mentions:
        low, high = mention.start - NEAR_CHARS, mention.end + NEAR_CHARS
        for at, code in named[bisect_left(named, (low, "")) : bisect_left(named, (high, ""))]:
            gap = abs(at - mention.start)
            out[code] = min(gap, out.get(code, gap))
    return out
