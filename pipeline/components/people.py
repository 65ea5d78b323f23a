"""People of an article and their roles: mentions put together, each role with the organisation where it is held."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components import attributes
from pipeline.components.attributes import text_of
from pipeline.components.linear import logit, probability
from pipeline.components.roles import Holders, add_roles
from pipeline.lexicons import read_lexicon
from pipeline.naming import key_of
from pipeline.schema import Mention, Person

ENDS_IN_DOT = re.compile(r"(?:\b[A-Z]|\b(?:Jr|Sr))\.\Z")  # an initial, "Jr."
INITIALS_BEFORE = re.compile(r"\b(?:(?:[A-Z]\.? ){2,3}|(?:Md|Mohd)\.? )\Z")
# where a name in Latin letters ends and another script begins
OTHER_SCRIPT = re.compile(r"(?<=[A-Za-zÀ-ɏḀ-ỿ])[\s(（]+(?=[\u0370-\u1cff\u2e80-\ud7ff\uf900-\ufaff\ufb50-\ufdff])")
CAPITAL_TITLES = frozenset(["HE", "HH", "HRH", "HM"])  # "He" is a surname
attributes.register()


@cache
def titles() -> frozenset[str]:
    """Honorifics and titles that stand before names, of one word or two, case-folded, without the full stop."""
    return frozenset(form for e in read_lexicon("titles.jsonl", required=("forms",)) if e["id"] != "degrees" for form in e["forms"])


@cache
def degrees() -> frozenset[str]:
    """Degrees and orders that stand behind names, case-folded, without full stops."""
    return frozenset(form for e in read_lexicon("titles.jsonl", required=("forms",)) if e["id"] == "degrees" for form in e["forms"])


@Language.factory(
    "people",
    requires=["doc.spans", "doc._.organizations"],
    assigns=["doc._.people"],
    default_config={"min_score": 0.3},
)
def make_people(nlp: Language, name: str, min_score: float) -> "People":
    return People(min_score)


class People:
    """Set doc._.people from doc.spans["PER"], ["ROLE"] and the links between them, in the order of first mention."""

    def __init__(self, min_score: float) -> None:
        self.min_score = min_score

    def __call__(self, doc: Doc) -> Doc:
        doc._.people = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Person]:
        people, holders = self.find_people(doc)
        add_roles(doc, holders)
        for person in people:
            person.confidence = round(probability("person", weigh_person(person)), 2)
        return people

    def find_people(self, doc: Doc) -> tuple[list[Person], Holders]:
        """People without their roles, confidence being the encoder's score yet; and where their names stand."""
        text = text_of(doc)
        spans = doc.spans["PER"]
        mentions: list[tuple[int, Mention, float]] = []
        for index, (span, score) in enumerate(zip(spans, spans.attrs.get("scores", []), strict=True)):
            start, end = trim_name(text, span.start_char, span.end_char)
            if score >= self.min_score and start < end:
                mentions.append((index, Mention(text[start:end], start, end), score))
        people, person_of = group_people(mentions)
        return people, Holders(person_of, [(m, person_of[index]) for index, m, _ in mentions])


def weigh_person(person: Person) -> dict[str, float]:
    """Features that tell whether somebody is a person; the encoder's own score is too sure of it."""
    return {
        "bias": 1.0,
        "encoder": logit(person.confidence),
        "mentions": math.log(len(person.mentions)),
        "one word": float(len(person.name.split()) == 1),
    }


def trim_name(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds without titles before a full name, degrees behind it, possessives, stray marks, and the same name in another script behind it;
    titles before one word stay. Initials that stand before it ("A K M Rahman", "Md. Rahman") belong to it.
    """
    while start < end and not text[start].isalnum():
        start += 1
    if initials := INITIALS_BEFORE.search(text, max(0, start - 12), start):
        start = initials.start()
    if other := OTHER_SCRIPT.search(text, start, end):
        end = other.start()
    while end > start and not (text[end - 1].isalnum() or ENDS_IN_DOT.search(text[max(start, end - 4) : end])):
        end -= 1
    if re.search(r"['’]s$", text[start:end]):
        end -= 2
    end = start + len(without_degrees(text[start:end]))
    name = without_titles(text[start:end])
    return (end - len(name) if len(name.split()) > 1 else start), end


def without_titles(name: str) -> str:
    """What is left of a name behind its titles ("Prof. Dr. ", "Assoc.Prof.", "Tan Sri "); one word always is."""
    while True:
        words = re.match(r"(\S+)\s+(?:(\S+)\s+(?=\S))?", name)
        if words is None:
            return name
        first, second = words.groups()
        if second and f"{_folded(first)} {_folded(second)}" in titles():
            name = name[words.end() :]
        elif is_title(first) or (first in CAPITAL_TITLES and not name.isupper()):
            name = name[words.end(1) :].lstrip()
        else:
            return name


def is_title(word: str) -> bool:
    return _folded(word) in titles() or all(_folded(part) in titles() for part in word.split(".") if part)


def _folded(word: str) -> str:
    return word.casefold().replace("’", "'").rstrip(".")


def without_degrees(name: str) -> str:
    """A name of two words or more without what stands behind it: ", Ph.D.", ", S.Pd., M.Si", " CBE"."""
    while True:
        last = re.search(r"(?P<comma>,)?\s+(?P<word>[^\s,]+)\Z", name)
        if last is None or len(name[: last.start()].split()) < 2:
            return name
        if not is_degree(last["word"], listed=last["comma"] is not None, capitals=name.isupper()):
            return name
        name = name[: last.start()].rstrip(" ,")


def is_degree(word: str, *, listed: bool, capitals: bool) -> bool:
    """Whether a word at the end of a name is a degree or an order; listed: behind a comma; capitals: the whole name is in them."""
    bare = word.replace(".", "")
    if bare.casefold() in degrees() and (listed or not capitals) and (sum(c.isupper() for c in bare) > 1 or bare == "Esq"):
        return True
    if bare.casefold() in ("jr", "sr"):
        return False
    dotted = re.fullmatch(r"(?:[A-Z][A-Za-z]{0,4}\.)+[A-Za-z]{0,5}", word) is not None
    if listed:
        return dotted or (2 <= len(bare) <= 6 and sum(c.isupper() for c in bare[1:]) > 0)
    return dotted and re.search(r"[A-Z][a-z]+\.[A-Z]|\.[A-Z][a-z]", word) is not None  # "M.Pd", not the initials "K.R."


def name_words(name: str) -> tuple[str, ...]:
    """Words of a name without its titles, as keys; initials keep their full stop ("y.", "zh.")."""
    out = []
    for part in re.findall(r"[^\W_]+\.?", without_titles(name)):
        word = key_of(part)
        initial = (len(word) == 1 or (part.endswith(".") and len(word) == 2)) and word not in ("jr", "sr")
        out.append(word + "." if initial else word)
    return tuple(word for word in out if word)


def group_people(mentions: list[tuple[int, Mention, float]]) -> tuple[list[Person], dict[int, Person]]:
    """People, and the person of each span index; a shorter name joins the one full name that holds all its words."""
    forms: dict[tuple[str, ...], list[tuple[int, Mention, float]]] = defaultdict(list)
    for item in mentions:
        forms[name_words(item[1].text)].append(item)
    order = sorted(forms, key=lambda f: (-sum(not is_initial(w) for w in f), -len(f), forms[f][0][1].start))
    groups: list[list[tuple[str, ...]]] = []
    having: dict[str, list[int]] = defaultdict(list)  # a word of a full name, or all of them in one -> indices of groups
    for form in order:
        near = sorted({n for word in (*form, "".join(form)) for n in having[word]})
        hosts = [groups[n] for n in near if _holds(groups[n][0], form)]
        if len(hosts) > 1:  # the one named last before
            first = forms[form][0][1].start
            before = [(max((m.start for f in g for _, m, _ in forms[f] if m.start < first), default=-1), n) for n, g in enumerate(hosts)]
            hosts = [hosts[max(before)[1]]] if max(before)[0] >= 0 else hosts[:1]
        if hosts:
            hosts[0].append(form)
        else:
            for word in {*form, "".join(form)}:
                having[word].append(len(groups))
            groups.append([form])
    people, person_of = [], {}
    groups.sort(key=lambda g: min(m.start for f in g for _, m, _ in forms[f]))
    for number, group in enumerate(groups, 1):
        items = sorted((item for form in group for item in forms[form]), key=lambda item: item[1].start)
        longest = max((m.text for _, m, _ in forms[group[0]]), key=lambda t: (not t.isupper(), -len(t)))
        name = " ".join(without_titles(longest).split())
        person = Person(f"p{number}", name, [m for _, m, _ in items], [], round(max(s for *_, s in items), 2))
        people.append(person)
        for index, _, _ in items:
            person_of[index] = person
    return people, person_of


def is_initial(word: str) -> bool:
    return word.endswith(".")


def _holds(full: tuple[str, ...], form: tuple[str, ...]) -> bool:
    """Every word of the form is one of the full name's or its initial, at least one of them in full. Initials may be left over in a
    form that takes up the whole full name ("J. F. Marlow", "John Marlow").
    """
    if "".join(full) == "".join(form):  # "Sung-ryul", "Sungryul"
        return True
    rest, in_full, left_over = list(full), False, False
    for word in sorted(form, key=is_initial):
        hit = next((w for w in rest if w == word), None) or next((w for w in rest if _abbreviates(w, word) or _abbreviates(word, w)), None)
        if hit is not None:
            rest.remove(hit)
            in_full = in_full or (hit == word and not is_initial(word))
        elif is_initial(word):
            left_over = True
        else:
            return False
    return in_full and not (left_over and rest)


def _abbreviates(short: str, word: str) -> bool:
    return is_initial(short) and word.startswith(short[:-1])
