"""Text -> the spans of it to leave out: menus, buttons, addresses, notices; the text itself stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pipeline.errors import ResourceError
from pipeline.lexicons import read_lexicon

SCOPES = ("line", "head", "tail", "links", "section", "glued")
REQUIRED = ("kind", "scope", "pattern", "example", "not")
MAX_LINE_CHARS = 5000  # longer lines are prose
MAX_SHORT_CHARS = 600  # patterns other than those for whole paragraphs look at no longer lines
MAX_LINK_CHARS = 140
MAX_GLUED_CHARS = 320
HEAD_LINES = 10
TAIL_LINES = 12
MIN_BODY_LINES = 2  # a page has before a list of links
PROSE_CHARS = 50
SENTENCE_END = re.compile(r"[.!?:;…。][\"'”’)\]]{0,2}\Z")


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """A span of a text that is no part of its article.

    start, end: offsets into the text as read, end exclusive. extract: whether extraction may read it all
    the same ("about us" sections, which say who an organisation is). found_by: id of the pattern.
    """

    start: int
    end: int
    kind: str
    extract: bool
    found_by: str


class Cue(NamedTuple):
    """One line of boilerplate.jsonl."""

    id: str
    kind: str
    scope: str
    pattern: str
    example: str
    counter_example: str
    extract: bool


class Line(NamedTuple):
    """A line that isn't empty, with the offsets of its first character and of what follows its last."""

    start: int
    end: int
    text: str
    after_blank: bool


@cache
def read_cues() -> tuple[Cue, ...]:
    """Read the patterns; ResourceError lists all that is wrong with them."""
    cues: list[Cue] = []
    faults: list[str] = []
    for row in read_lexicon("boilerplate.jsonl", required=REQUIRED):
        if unknown := set(row) - {"id", "extract", *REQUIRED}:
            faults.append(f"boilerplate.jsonl: {row['id']}: unknown keys {sorted(unknown)}")
        if row["scope"] not in SCOPES:
            faults.append(f"boilerplate.jsonl: {row['id']}: unknown scope {row['scope']!r}; expected one of {', '.join(SCOPES)}")
        try:
            re.compile(row["pattern"])
        except re.error as error:
            faults.append(f"boilerplate.jsonl: {row['id']}: {error}")
        cues.append(Cue(row["id"], row["kind"], row["scope"], row["pattern"], row["example"], row["not"], row.get("extract", False)))
    if faults:
        raise ResourceError("\n".join(faults))
    return tuple(cues)


class Matcher(NamedTuple):
    """All patterns of one scope in one expression; the group that took part tells which."""

    expression: re.Pattern[str]
    cues: tuple[Cue, ...]

    def match(self, line: str) -> Cue | None:
        """Give the pattern that matches all of a line."""
        found = self.expression.fullmatch(line)
        return self.cues[int((found.lastgroup or "_0")[1:])] if found else None


@cache
def make_matchers() -> dict[str, Matcher]:
    matchers = {}
    for scope in SCOPES:
        cues = tuple(cue for cue in read_cues() if cue.scope == scope)
        # no pattern has named groups of its own
        joined = "|".join(f"(?P<_{n}>{cue.pattern})" for n, cue in enumerate(cues))
        matchers[scope] = Matcher(re.compile(joined, re.I), cues)
    return matchers


def split_lines(text: str) -> list[Line]:
    """Give the lines of a text that aren't empty, without the space around them."""
    lines: list[Line] = []
    start, after_blank = 0, True
    for whole in text.split("\n"):
        stripped = whole.strip()
        if stripped:
            left = start + len(whole) - len(whole.lstrip())
            lines.append(Line(left, left + len(stripped), stripped, after_blank))
        after_blank = not stripped
        start += len(whole) + 1
    return lines


def find_boilerplate(text: str) -> list[Boilerplate]:
    """Give the spans to leave out of a text, in text order, none overlapping."""
    lines = split_lines(text)
    matchers = make_matchers()
    single = [match_single(lines, n, matchers) for n in range(len(lines))]
    spans: list[Boilerplate] = []
    n = 0
    while n < len(lines):
        line = lines[n]
        cue, stop = single[n], n + 1
        if cue is None and len(line.text) <= MAX_LINK_CHARS:
            cue, stop = match_block(lines, n, single, matchers)
        if cue is not None:
            spans.append(Boilerplate(line.start, lines[stop - 1].end, cue.kind, cue.extract, cue.id))
        n = stop
    spans.extend(find_glued(lines, spans, matchers["glued"]))
    return sorted(spans, key=lambda span: span.start)


def match_single(lines: list[Line], n: int, matchers: dict[str, Matcher]) -> Cue | None:
    """Give the pattern that a line matches by itself."""
    line = lines[n]
    if len(line.text) > MAX_LINE_CHARS or goes_on(lines, n):
        return None
    cue = matchers["line"].match(line.text)
    if cue is None and len(line.text) <= MAX_SHORT_CHARS:
        if n < HEAD_LINES:
            cue = matchers["head"].match(line.text)
        if cue is None and n > 0 and n >= len(lines) - TAIL_LINES:
            cue = matchers["tail"].match(line.text)
    return cue


def goes_on(lines: list[Line], n: int) -> bool:
    """Tell whether a line continues the one before it: a paragraph broken into lines of even length."""
    if n == 0 or lines[n].after_blank:
        return False
    before = lines[n - 1].text
    return len(before) >= PROSE_CHARS and not SENTENCE_END.search(before[-4:])


def match_block(lines: list[Line], n: int, single: list[Cue | None], matchers: dict[str, Matcher]) -> tuple[Cue | None, int]:
    """Give the pattern of a heading and the line at which its section ends."""
    if goes_on(lines, n):
        return None, n + 1
    cue = matchers["links"].match(lines[n].text)
    if cue is not None and n >= MIN_BODY_LINES:
        stop = n + 1
        while stop < len(lines) and is_link(lines[stop].text):
            stop += 1
        if stop == len(lines):  # a list of links ends a page; anything else may be a part of the article
            return cue, stop
    cue = matchers["section"].match(lines[n].text)
    if cue is None or n == 0:
        return None, n + 1
    stop = n + 1
    while stop < len(lines) and single[stop] is None and not is_heading(lines, stop):
        stop += 1
    return cue, stop


def is_link(line: str) -> bool:
    """Tell whether a line can be a headline in a list of links: short, and no sentence."""
    return len(line) <= MAX_LINK_CHARS and not line.endswith((".", "!", ";", ":"))


def is_heading(lines: list[Line], n: int) -> bool:
    """Tell whether a line heads a section: short, set apart, no sentence, and more follows."""
    line = lines[n]
    apart = line.after_blank and (n + 1 == len(lines) or lines[n + 1].after_blank)
    return apart and len(line.text.split()) <= 12 and not SENTENCE_END.search(line.text[-4:])


def find_glued(lines: list[Line], spans: list[Boilerplate], matcher: Matcher) -> Iterator[Boilerplate]:
    """Give what hangs at the end of the last lines, as an address does that a page's template adds."""
    taken = {span.start for span in spans}
    for line in lines[-3:]:
        if line.start in taken or any(span.start <= line.start < span.end for span in spans):
            continue
        offset = max(0, len(line.text) - MAX_GLUED_CHARS)
        for found in matcher.expression.finditer(line.text, offset):
            if found.end() == len(line.text):
                cue = matcher.cues[int((found.lastgroup or "_0")[1:])]
                yield Boilerplate(line.start + found.start(), line.end, cue.kind, cue.extract, cue.id)
                break
