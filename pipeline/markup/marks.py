r"""Bracketed spans in a text: taken out, and put in.

>>> split_body("[Ms Kim]{p1} of [Riga [Art] School]{o1}")
('Ms Kim of Riga [Art] School', [Mark(start=0, end=6, tag='p1'), Mark(start=10, end=27, tag='o1')])
>>> join_body("see [1", [Mark(4, 6, "a1")])
'see [\\[1]{a1}'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.errors import MarkupError

TAG = re.compile(r"\]\{(?P<tag>[opae]\d+|=[0-9X./~?%-]+|i [a-z_]+|r p\d+ (?:o\d+|-))\}")
STRAY_TAG = re.compile(r"(?<!\\)\]\{[^}\n]{0,40}\}?")
ESCAPED_BRACKET = re.compile(r"(?<!\\)(\\+)([\[\]])")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One bracketed span: offsets into the body without marks (end exclusive) and the tag in braces."""

    start: int
    end: int
    tag: str


def split_body(marked: str) -> tuple[str, list[Mark]]:
    """Give the text without marks and its marks, sorted by place; ValueError(message, offset) where a tag closes no bracket.

    A bracket that belongs to no mark is a character; so is one with a backslash before it, and two backslashes before a bracket
    are one.
    """
    pieces: list[str] = []
    length = 0
    open_brackets: list[tuple[int, int, int]] = []  # index of the bracket in pieces, its offset in the text, marks before it
    marks: list[Mark] = []
    i = 0
    while i < len(marked):
        char, width = marked[i], 1
        if char == "\\" and (run := ESCAPED_BRACKET.match(marked, i)):
            slashes = len(run[1])
            char, width = "\\" * (slashes // 2), slashes
            if slashes % 2:
                char, width = char + run[2], width + 1
        elif char == "[":
            open_brackets.append((len(pieces), length, len(marks)))
        elif char == "]" and (tag := TAG.match(marked, i)):
            if not open_brackets:
                raise ValueError(f"{tag['tag']!r} closes no bracket: …{marked[max(0, i - 40) : tag.end()]}", i)
            piece, start, inner = open_brackets.pop()
            pieces[piece] = ""
            length -= 1
            # what lies inside moved one to the left, and so did the brackets that stay
            marks[inner:] = [Mark(m.start - 1, m.end - 1, m.tag) for m in marks[inner:]]
            marks.append(Mark(start, length, tag["tag"]))
            char, width = "", tag.end() - i
        elif char == "]" and open_brackets:
            open_brackets.pop()  # a literal pair of brackets
        pieces.append(char)
        length += len(char)
        i += width
    return "".join(pieces), sorted(marks, key=lambda m: (m.start, -m.end, m.tag))


def find_stray_tags(marked: str) -> Iterator[tuple[int, str]]:
    """(offset, text) of what looks like a tag and is none."""
    for found in STRAY_TAG.finditer(marked):
        if not TAG.match(marked, found.start()):
            yield found.start(), found.group()


def join_body(text: str, marks: Sequence[Mark], *, where: str = "<text>") -> str:
    """The text with its marks put in, so that split_body gives both back; MarkupError where marks cross or are empty."""
    wanted = sorted(marks, key=lambda m: (m.start, -m.end, m.tag))
    for escape in (False, True):  # brackets of the text are escaped only where they would be misread
        marked = _marked(text, marks, escape=escape)
        try:
            if split_body(marked) == (text, wanted) and not any(find_stray_tags(marked)):
                return marked
        except ValueError:
            continue
    crossing = [(a, b) for a in wanted for b in wanted if a.start < b.start < a.end < b.end]
    what = "; ".join(f"{a.tag!r} {text[a.start : a.end]!r} and {b.tag!r} {text[b.start : b.end]!r}" for a, b in crossing)
    raise MarkupError(f"{where}: marks cross: {what}" if what else f"{where}: marks are empty, outside of the text, or not understood")


def _marked(text: str, marks: Iterable[Mark], *, escape: bool) -> str:
    """Put marks into a text; of marks with equal bounds the first is the innermost."""
    opening: dict[int, int] = {}
    closing: dict[int, list[Mark]] = {}
    for mark in marks:
        opening[mark.start] = opening.get(mark.start, 0) + 1
        closing.setdefault(mark.end, []).append(mark)
    out = []
    slashes = 0  # backslashes of the text that end where we are
    for i in range(len(text) + 1):
        closed = sorted(closing.get(i, []), key=lambda m: -m.start)
        if escape and slashes and (closed or opening.get(i) or text[i : i + 1] in ("[", "]")):
            out.append("\\" * slashes)
            slashes = 0
        out += [f"]{{{mark.tag}}}" for mark in closed]
        out.append("[" * opening.get(i, 0))
        if escape and text[i : i + 1] in ("[", "]"):
            out.append("\\")
        out.append(text[i : i + 1])
        slashes = slashes + 1 if text[i : i + 1] == "\\" else 0
    return "".join(out)
