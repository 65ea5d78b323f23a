"""Names of countries, cities, divisions and universities -> ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

import re
from functools import cache

from pipeline.lexicons import read_lexicon, read_pairs

WORD = re.compile(r"\w[\w.’'-]*", re.UNICODE)
MAX_WORDS = 7
# one-word place names that are words of organisation names far more often than places
NO_PLACES = frozenset(
    [
        "University", "Central", "Southern", "Northern", "Eastern", "Western", "National", "Union", "Global", "Bank", "College",
        "Mobile", "Orange", "Most", "Bar", "Along", "Man", "Of", "Date", "Split", "Nice", "Reading", "Hospital", "Columbia",
        "Enterprise", "Media", "Pace", "Sale", "Young", "Bath", "Battle", "Much", "Best", "Police", "Commerce", "Industry",
        "Universal", "Victoria", "Santa", "Royal", "Imperial", "San", "Fort", "Saint", "New",
    ]
)


@cache
def countries() -> dict[str, str]:
    """Case-folded names and adjectives of countries -> code; upper-case short forms (US, UK) as they are."""
    out: dict[str, str] = {}
    for entry in read_lexicon("countries.jsonl", required=("forms", "adjectives")):
        for form in [*entry["adjectives"], *entry["forms"]]:
            out[form if len(form) <= 4 and form.isupper() else form.casefold()] = entry["id"]
    return out


@cache
def country_names() -> dict[str, str]:
    """Code -> the common English name of a country."""
    return {entry["id"]: entry["name"] for entry in read_lexicon("countries.jsonl", required=("forms", "adjectives"))}


@cache
def country_forms() -> frozenset[str]:
    """Names of countries without the adjectives, case-folded."""
    entries = read_lexicon("countries.jsonl", required=("forms", "adjectives"))
    return frozenset(form.casefold() for entry in entries for form in entry["forms"])


@cache
def places() -> dict[str, str]:
    """Cities and first-order divisions, as written -> code."""
    return dict(read_pairs("places.tsv"))


@cache
def universities() -> dict[str, str]:
    """Case-folded names of universities -> code."""
    return {name.casefold(): code for name, code in read_pairs("universities.tsv")}


def country_of_name(text: str) -> str | None:
    """Code of a text that is the name or adjective of a country, "the" and "Republic of" included; else None."""
    text = re.sub(r"^(the|The) ", "", text.strip()).replace("’", "'")
    text = re.sub(r"'s?$", "", text)
    known = countries()
    return known.get(text) or known.get(text.casefold())


def find_country(text: str, *, with_places: bool = True) -> str | None:
    """Code of the first country, else of the first city or division, that a stretch of text names; longest names first."""
    words = [(m.start(), m.end()) for m in WORD.finditer(text)]
    for lookup in (_country_at, _place_at) if with_places else (_country_at,):
        for i in range(len(words)):
            for j in range(min(len(words), i + MAX_WORDS), i, -1):
                code = lookup(text[words[i][0] : words[j - 1][1]])
                if code:
                    return code
    return None


def _country_at(form: str) -> str | None:
    form = form.replace("’", "'").removesuffix("'s")
    if not form[:1].isupper():
        return None
    known = countries()
    return known.get(form) or (known.get(form.casefold()) if len(form) > 4 or not form.isupper() else None)


def _place_at(form: str) -> str | None:
    form = form.replace("’", "'").removesuffix("'s")
    if form in NO_PLACES:
        return None
    found = places().get(form)
    if found is None and form.isupper() and len(form) > 4:
        found = places().get(form.title())
    return found


def country_of_domain(url: str) -> str | None:
    """Code of the top level domain of an address or e-mail, where it is a country's."""
    found = re.search(r"(?:://|@|^)[\w.-]*\.([a-z]{2})(?:[/:?#]|$)", url.strip().lower())
    code = found.group(1).upper() if found else None
    code = "GB" if code == "UK" else code
    return code if code in country_names() and code not in {"IO", "AI", "CO", "ME", "TV", "LY"} else None

