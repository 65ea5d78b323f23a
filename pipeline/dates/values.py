"""Points in time -> EDTF values, and the two days that others are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipeline.dates.edtf import add_months
from pipeline.dates.expressions import Point


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published; month and day are None where that isn't known."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def date(self) -> date:
        """The day, or the middle of what is known."""
        return date(self.year, self.month or 7, self.day or (15 if self.month else 1))

    @property
    def value(self) -> str:
        return day_value(self.year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The year, month and day of a date before; year is None for XXXX."""

    year: int | None
    month: int | None
    day: int | None


def day_value(year: int | None, month: int | None = None, day: int | None = None) -> str:
    """Give the EDTF value of a day, month or year; XXXX for a year that is not known."""
    value = "XXXX" if year is None else f"{year:04}"
    if month is not None:
        value += f"-{month:02}"
        if day is not None:
            value += f"-{day:02}"
    return value


def point_value(point: Point) -> str:
    """Give the EDTF value of a point."""
    if point.mask:
        return point.mask
    if point.months == 1 or point.month is None:
        return day_value(point.year, point.month, point.day)
    if point.months == 12:
        return day_value(point.year)
    year, month = add_months(point.year or 0, point.month, point.months - 1)
    return f"{day_value(point.year, point.month)}/{day_value(None if point.year is None else year, month)}"
