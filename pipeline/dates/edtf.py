"""EDTF values (ISO 8601-2): the days they reach from and to."""

from __future__ import annotations

import re
from calendar import monthrange

VALUE = re.compile(r"(-?[0-9X]{4})(?:-([0-9X]{2}))?(?:-([0-9X]{2}))?[?~%]?")
# Codes that stand in a month's place: seasons, quarters, halves; first month and number of months.
# Winter is counted to the year of its December.
MONTH_SPANS = {
    21: (3, 3), 22: (6, 3), 23: (9, 3), 24: (12, 3), 25: (3, 3), 26: (6, 3), 27: (9, 3), 28: (12, 3),
    33: (1, 3), 34: (4, 3), 35: (7, 3), 36: (10, 3), 37: (1, 4), 38: (5, 4), 39: (9, 4), 40: (1, 6), 41: (7, 6),
}  # fmt: skip


def bounds(edtf: str) -> tuple[str | None, str | None]:
    """Give the first and the last day of an EDTF value, ISO 8601; None where the value leaves it open.

    >>> bounds("2022-02")
    ('2022-02-01', '2022-02-28')
    >>> bounds("2006/.."), bounds("XXXX-01-12"), bounds("199X")
    (('2006-01-01', None), (None, None), ('1990-01-01', '1999-12-31'))
    """
    if "/" in edtf:
        first, _, last = edtf.partition("/")
        return simple_bounds(first)[0], simple_bounds(last)[1]
    return simple_bounds(edtf)


def simple_bounds(edtf: str) -> tuple[str | None, str | None]:
    """Give the bounds of a value that is no interval; ".." and what is no EDTF have none."""
    match = VALUE.fullmatch(edtf)
    if not match or match[1].startswith(("X", "-")):
        return None, None
    first_year, last_year = int(match[1].replace("X", "0")), int(match[1].replace("X", "9"))
    if first_year < 1 or last_year > 9999 or "X" in match[1].rstrip("X"):
        return None, None
    month, day = match[2], match[3]
    if first_year != last_year or month is None or "X" in month:
        return f"{first_year:04}-01-01", f"{last_year:04}-12-31"
    if int(month) in MONTH_SPANS:
        start, count = MONTH_SPANS[int(month)]
        end_year, end_month = add_months(first_year, start, count - 1)
        return f"{first_year:04}-{start:02}-01", f"{end_year:04}-{end_month:02}-{days_in(end_year, end_month):02}"
    if not 1 <= int(month) <= 12:
        return None, None
    length = days_in(first_year, int(month))
    if day is None or "X" in day:
        return f"{first_year:04}-{month}-01", f"{first_year:04}-{month}-{length:02}"
    if not 1 <= int(day) <= length:
        return None, None
    return f"{first_year:04}-{month}-{day}", f"{first_year:04}-{month}-{day}"


def days_in(year: int, month: int) -> int:
    """Give the number of days of a month."""
    return monthrange(min(max(year, 1), 9998), month)[1]


def add_months(year: int, month: int, count: int) -> tuple[int, int]:
    """Give year and month that lie count months later, or earlier where count is negative."""
    index = year * 12 + month - 1 + count
    return index // 12, index % 12 + 1
