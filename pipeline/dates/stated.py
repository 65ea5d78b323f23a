"""What the rules for days, months, years and their parts build; no draft where a match is no date."""

from __future__ import annotations

from dataclasses import replace

from pipeline.dates.context import Context, month_fits, season_fits, year_fits
from pipeline.dates.edtf import days_in
from pipeline.dates.expressions import Draft, Point
from pipeline.dates.reading import LEAP_YEAR, Labels, fused, number, read_point, shared
from pipeline.dates.words import words


def build_point(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    point = read_point(labels)
    noun = last + (ctx.code(last) == "Y")
    if point is None or (ctx.lower(noun) in words("place") and ctx.is_capital(noun)):  # "8 May 1945 University"
        return []
    return [Draft(first, last, "point", point)]


def build_slashed(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    day, month = number(labels, "d") or 0, number(labels, "m") or 0
    if month > 12 >= day:
        day, month = month, day
    if not 1 <= month <= 12:
        return []
    return [Draft(first, last, "point", Point(None, month, day, number(labels, "w")))]


def build_slashed_month(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    month, year = number(labels, "m") or 0, number(labels, "y") or 0
    if not (1 <= month <= 12 and 1900 <= year <= 2100 and ctx.is_glued(first + 1) and ctx.is_glued(first + 2)):
        return []
    if ctx.code(first - 1) in "/-." and ctx.is_glued(first):
        return []
    return [Draft(first, last, "point", Point(year, month))]


def build_month(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    return build_point(ctx, first, last, labels) if month_fits(ctx, first, last) else []


def build_week_of_month(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    point = read_point(labels)
    week = number(labels, "o") or 5
    point = point and replace(point, day=None)
    if point is None or point.month is None or not 1 <= week <= 5 or (week == 5 and number(labels, "l") == 1):
        return []
    start = week * 7 - 6 if week < 5 else 25
    length = days_in(point.year or LEAP_YEAR - 1, point.month)
    end = week * 7 if week < 5 else length
    return [Draft(first, last, "range", replace(point, day=min(start, length - 6)), replace(point, day=end))]


def build_range(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    start, end = read_point(labels), read_point(labels, "2")
    if start is None or end is None:
        return []
    start, end = shared(start, end)
    if start.month == end.month and start.year == end.year and (start.day or 0) >= (end.day or 32):
        return []
    return [Draft(first, last, "range", start, end)]


def build_months(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    stated = ctx.code(first) in "AB" or {"y", "y2", "r", "r2"} & labels.keys()
    if not stated and not month_fits(ctx, first, first + 1):
        return []
    return build_range(ctx, first, last, labels)


def build_years(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    start, end = number(labels, "y") or 0, number(labels, "y2") or 0
    if not 0 < end - start <= 500:
        return []
    if ctx.code(first) == "Y":
        listed = ctx.code(first - 1) == "," and ctx.code(first - 2) in "YNac"
        if start < 1600 or end - start > 100 or listed or not ctx.is_free(first, last):
            return []
    return [Draft(first, last, "range", Point(start), Point(end))]


def build_short_years(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    start = number(labels, "y") or 0
    token = ctx.tokens[last - 1]
    short = int(ctx.text[token.start : token.end])
    if token.end - token.start != 2 or not 1600 <= start <= 2100 or not ctx.is_free(first, last):
        return []
    if short == (start + 1) % 100 or (short > start % 100 and short - start % 100 <= 10 and short > 12):
        return [Draft(first, last, "range", Point(start), Point(start - start % 100 + short + 100 * (short == 0)))]
    if 1 <= short <= 12:
        return [Draft(first, last, "point", Point(start, short))]
    return []


def build_to_now(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    if ctx.lower(last - 1) not in ("now", "present", "date", "today"):
        return []
    return [Draft(first, last, "open", Point(number(labels, "y"), number(labels, "m")))]


def build_onward(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    point = read_point(labels)
    if point is None or ctx.lower(last - 1) not in ("on", "onward", "onwards"):
        return []
    if ctx.lower(last - 1) == "on" and ctx.code(last) in "xabYMmjW19T":
        return [Draft(first + 1, last - 1, "point", point)]
    return [Draft(first, last, "open", point)]


def build_from_year(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    return [] if ctx.code(last) in "pL-" else [Draft(first, last, "open", Point(number(labels, "y")))]


def build_fused_range(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    ends = []
    for name in ("x", "x2"):
        months, nth, year = fused(labels[name])
        ends.append(Point(year, months * (nth - 1) + 1, months=months))
    last_month = (ends[1].month or 1) + ends[1].months - 1
    if ends[0].months == 12:
        ends = [Point(ends[0].year), Point(ends[1].year)]
    else:
        ends = [replace(ends[0], months=1), Point(ends[1].year, last_month)]
    return [Draft(first, last, "range", ends[0], ends[1])]


def build_days(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    """Give a date for each day of a list, or one range where they follow on each other without a gap."""
    point = read_point(labels)
    places = [i for i in range(first, last) if ctx.code(i) in "ab"]
    days = [value for i in places if isinstance(value := ctx.tokens[i].value, int)]
    if point is None or days != sorted(set(days)):
        return []
    if days[-1] - days[0] == len(days) - 1 and ctx.lower(places[-1] - 1) != "or" and "w" not in labels:
        return [Draft(first, last, "range", replace(point, day=days[0]), replace(point, day=days[-1]))]
    month_first = ctx.code(first) in "Mmj"
    drafts = []
    for i, day in zip(places, days, strict=True):
        start = first if month_first and i == places[0] else i
        end = last if i == places[-1] else i + 1
        drafts.append(Draft(start, end, "point", replace(point, day=day, weekday=None)))
    return drafts


def build_pair(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    start, end = read_point(labels), read_point(labels, "2")
    if start is None or end is None:
        return []
    middle = next(i for i in range(first, last) if ctx.code(i) == "&")
    start, end = shared(start, end)
    return [Draft(first, middle, "point", start), Draft(middle + 1, last, "point", end)]


def build_month_pair(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    return build_pair(ctx, first, last, labels) if month_fits(ctx, first, first + 1) else []


def build_several_years(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    if not year_fits(ctx, first, last):
        return []
    return [Draft(i, i + 1, "point", Point(int(ctx.word(i)))) for i in range(first, last) if ctx.code(i) == "Y"]


def build_part_of_year(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    year, shift = number(labels, "y"), number(labels, "r")
    placed = last - first > 2 and (year is not None or shift is not None or ctx.code(last - 1) == "y")
    if "fused" in labels:
        months, nth, year = fused(labels["fused"])
    elif "n" in labels:
        count = number(labels, "n") or 0
        units = next(ctx.tokens[i] for i in range(first, last) if ctx.code(i) == "G")
        if units.value != "month" or not 2 <= count <= 11 or ctx.lower(first) != "first":
            return []
        lead = first - (ctx.code(first - 1) == "T")
        if not placed and (ctx.code(last) == "8" or ctx.lower(lead - 1) not in ("in", "for", "during", "of")):
            return []
        months, nth = count, 1
    elif "half" in labels or "h" in labels:
        months, nth = 6, number(labels, "h") or number(labels, "o") or 0
        if "half" in labels and not placed:
            return []
    else:
        months, nth = 3, number(labels, "q") or number(labels, "o") or (4 if number(labels, "l") == -1 else 0)
        if not placed and "o" in labels and ctx.lower(last) in ("of", "century", "final", "finals"):
            return []
    if months * nth > 12 or nth < 1:
        return []
    return [Draft(first, last, "point", Point(year, months * (nth - 1) + 1, months=months, shift=shift))]


def build_season(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    month = number(labels, "s") or 0
    if ctx.code(last) in "xMW" and ctx.is_capital(last) and ctx.is_capital(last - 2):
        return []
    point = Point(number(labels, "y"), month, months=3, shift=number(labels, "r"))
    return [Draft(first, last, "point", point)]


def build_bare_season(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    if not season_fits(ctx, first, last):
        return []
    return [Draft(first, last, "point", Point(None, number(labels, "s"), months=3))]


def build_fiscal(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    start, end = number(labels, "y") or 0, number(labels, "y2")
    if (token := labels.get("y3")) is not None:
        short = int(ctx.text[token.start : token.end])
        end = start - start % 100 + short + 100 * (short < start % 100)
    if end is None:
        return [Draft(first, last, "point", Point(start))]
    return [Draft(first, last, "range", Point(start), Point(end))] if end > start else []


def build_decade(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    return [Draft(first, last, "point", Point(mask=f"{labels['d'].value}X"))]


def build_century(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    nth = number(labels, "nth") or number(labels, "o") or 0
    if ctx.code(first - 1) == "-":
        if ctx.lower(first - 2) != "twenty" or nth != 1:
            return []
        first, nth = first - 2, 21
    named = ctx.is_capital(last - 1) and ctx.is_capital(last)
    if labels["century"].value != "century" or not 2 <= nth <= 21 or named or ctx.lower(last) == "skills":
        return []
    return [Draft(first, last, "point", Point(mask=f"{nth - 1:02}XX"))]


def build_year(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    return [Draft(first, last, "point", Point(number(labels, "y")))] if year_fits(ctx, first, last) else []


STATED = {
    "point": build_point,
    "slashed": build_slashed,
    "slashed_month": build_slashed_month,
    "month": build_month,
    "week_of_month": build_week_of_month,
    "range": build_range,
    "months": build_months,
    "years": build_years,
    "short_years": build_short_years,
    "to_now": build_to_now,
    "onward": build_onward,
    "from_year": build_from_year,
    "fused_range": build_fused_range,
    "days": build_days,
    "pair": build_pair,
    "month_pair": build_month_pair,
    "several_years": build_several_years,
    "part_of_year": build_part_of_year,
    "season": build_season,
    "bare_season": build_bare_season,
    "fiscal": build_fiscal,
    "decade": build_decade,
    "century": build_century,
    "year": build_year,
}
