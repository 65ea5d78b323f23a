"""Forms of names: keys, acronyms, short forms, head words."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pipeline.geography import country_of_name, places
from pipeline.lexicons import read_lexicon

STOPWORDS = frozenset([
    "the", "a", "an", "of", "for", "in", "on", "and", "to", "with", "at", "by", "de", "la", "le", "les", "el", "del", "des", "du",
    "der", "die", "das", "und", "für", "et", "di", "da", "do", "dos", "e", "y", "i",
])  # fmt: skip
BODIES = frozenset("foundation association institute society fund network trust union alliance council center centre initiative".split())
MAX_SPELLED_WORDS = 60  # of a name that initials may stand for; beyond, it is no name
WORD = re.compile(r"\w+(?:[.'’&]\w+)*\.?|&", re.UNICODE)
ACRONYM = re.compile(r"[A-Z][A-Za-z&./-]{0,11}[A-Z][A-Za-z]?s?|[A-Z]{2,}\d?")


@cache
def _words_of(kind: str) -> frozenset[str]:
    entries = read_lexicon("org_words.jsonl", required=("kind", "forms"))
    return frozenset(form for entry in entries if entry["kind"] == kind for form in entry["forms"])


def key_of(name: str) -> str:
    """Key under which equal names meet: no case, accents, articles, punctuation, possessive; "&" as "and"."""
    name = unicodedata.normalize("NFKD", name)
    name = "".join(c for c in name if not unicodedata.combining(c)).casefold()
    name = name.replace("’", "'").replace("&", " and ")
    name = re.sub(r"'s\b", "", name)
    name = " ".join(re.findall(r"\w+", name))
    return re.sub(r"^(the|a|an) ", "", name)


def content_words(name: str) -> list[str]:
    """Words of the key without the small ones, in order."""
    return [w for w in key_of(name).split() if w not in STOPWORDS]


def is_acronym(form: str) -> bool:
    """Looks like an acronym: one word, at least two capitals, no longer than twelve letters ("LUT", "UniSA", "A*STAR")."""
    letters = [c for c in form if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    return " " not in form.strip() and 2 <= len(letters) <= 12 and capitals >= 2 and capitals * 2 >= len(letters)


def spells(acronym: str, name: str) -> bool:
    """The acronym spells the initials of the name, small words and further letters of its words allowed ("SDUST", "MoI").

    Every letter is found in order; the first letter begins the name, and the initials of the large words are all used, but for
    at most one where the name has four or more (a country or a town is often left out).
    """
    letters = [c.casefold() for c in unicodedata.normalize("NFKD", acronym) if c.isalnum()]
    if len(letters) > 2 and letters[-1] == "s" and acronym.endswith("s"):
        letters = letters[:-1]
    words = key_of(name).split()
    if len(words) > MAX_SPELLED_WORDS:
        return False
    if len(letters) < 2 or len(words) < 2 or letters[0] not in (words[0][0], *([words[1][0]] if words[0] in STOPWORDS else [])):
        return False
    large = [i for i, w in enumerate(words) if w not in STOPWORDS]

    @cache
    def best(k: int, w: int) -> int:
        """Most initials of large words that letters[k:] can use in words[w:]; -1 where the letters can't be found."""
        if k == len(letters):
            return 0
        if w == len(words):
            return -1
        result = best(k, w + 1)  # leave the word out
        word, at, gain = words[w], 0, int(w in large)
        taken = k
        while taken < len(letters):
            at = 0 if taken == k and word[0] == letters[k] else word.find(letters[taken], at if taken > k else len(word))
            if at < 0:
                break
            at += 1
            taken += 1
            rest = best(taken, w + 1)
            if rest >= 0:
                result = max(result, rest + gain)
        return result

    used = best(0, 0)
    return used >= max(2, len(large) - (1 if len(large) >= 4 else 0)) if len(large) > 1 else False


def is_generic(name: str) -> bool:
    """Only words that any organisation may bear: "the University", "Group Company"."""
    generic = _words_of("generic") | _words_of("legal_form")
    return all(w in generic for w in content_words(name))


def without_legal_form(name: str) -> str:
    """Key without legal forms at its end ("Ltd", "GmbH", "Inc.")."""
    words = key_of(name).split()
    while len(words) > 1 and words[-1] in _words_of("legal_form"):
        words.pop()
    return " ".join(words)


def is_short_form(short: str, full: str) -> bool:
    """The one is what the other is called for short: the same beginning or end, what is left out being legal forms, words such
    as University or Group, or the country ("Canntab" of "Canntab Therapeutics Limited", "Ministry of Law" of "Singapore Ministry of Law").
    """
    a, b = key_of(short).split(), key_of(full).split()
    if not a or len(a) >= len(b) or is_generic(short):
        return False
    if b[: len(a)] == a:
        rest = b[len(a) :]
        if all(w in _words_of("generic") | _words_of("legal_form") | STOPWORDS for w in rest):
            return not _is_place(short)
        if rest[0] in ("of", "in") and country_of_name(" ".join(rest[1:])):
            return True
        if rest[0] == "for" and a[-1] in BODIES and a[0] not in _words_of("generic"):  # "Lindqvist Foundation for Sea and Society"
            return True
        # a proper name with more words behind it: "Optiemus" of "Optiemus Infracom"
        return len(a) <= 2 and not set(rest) & {"of", "at", "for"} and a[0] not in _words_of("generic") and not _is_place(short)
    if b[-len(a) :] == a:
        return country_of_name(" ".join(b[: -len(a)])) is not None
    return False


def _is_place(name: str) -> bool:
    return name in places() or country_of_name(name) is not None


def same_words(left: str, right: str) -> bool:
    """The same large words in another order: "Toledo University", "University of Toledo"."""
    a, b = content_words(left), content_words(right)
    return len(a) > 1 and sorted(a) == sorted(b)
