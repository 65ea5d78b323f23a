"""Forms of names: keys, acronyms, short forms, head words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from pipeline.geography import country_of_name, places, without_accents
from pipeline.lexicons import read_lexicon

STOPWORDS = frozenset([
    "the", "a", "an", "of", "for", "in", "on", "and", "to", "with", "at", "by", "de", "la", "le", "les", "el", "del", "des", "du",
    "der", "die", "das", "und", "für", "et", "di", "da", "do", "dos", "e", "y", "i",
])  # fmt: skip
BODIES = frozenset([
    "foundation", "association", "institute", "society", "fund", "network", "trust", "union", "alliance", "council", "center", "centre",
    "initiative",
])  # fmt: skip
STEM = 6  # letters by which words are alike
MAX_FORM = 4  # words of a legal form
MAX_SPELLED_WORDS = 60  # of a name that initials may stand for; beyond, it is no name
WORD = re.compile(r"\w+(?:[.'’&]\w+)*\.?|&", re.UNICODE)
ACRONYM = re.compile(r"[A-Z][A-Za-z&./-]{0,11}[A-Z][A-Za-z]?s?|[A-Z]{2,}\d?")
DOTTED = re.compile(r"(?<!\w)\w(?:\.\w)+(?!\w)")  # "C.I.C.", "S.p.A."


@cache
def _words_of(kind: str) -> frozenset[str]:
    entries = read_lexicon("org_words.jsonl", required=("kind", "forms"))
    return frozenset(form for entry in entries if entry["kind"] == kind for form in entry["forms"])


@lru_cache(maxsize=65536)
def key_of(name: str) -> str:
    """Key under which equal names meet: no case, accents, articles, punctuation, possessive; "&" as "and", "C.I.C." as "CIC"."""
    name = without_accents(name).casefold().replace("’", "'").replace("&", " and ")
    name = DOTTED.sub(lambda found: found.group().replace(".", ""), name)
    name = re.sub(r"'s\b", "", name)
    name = " ".join(re.findall(r"\w+", name))
    return re.sub(r"^(the|a|an) ", "", name)


def content_words(name: str) -> list[str]:
    """Words of the key without the small ones, in order."""
    return [w for w in key_of(name).split() if w not in STOPWORDS]


def stems(text: str) -> frozenset[str]:
    """The first letters of the words that carry meaning: what "Minister of Energy" and "Ministry of Energy" share."""
    return frozenset(word[:STEM] for word in content_words(text))


def is_acronym(form: str) -> bool:
    """Looks like an acronym: one word, at least two capitals, no longer than twelve letters ("LUT", "UniSA", "A*STAR")."""
    if " " in form.strip():
        return False
    letters = [c for c in form if c.isalpha()]
    capitals = sum(map(str.isupper, letters))
    return 2 <= len(letters) <= 12 and capitals >= 2 and capitals * 2 >= len(letters)


def spells(acronym: str, name: str) -> bool:
    """The acronym spells the initials of the name, small words and further letters of its words allowed ("SDUST", "MoI").

    Every letter is found in order; the first letter begins the name, and the initials of the large words are all used, but for
    at most one where the name has four or more (a country or a town is often left out). A country at the head of the name and
    whom it is named after may be left out too.
    """
    letters = [c.casefold() for c in unicodedata.normalize("NFKD", acronym) if c.isalnum()]
    if len(letters) > 2 and letters[-1] == "s" and acronym.endswith("s"):
        letters = letters[:-1]
    words = key_of(re.split(r"\snamed after\s", name)[0]).split()
    if letters and words and letters[0] != words[0][0]:
        words = next((words[n:] for n in (2, 1) if _is_country(words[:n])), words)
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


def is_partly_spelled(short: str, full: str) -> bool:
    """One word of the short form spells what its other words leave over, in any order: "TU Delft", "Delft University of Technology"."""
    left, rest = content_words(full), unspelled_words(short)
    if not rest or any(w not in left for w in rest):
        return False
    for word in rest:
        if word in left:
            left.remove(word)
    acronym = next(w for w in short.split() if is_acronym(w))
    return len(left) > 1 and sorted(w[0] for w in left) == sorted(c.casefold() for c in acronym if c.isalpha())


def unspelled_words(name: str) -> list[str]:
    """Content words of a name but for its acronym; none where it has not just one: "TU Delft" -> "delft"."""
    words = name.split()
    others = [w for w in words if not is_acronym(w)]
    return content_words(" ".join(others)) if len(others) == len(words) - 1 else []


def is_generic(name: str) -> bool:
    """Only words that any organisation may bear: "the University", "both sides", "Group Company". Two of them written large are a
    name, unless they are words for companies and partners only: "Central Bank", "Faculty of Education".
    """
    words = content_words(name)
    if not words:
        return not is_acronym(name)  # "DU" is a small word in French
    if not set(words) <= _words_of("generic") | _company_words():
        return False
    large = all(w[0].isupper() for w in re.findall(r"[^\W\d_]+", name) if w.casefold() not in STOPWORDS)
    return len(words) < 2 or not large or set(words) <= _words_of("bare")


@cache
def legal_forms() -> Mapping[str, frozenset[tuple[str, ...]]]:
    """Folded words of legal forms, by where they stand for one in a name: anywhere, before, behind (and there those of anywhere, too)."""
    at: dict[str, set[tuple[str, ...]]] = {"anywhere": set(), "before": set(), "behind": set()}
    for entry in read_lexicon("legal_forms.jsonl", required=("place", "forms")):
        at[entry["place"]].update(tuple(form.split()) for form in entry["forms"])
    return {place: frozenset(forms | at["anywhere"]) for place, forms in at.items()}


@cache
def _company_words() -> frozenset[str]:
    """What companies leave out of their names: legal forms of one word, and words such as Group."""
    return _words_of("company") | {form[0] for forms in legal_forms().values() for form in forms if len(form) == 1}


def strip_legal_forms(words: Sequence[str]) -> list[str]:
    """Folded words of a name without its legal forms, of one word or several, of which it may have two ("Oyj Abp"); maybe none."""
    forms, left = legal_forms(), list(words)
    while found := next((n for n in range(MAX_FORM, 0, -1) if tuple(left[-n:]) in forms["behind"] and len(left) >= n), 0):
        left = left[:-found]
    while found := next((n for n in range(MAX_FORM, 0, -1) if tuple(left[:n]) in forms["before"] and len(left) >= n), 0):
        left = left[found:]
    at = 0
    while at < len(left):
        found = next((n for n in range(MAX_FORM, 0, -1) if tuple(left[at : at + n]) in forms["anywhere"]), 0)
        left = left[:at] + left[at + found :]
        at += not found
    return left


def without_legal_form(name: str) -> str:
    """Key without legal forms ("Ltd", "GmbH & Co. KG", "PT") and without words for companies at its end; the first word always stays."""
    words = key_of(name).split()
    words = strip_legal_forms(words) or words[:1]
    while len(words) > 1 and (words[-1] in _company_words() or words[-1] == "and"):
        words.pop()
    return " ".join(words)


def is_short_form(short: str, full: str, *, alike: bool = False) -> bool:
    """The one is what the other is called for short: the same beginning or end, what is left out being legal forms, words such
    as University or Group, or the country ("Canntab" of "Canntab Therapeutics Limited", "Ministry of Law" of "Singapore Ministry of Law").

    alike: both are known for bodies of one kind; then the name of a place may be short too ("Crowland" of "University of Crowland"),
    and so may any end and what is left without words inside ("Drava Hospital" of "Drava Rehabilitation Hospital").
    """
    a, b = without_legal_form(short).split(), without_legal_form(full).split()
    if not a or len(a) > len(b) or is_generic(short) or key_of(short) == key_of(full):
        return False
    if a == b or (alike and _is_place(a) and not _is_country(a) and len(a) < len(b) and a in (b[: len(a)], b[-len(a) :])):
        return True
    if len(a) == len(b):
        return False
    if b[: len(a)] == a:
        if not _words_of("staff").isdisjoint(b[len(a) :]):  # "Open Source Foundation" "Board of Directors"
            return False
        return _may_follow(a, b[len(a) :], alike=alike) or (alike and _is_drawn_together(a, b))
    if b[-len(a) :] == a:
        lead, generic = b[: -len(a)], _words_of("generic")
        two_bodies = a[-1] in generic and not generic.isdisjoint(lead)  # "University of Languages, Hue University"
        return (alike and not _is_country(a) and not two_bodies) or _may_precede(a, lead)
    return (len(a) == 2 and a[1] == "ministry" and b[:3] == ["ministry", "of", a[0]]) or (alike and _is_drawn_together(a, b))


def _may_follow(short: Sequence[str], rest: Sequence[str], *, alike: bool) -> bool:
    """Whether a name of these words may be left without the rest that stands behind them."""
    generic = _words_of("generic")
    if (rest[0] in ("of", "in", "to") and country_of_name(" ".join(rest[1:]))) or (rest[0] == "in" and _is_place(rest[1:])):
        return True
    if rest[:2] == ["named", "after"] or set(rest) <= _words_of("civic"):
        return True
    if _is_place(short) or (set(rest) & _words_of("part") and (short[-1] in generic or not alike)):  # "Hue University" "Law Faculty"
        return False
    if set(rest) <= generic | STOPWORDS:
        return True
    if rest[0] == "for" and short[-1] in BODIES and short[0] not in generic:  # "Lindqvist Foundation" "for Sea and Society"
        return True
    # a proper name with more words behind it: "Optiemus" "Infracom", "Daegyeong" "University of Education"
    return len(short) <= 2 and short[0] not in generic and (rest[0] in generic or not set(rest) & {"of", "at", "for"})


def _may_precede(short: Sequence[str], lead: Sequence[str]) -> bool:
    """Whether a name of these words may be left without the lead that stands before them."""
    if country_of_name(" ".join(lead)) or set(lead) <= _words_of("civic") | {"of", "the"}:
        return True
    if set(lead) <= _words_of("generic") | STOPWORDS - {"of", "for"}:  # "Bank" "Mandiri", "Central" "Electoral Commission"
        return not _is_place(short)
    return len(short) == 1 and len(lead) == 1 and re.fullmatch(r"[^\W\d]+\d+", short[0]) is not None  # "Uninett" "Sigma2"


def _is_drawn_together(short: Sequence[str], full: Sequence[str]) -> bool:
    """The words of the short name stand in the full one in order, the first at its head, the last a word for a body or at its end."""
    rest = iter(full)
    if len(short) < 2 or short[0] in _words_of("generic") or short[0] != full[0] or not all(word in rest for word in short):
        return False
    return short[-1] == full[-1] or short[-1] in _words_of("generic")


def _is_country(words: Sequence[str]) -> bool:
    name = " ".join(words)
    return (country_of_name(name) or (country_of_name(name.upper()) if len(name) <= 3 else None)) is not None


@cache
def _places() -> frozenset[str]:
    return frozenset(key_of(place) for place in places())


def _is_place(words: Sequence[str]) -> bool:
    name = " ".join(words)
    return name in _places() or country_of_name(name) is not None


def same_words(left: str, right: str) -> bool:
    """The same large words in another order, a country for its adjective: "Toledo University", "University of Toledo"."""
    a, b = words_and_country(left), words_and_country(right)
    return len(a) > 1 and a == b


@lru_cache(maxsize=4096)
def words_and_country(name: str) -> tuple[str, ...]:
    """Large words, sorted; the first name or adjective of a country among them as its code."""
    words = key_of(name).split()
    for size in (3, 2, 1):
        for at in range(len(words) - size + 1):
            code = country_of_name(" ".join(words[at : at + size]))
            if code and size < len(words):
                return tuple(sorted([code, *(w for w in words[:at] + words[at + size :] if w not in STOPWORDS)]))
    return tuple(sorted(w for w in words if w not in STOPWORDS))
