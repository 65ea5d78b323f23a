"""Relative expressions -> EDTF values, counted from the day of publication or from another date of the text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from pipeline.dates.edtf import add_months, days_in
from pipeline.dates.expressions import Expression, Point
from pipeline.dates.tense import tense_at
from pipeline.dates.values import Anchor, Published, day_value, point_value

# How far before an expression, in characters, lies the date that it is counted from.
NEIGHBOURHOOD = 800  # characters: how far a stated year reaches on to later dates without one
COUNTING_REACH = 4000  # characters: how far a date may lie before "the day after"
NEXT_SENTENCE = 250  # characters: how far a date may lie before "two years later"


def place_relative(
    each: Expression, text: str, issued: Published | None, anchors: list[tuple[int, Anchor]]
) -> tuple[str, str, Anchor | None] | None:
    """Give value, basis and anchor of an expression that is counted from another day."""
    opened = each.relation.startswith("since ")
    relation = each.relation.removeprefix("since ")
    if relation in ("beside", "later"):
        value = beside(each, issued, anchors)
    elif relation == "nth":
        value = nth_value(each, issued, anchors)
    elif issued is None:
        return None
    else:
        value = relative_value(each, relation, text, issued)
    if value is None:
        return None
    if opened:
        value = f"{value.partition('/')[0]}/.."
    return value, "relative", value_anchor(value)


def value_anchor(value: str) -> Anchor | None:
    """Give the anchor that a resolved value is to the dates after it."""
    parts = value.partition("/")[0].split("-")
    if "/" in value or (parts[0] != "XXXX" and not parts[0].isdigit()):
        return None
    numbers = [int(part) for part in parts[1:]] + [None, None]
    return Anchor(None if parts[0] == "XXXX" else int(parts[0]), numbers[0], numbers[1])


def beside(each: Expression, issued: Published | None, anchors: list[tuple[int, Anchor]]) -> str | None:
    """Give "the same day", "the day after", "the following year": counted from the last date that is as exact."""
    reach = COUNTING_REACH if each.relation == "beside" else NEXT_SENTENCE
    for place_in_text, anchor in reversed(anchors):
        if each.start - place_in_text > reach:
            return None
        if each.unit == "day" and anchor.day and anchor.month:
            year = anchor.year or 2001  # for the length of February
            try:
                day = date(year, anchor.month, anchor.day) + timedelta(days=each.amount)
            except (ValueError, OverflowError):
                return None
            if anchor.year is None and day.year != year:
                return day_value(None, day.month, day.day)
            return day_value(anchor.year and day.year, day.month, day.day)
        if each.unit == "month" and anchor.month and anchor.year:
            return day_value(*add_months(anchor.year, anchor.month, each.amount))
        if each.unit == "year" and anchor.year:
            return day_value(anchor.year + each.amount)
    return None


def nth_value(each: Expression, issued: Published | None, anchors: list[tuple[int, Anchor]]) -> str | None:
    """Give "on the 15th": a day of the month of the last date, else the latest one before publication."""
    day = each.first.day or 1
    for place_in_text, anchor in reversed(anchors):
        if each.start - place_in_text > NEIGHBOURHOOD:
            break
        if anchor.month and day <= days_in(anchor.year or 2001, anchor.month):
            return day_value(anchor.year, anchor.month, day)
    if issued is None or issued.month is None or issued.day is None:
        return None
    year, month = add_months(issued.year, issued.month, -(day > issued.day))
    return day_value(year, month, day) if day <= days_in(year, month) else None


def relative_value(each: Expression, relation: str, text: str, issued: Published) -> str | None:
    """Give the value of an expression counted from the day of publication."""
    if relation == "day":
        if not issued.day:
            return issued.value if each.amount == 0 else None
        return (issued.date + timedelta(days=each.amount)).isoformat()
    if relation == "unit":
        return unit_value(each.unit, each.amount, issued)
    if relation == "ahead":
        return unit_value(each.unit, each.amount, issued) if tense_at(text, each.start, each.end) == "future" else None
    if relation == "month":
        return month_value(each.first, each.amount, text, each, issued)
    if relation == "day of month" and issued.month:
        year, month = add_months(issued.year, issued.month, each.amount)
        day = each.first.day or 1
        return day_value(year, month, day) if day <= days_in(year, month) else None
    if relation == "rest":
        return rest_value(each.unit, each.amount, issued)
    if relation.endswith("weekday") or relation == "weekday of week":
        return weekday_value(each, relation, text, issued)
    return None


def unit_value(unit: str, amount: int, issued: Published) -> str | None:
    """Give the day, week, month … that lies amount units after the one of publication."""
    year, month = issued.year, issued.month
    if unit in ("year", "decade", "century"):
        span = {"year": 1, "decade": 10, "century": 100}[unit]
        target = year + amount * span
        if not 0 < target < 10000:
            return None
        digits = f"{target:04}"
        return digits if span == 1 else digits[:3] + "X" if span == 10 else digits[:2] + "XX"
    if month is None:
        return None
    if unit == "academic":
        start = year + amount - (month < 8)
        return f"{start}/{start + 1}"
    if unit == "month":
        return day_value(*add_months(year, month, amount))
    if unit == "quarter":
        first = add_months(year, (month - 1) // 3 * 3 + 1, 3 * amount)
        return f"{day_value(*first)}/{day_value(*add_months(*first, 2))}"
    if issued.day is None:
        return None
    today = issued.date
    if unit == "day":
        return (today + timedelta(days=amount)).isoformat()
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=amount)
    if unit == "week":
        return f"{monday}/{monday + timedelta(days=6)}"
    if unit == "weekend":
        if amount == -1 and today.weekday() > 4:
            monday = today - timedelta(days=today.weekday() + 7)
        return f"{monday + timedelta(days=5)}/{monday + timedelta(days=6)}"
    return None


def month_value(point: Point, amount: int, text: str, each: Expression, issued: Published) -> str | None:
    """Give "last March", "next June", "this summer", "last July 14"."""
    if issued.month is None or point.month is None:
        return None
    year = issued.year
    if amount and point.day and issued.day:
        passed = (point.month, point.day) < (issued.month, issued.day)
        year += int(passed) if amount > 0 else int(passed) - 1
        return point_value(replace(point, year=year)) if point.day <= days_in(year, point.month) else None
    if amount < 0:
        while add_months(year, point.month, point.months - 1) >= (issued.year, issued.month):
            year -= 1
    elif amount > 0 and point.month <= issued.month:
        year += 1
    elif amount == 0 and point.months == 3 and point.month == 12 and issued.month <= 2:
        year -= 1
    return point_value(replace(point, year=year))


def rest_value(unit: str, amount: int, issued: Published) -> str | None:
    """Give "later this year": from the month of publication to the end; "earlier": from the beginning to it."""
    if issued.month is None:
        return None
    year, month = issued.year, issued.month
    if unit == "year":
        first_month, last_month = (month, 12) if amount > 0 else (1, month)
        value = day_value(year, first_month)
        return value if first_month == last_month else f"{value}/{day_value(year, last_month)}"
    if issued.day is None:
        return None
    today = issued.date
    if unit == "month":
        first, last = today.replace(day=1), today.replace(day=days_in(year, month))
    else:
        first = today - timedelta(days=today.weekday())
        last = first + timedelta(days=6)
    return f"{today}/{last}" if amount > 0 else f"{first}/{today}"


def weekday_value(each: Expression, relation: str, text: str, issued: Published) -> str | None:
    """Give the day of a weekday: the latest, where the clause doesn't tell of what is to come."""
    weekday = each.first.weekday
    if issued.day is None or weekday is None:
        return None
    today = issued.date
    ahead = (weekday - today.weekday()) % 7
    behind = -((today.weekday() - weekday) % 7)
    if relation == "weekday of week":
        return (today + timedelta(days=weekday - today.weekday(), weeks=each.amount)).isoformat()
    if relation == "bare weekday":
        offset = ahead if tense_at(text, each.start, each.end) == "future" else behind
    elif each.amount < 0:
        offset = behind or -7
    elif each.amount > 0:
        offset = ahead or 7
    else:
        offset = weekday - today.weekday()
    return (today + timedelta(days=offset)).isoformat()
