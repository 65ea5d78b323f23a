"""Who and what stands beside what in an article: people, roles and organisations by their places."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.sentences import read_bounds
from pipeline.naming import key_of, stems
from pipeline.schema import Mention, Organization, Person

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
JOINED_ROLES = re.compile(r"(?:\s*,(?:\s+and)?|\s+(?:and|&))\s+")
STATE_NAME = re.compile(r"(?:government|republic|kingdom)\b", re.IGNORECASE)
INTO_NAME = re.compile(r"(?:,|\s(?:of|at|for|in|from|to))?(?:\s+the)?\s*\Z", re.IGNORECASE)
MAX_TIGHT_CHARS = 140
MAX_VOTES = 40  # roles of a sentence


def is_state(o: Organization) -> bool:
    return o.type == "country" or (o.type == "government" and STATE_NAME.match(o.name) is not None)


class Wording(NamedTuple):
    """The words of all names of an organisation, as keys, and the stems of those that carry meaning."""

    words: frozenset[str]
    stems: frozenset[str]


class Layout:
    """The people, roles and organisations of an article by their places, for questions about what stands beside what."""

    def __init__(self, doc: Doc, person_at: list[tuple[Mention, Person]]) -> None:
        self.text = text_of(doc)
        self.people = sorted(person_at, key=lambda x: x[0].start)
        self.person_starts = [m.start for m, _ in self.people]
        self.organizations: list[Organization] = doc._.organizations
        mentions: Iterator[tuple[Mention, Organization]] = ((m, o) for o in self.organizations for m in o.mentions)
        self.orgs = sorted(mentions, key=lambda x: x[0].start)
        self.org_starts = [m.start for m, _ in self.orgs]
        self.roles = [(s.start_char, s.end_char) for s in doc.spans["ROLE"]]  # none in another
        self.role_ends = [end for _, end in self.roles]
        self.wordings: dict[str, Wording] = {}  # by the id of the organisation
        self.blank = self._blanked()
        self.sentence_starts = read_bounds(doc).starts
        self.taken = {n for start, end in self.roles for n in self._joined(start, end)}
        leading = [o for o in self.organizations if o.type not in ("unit", "media", "country")]
        self.states = [o for o in self.organizations if is_state(o)]
        self.main_state = max(self.states, key=lambda o: (len(o.mentions), -o.mentions[0].start), default=None)
        self.lead = min(leading, key=lambda o: o.mentions[0].start, default=None)
        self.most_named = max(self.organizations, key=lambda o: (len(o.mentions), -o.mentions[0].start), default=None)
        self.first_state = min(self.states, key=lambda o: o.mentions[0].start, default=None)
        countries = Counter(o.country for o in self.organizations if o.country)
        self.home = (
            self.lead.country if self.lead is not None and self.lead.country else next((c for c, _ in countries.most_common(1)), None)
        )

    def _blanked(self) -> str:
        """The text with organisations and roles blanked: what is left tells how names and roles are joined."""
        out = list(self.text)
        for start, end in [*((m.start, m.end) for m, _ in self.orgs), *self.roles]:
            out[start:end] = " " * (end - start)
        return "".join(out)

    def behind(self, end: int) -> int | None:
        """Index of the mention of a person that the role is followed by ("Rector of X, Prof. A")."""
        i = bisect_left(self.person_starts, end)
        if i == len(self.people) or self.people[i][0].start - end > MAX_TIGHT_CHARS:
            return None
        between = self.blank[end : self.people[i][0].start]
        return i if "\n\n" not in between and BEFORE_NAME.fullmatch(between) else None

    def before(self, start: int) -> int | None:
        """Index of the mention of a person that the role follows ("A, Rector of X")."""
        i = bisect_left(self.person_starts, start) - 1
        if i < 0 or start - self.people[i][0].end > MAX_TIGHT_CHARS:
            return None
        between = self.blank[self.people[i][0].end : start]
        if between.strip() == "and" or "\n\n" in between:  # "President A and Vice President B": another person's role
            return None
        return i if AFTER_NAME.fullmatch(between) else None

    def before_next_name(self, start: int, count: int) -> int:
        """Where the next name of a person begins, at most so many characters behind an offset."""
        i = bisect_left(self.person_starts, start)
        return min(start + count, self.person_starts[i]) if i < len(self.person_starts) else start + count

    def has_role_before(self, name: Mention) -> bool:
        """A role stands before a name and is joined to it ("Rector A")."""
        at = bisect_right(self.role_ends, name.start) - 1
        if at < 0 or name.start - self.role_ends[at] > MAX_TIGHT_CHARS:
            return False
        return BEFORE_NAME.fullmatch(self.blank[self.role_ends[at] : name.start]) is not None

    def end_of_role(self, start: int, end: int) -> int:
        """Where a role ends that runs into a name of an organisation: "Director of [the Sea] Institute" ends with "Director"."""
        at = bisect_left(self.org_starts, end) - 1
        if at < 0 or not start < self.orgs[at][0].start < end <= self.orgs[at][0].end:
            return end
        own = INTO_NAME.sub("", self.text[start : self.orgs[at][0].start])
        return start + len(own) if own.strip() else end

    def has_role_behind(self, name: Mention) -> bool:
        """A role stands behind a name and is joined to it ("A, Rector of X")."""
        at = bisect_left(self.roles, (name.end, name.end))
        return at < len(self.roles) and self.roles[at][0] - name.end <= MAX_TIGHT_CHARS and self.before(self.roles[at][0]) is not None

    def votes(self, low: int, high: int) -> tuple[float, float]:
        """Shares of the roles of a stretch that can only be joined to the name behind them, and only to the name before."""
        inside = self.roles[bisect_left(self.roles, (low, low)) : bisect_left(self.roles, (high, high))][:MAX_VOTES]
        sides = [(self.behind(end) is not None, self.before(start) is not None) for start, end in inside]
        return (
            sum(behind and not before for behind, before in sides) / max(1, len(sides)),
            sum(before and not behind for behind, before in sides) / max(1, len(sides)),
        )

    def _behind_role(self, end: int) -> int | None:
        """Index of the mention that the role is followed by ("Dean of X", "Dean, X")."""
        i = bisect_left(self.org_starts, end)
        return i if i < len(self.orgs) and self._is_joined(AT_ORG, end, self.orgs[i][0].start) else None

    def _owner_of_role(self, start: int) -> int | None:
        """Index of the mention that the role follows ("X's Dean", "X Dean")."""
        j = bisect_right(self.org_starts, start - 1) - 1
        return j if j >= 0 and self.orgs[j][0].end <= start and self._is_joined(ORG_OWNS, self.orgs[j][0].end, start) else None

    def _is_joined(self, joint: re.Pattern[str], start: int, end: int) -> bool:
        """A joint is all that stands from start to end."""
        return end - start <= MAX_TIGHT_CHARS and joint.fullmatch(self.text[start:end]) is not None

    def _joined(self, start: int, end: int) -> list[int]:
        return [n for n in (self._behind_role(end), self._owner_of_role(start)) if n is not None]

    def seats_beside(self, start: int, end: int) -> tuple[Organization | None, Organization | None, Organization | None]:
        """The organisation behind a role, the one before it, and the one behind a role that it is joined to ("co-founder and CTO of X")."""
        behind, owner, chained = self._behind_role(end), self._owner_of_role(start), None
        at = end
        for n in range(bisect_left(self.roles, (end, end)), len(self.roles)):
            left, right = self.roles[n]
            if not JOINED_ROLES.fullmatch(self.text[at:left]):
                break
            chained, at = self._behind_role(right), right
            if chained is not None:
                break
        behind_, owner_, chained_ = (None if n is None else self.orgs[n][1] for n in (behind, owner, chained))
        return behind_, owner_, chained_

    def orgs_beside_name(self, start: int, end: int) -> tuple[Organization | None, Organization | None]:
        """The organisation behind a name ("A of X", "A, X", "A (X)"), and the one before it ("X's A"); roles between don't count."""
        i = bisect_left(self.org_starts, end)
        behind = self.orgs[i][1] if i < len(self.orgs) and AT_ORG.fullmatch(self._bare(end, self.orgs[i][0].start)) else None
        j = bisect_right(self.org_starts, start - 1) - 1
        if j < 0 or self.orgs[j][0].end > start or start - self.orgs[j][0].end > MAX_TIGHT_CHARS:
            return behind, None
        return behind, self.orgs[j][1] if BEFORE_NAME.fullmatch(self._bare(self.orgs[j][0].end, start)) else None

    def orgs_around(self, low: int, high: int) -> tuple[tuple[Mention, Organization] | None, tuple[Mention, Organization] | None]:
        """The first mention of an organisation behind a stretch, and the last one before it."""
        i, j = bisect_left(self.org_starts, high), bisect_left(self.org_starts, low) - 1
        return self.orgs[i] if i < len(self.orgs) else None, self.orgs[j] if j >= 0 and self.orgs[j][0].end <= low else None

    def _bare(self, start: int, end: int) -> str:
        """A stretch of at most MAX_TIGHT_CHARS with roles blanked; more is cut."""
        return self.blank[start : min(end, start + MAX_TIGHT_CHARS)] if end - start <= MAX_TIGHT_CHARS else "."

    def wording(self, o: Organization) -> Wording:
        """What an organisation is called, put together once: it may be named thousands of times, and is asked for at many roles."""
        if o.id not in self.wordings:
            names = {m.text for m in o.mentions}
            words = frozenset(word for name in names for word in key_of(name).split())
            self.wordings[o.id] = Wording(words, frozenset().union(*map(stems, names)))
        return self.wordings[o.id]

    def sentence(self, start: int) -> tuple[int, int]:
        """Bounds of the sentence at an offset."""
        at = bisect_right(self.sentence_starts, start) - 1
        low = self.sentence_starts[at] if at >= 0 else 0
        return low, self.sentence_starts[at + 1] if at + 1 < len(self.sentence_starts) else len(self.text)

    def mentions_near(self, start: int, count: int) -> range:
        """Indices of the mentions around an offset, half of the count on either side."""
        at = bisect_left(self.org_starts, start)
        return range(max(0, at - count // 2), min(len(self.orgs), at + count // 2))

    def last_of_paragraph(self, start: int) -> Organization | None:
        """The last organisation named before an offset in its paragraph."""
        i = bisect_left(self.org_starts, start) - 1
        return self.orgs[i][1] if i >= 0 and self.text.find("\n\n", self.orgs[i][0].start, start) < 0 else None

    def org_at(self, start: int, end: int) -> Organization | None:
        """The organisation of the first mention that overlaps a stretch of the text."""
        i = max(0, bisect_right(self.org_starts, start) - 1)
        return next((o for m, o in self.orgs[i : i + 4] if m.start < end and start < m.end), None)
