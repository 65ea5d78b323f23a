"""What the rules for relative expressions build; no draft where a match is no date."""

from __future__ import annotations

from pipeline.dates.context import Context, today_fits, unit_fits, weekday_fits
from pipeline.dates.expressions import Draft, Point
from pipeline.dates.reading import Labels, number

SOON = 10  # units: "in 20 years" tells of no certain year


def build_day_of_month(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    point = Point(day=number(labels, "d"))
    return [Draft(first, last, "relative", point, relation="day of month", amount=number(labels, "r") or 0)]


def build_nth(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    """Give "on the 15th," and "on the morning of the 15th,": a day of the month that was spoken of."""
    lead = first - 1 - (ctx.code(first - 1) == "T")
    placed = ctx.code(lead) == "O" or (ctx.code(lead) == "8" and ctx.code(lead - 1) == "g")
    if not placed or ctx.word(last) not in (",", ".", ";", ")", ":", "") or ctx.code(last + 1) in "abo":
        return []
    return [Draft(first, last, "relative", Point(day=number(labels, "d")), relation="nth")]


def build_last_month(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    token = labels["r"]
    if token.code == "R" and ctx.lower(first) not in ("past", "previous", "coming", "upcoming"):
        return []
    month = number(labels, "m") or 1
    point = Point(None, month, number(labels, "d"))
    return [Draft(first, last, "relative", point, relation="month", amount=number(labels, "r") or 0)]


def build_last_season(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    point = Point(None, number(labels, "s"), months=3)
    return [Draft(first, last, "relative", point, relation="month", amount=number(labels, "r") or 0)]


def build_today(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    offset = number(labels, "t")
    if offset is None:  # "this morning", "last night"
        code, word = ctx.code(first), ctx.lower(last - 1)
        if code == "r" and (number(labels, "l") == 1 or word == "morning"):
            return []
        offset = -1 if code == "r" else 0
    elif any(ctx.code(i) in "56" for i in range(first, last)):
        if offset == 0:
            return []
        offset *= 2
    elif not today_fits(ctx, first, last):
        return []
    return [Draft(first, last, "relative", relation="day", amount=offset)]


def build_unit(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    if not unit_fits(ctx, first, last):
        return []
    unit, amount = str(labels["u"].value), number(labels, "r") or 0
    word = ctx.text[labels["r"].start : labels["r"].end].lower()
    with_the = ctx.code(first) == "T"
    if word in ("following", "subsequent", "ensuing", "preceding") or (unit == "day" and with_the):
        return [Draft(first, last, "relative", relation="beside", amount=amount, unit=unit)]
    if unit == "day":
        return []
    return [Draft(first, last, "relative", relation="unit", amount=amount, unit=unit)]


def build_fiscal_unit(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    unit = "academic" if ctx.lower(last - 2) in ("academic", "school") else "year"
    return [Draft(first, last, "relative", relation="unit", amount=number(labels, "r") or 0, unit=unit)]


def build_weekday(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    if not weekday_fits(ctx, first, last):
        return []
    point = Point(weekday=number(labels, "w"))
    amount = number(labels, "r")
    relation = "weekday"
    if ctx.code(last - 1) == "w" and ctx.code(first) == "W":
        relation = "weekday of week"
    elif amount is None:
        relation = "bare weekday"
    return [Draft(first, last, "relative", point, relation=relation, amount=amount or 0)]


def build_ago(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    unit = str(labels["u"].value)
    amount = number(labels, "n") or 0
    if ctx.lower(first - 1) in ("or", "to", "half", "than", "over", "and", "for") or ctx.code(first - 1) == "-":
        return []
    sign = -1 if "a" in labels else 1
    if "n" not in labels:
        if unit != "year":
            return []
        amount, unit = 6, "month"
    return [Draft(first, last, "relative", relation="unit", amount=sign * amount, unit=unit)]


def build_ahead(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    unit, amount = str(labels["u"].value), number(labels, "n") or 0
    sure = ctx.code(last - 1) == "!"
    if unit == "weekend" or (not sure and ctx.code(last) == "8") or ctx.code(last) == "7":
        return []
    if not sure and (amount > SOON or labels["n"].code == "1"):
        return []
    return [Draft(first, last, "relative", relation="unit" if sure else "ahead", amount=amount, unit=unit)]


def build_rest(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    unit = str(labels["u"].value)
    if unit not in ("week", "month", "year"):
        return []
    return [Draft(first, last, "relative", relation="rest", amount=number(labels, "l") or 0, unit=unit)]


def build_edge(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    unit = str(labels["u"].value)
    if unit in ("day", "weekend"):
        return []
    if ctx.code(first) == "E" and ctx.code(last) == "8":
        return []
    return [Draft(first, last, "relative", relation="unit", amount=number(labels, "r") or 0, unit=unit)]


def build_same(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    unit = str(labels["u"].value) if "u" in labels else "day"
    if unit not in ("day", "month", "year") or ctx.code(last) == "-":
        return []
    near = ctx.lower(last - 2) == "that"
    return [Draft(first, last, "relative", relation="later" if near else "beside", amount=0, unit=unit)]


def build_beside(ctx: Context, first: int, last: int, labels: Labels) -> list[Draft]:
    if "n" in labels:  # "two years later"
        count, unit = number(labels, "n") or 0, str(labels["u"].value)
        vague = ctx.lower(first - 1) in ("or", "than", "to") or ctx.code(first - 1) == "-"
        if ctx.lower(last - 1) != "later" or vague or unit not in ("day", "month", "year"):
            return []
        return [Draft(first, last, "relative", relation="later", amount=count, unit=unit)]
    if "r" in labels:  # "the following morning"
        if ctx.lower(first + 1) not in ("following", "next", "previous"):
            return []
        return [Draft(first, last, "relative", relation="beside", amount=number(labels, "r") or 0, unit="day")]
    if ctx.word(last)[:1].isalpha() and ctx.lower(last) not in ("he", "she", "it", "they", "we", "both"):
        return []  # "the day before the visit"
    return [Draft(first, last, "relative", relation="beside", amount=number(labels, "b") or 0, unit="day")]


COUNTED = {
    "day_of_month": build_day_of_month,
    "nth": build_nth,
    "last_month": build_last_month,
    "last_season": build_last_season,
    "today": build_today,
    "unit": build_unit,
    "fiscal_unit": build_fiscal_unit,
    "weekday": build_weekday,
    "ago": build_ago,
    "ahead": build_ahead,
    "rest": build_rest,
    "edge": build_edge,
    "same": build_same,
    "beside": build_beside,
}
