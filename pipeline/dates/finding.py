"""Text -> calendar expressions, as written and not yet placed in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pipeline.dates.context import Context
from pipeline.dates.counted import COUNTED
from pipeline.dates.edtf import days_in
from pipeline.dates.expressions import Draft, Expression, Point
from pipeline.dates.grammar import COMPILED
from pipeline.dates.reading import LEAP_YEAR, Labels
from pipeline.dates.stated import STATED
from pipeline.dates.tokens import ANCHORS, BREAK, OTHER, Token, read_tokens

DASHES = "-\u2013"
BUILDERS: dict[str, Callable[[Context, int, int, Labels], list[Draft]]] = {**STATED, **COUNTED}
ANCHOR = re.compile(f"[{ANCHORS}]")
SEGMENT = re.compile(f"[^{OTHER}{BREAK}]+")
CHINESE = re.compile(r"(?:([0-9]{4}) ?年 ?)?([0-9]{1,2}) ?月(?: ?([0-9]{1,2}) ?[日号])?|([0-9]{4}) ?年(?!度)")


def find_expressions(text: str) -> list[Expression]:
    """Give the calendar expressions of a text in its order; of overlapping ones the longest, none within another.

    A list of days ("on 3, 5 and 7 May") gives an expression for each. Time is linear in the length of the text.
    """
    tokens = read_tokens(text)
    ctx = Context(text, tokens)
    taken = bytearray(len(tokens))
    found: list[Expression] = []
    for first, last, kind, labels in sorted(candidates(tokens), key=lambda c: (c[0] - c[1], c[0])):
        if any(taken[first:last]) or not edges_fit(ctx, first, last):
            continue
        drafts = BUILDERS[kind](ctx, first, last, labels)
        if drafts:
            taken[first:last] = b"\1" * (last - first)
            found.extend(expression(ctx, widened(ctx, draft)) for draft in drafts)
    if "月" in text or "年" in text:
        found.extend(find_chinese(text))
    return without_overlaps(found)


def without_overlaps(found: Iterable[Expression]) -> list[Expression]:
    """Give the expressions in text order, the earlier of two that overlap."""
    kept: list[Expression] = []
    for each in sorted(found, key=lambda e: (e.start, -e.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def candidates(tokens: list[Token]) -> Iterator[tuple[int, int, str, Labels]]:
    """Give all that the rules match: first and last token (end exclusive), kind of rule, labelled tokens."""
    codes = "".join([token.code for token in tokens])
    parts: list[str] = []
    places: list[int] = []  # of each code in the joined parts, its place among the tokens
    for segment in SEGMENT.finditer(codes):
        if ANCHOR.search(segment[0]):
            parts.append(segment[0] + BREAK)
            places.extend(range(segment.start(), segment.end() + 1))
    joined = "".join(parts)
    for kind, rule in COMPILED:
        for match in rule.finditer(joined):
            labels = {name: tokens[places[match.start(name)]] for name, code in match.groupdict().items() if code}
            yield places[match.start()], places[match.end() - 1] + 1, kind, labels


def edges_fit(ctx: Context, first: int, last: int) -> bool:
    """Whether the outer numbers are no part of something longer (a price, a code), by the signs beside them."""
    text, start, end = ctx.text, ctx.tokens[first].start, ctx.tokens[last - 1].end
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if text[start].isdigit() and before:
        sign, neighbour = before[-1], before[:1]
        if sign in "/.:" and not neighbour.isspace():
            return neighbour.isalpha() and last - first > 1  # "Wuhan.12 May 2022"
        if sign in "$€£¥₹+#_=%@^&\\§№":
            return False
        if sign in DASHES and neighbour.isalnum() and last - first == 1:
            return ctx.code(first - 2) in "eE"  # "mid-2017"
    if text[end - 1].isdigit() and after:
        sign, neighbour = after[0], after[1:]
        if sign in "%°@_+=€$£#" or (sign in f"/:{DASHES}" and neighbour.isalnum()):
            return False
        if sign in ".'\u2019" and neighbour.isdigit():
            return False
    return True


def widened(ctx: Context, draft: Draft) -> Draft:
    """Take in what stands before an expression and belongs to it: "early", "the end of"; "since", which opens it."""
    first = draft.first_token
    lead = first - (ctx.code(first - 1) == "T" and draft.kind != "relative")
    beside, beyond = ctx.code(lead - 1), ctx.code(lead - 2)
    if beside == "e":
        first = lead - 1
    elif (beside == "-" and beyond in "eE") or (beside == "8" and beyond == "E"):
        first = lead - 2
    lead = first - (ctx.code(first - 1) == "T")
    if ctx.code(lead - 1) == "S" and draft.kind in ("point", "relative") and draft.relation != "day":
        return replace(draft, first_token=lead - 1, kind="open" if draft.kind == "point" else draft.kind)
    return replace(draft, first_token=first)


def expression(ctx: Context, draft: Draft) -> Expression:
    """Give a draft its text."""
    start, end = ctx.tokens[draft.first_token].start, ctx.tokens[draft.last_token - 1].end
    opened = draft.kind == "relative" and ctx.code(draft.first_token) == "S"
    return Expression(
        ctx.text[start:end],
        start,
        end,
        draft.kind,
        draft.first,
        draft.last,
        f"since {draft.relation}" if opened else draft.relation,
        draft.amount,
        draft.unit,
    )


def find_chinese(text: str) -> list[Expression]:
    """Give the dates that are written in Chinese within an English text."""
    found = []
    for match in CHINESE.finditer(text):
        year, month, day, bare_year = (int(part) if part else None for part in match.groups())
        if month is not None and not 1 <= month <= 12:
            continue
        if month is not None and year is None and day is None:
            continue
        if day is not None and month is not None and not 1 <= day <= days_in(year or LEAP_YEAR, month):
            continue
        if not 1000 <= (year or bare_year or LEAP_YEAR) <= 2199:
            continue
        point = Point(year or bare_year, month, day)
        found.append(Expression(match[0], match.start(), match.end(), "point", point))
    return found
