"""What a calendar expression states, before it is placed in time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """What an expression states of a day, month or year; None where it does not say.

    months: how many, counted from month (a quarter has three). shift: years from the year of publication ("last year").
    same_year: the year is that of the date before ("of that year"). mask: a decade or century ("199X").
    swapped: the other reading of a numeric date whose order of day and month is open, as (month, day).
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    months: int = 1
    shift: int | None = None
    same_year: bool = False
    mask: str = ""
    swapped: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """A calendar expression of a text; text[start:end] is it.

    kind: "point" (first), "range" (first to last), "open" (since first), "relative" (relation, amount and unit tell
    how to count from the day of publication, or from a date before it).
    """

    text: str
    start: int
    end: int
    kind: str
    first: Point = Point()
    last: Point | None = None
    relation: str = ""
    amount: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An expression before it has its text: tokens first to last, end exclusive, and the fields of Expression."""

    first_token: int
    last_token: int
    kind: str
    first: Point = Point()
    last: Point | None = None
    relation: str = ""
    amount: int = 0
    unit: str = ""
