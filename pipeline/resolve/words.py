"""Words of names of organisations -> canonical words: folded, corrected, translated, places in the form in which they are listed."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import OSA

from pipeline.geography import countries, places
from pipeline.lexicons import read_lexicon

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
POSSESSIVE = re.compile(r"(?<=\w)'s?\b(?!\w)")
APOSTROPHE = re.compile(r"(?<=\w\w)(?<!dell)(?<!nell)(?<!sull)(?<!degl)['’](?=\w\w)")
DOTTED = re.compile(r"\b(?:[a-z]\.){2,}")
FOLDED = re.compile(r"[a-z0-9]+")
SYLLABLE = re.compile(r"(?<=[a-z])(?=[A-Z])")
ENDING_YY = re.compile(r"yy\b|iy\b")  # of Slavic adjectives
ADJECTIVES = (  # endings of foreign adjectives and cases of places: what is left, with the second part, has to be a place
    (re.compile("i[iy]?sk(?:ii|iy|i|y|aya|oho|ogo)$"), ("ia", "iya")),
    (re.compile("(?:skiego|skiej|skoho|skogo|skaya|skyi|skiy|skii|skoi|ski|ska|ske|skie|sky)$"), ("", "sk", "a", "o", "e")),
    (re.compile("s$"), ("",)), (re.compile("n$"), ("",)), (re.compile("er$"), ("", "e", "en")), (re.compile("i$"), ("", "a")),
    (re.compile("u$"), ("", "o")), (re.compile("a$"), ("",)),
)  # fmt: skip
SHORT = 4  # letters up to which a foreign word may as well be a name or an acronym in an English one ("IDA", "Minh")
WORLD = frozenset(("international", "global", "world", "european", "african", "asian"))
LONG = 7  # letters of a word from which a letter more, less or other is a slip of the pen
STEM, BODY = 5, 6  # letters that an inflected word keeps, that the second part of a compound has
INFLECTED = re.compile(r"[aeiouyj]{1,4}(?:kh|ch|go|ho|[hmnsvwgrt])?$")  # endings of nouns and adjectives of many languages
JOINTS = ("", "s", "es", "en", "n", "e")  # what stands between the parts of a German or Scandinavian compound
TRANSLIT = (  # ways to write one sound, in this order; vowels stay apart, for "Henan" is not "Hunan"
    (r"^y(?=e)", ""), (r"yov\b", "ev"),
    (r"(?<=[aeiou])y(?=[aeiou])|y|j(?!i)", "i"), (r"iya\b|ija\b", "ia"), (r"ck|q|k|c(?![hz])", "k"), (r"kh|gh", "h"), (r"ph|ff", "f"),
    (r"tsch|tch", "ch"), (r"sch|sz", "sh"), (r"tz|ts|cz", "z"), (r"x", "ks"), (r"w|v", "v"), (r"ou|oo|ue", "u"), (r"ae", "a"), (r"oe", "o"),
    (r"ei|ai|ey", "ei"), (r"([^aeiou])\1", r"\1"), (r"i+", "i"), (r"(?<=[bcdfgklmnprstvz])h(?=[aeiou])(?<!sh)(?<!ch)(?<!zh)", ""),
)  # fmt: skip


@cache
def word_table() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Phrases of folded words -> canonical words."""
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    for entry in read_lexicon("org_translations.jsonl", required=("kind", "forms")):
        if entry["kind"] in ("apart", "english"):
            continue
        target = () if entry["kind"] == "small" else tuple(entry.get("to", [entry["id"]]))
        own = [entry["id"]] if entry["kind"] not in ("small", "phrase", "place") else []
        for form in [*entry["forms"], *own]:
            table[tuple(form.split())] = target
    return table


@cache
def english() -> frozenset[str]:
    """Words of the table that are English, or mean the same anywhere, beside the canonical ones: they don't make a name foreign."""
    listed = (e["forms"] for e in read_lexicon("org_translations.jsonl", required=("kind", "forms")) if e["kind"] == "english")
    return frozenset(form for forms in listed for form in forms)


@cache
def words_of_kind(*kinds: str) -> frozenset[str]:
    """Canonical words of a kind: type, field, modifier, filler."""
    return frozenset(e["id"] for e in read_lexicon("org_translations.jsonl", required=("kind", "forms")) if e["kind"] in kinds)


@cache
def common_words() -> frozenset[str]:
    """Canonical words that many organisations bear."""
    return words_of_kind("type", "field", "modifier", "filler")


@cache
def country_phrases() -> dict[tuple[str, ...], str]:
    """Folded names and adjectives of countries -> code."""
    out = {tuple(fold(form).split()): code for form, code in countries().items()}
    return {form: code for form, code in out.items() if len(" ".join(form)) > 3}


@cache
def place_words() -> frozenset[str]:
    """Folded one-word and two-word names of places."""
    table = word_table()
    listed = (e["to"] for e in read_lexicon("org_translations.jsonl", required=("kind", "forms")) if e["kind"] == "place")
    folded = {fold(name) for name in places()} | {" ".join(words) for words in listed if words[0][0] != "@"}
    return frozenset(f for f in folded if f.count(" ") < 2 and table.get((f,), (f,)) and f not in common_words())


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower-case ASCII words separated by single spaces; other scripts are transliterated."""
    plain = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(LETTERS))
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    if not plain.isascii() and any(c.isalpha() and ord(c) > 0x24F for c in plain):
        plain = transliterate(unicodedata.normalize("NFKC", text))
    plain = plain.casefold().replace("&", " and ").replace("`", "'")
    if "'" in plain:
        plain = joined_at_apostrophe(POSSESSIVE.sub("", plain))
    if "." in plain:
        plain = DOTTED.sub(lambda m: m.group().replace(".", ""), plain)
    return " ".join(FOLDED.findall(plain))


def transliterate(text: str) -> str:
    """ASCII letters for other scripts; Chinese and Korean syllables, which come with capitals, become words: "bei jing da xue"."""
    return ENDING_YY.sub("y", SYLLABLE.sub(" ", anyascii(text)))


def joined_at_apostrophe(text: str) -> str:
    """Give lower-case text with words written as one that an apostrophe parts ("Sa'ud", "Xi'an"), but for articles."""
    return APOSTROPHE.sub("", text)


@cache
def english_words() -> dict[str, str]:
    """English words of organisations, in all their forms -> canonical word."""
    single = ((form[0], target[0]) for form, target in word_table().items() if len(form) == 1 and len(target) == 1)
    return {word: target for word, target in sorted(single) if word == target or word in english() if target in common_words()}


@cache
def long_words() -> dict[str, list[str]]:
    """Long English words of organisations, by their first letter."""
    by_letter: dict[str, list[str]] = {}
    for word in english_words():
        if len(word) >= LONG:
            by_letter.setdefault(word[0], []).append(word)
    return by_letter


@cache
def phrase_words() -> frozenset[str]:
    """Words that stand in phrases of the table."""
    return frozenset(word for form in word_table() for word in form)


@cache
def short_foreign() -> frozenset[str]:
    """Short words that are translated in foreign names only."""
    small = {form[0] for form, target in word_table().items() if not target}
    single = {form[0] for form, target in word_table().items() if len(form) == 1 and len(form[0]) <= SHORT and set(target) & common_words()}
    return frozenset(single - small - english() - common_words())


@cache
def stems() -> dict[str, tuple[str, ...]]:
    """Words of organisations without their ending -> canonical words; none for a stem of two."""
    out: dict[str, tuple[str, ...]] = {}
    for form, target in word_table().items():
        if len(form) == 1 and set(target) & common_words():
            for stem in {form[0], INFLECTED.sub("", form[0])}:
                if len(stem) >= STEM:
                    out[stem] = target if out.get(stem, target) == target else ()
    return out


@cache
def bodies() -> tuple[str, ...]:
    """Foreign words for bodies that stand at the end of compounds ("bibliothek", "sykehus"), longest first."""
    kinds = words_of_kind("type")
    found = [f[0] for f, to in word_table().items() if len(f) == 1 and len(f[0]) >= BODY and set(to) & kinds and f[0] not in english()]
    return tuple(sorted((w for w in found if w not in kinds or w == "museum"), key=lambda w: (-len(w), w)))


@lru_cache(maxsize=65_536)
def corrected(token: str) -> str:
    """Give the word of organisations that a token misspells ("insitute", "univeristy"), else the token."""
    if len(token) < LONG or token in phrase_words() or token in place_words():
        return token
    found = process.extractOne(token, long_words().get(token[0], ()), scorer=OSA.distance, score_cutoff=1)
    return str(found[0]) if found else token


@lru_cache(maxsize=65_536)
def parts_of(token: str) -> tuple[str, ...]:
    """Give the two words of a compound that ends with a foreign word for a body ("nationalbibliothek"), else the token alone."""
    if len(token) < BODY + SHORT or token in phrase_words() or token in place_words():
        return (token,)
    ends = token.endswith(bodies())
    body = next((b for b in bodies() if token.endswith(b) and len(token) - len(b) >= SHORT), None) if ends else None
    if body is None:
        return (token,)
    first = token[: -len(body)]
    known = next((f for joint in JOINTS if (f := first.removesuffix(joint)) and ((f,) in word_table() or f in place_words())), None)
    return (known, body) if known else (first, body) if len(first) >= STEM else (token,)


@cache
def expanded(short: str) -> str:
    """Give the English word that an abbreviation begins, if that is one word of organisations ("ling") or one country ("brit")."""
    if short in phrase_words():
        return short
    words = {target for word, target in english_words().items() if word.startswith(short)}
    lands = {form[0]: code for form, code in country_phrases().items() if len(form) == 1 and form[0].startswith(short)}
    if len(words) == 1 and not lands:
        return words.pop()
    return min(lands) if len(set(lands.values())) == 1 and not words and len(short) >= SHORT else short


@lru_cache(maxsize=65_536)
def uninflected(token: str) -> str:
    """Give the word of organisations that a token of a foreign name is a form of ("medicinskih", "akademije"), else the token."""
    if token in phrase_words() or token in place_words():
        return token
    stem = INFLECTED.sub("", token)
    found = (stems().get(token) or stems().get(stem, ())) if len(stem) >= STEM else ()
    return found[0] if len(found) == 1 else token


@lru_cache(maxsize=65_536)
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


def spelled(tokens: list[str], abbreviated: frozenset[str] = frozenset()) -> tuple[list[str], bool]:
    """Give tokens as they should be spelt, and whether the name is foreign: then places and words stand in the form that is listed."""
    parts = [part for t in tokens for part in parts_of(expanded(t) if t in abbreviated else corrected(t))]
    kinds = words_of_kind("type")
    known = ((t, word_table().get((t,), ())) for t in parts if t not in short_foreign())
    foreign = any(target and t not in target and t not in english() and kinds & set(target) for t, target in known)
    return ([uninflected(place_of(t)) for t in parts] if foreign else parts), foreign


@lru_cache(maxsize=65_536)
def sound_of(word: str) -> str:
    """One spelling for the ways to transliterate a word: "Mangystau" and "Mangistau", "Nurpeisov" and "Nurpeissov"."""
    for pattern, replacement in TRANSLIT:
        word = re.sub(pattern, replacement, word)
    return word


@lru_cache(maxsize=65_536)
def skeleton_of(word: str) -> str:
    """The first letter and the consonants of a word's sound."""
    sound = sound_of(word)
    return sound[:1] + re.sub(r"[aeiou]", "", sound[1:])
