"""Countries that are parties themselves: which of the countries that an article names act, and which are places only."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.linear import probability
from pipeline.geography import country_forms, country_of_name
from pipeline.schema import Mention, Organization

HEAD_CHARS = 200
GOVERNMENT = re.compile(r"(?:the )?(?:government|cabinet) of (?:the )?(?P<behind>.+)|(?P<before>.+?)(?:['’]s)? government", re.IGNORECASE)
STATE_TITLE = re.compile(
    r"(?:the )?(?:(?:\w+ ){0,3}republic|(?:\w+ )?kingdom|state|sultanate|principality|commonwealth|grand duchy|union|federation)"
    r" of (?:the )?(?P<name>.+)",
    re.IGNORECASE,
)
PLACED = re.compile(r"\b(?:in|from|to|of|across|throughout|for|at|near|into|around|visit(?:ing|ed)?)\s+(?:the\s+)?\Z", re.IGNORECASE)
JOINED = re.compile(r"\b(?:between|and|with)\s+(?:the\s+)?\Z", re.IGNORECASE)
ACTS = re.compile(
    r"\A\s+(?:and\b|will\b|ha(?:s|ve)\b|sign|agree|plan|want|offer|support|expressed|said|seek|is\b|are\b|to\b|hold|held|launch|discuss|share)",
    re.IGNORECASE,
)
TWO_SIDES = re.compile(r"\b(?:(?:both|two|our) (?:countries|nations|sides|governments|states|peoples)|bilateral|two-way)\b", re.IGNORECASE)
OFFICE = re.compile(
    r"\A['’]?s?\s+(?:\w+\s+){0,2}(?:minister|president|prime|ambassador|foreign|secretary|government|premier)", re.IGNORECASE
)


def is_noun(name: str) -> bool:
    """A name of a country, not its adjective: "Portugal", not "the Portuguese side"."""
    return re.sub(r"^the ", "", name.strip().casefold().replace("’", "'")) in country_forms()


def state_code(name: str) -> str | None:
    """Code of a name that stands for a state as such: a country, its full title, or its government."""
    government, title = GOVERNMENT.fullmatch(name), STATE_TITLE.fullmatch(name)
    inner = (government["behind"] or government["before"]) if government else (title["name"] if title else None)
    return (country_of_name(name) if is_noun(name) else None) or (country_of_name(inner) or state_code(inner) if inner else None)


def add_states(doc: Doc, organizations: list[Organization], least: float) -> None:
    """Add the countries that are likely enough parties; an organisation that is a state by its name already takes in their mentions."""
    own = {code: o for o in reversed(organizations) if o.type in ("country", "government") and (code := state_code(o.name))}
    for code, mentions, features in weigh_states(doc, organizations):
        sure = probability("state", features)
        mine = own.get(code)
        if mine is not None:
            taken = {m.start for m in mine.mentions}
            mine.mentions = sorted([*mine.mentions, *(m for m in mentions if m.start not in taken)], key=lambda m: m.start)
            mine.country = code
            if not GOVERNMENT.fullmatch(mine.name):
                mine.type = "country"
        elif sure >= least:
            name = max((m.text for m in mentions), key=lambda text: (not text.isupper(), len(text)))
            organizations.append(Organization("", name, mentions, "country", code, None, round(sure, 2), "encoder:STATE"))


def weigh_states(doc: Doc, organizations: list[Organization]) -> Iterator[tuple[str, list[Mention], dict[str, float]]]:
    """Code, mentions and features of each country that the article names outside of names of organisations, by code."""
    text = text_of(doc)
    covered = sorted((m.start, m.end) for o in organizations for m in o.mentions)
    found: dict[str, dict[int, tuple[Mention, float, float]]] = defaultdict(dict)
    for layer in ("LOC", "STATE"):
        group = doc.spans[layer]
        none = [[0.0, 0.0]] * len(group)
        for span, score, party in zip(group, group.attrs.get("scores", []), group.attrs.get("party", none), strict=True):
            start, end = without_article(text, span.start_char, span.end_char)
            code = state_code(text[start:end])
            at = bisect_right(covered, (start, 10**9)) - 1
            if code and not (at >= 0 and covered[at][1] > start):
                found[code][start] = (Mention(text[start:end], start, end), score if layer == "STATE" else 0.0, party[1])
    sides = float(TWO_SIDES.search(text) is not None)
    others = {o.type for o in organizations}
    for code in sorted(found):
        rows = [found[code][start] for start in sorted(found[code])]
        mentions = [m for m, _, _ in rows]
        leads = [text[max(0, m.start - 25) : m.start] for m in mentions]
        follows = [text[m.end : m.end + 40] for m in mentions]
        n = len(mentions)
        states = [s for _, s, _ in rows if s]
        yield (
            code,
            mentions,
            {
                "bias": 1.0,
                "state": max(states, default=0.0),
                "share of states": len(states) / n,
                "party": max(p for *_, p in rows),
                "mean party": sum(p for *_, p in rows) / max(1, len(states)),
                "mentions": math.log(n),
                "headline": float(mentions[0].start < HEAD_CHARS),
                "countries": math.log1p(len(found)),
                "two countries": float(len(found) == 2),
                "only country": float(len(found) == 1),
                "placed": sum(PLACED.search(lead) is not None for lead in leads) / n,
                "joined": sum(JOINED.search(lead) is not None for lead in leads) / n,
                "acts": sum(ACTS.match(after) is not None for after in follows) / n,
                "office": float(any(OFFICE.match(after) for after in follows)),
                "title": float(any(STATE_TITLE.fullmatch(m.text) or GOVERNMENT.fullmatch(m.text) for m in mentions)),
                "two sides": sides,
                "universities": float("university" in others),
                "companies": float("company" in others),
                "governments": float("government" in others),
                "instruments": math.log1p(len(doc.spans["INST"])),
            },
        )


def without_article(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds without a leading "the", and without a possessive behind."""
    article = re.match(r"the\s+", text[start:end], re.IGNORECASE)
    if article:
        start += article.end()
    if re.search(r"['’]s?\Z", text[start:end]):
        end = start + len(re.sub(r"['’]s?\Z", "", text[start:end]))
    return start, end
