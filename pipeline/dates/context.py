"""What stands around a month, a year, a weekday: whether it is a date there."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.dates.tokens import Token
from pipeline.dates.words import words


@dataclass(frozen=True, slots=True)
class Context:
    """A text with its tokens; asked for a token that is none, it gives a break."""

    text: str
    tokens: list[Token]

    def code(self, i: int) -> str:
        return self.tokens[i].code if 0 <= i < len(self.tokens) else "\n"

    def word(self, i: int) -> str:
        if not 0 <= i < len(self.tokens):
            return ""
        token = self.tokens[i]
        return self.text[token.start : token.end]

    def lower(self, i: int) -> str:
        return self.word(i).lower()

    def is_capital(self, i: int) -> bool:
        return self.word(i)[:1].isupper()

    def is_glued(self, i: int) -> bool:
        """Whether no space stands before the token."""
        return 0 < i < len(self.tokens) and self.tokens[i - 1].end == self.tokens[i].start

    def is_free(self, first: int, last: int) -> bool:
        """Whether a year or a range of years isn't part of a name or a number: "Horizon 2020", "ISO 2015-16"."""
        before = first - 1 - (self.code(first - 1) == "." and self.is_glued(first - 1))  # "No. 2022-10"
        return (
            self.lower(before) not in words("name_before_year")
            and self.lower(last) not in words("counted")
            and not (self.code(first - 1) in "-/" and self.is_glued(first))
            and not (self.code(last) in "-/" and self.is_glued(last) and self.is_glued(last + 1))
        )


def year_fits(ctx: Context, first: int, last: int) -> bool:
    """Whether a bare year places something in time, by the words before and after it."""
    year = int(ctx.word(first))
    before, after = ctx.lower(first - 1), ctx.lower(last)
    usual = 1900 <= year <= 2099
    if ctx.code(first - 1) == "e" or (ctx.code(first - 1) == "-" and ctx.code(first - 2) in "eE"):
        return usual
    if not ctx.is_free(first, last):
        return False
    ends = not after[:1].isalpha() or after in words("function")
    if before in ("in", "since", "year", "years", "during", "by", "until", "till", "throughout", "circa"):
        return usual or ends or year >= 1500
    if before == "." and ctx.word(first - 2) in ("c", "ca") and not ctx.is_glued(first - 2):
        return True
    if before == "of":
        return (usual or ends) and ctx.lower(first - 2) not in words("law") | words("amount")
    if before in ("to", "for", "from", "through", "before", "after", "around", "into", "late", "early"):
        return usual and ends
    if before in ("the", "a", "an", "its", "their", "our", "his", "her", "this", "s", "’s", "'s"):
        return usual and after[:1].isalpha() and not ctx.is_capital(last) and after not in words("function")
    if before == "(":
        return year >= 1500 and after == ")" and not (ctx.is_glued(first - 1) and ctx.code(first - 2) in "aNYz")
    if ctx.code(first - 1) in "\n." or before in ("", ":", "•", "*"):
        return usual and (after in words("year_verb") or (ctx.code(last) == "\n" and ctx.code(first - 1) == "\n"))
    return False


def month_fits(ctx: Context, first: int, last: int) -> bool:
    """Whether a month without day and year is one, not a name or a verb."""
    before = ctx.lower(first - 1)
    if before == "the" and ctx.code(first - 2) == "8":
        before = "of"
    part = ctx.code(first - 1) == "e" or (ctx.code(first - 1) == "-" and ctx.code(first - 2) == "e")
    if not part and before not in words("before_month"):
        return False
    if ctx.lower(first) in ("may", "march", "april", "june", "august", "jan") and ctx.is_capital(last):
        return part or ctx.code(last) in "MWmj"
    if ctx.lower(first - 2) in ("every", "each"):
        return False
    return ctx.code(last) not in "ab" or ctx.code(last) == "x"


def season_fits(ctx: Context, first: int, last: int) -> bool:
    """Whether a season stands after "in" and isn't the first half of "summer school"."""
    lead = first - (ctx.code(first - 1) == "e")
    lead -= ctx.code(lead - 1) == "T"
    if ctx.lower(lead - 1) not in ("in", "during", "by", "until", "since"):
        return False
    after = ctx.lower(last)
    return not after[:1].isalpha() or after in words("function")


def weekday_fits(ctx: Context, first: int, last: int) -> bool:
    """Whether a weekday is one certain day: not "every Friday", "Good Friday", "Sunday Times", "Monday to Friday"."""
    before, after = ctx.lower(first - 1), ctx.lower(last)
    if before in words("before_set") or before in words("holiday"):
        return False
    day = first if ctx.code(first) == "W" else first + 1
    if ctx.is_capital(last) and after in words("newspaper"):
        return False
    if not ctx.is_capital(day) and first == day and before not in ("on", "since", "until", "till", "by", "from"):
        return False
    if ctx.code(last) in "-p/" and ctx.code(last + 1) in "WX":
        return False
    return not (ctx.code(first - 1) in "-p/" and ctx.code(first - 2) in "WX")


def unit_fits(ctx: Context, first: int, last: int) -> bool:
    """Whether "the last year" and its like is a certain year, and no length of time ("over the last year")."""
    with_the = ctx.code(first) == "T"
    word = ctx.lower(first + with_the)
    unit = ctx.lower(last - 1)
    before = ctx.lower(first - 1)
    if ctx.code(last) == "-" and ctx.is_glued(last):
        return False
    if word in ("this", "current"):
        return unit != "day"
    if word in ("following", "subsequent", "ensuing"):
        return with_the
    if before in words("lasting"):
        return not with_the and word in ("last", "next")
    if word in ("past", "preceding") and unit != "weekend":
        return before not in ("in", "during", "the") and not with_the
    if with_the and word in ("last", "next"):
        return unit == "day" and word == "next"
    return True


def today_fits(ctx: Context, first: int, last: int) -> bool:
    """Whether "today" is the day of publication, no title ("USA Today") and not these times ("today's world")."""
    before = ctx.lower(first - 1)
    if before in ("even", "still", "until", "till"):
        return False
    if ctx.is_capital(first) and ctx.is_capital(first - 1) and ctx.code(first - 1) not in "WXMmj":
        return ctx.word(first).isupper() and ctx.word(first - 1).isupper()
    if ctx.word(last) in ("'", "\u2019") and ctx.lower(last + 1) == "s":
        noun = ctx.lower(last + 2)
        return noun not in words("these_times") and ctx.lower(last + 3) not in words("these_times")
    return True
