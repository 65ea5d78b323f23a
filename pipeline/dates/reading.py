"""The labelled tokens of a rule -> the points in time that they state."""

from __future__ import annotations

from dataclasses import replace

from pipeline.dates.edtf import days_in
from pipeline.dates.expressions import Point
from pipeline.dates.tokens import NUMERIC, Token

Labels = dict[str, Token]
LEAP_YEAR = 2024  # stands for a year that is not known: 29 February is a day


def number(labels: Labels, name: str) -> int | None:
    """Give the value of a labelled token, None where the rule matched without it."""
    token = labels.get(name)
    return int(token.value) if token and isinstance(token.value, int) else None


def fused(token: Token) -> tuple[int, int, int]:
    """Give the months, the place in the year and the year of "1Q24", "2H22" or "FY2016"."""
    if not isinstance(token.value, tuple):
        raise TypeError(f"a token of class 'fused' has three numbers, this one has {token.value!r}")
    months, nth, year = token.value
    return months, nth, year


def read_point(labels: Labels, suffix: str = "") -> Point | None:
    """Give the point that the labels w, d, m, y (w2, d2 … with the suffix) state; None where there is no such day."""
    if numeric := labels.get("z" + suffix):
        return read_numeric(str(numeric.value), number(labels, "w" + suffix))
    day, month, year = (number(labels, name + suffix) for name in "dmy")
    if "o" in labels and not suffix:
        day = number(labels, "o")
    shift = number(labels, "r" + suffix)
    if day is not None and month is not None and day > days_in(year or LEAP_YEAR, month):
        return None
    return Point(year, month, day, number(labels, "w" + suffix), shift=shift, same_year="r2" in labels and not suffix)


def read_numeric(text: str, weekday: int | None) -> Point | None:
    """Give the point of a date in digits, both readings where day and month may be either."""
    match = NUMERIC.fullmatch(text)
    if not match:
        return None
    one, two, three = match[1], match[3], match[4]
    if len(one) == 4:
        day, month, year = int(three), int(two), int(one)
        swapped = None
        if len(three) > 2:
            return None
    elif len(one) <= 2 and (len(three) == 4 or (len(three) == 2 and match[2] != "-")):
        day, month, year = int(one), int(two), int(three)
        if len(three) == 2:
            year += 2000 if year < 60 else 1900
        swapped = (day, month) if month != day and month <= 12 and day <= 12 else None
        if month > 12:
            day, month = month, day
    else:
        return None
    if not (1 <= month <= 12 and 1000 <= year <= 2199 and 1 <= day <= days_in(year, month)):
        return None
    return Point(year, month, day, weekday, swapped=swapped)


def shared(first: Point, last: Point) -> tuple[Point, Point]:
    """Give both ends of a range with the month and year that only one of them states."""
    month = first.month or last.month
    last_month = last.month or first.month
    backwards = (month or 0, first.day or 0) > (last_month or 0, last.day or 0)
    year, last_year = first.year, last.year
    if year is None and last_year is not None:
        year = last_year - backwards
    elif last_year is None and year is not None:
        last_year = year + backwards
    shift = first.shift if first.shift is not None else last.shift
    last_shift = last.shift if last.shift is not None else first.shift
    return (
        replace(first, month=month, year=year, shift=None if year else shift),
        replace(last, month=last_month, year=last_year, shift=None if last_year else last_shift),
    )
