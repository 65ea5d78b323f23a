"""Date stamps -> ISO days."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

NAMES = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
MONTHS = {name[:length]: n for n, name in enumerate(NAMES, 1) for length in (3, len(name))} | {"sept": 9}
MONTH = r"(?P<{0}>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
DATE = re.compile(
    r"(?<!\d)(?<!\d[/.-])(?:"
    r"(?P<y1>\d{4})(?P<s1>[-/.])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})"
    r"|(?P<y2>\d{4})年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日"
    r"|(?P<d3>\d{1,2})(?:st|nd|rd|th)?[\s.-]{1,3}(?:of\s)?" + MONTH.format("m3") + r"[\s,-]{0,3}(?P<y3>\d{4})"
    r"|" + MONTH.format("m4") + r"\s{0,2}(?P<d4>\d{1,2})(?:st|nd|rd|th)?[\s,]{1,3}(?P<y4>\d{4})"
    r"|(?P<n1>\d{1,2})(?P<s5>[./-])(?P<n2>\d{1,2})(?P=s5)(?P<y5>\d{4}|\d{2})"
    r")(?![\d]|[-/]\d)",
    re.I,
)
ISO = re.compile(r"\s*(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ]\s*\d{1,2}[:.]\d{2}.*)?\s*\Z", re.S)
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:T?\d{4}(?:\d{2})?Z?)?\Z")
EPOCH_S = (100_000_000, 10_000_000_000)  # 1973 to 2286; a thousand times that is milliseconds
YEARS = range(1800, 2101)
MAX_CHARS = 200
MAX_FOREIGN_CHARS = 40


class Stamp(NamedTuple):
    """A date stamp in a text: offsets and the day. day is None where it can be read in two ways."""

    start: int
    end: int
    day: str | None


def make_day(year: int, month: int, day: int) -> str | None:
    """Give the ISO day, None where the calendar has no such day or the year is beyond belief."""
    try:
        found = datetime.date(year, month, day).isoformat()
    except ValueError:
        return None
    return found if year in YEARS else None


def read_numbers(a: int, b: int, year: str, separator: str, day_first: bool | None) -> list[str]:
    """Give every day that 03.04.2018 and its like can be: one or two, none where there is no such day."""
    full = int(year) if len(year) == 4 else 2000 + int(year)
    if separator == "." and len(year) == 4 and day_first is None:
        day_first = True  # dots are written where the day comes first
    by_day, by_month = make_day(full, b, a), make_day(full, a, b)
    if day_first is not None and by_day and by_month:
        return [by_day if day_first else by_month]
    readings = {by_day, by_month}
    if len(year) == 2:  # 03-04-05 may begin with the year as well
        readings.add(make_day(2000 + a, b, int(year)))
    return sorted(day for day in readings if day)


def find_stamps(text: str, *, day_first: bool | None = None) -> Iterator[Stamp]:
    """Give the whole dates (with a year) of a text, in text order; days that don't exist are passed over."""
    for match in DATE.finditer(text):
        get = match.groupdict()
        if get["n1"]:
            days = read_numbers(int(get["n1"]), int(get["n2"]), get["y5"], get["s5"], day_first)
            if days:
                yield Stamp(match.start(), match.end(), days[0] if len(days) == 1 else None)
            continue
        for n in "1234":
            if get["y" + n]:
                month = get["m" + n]
                number = int(month) if month.isdecimal() else MONTHS[month.lower()]
                if day := make_day(int(get["y" + n]), number, int(get["d" + n])):
                    yield Stamp(match.start(), match.end(), day)


def read_date(value: object, *, day_first: bool | None = None) -> str | None:
    """Give a metadata value as EDTF: a day, or a month or a year where it says no more; None for no value.

    Numbers are seconds or milliseconds since 1970 (UTC). ValueError, with the reason, where it is no date.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, datetime.date):  # datetimes too: the day on the clock where it was written
        return value.isoformat()[:10]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"found a {type(value).__name__}, expected a date")
    text = str(value).strip()
    if not text or text.lower() in ("null", "none", "nan", "nat", "n/a", "-"):
        return None
    if day := read_compact(text) or read_epoch(text):
        return day
    if match := ISO.match(text):
        year, month, day_of_month = match.groups()
        if int(year) in YEARS and make_day(int(year), int(month or 1), int(day_of_month or 1)):
            return "-".join(part for part in (year, month, day_of_month) if part)
        raise ValueError(f"found {text[:40]!r}, which is no day of the calendar")
    stamp = next(find_stamps(text[:MAX_CHARS], day_first=day_first), None)
    if stamp is None:
        if day := read_foreign(text):
            return day
        raise ValueError(f"found {text[:40]!r}, expected a date such as 2021-03-31")
    if stamp.day is None:
        raise ValueError(f"found {text[:40]!r}, which can be read day first or month first")
    return stamp.day


def read_foreign(text: str) -> str | None:
    """Read a whole date with the month in words of another language ("12 janvier 2021", "31. März 2021"), by dateparser."""
    if len(text) > MAX_FOREIGN_CHARS or not re.search(r"\d{4}", text) or not re.search(r"[^\W\d_]{3}", text):
        return None
    found = foreign_parser().get_date_data(text)
    day = found.date_obj if found and found.period == "day" else None
    return make_day(day.year, day.month, day.day) if day else None


@cache
def foreign_parser() -> "DateDataParser":
    """A dateparser that guesses nothing: day, month and year must all be written."""
    from dateparser.date import DateDataParser

    return DateDataParser(settings={"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]})


def read_compact(text: str) -> str | None:
    """Read 20210331 and 20210331093000."""
    match = COMPACT.match(text)
    return make_day(*map(int, match.groups())) if match else None


def read_epoch(text: str) -> str | None:
    """Read seconds or milliseconds since 1970."""
    try:
        number = float(text)
    except ValueError:
        return None
    if EPOCH_S[0] * 1000 <= number < EPOCH_S[1] * 1000:
        number /= 1000
    if not EPOCH_S[0] <= number < EPOCH_S[1]:
        return None
    return datetime.datetime.fromtimestamp(number, datetime.UTC).date().isoformat()
