"""Calendar expressions -> dated mentions, placed in time by the day of publication and by each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.dates.counting import NEIGHBOURHOOD, place_relative
from pipeline.dates.edtf import add_months, bounds, days_in
from pipeline.dates.expressions import Expression, Point
from pipeline.dates.tense import tense_at
from pipeline.dates.values import Anchor, Published, point_value

PUBLISHED = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
AMERICAN = re.compile(r"\b(?:U\.S\.|USA|Calif\.|N\.Y\.|Mass\.|PRNewswire|BUSINESS WIRE|GLOBE NEWSWIRE|a\.m\. E[SD]?T)")
TOLERANCE = 10  # days by which "was held on" may lie after the day of publication, rather than a year before it


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date that an article names, as written and as understood.

    value: EDTF. earliest, latest: ISO days, None where open or unknown. basis: "stated", "relative" (counted from the
    day of publication or from another date), "year_from_published", "year_from_context", "unknown_year".
    """

    text: str
    start: int
    end: int
    value: str
    earliest: str | None
    latest: str | None
    basis: str


def resolve(expressions: Sequence[Expression], text: str, published: str | None) -> list[DateMention]:
    """Place expressions of a text in time, in their order; those that nothing places are left out.

    published: ISO 8601, as much of it as is known (a year, a month, a day, with a time or without), or None.
    """
    issued = read_published(published)
    day_first = is_day_first(expressions, text, issued)
    found: list[DateMention] = []
    anchors: list[tuple[int, Anchor]] = []  # place in the text, date
    stated = stated_months(expressions)
    for each in expressions:
        placed = place(each, text, issued, day_first=day_first, stated=stated, anchors=anchors)
        if placed is None:
            continue
        value, basis, anchor = placed
        earliest, latest = bounds(value)
        if earliest and latest and earliest > latest:  # "from 2022 to 2016" is no stretch of time
            continue
        if anchor is not None:
            anchors.append((each.start, anchor))
        found.append(DateMention(each.text, each.start, each.end, value, earliest, latest, basis))
    return found


def read_published(published: str | None) -> Published | None:
    """Read the date of publication; None where there is none or it is no date."""
    match = PUBLISHED.match(published or "")
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    if not year or not 1000 <= year <= 9000:
        return None
    if month is not None and not 1 <= month <= 12:
        return Published(year)
    if day is not None and not 1 <= day <= days_in(year, month or 1):
        day = None
    return Published(year, month, day)


def place(
    each: Expression,
    text: str,
    issued: Published | None,
    *,
    day_first: bool,
    stated: dict[tuple[int, int], int],
    anchors: list[tuple[int, Anchor]],
) -> tuple[str, str, Anchor | None] | None:
    """Give EDTF value, basis and anchor of one expression; None where nothing places it."""
    if each.kind == "relative":
        return place_relative(each, text, issued, anchors)
    first, last = ordered(each.first, day_first), ordered(each.last, day_first) if each.last else None
    year, basis = year_of(each, first, text, issued, stated, anchors)
    if year is not None and first.month is not None and (first.day or 1) > days_in(year, first.month):
        year, basis = None, "unknown_year"  # 29 February
    if last is None:
        value = point_value(replace(first, year=year))
        anchor = anchor_of(replace(first, year=year))
    else:
        last_year = last.year
        if first.year is None and first.month is not None and last.month is not None:
            last_year = None if year is None else year + ((last.month, last.day or 0) < (first.month, first.day or 0))
        value = f"{point_value(replace(first, year=year))}/{point_value(replace(last, year=last_year))}"
        anchor = anchor_of(replace(last, year=last_year))
    if each.kind == "open":
        value = f"{value.partition('/')[0]}/.."
    return value, basis, anchor


def ordered(point: Point, day_first: bool) -> Point:
    """Give the point with day and month in the order that the text keeps to."""
    if point.swapped is None or day_first:
        return point
    return replace(point, month=point.swapped[0], day=point.swapped[1])


def anchor_of(point: Point) -> Anchor | None:
    if point.mask or point.months != 1:
        return None
    return Anchor(point.year, point.month, point.day)


# ---- the order of day and month


def is_day_first(expressions: Sequence[Expression], text: str, issued: Published | None) -> bool:
    """Whether dates in digits put the day first.

    Dates that can be read in one way only tell it, then the day of publication, then other dates of the text.
    """
    open_points = [each.first for each in expressions if each.first.swapped]
    if not open_points:
        return True
    votes = 0
    for each in expressions:
        match = re.search(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-][0-9]{2,4}", each.text)
        if match:
            votes += (int(match[1]) > 12) - (int(match[2]) > 12)
    if votes:
        return votes > 0
    if issued and issued.day:
        for point in open_points:
            as_day_first = distance(point, issued)
            as_month_first = distance(ordered(point, False), issued)
            if min(as_day_first, as_month_first) <= 3 and abs(as_day_first - as_month_first) > 3:
                return as_day_first < as_month_first
    points = [each.first for each in expressions if not each.first.swapped and each.first.day and each.first.year]
    stated = {(point.year, point.month, point.day) for point in points}
    for point in open_points:
        if (point.year, point.month, point.day) in stated:
            return True
        if (point.year, point.day, point.month) in stated:
            return False
    return not AMERICAN.search(text)


def distance(point: Point, issued: Published) -> int:
    """Give the days between a point and the day of publication."""
    year, month = point.year or issued.year, point.month or 1
    day = min(point.day or 1, days_in(year, month))
    return abs((date(year, month, day) - issued.date).days)


# ---- the year


def stated_months(expressions: Sequence[Expression]) -> dict[tuple[int, int], int]:
    """Give, for each month and day that the text states with a year, that year; day 0 stands for the month.

    A month that stands there with several years gives none.
    """
    years: dict[tuple[int, int], set[int]] = {}
    for each in expressions:
        for point in (each.first, each.last):
            if point and point.year and point.month and point.months == 1 and not point.swapped and each.kind != "open":
                years.setdefault((point.month, 0), set()).add(point.year)
                if point.day:
                    years.setdefault((point.month, point.day), set()).add(point.year)
    return {key: found.pop() for key, found in years.items() if len(found) == 1}


def year_of(
    each: Expression,
    point: Point,
    text: str,
    issued: Published | None,
    stated: dict[tuple[int, int], int],
    anchors: list[tuple[int, Anchor]],
) -> tuple[int | None, str]:
    """Give the year of a point, and the basis that it rests on."""
    if point.year is not None or point.mask:
        return point.year, "stated"
    if point.same_year and anchors and anchors[-1][1].year:
        return anchors[-1][1].year, "year_from_context"
    if point.shift is not None:
        return (issued.year + point.shift, "relative") if issued else (None, "unknown_year")
    if issued:
        likely = likely_year(each, point, text, issued)
        same = stated.get((point.month or 0, point.day), likely) if point.day else likely
        return same, "year_from_published" if same == likely else "year_from_context"
    year = year_from_context(each, point, stated, anchors)
    return year, "unknown_year" if year is None else "year_from_context"


def likely_year(each: Expression, point: Point, text: str, issued: Published) -> int:
    """Give the year in which a reader of that date places a month and day: by weekday, then tense, then nearness."""
    if issued.month is None or point.month is None:
        return issued.year
    month, day = point.month, point.day
    if each.last and each.last.month and each.last.day and day is None:
        day = 1
    candidates = [issued.year + offset for offset in (-1, 0, 1)]
    if (month, day) == (2, 29):
        candidates = [year for year in range(issued.year - 8, issued.year + 9) if days_in(year, 2) == 29]
    if day is not None and point.weekday is not None:
        fitting = [y for y in candidates if day <= days_in(y, month) and date(y, month, day).weekday() == point.weekday]
        candidates = fitting or candidates
    if len(candidates) == 1:
        return candidates[0]

    def gap(year: int) -> int:
        """Days from the day of publication to the nearest day of the point, negative before it."""
        length = days_in(year, month)
        if day is not None and not issued.day:
            return ((year - issued.year) * 12 + month - (issued.month or 1)) * 30
        if day is not None:
            return (date(year, month, min(day, length)) - issued.date).days
        end_year, end_month = add_months(year, month, point.months - 1)
        first, last = date(year, month, 1), date(end_year, end_month, days_in(end_year, end_month))
        if first <= issued.date <= last:
            return 0
        return min((first - issued.date).days, (last - issued.date).days, key=abs)

    tense = tense_at(text, each.start, each.end)
    if tense == "past":
        candidates = [y for y in candidates if gap(y) <= 0 or (gap(y) <= TOLERANCE and gap(y - 1) < -300)]
    elif tense == "future":
        candidates = [y for y in candidates if gap(y) >= 0 or (gap(y) >= -TOLERANCE and gap(y + 1) > 300)]
    return min(candidates or [issued.year], key=lambda y: (abs(gap(y)), y))


def year_from_context(each: Expression, point: Point, stated: dict[tuple[int, int], int], anchors: list[tuple[int, Anchor]]) -> int | None:
    """Give the year that the text itself tells of a month or a day without one.

    That is the year of the same month elsewhere in the text, or of a date a little before it and up to half a year
    earlier in the calendar. A bare year or one to come ("until 2026") gives none; nor does a weekday.
    """
    if point.month is None or point.months != 1:
        return None
    for key in ((point.month, point.day or 0), (point.month, 0)):
        if key in stated:
            return stated[key]
    for place_in_text, anchor in reversed(anchors):
        if each.start - place_in_text > NEIGHBOURHOOD:
            return None
        if anchor.year and anchor.month:
            later = (point.month, point.day or 31) >= (anchor.month, anchor.day or 0)
            return anchor.year if later and point.month - anchor.month <= 6 else None
    return None
