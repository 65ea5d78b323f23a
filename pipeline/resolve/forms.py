"""Names -> forms that can be compared: folded, translated, without legal forms, with their numbers and places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from sys import intern

from pipeline.lexicons import read_lexicon
from pipeline.naming import is_acronym, spells, strip_legal_forms
from pipeline.resolve.words import (
    WORLD,
    common_words,
    country_phrases,
    fold,
    joined_at_apostrophe,
    place_words,
    short_foreign,
    spelled,
    word_table,
    words_of_kind,
)

ROMAN = re.compile(r"(?=[IVX])(X{0,3})(IX|IV|V?I{0,3})")
ROMANS = re.compile(r"(?<![\w.'’])[IVX]+(?![\w.'’])")
NUMBER = re.compile(r"(?<![A-Za-z0-9])0*([0-9]{1,4})(?:st|nd|rd|th)?(?![A-Za-z0-9])")
ORDINALS = {
    w: str(n)
    for n, w in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"], 1
    )
}
NUMERAL_WORDS = {w: str(n) for n, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)}
SHORT_STATES = {"us": ("US", r"\bU\.?S\b"), "usa": ("US", "U"), "uk": ("GB", r"\bU\.?K\b"), "uae": ("AE", "U")}
MAX_PHRASE = 6
MAX_ACRONYM = 6  # letters of a word in capitals; longer ones are names in capitals ("KVARKEN")
BODIES_WORDS = """
    organization association federation union council agency fund commission committee bank chamber society academy authority
    board bureau
"""
BODIES = frozenset(BODIES_WORDS.split())
NATIONAL = BODIES | frozenset(
    ("archive", "center", "institute", "laboratory", "library", "museum", "observatory", "polytechnic", "service")
)
CIVIC = frozenset(("canton", "city", "county", "district", "prefecture", "province", "region"))  # each acts by a government of its own
BRACKET = re.compile(r"([^()\[\]]+)[(\[]([^()\[\]]+)[)\]]([\w\s.&]{0,16})")
INITIALS = re.compile(r"(?<![\w.])(?!U\. ?[SKN]\.|P\. ?R\.)(?:[A-ZА-ЯЁІ]\.[ -]?){1,3}(?=[A-ZА-ЯЁІ][^\W\d_A-ZА-ЯЁІ])")
DASH = re.compile(r"\s[-–—]\s")
ABBREVIATED = re.compile(r"(?<![\w.])([^\W\d_]{3,12})\.(?!\w)")
SEATED = frozenset(("academy", "conservatory", "hospital", "museum", "university"))  # of one name in a land there is mostly one
MAX_FORMS = 2_000_000  # forms kept: all of an archive, for each is asked for several times, and held by its entity anyhow
MANY = 3  # words of a body of which a country has one ("Council of Scientific and Industrial Research")
MAX_SPELLED, MAX_SPELLED_OUT = 4, 10  # words of a name with an acronym, of one that it may stand for


@dataclass(frozen=True, slots=True)
class NameForm:
    """One name, ready to be compared.

    words: canonical words, sorted, numbers and countries left out; core: those of them that aren't common words of organisations;
    types: those that tell what kind of organisation it is; numbers; states: codes of countries in the name; home: the one of them that
    stands behind a name complete without it ("Woosong University of South Korea"), or that sends an embassy; seat: words of the place
    behind such a name ("Fudan University, Shanghai"); short: the acronym that the name itself gives ("Volta River Authority (VRA)").
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
    seat: frozenset[str] = frozenset()
    short: str | None = None

    @property
    def exact(self) -> tuple[str, ...]:
        """Words, numbers and countries: equal for names that differ in language, order and legal form only."""
        if not (self.numbers or self.states):
            return self.words
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
        own = len(self.words) > MANY and bool(self.types) and self.types <= BODIES - {"association", "chamber", "society"}
        return own or (bool(whole) and bool(self.types) and self.types <= NATIONAL and (len(self.words) > 2 or "bank" in self.types))


@cache
def apart_groups() -> dict[str, int]:
    """Folded names that are known to be different organisations of nearly the same name -> number of their group."""
    groups = [e for e in read_lexicon("org_translations.jsonl", required=("kind", "forms")) if e["kind"] == "apart"]
    return {" ".join(tokens_of(form)): n for n, entry in enumerate(groups) for form in entry["forms"]}


def tokens_of(text: str) -> list[str]:
    """Folded words of a name, legal forms left out where anything else is left."""
    tokens = fold(joined_at_apostrophe(re.sub(r"^(the|a)\s+", "", text.casefold().strip()))).split()
    bare = strip_legal_forms(tokens)
    if not any(len(t) > 1 for t in bare) or all(word_table().get((t,), (t,)) == () for t in bare):
        return fold(text).split()
    return bare


@lru_cache(maxsize=MAX_FORMS)
def form_of(text: str) -> NameForm:
    """Give the comparable form of a name."""
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair, which a damaged record may hold, becomes "?"
    acronym = is_acronym(text) and not (text.isupper() and (len(text) > MAX_ACRONYM or fold(text) in place_words()))
    key = " ".join(tokens_of(text))
    name, short = without_acronym(INITIALS.sub("", text) if names_kind(text) else text)
    found = find_words(name, key.split() if name == text else tokens_of(name))
    unique = frozenset(found.words)
    if "polytechnic" in unique:
        unique -= {"university"}
    if unique & CIVIC:
        unique -= {"government", "peoples"}
    core, types = unique - common_words(), unique & words_of_kind("type")
    complete = found.at_end and len(found.states) == 1 and core and types
    return NameForm(
        text=text,
        key=key,
        words=tuple(map(intern, sorted(unique))),
        core=core,
        types=one_of(types),
        numbers=one_of(frozenset(found.numbers)),
        states=one_of(frozenset(found.states)),
        home=found.sender if "embassy" in unique or complete else None,
        acronym=acronym,
        seat=one_of(find_seat(name, core, types)) if not acronym else frozenset(),
        short=short,
    )


@cache
def one_of(words: frozenset[str]) -> frozenset[str]:
    """Give the one copy of a set that many names share."""
    return words


@dataclass(slots=True)
class Found:
    """Words of a name, with the country that stands first, and whether one stands at the end, behind "of", a comma or a bracket."""

    words: list[str]
    numbers: set[str]
    states: set[str]
    sender: str | None = None
    at_end: bool = False


def find_words(text: str, tokens: list[str]) -> Found:
    """Give the canonical words, numbers and countries of a name."""
    romans = {t for t in ROMANS.findall(text)[:3] if ROMAN.fullmatch(t)} - set(text.split()[:1])
    numbers = {str(int(n)) for n in NUMBER.findall(text)}
    found = Found([], numbers | {str(_roman(r)) for r in romans}, set())
    abbreviated = frozenset(fold(t) for t in ABBREVIATED.findall(text))
    tokens, foreign = spelled(tokens, abbreviated)
    table, states_of = word_table(), country_phrases()
    behind = fold(re.split(r"[,(\[]", text)[-1]).split() if re.search(r"[,(\[]", text) else []
    i = 0
    while i < len(tokens):
        for size in range(min(MAX_PHRASE, len(tokens) - i), 0, -1):
            phrase = tuple(tokens[i : i + size])
            if phrase in table and (size > 1 or foreign or phrase[0] in abbreviated or phrase[0] not in short_foreign()):
                for word in table[phrase]:
                    if word.startswith("@"):
                        found.states.add(word[1:].upper())
                    else:
                        found.words.append(word)
                break
            if phrase in states_of:
                found.states.add(states_of[phrase])
                break
        else:
            size = 1
            token = tokens[i]
            if token in ORDINALS:
                found.numbers.add(ORDINALS[token])
            elif token in SHORT_STATES and re.search(SHORT_STATES[token][1], text):
                found.states.add(SHORT_STATES[token][0])
            elif token in NUMERAL_WORDS and i:
                found.numbers.add(NUMERAL_WORDS[token])
            elif (
                not re.fullmatch(r"[0-9]{1,4}(?:st|nd|rd|th)?", token)
                and token.upper() not in romans
                and (token not in ("no", "nr") or not found.numbers)
            ):
                found.words.append(token)
        found.sender = found.sender or next(iter(found.states), None)
        behind_of = tokens[i - 1 : i] == ["of"] or behind == tokens[i:]
        found.at_end = i + size == len(tokens) and behind_of and tuple(tokens[i:]) in states_of
        i += size
    if "republic" in found.words and found.states:
        found.words = [w for w in found.words if w not in ("republic", "kingdom")]
    return found


def without_acronym(text: str) -> tuple[str, str | None]:
    """Give a name without the acronym that it gives itself, and that acronym: "Volta River Authority (VRA)", "KTH – Royal Institute"."""
    bracketed = BRACKET.fullmatch(text)
    behind = strip_legal_forms(fold(bracketed[3]).split()) if bracketed else []
    parts = bracketed.groups()[:2] if bracketed else DASH.split(text, maxsplit=1)
    if len(parts) == 2 and not behind:
        left, right = (part.strip(" ,.") for part in parts)
        if is_acronym(right) and not is_acronym(left) and " " in left and fold(right) not in SHORT_STATES:
            return left, fold(right)
        if is_acronym(left) and " " in right and (spells(left, right) or names_kind(right)):
            return right, fold(left)
    return text, None


def names_kind(text: str) -> bool:
    """A word of the text tells what kind of organisation it is."""
    kinds = words_of_kind("type")
    return any(kinds.intersection(word_table().get((token,), ())) for token in fold(text).split())


def find_seat(text: str, core: frozenset[str], types: frozenset[str]) -> frozenset[str]:
    """Give the words of the place at the end of a name that is complete without it.

    "Fudan University, Shanghai", "Charles University in Prague"; but "University of California, Berkeley", "Monash University Malaysia"
    and what is "at" a place may be one of several.
    """
    places = place_words()
    if all(w in places or w == "saint" or w.upper() in text for w in core) or (types and not types <= SEATED):
        return frozenset()
    pieces = [piece.strip() for piece in re.split(r"[,(\[\])]", text) if piece.strip()]
    seat: set[str] = set()
    while len(pieces) > 1 and (words := words_of_place(pieces[-1])) is not None:
        seat |= words
        pieces.pop()
    if not seat and types and len(pieces) == 1:
        seat = words_of_place(pieces[0].rpartition(" in ")[2]) or set()
    rest = core - seat - {"saint"}
    return frozenset(seat) if rest and rest.isdisjoint(places) else frozenset()


def words_of_place(text: str) -> set[str] | None:
    """Give the canonical words of a text that is the name of a place or country, else None."""
    tokens = tuple(fold(text).split())
    if tokens in country_phrases():
        return {f"@{country_phrases()[tokens]}"}
    words = word_table().get(tokens, tokens)
    return set(words) if words and " ".join(words) in place_words() else None


def _roman(text: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[c] for c in text]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def initials_of(text: str) -> set[str]:
    """Initials of the words of a name, with and without the small ones."""
    tokens = fold(text).split()
    large = [t for t in tokens if word_table().get((t,), (t,)) != ()]
    return {"".join(t[0] for t in ts) for ts in (tokens, large) if len(ts) > 1}


@lru_cache(maxsize=20_000)
def spelled_key_of(text: str) -> str | None:
    """Give acronym and place or proper name of a name that is both ("UC Berkeley" -> "cu berkeley", letters sorted), else None."""
    words = re.findall(r"[^\W_]+", text)
    shorts = [w for w in words if is_acronym(w) and w.isupper() and len(w) <= MAX_ACRONYM]
    if len(shorts) != 1 or not 1 < len(words) <= MAX_SPELLED or text.isupper():
        return None
    rest = canonical(fold(" ".join(w for w in words if w != shorts[0])).split())
    return f"{''.join(sorted(fold(shorts[0])))} {' '.join(sorted(rest))}" if rest and not set(rest) <= common_words() else None


@lru_cache(maxsize=20_000)
def spelling_keys_of(text: str) -> frozenset[str]:
    """Give the keys of names that spell all but one or two words at the beginning or the end of this name, or all of it."""
    large = [t for t in fold(text).split() if word_table().get((t,), (t,)) != ()]
    whole = "".join(sorted(t[0] for t in large))
    keys: set[str] = set()
    if 2 < len(large) <= MAX_SPELLED_OUT:
        for begin, end in ((0, -1), (0, -2), (1, len(large))):
            spelt = large[begin:end]
            rest = canonical(large[end:] if begin == 0 else large[:begin])
            if len(spelt) > 1 and rest and not set(rest) <= common_words():
                name = " ".join(sorted(rest))
                keys |= {f"{''.join(sorted(t[0] for t in spelt))} {name}", f"{whole} {name}"}
    return frozenset(keys)


def canonical(tokens: list[str]) -> list[str]:
    """Canonical words of tokens, taken one by one; of a name of several words the place it is."""
    whole = word_table().get(tuple(tokens))
    return list(whole) if whole else [word for t in tokens for word in word_table().get((t,), (t,))]
