"""People of an article and their roles: mentions put together, each role with the organisation where it is held."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components import attributes
from pipeline.components.roles import add_roles
from pipeline.lexicons import read_lexicon
from pipeline.naming import key_of
from pipeline.schema import Mention, Person

ENDS_IN_DOT = re.compile(r"(?:\b[A-Z]|\b(?:Jr|Sr))\.\Z")  # an initial, "Jr."
attributes.register()


@cache
def titles() -> frozenset[str]:
    """Honorifics and titles that stand before names, case-folded, without the full stop."""
    return frozenset(form for entry in read_lexicon("titles.jsonl", required=("forms",)) for form in entry["forms"])


@Language.factory(
    "people",
    requires=["doc.spans", "doc._.organizations"],
    assigns=["doc._.people"],
    default_config={"min_score": 0.3, "min_role_score": 0.3},
)
def make_people(nlp: Language, name: str, min_score: float, min_role_score: float) -> "People":
    return People(min_score, min_role_score)


class People:
    """Set doc._.people from doc.spans["PER"], ["ROLE"] and the links between them, in the order of first mention."""

    def __init__(self, min_score: float, min_role_score: float) -> None:
        self.min_score = min_score
        self.min_role_score = min_role_score

    def __call__(self, doc: Doc) -> Doc:
        doc._.people = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Person]:
        text = doc.text
        spans = doc.spans["PER"]
        mentions: list[tuple[int, Mention, float]] = []
        for index, (span, score) in enumerate(zip(spans, spans.attrs.get("scores", []), strict=True)):
            start, end = trim_name(text, span.start_char, span.end_char)
            if score >= self.min_score and start < end:
                mentions.append((index, Mention(text[start:end], start, end), score))
        people, person_of = group_people(mentions)
        add_roles(doc, person_of, [(m, person_of[index]) for index, m, _ in mentions], self.min_role_score)
        return people


def trim_name(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds without titles before a full name, possessives and stray marks at the edges; a title before one word stays."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or ENDS_IN_DOT.search(text[max(start, end - 4) : end])):
        end -= 1
    if re.search(r"['’]s$", text[start:end]):
        end -= 2
    while True:
        first = re.match(r"([\w.’'-]+?)\.?\s+(?=\S+\s+\S)", text[start:end])
        if not first or first.group(1).casefold().rstrip(".") not in titles():
            return start, end
        start += first.end()


def name_words(name: str) -> list[str]:
    """Words of a name without its titles, as keys."""
    words = re.findall(r"[\w’'.-]+", name)
    while len(words) > 1 and words[0].casefold().rstrip(".") in titles():
        words = words[1:]
    return [w for word in words for w in key_of(word).split()]


def group_people(mentions: list[tuple[int, Mention, float]]) -> tuple[list[Person], dict[int, Person]]:
    """People, and the person of each span index; a shorter name joins the one full name that holds all its words."""
    forms: dict[tuple[str, ...], list[tuple[int, Mention, float]]] = defaultdict(list)
    for item in mentions:
        forms[tuple(name_words(item[1].text))].append(item)
    order = sorted(forms, key=lambda f: (-len(f), forms[f][0][1].start))
    groups: list[list[tuple[str, ...]]] = []
    for form in order:
        hosts = [g for g in groups if _holds(g[0], form)]
        if len(hosts) > 1:  # the one named last before
            first = forms[form][0][1].start
            before = [(max((m.start for f in g for _, m, _ in forms[f] if m.start < first), default=-1), n) for n, g in enumerate(hosts)]
            hosts = [hosts[max(before)[1]]] if max(before)[0] >= 0 else hosts[:1]
        if hosts:
            hosts[0].append(form)
        else:
            groups.append([form])
    people, person_of = [], {}
    groups.sort(key=lambda g: min(m.start for f in g for _, m, _ in forms[f]))
    for number, group in enumerate(groups, 1):
        items = sorted((item for form in group for item in forms[form]), key=lambda item: item[1].start)
        longest = max((m.text for _, m, _ in items if tuple(name_words(m.text)) == group[0]), key=lambda t: (not t.isupper(), -len(t)))
        name = " ".join(strip_titles(longest).split())
        person = Person(f"p{number}", name, [m for _, m, _ in items], [], round(max(s for *_, s in items), 2))
        people.append(person)
        for index, _, _ in items:
            person_of[index] = person
    return people, person_of


def strip_titles(name: str) -> str:
    words = name.split()
    while len(words) > 1 and words[0].casefold().rstrip(".") in titles():
        words = words[1:]
    return " ".join(words)


def _holds(full: tuple[str, ...], form: tuple[str, ...]) -> bool:
    if len(form) >= len(full):
        return sorted(form) == sorted(full)
    if len(form) == 1 and len(form[0]) < 2:
        return False
    rest = list(full)
    for word in form:
        hit = next((w for w in rest if w == word or (len(word) == 1 and w.startswith(word) and len(form) > 1)), None)
        if hit is None:
            return False
        rest.remove(hit)
    return True
