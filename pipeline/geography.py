"""Names of countries, cities, divisions and universities -> ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pipeline.lexicons import common_words, read_lexicon, read_pairs

WORD = re.compile(r"(\w+)[\w.’'-]*")  # and what it begins with, to the first mark
MAX_WORDS = 7
MAX_COUNTRY_WORDS, MAX_COUNTRY_CHARS = 5, 45
# one-word place names that are words of organisation names far more often than places, and aren't written in lower case elsewhere
NO_PLACES = frozenset([
    "Battle", "Bath", "Columbia", "Fort", "Imperial", "Of", "Pace", "Para", "Saint", "San", "Santa", "Sari", "Universal", "Victoria",
    "Western",
])  # fmt: skip


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
    """Cities and first-order divisions, as written and without accents -> code."""
    written = dict(read_pairs("places.tsv"))
    return {without_accents(name): code for name, code in written.items()} | written


def without_accents(name: str) -> str:
    """Letters without their marks: "Holguín" -> "Holguin"."""
    return name if name.isascii() else "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


@cache
def universities() -> dict[str, str]:
    """Case-folded names of universities -> code."""
    return {name.casefold(): code for name, code in read_pairs("universities.tsv")}


def country_of_name(text: str) -> str | None:
    """Code of a text that is the name or adjective of a country, "the" and "Republic of" included; else None."""
    text = re.sub(r"^(the|The) ", "", text.strip()).replace("’", "'")
    text = re.sub(r"'s?$", "", text)
    known = countries()
    return known.get(text) or known.get(text.casefold()) or known.get(text.rstrip(".").casefold())


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


def find_countries_named(text: str) -> list[tuple[int, str]]:
    """(offset, code) of every name and adjective of a country in a text, the longest where several begin alike."""
    words = [(*found.span(), found.group(1)) for found in WORD.finditer(text)]
    out, end = [], 0
    for i, (start, _, begins) in enumerate(words):
        if start < end or not begins[0].isupper() or begins.casefold() not in _beginnings():
            continue
        for j in range(min(len(words), i + MAX_COUNTRY_WORDS), i, -1):
            stop = words[j - 1][1]
            form = text[start:stop]
            if stop - start <= MAX_COUNTRY_CHARS and (code := _country_at(form)):
                out.append((start, code))
                end = stop
                break
    return out


@cache
def _beginnings() -> frozenset[str]:
    """What names and adjectives of countries begin with, to the first mark or space: most words begin none."""
    return frozenset(found.group(1).casefold() for form in countries() if (found := WORD.match(form)))


def _country_at(form: str) -> str | None:
    form = form.replace("’", "'").removesuffix("'s")
    if not form[:1].isupper():
        return None
    known = countries()
    bare = form.rstrip(".")
    return known.get(form) or known.get(bare) or (known.get(bare.casefold()) if len(bare) > 4 or not bare.isupper() else None)


def _place_at(form: str) -> str | None:
    form = form.replace("’", "'").removesuffix("'s").rstrip(".")
    if form in NO_PLACES or form.casefold() in common_words():
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
    return code if code in country_names() and code not in {"IO", "AI", "CO", "ME", "TV", "LY", "SH"} else None
