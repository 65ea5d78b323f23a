"""The country of each organisation of an article: what its name and the text say for each country, weighed."""

from __future__ import annotations

import math
import re
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import cache

from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.linear import choose
from pipeline.geography import country_of_domain, country_of_name, find_country, universities
from pipeline.lexicons import read_lexicon
from pipeline.naming import is_acronym, key_of
from pipeline.schema import Mention, Organization

Options = dict[str | None, dict[str, float]]  # country (None: the text does not tell) -> features
AFTER_COUNTRY = re.compile(
    r"^(?:\s*\([^)]{1,40}\))?(?:,| in| of| from|\s*\()\s*(?:the\s+)?(?P<place>[A-Z][\w.’'-]*(?:,? (?:and |of |the )?[A-Z][\w.’'-]*){0,6})"
)
BEFORE_COUNTRY = re.compile(r"([A-Z][\w.]+(?: [A-Z][\w.]+){0,2})(?:['’]s?)?\s+(?:the\s+)?$")
OWN = ("named", "placed", "behind", "before", "listed")  # evidence of its own, which its units inherit
NEAR_CHARS = 300
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
    named = sorted({*places, *states})
    counts = Counter(code for _, code in named)
    share = dict(counts.most_common(MAX_COUNTRIES))
    home = country_of_domain(doc._.url or "")
    evidence = {o.id: own_evidence(o, text, taken) for o in organizations if o.type != "country"}
    by_id = {o.id: o for o in organizations}
    lead = min((o for o in organizations if o.type not in ("country", "media", "unit")), key=lambda o: o.mentions[0].start, default=None)
    breaks = [m.start() for m in BREAK.finditer(text)]
    lead_codes = set(evidence[lead.id]) if lead is not None else set()
    out: dict[str, Options] = {}
    for o in organizations:
        if o.type == "country":
            continue
        options: Options = {None: {"none": 1.0, f"none|{o.type}": 1.0, "none:acronym": float(is_acronym(o.name))}}
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for code, features in evidence[o.id].items():
            found[code] |= features
        host, depth = by_id.get(o.parent or ""), 0
        while host is not None and host.id in evidence and depth < 4:
            for code, features in evidence[host.id].items():
                for name, value in features.items():
                    if name in OWN:
                        found[code][f"parent {name}"] = value
            host, depth = by_id.get(host.parent or ""), depth + 1
        for code, gap in nearest_places(o.mentions, named, breaks).items():
            found[code]["in the sentence"] = 1.0
            found[code]["near in the sentence"] = 1.0 / (1.0 + gap / 30)
        for code, gap in places_around(o.mentions, named).items():
            found[code]["near"] = 1.0 / (1.0 + gap / 100)
        for code, count in share.items():
            found[code]["share of places"] = count / len(named)
            found[code]["only country"] = float(len(share) == 1)
            found[code]["first country"] = float(named[0][1] == code)
        if home:
            found[home]["domain"] = 1.0
        for code in lead_codes:
            found[code]["lead's"] = 1.0 if o is not lead else 0.0
            found[code]["unit or office, lead's"] = float(o is not lead and o.type in ("unit", "government", "media", "school", "hospital"))
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


def own_evidence(o: Organization, text: str, taken: list[int]) -> dict[str, dict[str, float]]:
    """Country -> what the organisation's names, and the words right beside its mentions, say for it."""
    out: dict[str, dict[str, float]] = defaultdict(dict)
    for form in {m.text for m in o.mentions if not is_acronym(m.text)} | {o.name}:
        if code := find_country(form, with_places=False):
            out[code]["named"] = 1.0
        elif code := find_country(form):
            out[code]["placed"] = 1.0
    listed = universities().get(re.sub(r"^the ", "", o.name.casefold()))
    if listed:
        out[listed]["listed"] = 1.0
    for mention in o.mentions:
        before = BEFORE_COUNTRY.search(text[max(0, mention.start - 40) : mention.start])
        words = before.group(1).split() if before else []
        code = next((c for i in range(len(words)) if (c := country_of_name(" ".join(words[i:])))), None)
        if code:
            out[code]["before"] = 1.0
        after = AFTER_COUNTRY.match(text[mention.end : mention.end + 90])
        if after and not _begins(taken, mention.end + after.start("place"), mention.end + after.end("place")):
            place = after.group("place")
            pieces = [p.strip() for p in place.split(",")]
            code = next((c for p in pieces if (c := country_of_name(p))), None) or find_country(place)
            if code:
                out[code]["behind"] = 1.0
    words = [w for m in o.mentions for w in key_of(m.text).split()]
    for kind in ("legal form", "language"):
        known = hints(kind)
        codes = [code for word in set(words) for code in known.get(word, ())]
        for code in set(codes):
            out[code][kind] = 1.0 / math.sqrt(len(set(codes)))
            out[code]["hinted"] = 1.0
    return out


def _begins(starts: list[int], low: int, high: int) -> bool:
    """Whether one of the sorted offsets lies in [low, high)."""
    at = bisect_left(starts, low)
    return at < len(starts) and starts[at] < high


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
