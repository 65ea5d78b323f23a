"""Roles of people: who holds each, and at which organisation."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache

from spacy.tokens import Doc

from pipeline.geography import country_of_name, find_country
from pipeline.lexicons import read_lexicon
from pipeline.schema import Mention, Organization, Person, Role

OWNER = re.compile(r"(?P<name>[A-Z][\w.]+(?: (?:of |and |the )?[A-Z][\w.]+){0,3})(?:['’]s?)?\s+(?:the\s+)?\Z")
OF_STATE = re.compile(r"\s*,?\s*(?:of|from|for)\s+(?:the\s+)?(?P<name>[A-Z][\w.’'-]+(?: (?:of |and |the )?[A-Z][\w.’'-]+){0,4})")
DESTINATION = re.compile(
    r"\s+(?:of\s+(?:the\s+)?(?:[A-Z][\w.’'-]+\s+(?:of\s+|and\s+)?){1,5})?"
    r"(?P<to>to\s+(?:the\s+)?[A-Z][\w.’'-]*(?:\s+(?:of\s+|and\s+|the\s+)*[A-Z][\w.’'-]*){0,4})"
)
TITLES = r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Professor|Assoc|Eng|Ing|H\.? ?E|His Excellency|Her Excellency|Hon|Sir|Dato|Academician)\.?,?\s+)*"
SMALL = (
    r"(?:,|:|\(|–|—|-|“|\*|\s|"
    r"\b(?:the|a|an|its|his|her|their|our|new|newly|current|now|also|of|at|for|in|from|with|to|and|as|by|on behalf)\b)"
)
BEFORE_NAME = re.compile(rf"{SMALL}*{TITLES}\Z", re.IGNORECASE)
AFTER_NAME = re.compile(
    rf"\A(?:{SMALL}|\b(?:is|was|who|has|had|been|be|became|becomes|will|serves?|served|serving|works?|worked|working|acts?|acted|appointed|named|elected|nominated|"
    r"promoted|re-elected|Jr|Sr|PhD|Ph\.D|MD|SC|MP|CBE|OBE)\b\.?)*\Z",
    re.IGNORECASE,
)
AT_ORG = re.compile(
    r"\A\s*(?:,\s*)?(?:\(|(?:of|at|for|in|from|with|to|on|within|,)\s+)?(?:the\s+|our\s+)*(?:newly\s+|prestigious\s+)?\Z",
    re.IGNORECASE,
)
ORG_OWNS = re.compile(r"\A(?:['’]s?)?\s+(?:new\s+|the\s+)?\Z")
STATE_NAME = re.compile(r"(?:government|republic|kingdom)\b", re.IGNORECASE)
# where two patterns could share white space, only one of them may begin in it: long runs of it take no longer
JOINED_ROLES = re.compile(r"(?:\s*,(?:\s+and)?|\s+(?:and|&))\s+")
JOINT = re.compile(r"(?:(?<!\s)\s+)?,\s+|(?<!\s)\s+(?:and|&)\s+")
MAX_TIGHT_CHARS = 140
MIN_LINK = 0.7  # probability; below it the article's first organisation is the better guess


@cache
def role_words(kind: str) -> frozenset[str]:
    return frozenset(form for e in read_lexicon("role_words.jsonl", required=("kind", "forms")) if e["kind"] == kind for form in e["forms"])


class Layout:
    """The people, roles and organisations of an article by their places, for questions about what stands beside what."""

    def __init__(self, doc: Doc, person_at: list[tuple[Mention, Person]]) -> None:
        self.text = doc.text
        self.people = sorted(person_at, key=lambda x: x[0].start)
        self.person_starts = [m.start for m, _ in self.people]
        self.organizations: list[Organization] = doc._.organizations
        mentions: Iterator[tuple[Mention, Organization]] = ((m, o) for o in self.organizations for m in o.mentions)
        self.orgs = sorted(mentions, key=lambda x: x[0].start)
        self.org_starts = [m.start for m, _ in self.orgs]
        self.roles = [(s.start_char, s.end_char) for s in doc.spans["ROLE"]]
        self.blank = self._blanked()

    def _blanked(self) -> str:
        """The text with organisations and roles blanked: what is left tells how names and roles are joined."""
        out = list(self.text)
        for start, end in [*((m.start, m.end) for m, _ in self.orgs), *self.roles]:
            out[start:end] = " " * (end - start)
        return "".join(out)

    def holder(self, start: int, end: int) -> Person | None:
        """The person whose name is joined to the role: behind it ("Rector of X, Prof. A") or before it ("A, Rector of X").

        Where both are, names follow roles if the name before has a role before itself already ("Rector A, Dean B").
        """
        behind, before = self._behind(end), self._before(start)
        if behind is not None and before is not None:
            taken = self._has_role_before(self.people[before][0])
            return self.people[behind if taken else before][1]
        at = behind if behind is not None else before
        return None if at is None else self.people[at][1]

    def _behind(self, end: int) -> int | None:
        i = bisect_left(self.person_starts, end)
        if i == len(self.people) or self.people[i][0].start - end > MAX_TIGHT_CHARS:
            return None
        between = self.blank[end : self.people[i][0].start]
        return i if "\n\n" not in between and BEFORE_NAME.fullmatch(between) else None

    def _before(self, start: int) -> int | None:
        i = bisect_left(self.person_starts, start) - 1
        if i < 0 or start - self.people[i][0].end > MAX_TIGHT_CHARS:
            return None
        between = self.blank[self.people[i][0].end : start]
        if between.strip() == "and" or "\n\n" in between:  # "President A and Vice President B": another person's role
            return None
        return i if AFTER_NAME.fullmatch(between) else None

    def _has_role_before(self, name: Mention) -> bool:
        mine = [(a, b) for a, b in self.roles if b <= name.start and name.start - b <= MAX_TIGHT_CHARS]
        return any(BEFORE_NAME.fullmatch(self.blank[b : name.start]) for _, b in mine[-1:])

    def seat_mention(self, start: int, end: int) -> int | None:
        """Index of the mention that is joined to the role: behind it ("Dean of X", "Dean, X"), else before it ("X's Dean", "X Dean")."""
        i = bisect_left(self.org_starts, end)
        if i < len(self.orgs) and AT_ORG.fullmatch(self.text[end : self.orgs[i][0].start]):
            return i
        j = bisect_right(self.org_starts, start - 1) - 1
        if j >= 0 and self.orgs[j][0].end <= start and ORG_OWNS.fullmatch(self.text[self.orgs[j][0].end : start]):
            return j
        behind = next((r for r in self.roles if r[0] >= end), None)  # "co-founder and CTO of X": both at X
        if behind is not None and JOINED_ROLES.fullmatch(self.text[end : behind[0]]):
            return self.seat_mention(*behind)
        return None

    def seat(self, start: int, end: int) -> Organization | None:
        at = self.seat_mention(start, end)
        return None if at is None else self.orgs[at][1]

    def named_before(self, start: int) -> Organization | None:
        """The last organisation named before the role in its sentence ("On behalf of SKU, B, Acting President, said")."""
        begins = max(self.text.rfind(mark, 0, start) for mark in (". ", "\n"))
        i = bisect_left(self.org_starts, start) - 1
        return self.orgs[i][1] if i >= 0 and self.orgs[i][0].start > begins else None


def add_roles(doc: Doc, person_of: dict[int, Person], person_at: list[tuple[Mention, Person]], min_score: float) -> None:
    """Give each role to the person it is joined to, else to whom the encoder links it, and find where it is held."""
    group = doc.spans["ROLE"]
    organizations: list[Organization] = doc._.organizations
    layout = Layout(doc, person_at)
    seats = {layout.seat_mention(start, end) for start, end in layout.roles}
    org_spans = list(doc.spans["ORG"])
    for span, score, to_person, to_org in zip(
        group, group.attrs.get("scores", []), group.attrs.get("role_person", []), group.attrs.get("role_org", []), strict=True
    ):
        person = layout.holder(span.start_char, span.end_char) or person_of.get(int(to_person[0]))
        if person is None or score < min_score:
            continue
        linked = None
        if to_org[0] >= 0 and to_org[1] >= MIN_LINK:
            target = org_spans[int(to_org[0])]
            at = next((n for n, (m, _) in enumerate(layout.orgs) if m.start < target.end_char and target.start_char < m.end), None)
            if at is not None and at not in seats:  # one that is joined to another role is that role's
                linked = layout.orgs[at][1]
        parts = split_role(span.text, span.start_char)
        for text, start, end in parts:
            text = with_destination(text, layout.text[end : end + 90])
            beside = layout.seat(start, end) or (layout.seat(*parts[-1][1:]) if len(parts) > 1 else None)
            if is_state_office(text):
                where, source = state_of(layout.text, start, end, organizations), "state"
            elif beside is not None:
                where, source = beside, "beside"
            elif (named := layout.named_before(start)) is not None:
                where, source = named, "sentence"
            elif linked is not None:
                where, source = linked, "link"
            else:
                where, source = default_org(text, organizations), "default"
            confidence = round(min(score, max(0.5, to_person[1])), 2)
            role = Role(text, where.id if where else None, start, end, confidence, f"encoder:ROLE+{source}")
            if not any(_repeats(r, role) for r in person.roles):
                person.roles.append(role)


def _repeats(old: Role, new: Role) -> bool:
    """The same role again, at the same organisation or once only with one that is told."""
    return old.role.casefold() == new.role.casefold() and (old.org == new.org or new.org is None or new.source.endswith("default"))


def split_role(text: str, start: int) -> list[tuple[str, int, int]]:
    """ "Chairman and CEO" is two roles: split at "and" where the words on both sides begin or end with a noun of office."""
    heads = role_words("head")
    for joint in JOINT.finditer(text):
        left, right = text[: joint.start()].split(), text[joint.end() :].split()
        if not left or not right:
            continue
        opens = right[0].casefold() in heads or (right[0].isupper() and len(right[0]) > 2)
        closes = right[-1].casefold() in heads and left[-1].casefold() in heads
        if (opens and left[0].casefold() in heads) or (opens and left[-1].casefold() in heads) or closes:
            cut = start + joint.end()
            return [(" ".join(left), start, start + joint.start()), *split_role(text[joint.end() :], cut)]
    return [(" ".join(text.split()), start, start + len(text))] if text.strip() else []


def with_destination(role: str, after: str) -> str:
    """ "Ambassador" with the country that it is sent to: "Ambassador (of Singapore) to Uzbekistan" -> "Ambassador to Uzbekistan"."""
    if role.split()[-1].casefold() not in role_words("envoy"):
        return role
    found = DESTINATION.match(after)
    return f"{role} {' '.join(found.group('to').split())}" if found and find_country(found.group("to"), with_places=False) else role


def is_state_office(role: str) -> bool:
    """Minister, ambassador, head of state or government: held at a state, not at an organisation that stands near."""
    words = [w.casefold() for w in re.findall(r"\w+", role)]
    return bool(set(words) & role_words("state")) or any(phrase in " ".join(words) for phrase in role_words("state phrase"))


def state_of(text: str, start: int, end: int, organizations: list[Organization]) -> Organization | None:
    """The state whose office it is, where that is an organisation of the article: the country named before ("Singapore's Minister")
    or behind ("Minister of Justice of Uzbekistan"), else the state that is named most.
    """
    states = [o for o in organizations if o.type == "country" or (o.type == "government" and STATE_NAME.match(o.name))]
    before, after = OWNER.search(text[max(0, start - 50) : start]), OF_STATE.match(text[end : end + 60])
    for found in (before, after):
        words = found.group("name").split() if found else []
        for i in range(len(words)):
            for j in range(len(words), i, -1):
                code = country_of_name(" ".join(words[i:j]))
                if code:
                    return next((o for o in states if o.country == code), None)
    return max(states, key=lambda o: (len(o.mentions), -o.mentions[0].start), default=None)


def default_org(role: str, organizations: list[Organization]) -> Organization | None:
    """Where a role that names no organisation is held: mostly at the article's issuer, which is named first; bylines are held nowhere."""
    if {w.casefold() for w in re.findall(r"\w+", role)} & role_words("byline"):
        return None
    leading = [o for o in organizations if o.type not in ("unit", "media", "country")]
    return min(leading, key=lambda o: o.mentions[0].start, default=None)
