"""Names -> forms that can be compared: folded, translated, without legal forms, with their numbers and places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from rigour.names import remove_org_types
from rigour.text import ascii_text

from pipeline.geography import countries, places
from pipeline.lexicons import read_lexicon
from pipeline.naming import is_acronym

LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "ı": "i",
        "þ": "th",
        "ð": "d",
        "’": "'",
    }
)
NO_CHARACTERS = frozenset(["Cn", "Co", "Cs"])  # not assigned, private, half a pair: the transliterator fails on some of them
ROMAN = re.compile(r"(?=[IVX])(X{0,3})(IX|IV|V?I{0,3})")
ORDINALS = {
    w: str(n)
    for n, w in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"], 1
    )
}
NUMERAL_WORDS = {w: str(n) for n, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)}
SHORT_STATES = {"us": ("US", r"\bU\.?S\b"), "usa": ("US", "U"), "uk": ("GB", r"\bU\.?K\b"), "uae": ("AE", "U")}
FORMS_BEHIND = frozenset(("ad", "as", "asa", "ead", "kk", "persero", "sl", "slu", "tbk"))  # legal forms that rigour lacks
FORMS_BEFORE = frozenset(("ooo", "pt", "too"))
SPACED_FORMS = re.compile(
    r"\b(?:a\s*/\s*s|s\s*/\s*a)\b|\bs\.?\s?a\.?\s?b\.?\s+de\s+c\.?\s?v\b\.?|\ba\.\s?ş\.|\bk\.\s?k\.|\bs\.\s?l\.(?:\s?u\.)?", re.IGNORECASE
)
ADJECTIVES = (  # endings of foreign adjectives and cases of places: what is left, with the second part, has to be a place
    (re.compile("(?:skiego|skiej|skoho|skogo|skaya|skyi|skiy|skii|skoi|ski|ska|ske|skie|sky)$"), ("", "sk", "a", "o", "e")),
    (re.compile("s$"), ("",)), (re.compile("n$"), ("",)), (re.compile("er$"), ("", "e", "en")), (re.compile("i$"), ("", "a")),
    (re.compile("u$"), ("", "o")), (re.compile("a$"), ("",)),
)  # fmt: skip
ENGLISH_WORDS = """
    acad airports assn assoc authorities centers centre centres colleges dept institutes institution lab laboratories labs libraries
    municipality org organisation polytechnical polytechnics ports provincial regional schools services uni univ universities
"""
ENGLISH = frozenset(ENGLISH_WORDS.split())  # forms that don't make a name foreign
LONG = 7  # letters of a word from which a letter more, less or other is a slip of the pen
MAX_PHRASE = 6
MAX_ACRONYM = 6  # letters of a word in capitals; longer ones are names in capitals ("KVARKEN")
WORLD = frozenset(("international", "global", "world", "european", "african", "asian"))
BODIES_WORDS = """
    organization association federation union council agency fund commission committee bank chamber society academy authority
    board bureau
"""
BODIES = frozenset(BODIES_WORDS.split())
TRANSLIT = (  # ways to write one sound, in this order; vowels stay apart, for "Henan" is not "Hunan"
    (r"^y(?=e)", ""), (r"yov\b", "ev"),
    (r"(?<=[aeiou])y(?=[aeiou])|y|j(?!i)", "i"), (r"iya\b|ija\b", "ia"), (r"ck|q|k|c(?![hz])", "k"), (r"kh|gh", "h"), (r"ph|ff", "f"),
    (r"tsch|tch", "ch"), (r"sch|sz", "sh"), (r"tz|ts|cz", "z"), (r"x", "ks"), (r"w|v", "v"), (r"ou|oo|ue", "u"), (r"ae", "a"), (r"oe", "o"),
    (r"ei|ai|ey", "ei"), (r"([^aeiou])\1", r"\1"), (r"i+", "i"), (r"(?<=[bcdfgklmnprstvz])h(?=[aeiou])(?<!sh)(?<!ch)(?<!zh)", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameForm:
    """One name, ready to be compared.

    words: canonical words, sorted, numbers and countries left out; core: those of them that aren't common words of organisations;
    types: those that tell what kind of organisation it is; numbers; states: codes of countries in the name; home: the one of them that
    stands behind a name complete without it ("Woosong University of South Korea"), or that sends an embassy.
    """

    text: str
    key: str
    words: tuple[str, ...]
    core: frozenset[str]
    types: frozenset[str]
    numbers: frozenset[str]
    states: frozenset[str]
    home: str | None
    acronym: bool

    @property
    def exact(self) -> tuple[str, ...]:
        """Words, numbers and countries: equal for names that differ in language, order and legal form only."""
        return (*self.words, *sorted(f"#{n}" for n in self.numbers), *sorted(f"@{s}" for s in self.states))

    @property
    def generic(self) -> bool:
        """Nothing in the name tells it from others of its kind ("School of Economics", "Ministry of Health")."""
        if self.core or self.states or self.numbers:
            return False
        return not (self.types & BODIES and WORLD & set(self.words) and len(self.words) > 2)

    @property
    def national(self) -> bool:
        """A state has one of the name: "Ministry of Health", "Central Bank", "National Research Council"."""
        if self.types & {"ministry", "government", "parliament"}:
            return True
        whole = {"national", "federal", "central", "royal"} & set(self.words)
        return (
            bool(whole)
            and bool(self.types)
            and self.types <= BODIES | {"library", "museum"}
            and (len(self.words) > 2 or "bank" in self.types)
        )


@cache
def word_table() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Phrases of folded words -> canonical words."""
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    for entry in read_lexicon("org_translations.jsonl", required=("kind", "forms")):
        if entry["kind"] == "apart":
            continue
        target = () if entry["kind"] == "small" else tuple(entry.get("to", [entry["id"]]))
        own = [entry["id"]] if entry["kind"] not in ("small", "phrase", "place") else []
        for form in [*entry["forms"], *own]:
            table[tuple(form.split())] = target
    return table


@cache
def words_of_kind(*kinds: str) -> frozenset[str]:
    """Canonical words of a kind: type, field, modifier, filler."""
    return frozenset(e["id"] for e in read_lexicon("org_translations.jsonl", required=("kind", "forms")) if e["kind"] in kinds)


@cache
def common_words() -> frozenset[str]:
    """Canonical words that many organisations bear."""
    return words_of_kind("type", "field", "modifier", "filler")


@cache
def apart_groups() -> dict[str, int]:
    """Folded names that are known to be different organisations of nearly the same name -> number of their group."""
    groups = [e for e in read_lexicon("org_translations.jsonl", required=("kind", "forms")) if e["kind"] == "apart"]
    return {" ".join(tokens_of(form)): n for n, entry in enumerate(groups) for form in entry["forms"]}


@cache
def country_phrases() -> dict[tuple[str, ...], str]:
    """Folded names and adjectives of countries -> code."""
    out = {tuple(fold(form).split()): code for form, code in countries().items()}
    return {form: code for form, code in out.items() if len(" ".join(form)) > 3}


@cache
def place_words() -> frozenset[str]:
    """Folded one-word and two-word names of places."""
    table = word_table()
    folded = {fold(name) for name in places()}
    return frozenset(f for f in folded if f.count(" ") < 2 and table.get((f,), (f,)) and f not in common_words())


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Lower-case ASCII words separated by single spaces; other scripts are transliterated."""
    plain = unicodedata.normalize("NFKD", text.translate(LETTERS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    if not plain.isascii() and any(c.isalpha() and ord(c) > 0x24F for c in plain):
        plain = ascii_text("".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in NO_CHARACTERS))
    plain = plain.casefold().replace("&", " and ").replace("`", "'")
    plain = re.sub(r"(?<=\w)'s?\b(?!\w)", "", plain)
    plain = re.sub(r"\b(?:[a-z]\.){2,}", lambda m: m.group().replace(".", ""), plain)
    return " ".join(re.findall(r"[a-z0-9]+", plain))


@cache
def long_words() -> dict[str, list[str]]:
    """Long words of organisations, in all their forms, by their first letter."""
    by_letter: dict[str, list[str]] = {}
    for (word, *rest), target in sorted(word_table().items()):
        if not rest and len(word) >= LONG and set(target) & common_words():
            by_letter.setdefault(word[0], []).append(word)
    return by_letter


@lru_cache(maxsize=200_000)
def corrected(token: str) -> str:
    """Give the word of organisations that a token misspells ("insitute", "univeristy"), else the token."""
    if len(token) < LONG or (token,) in word_table() or token in place_words():
        return token
    found = process.extractOne(token, long_words().get(token[0], ()), scorer=OSA.distance, score_cutoff=1)
    return str(found[0]) if found else token


@lru_cache(maxsize=200_000)
def place_of(token: str) -> str:
    """Give the place that a token is a foreign adjective or case of ("novosibirskiy", "debreceni"), else the token."""
    if len(token) < 5 or (token,) in word_table() or token in place_words() or token in WORLD:
        return token
    for ending, adds in ADJECTIVES:
        stem = ending.sub("", token)
        if stem != token:
            for add in adds:
                place = stem + add
                if len(place) > 3 and (place in place_words() or word_table().get((place,), ("",))[0] in place_words()):
                    return place
    return token


def spelled(tokens: list[str]) -> list[str]:
    """Give tokens as they should be spelt, places of a foreign name in the form in which they are listed."""
    tokens = [corrected(t) for t in tokens]
    known = ((t, word_table().get((t,), ())) for t in tokens)
    foreign = any(target and t not in target and t not in ENGLISH and words_of_kind("type") & set(target) for t, target in known)
    return [place_of(t) for t in tokens] if foreign else tokens


def tokens_of(text: str) -> list[str]:
    """Folded words of a name, legal forms left out where anything else is left."""
    casefolded = re.sub(r"^(the|a)\s+", "", text.casefold().strip())
    bare = remove_org_types(SPACED_FORMS.sub(" ", casefolded)).strip(" ,.-/")
    tokens = fold(bare).split()
    while len(tokens) > 1 and (tokens[-1] in FORMS_BEHIND or tokens[0] in FORMS_BEFORE):
        tokens = tokens[1:] if tokens[0] in FORMS_BEFORE else tokens[:-1]
    if len(bare) < len(casefolded) - 2:  # "Stiftung" is a legal form too, but a word that tells
        known = words_of_kind("type", "field")
        whole = fold(casefolded).split()
        if any(set(word_table().get((t,), ())) & known for t in whole if t not in tokens):
            tokens = [t for t in whole if t in tokens or set(word_table().get((t,), ())) & known]
    if not any(len(t) > 1 for t in tokens) or all(word_table().get((t,), (t,)) == () for t in tokens):
        tokens = fold(text).split()
    return tokens


@lru_cache(maxsize=400_000)
def form_of(text: str) -> NameForm:
    """Give the comparable form of a name."""
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair, which a damaged record may hold, becomes "?"
    acronym = is_acronym(text) and not (text.isupper() and (len(text) > MAX_ACRONYM or fold(text) in place_words()))
    numbers = {str(int(n)) for n in re.findall(r"(?<![A-Za-z0-9])0*([0-9]{1,4})(?:st|nd|rd|th)?(?![A-Za-z0-9])", text)}
    romans = {t for t in re.findall(r"(?<![\w.'’])[IVX]+(?![\w.'’])", text)[:3] if ROMAN.fullmatch(t)} - (
        {text.split()[0]} if text.split() else set()
    )
    numbers |= {str(_roman(r)) for r in romans}
    key = " ".join(tokens_of(text))
    tokens = spelled(key.split())
    table, states_of = word_table(), country_phrases()
    words: list[str] = []
    states: set[str] = set()
    sender: str | None = None
    at_end = False
    behind_comma = fold(text.rpartition(",")[2]).split() if "," in text else []
    i = 0
    while i < len(tokens):
        for size in range(min(MAX_PHRASE, len(tokens) - i), 0, -1):
            phrase = tuple(tokens[i : i + size])
            if phrase in table:
                for word in table[phrase]:
                    if word.startswith("@"):
                        states.add(word[1:].upper())
                    else:
                        words.append(word)
                break
            if phrase in states_of:
                states.add(states_of[phrase])
                break
        else:
            size = 1
            token = tokens[i]
            if token in ORDINALS:
                numbers.add(ORDINALS[token])
            elif token in SHORT_STATES and re.search(SHORT_STATES[token][1], text):
                states.add(SHORT_STATES[token][0])
            elif token in NUMERAL_WORDS and i:
                numbers.add(NUMERAL_WORDS[token])
            elif not re.fullmatch(r"[0-9]{1,4}(?:st|nd|rd|th)?", token) and token.upper() not in romans and (token != "no" or not numbers):
                words.append(token)
        sender = sender or next(iter(states), None)
        at_end = i + size == len(tokens) and (tokens[i - 1 : i] == ["of"] or behind_comma == tokens[i:]) and tuple(tokens[i:]) in states_of
        i += size
    if "republic" in words and states:
        words = [w for w in words if w not in ("republic", "kingdom")]
    common = common_words()
    unique = sorted(set(words))
    return NameForm(
        text=text,
        key=key,
        words=tuple(unique),
        core=frozenset(w for w in unique if w not in common),
        types=frozenset(unique) & words_of_kind("type"),
        numbers=frozenset(numbers),
        states=frozenset(states),
        home=sender
        if "embassy" in unique or (at_end and len(states) == 1 and set(unique) - common and set(unique) & words_of_kind("type"))
        else None,
        acronym=acronym,
    )


def _roman(text: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[c] for c in text]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


@lru_cache(maxsize=200_000)
def sound_of(word: str) -> str:
    """One spelling for the ways to transliterate a word: "Mangystau" and "Mangistau", "Nurpeisov" and "Nurpeissov"."""
    for pattern, replacement in TRANSLIT:
        word = re.sub(pattern, replacement, word)
    return word


@lru_cache(maxsize=200_000)
def skeleton_of(word: str) -> str:
    """The first letter and the consonants of a word's sound."""
    sound = sound_of(word)
    return sound[:1] + re.sub(r"[aeiou]", "", sound[1:])


def initials_of(text: str) -> set[str]:
    """Initials of the words of a name, with and without the small ones."""
    tokens = fold(text).split()
    large = [t for t in tokens if word_table().get((t,), (t,)) != ()]
    return {"".join(t[0] for t in ts) for ts in (tokens, large) if len(ts) > 1}


def without_words(form: NameForm, others: Iterable[str]) -> tuple[str, ...]:
    """Canonical words of a form but for some."""
    left = set(others)
    return tuple(w for w in form.words if w not in left)
