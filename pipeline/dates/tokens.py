"""Text -> the tokens that calendar expressions are made of."""

from __future__ import annotations

import re
from typing import NamedTuple

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
SHORT_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7,
    "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT_WEEKDAYS = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}  # their first months
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
CARDINALS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
UNITS = {"day": "D", "week": "w", "month": "n", "quarter": "q", "year": "y", "decade": "k", "century": "k"}

# Token classes by the names that the grammar uses for them; each class is a set of codes, each code one character.
CLASSES = {
    "number": "a",  # 1 to 31 without a suffix
    "nth": "b",  # 1st to 31st
    "day": "ab",
    "short": "ac",  # two digits: the end of 2021-22
    "year": "Y",
    "month": "Mmj",  # full name; May and March; abbreviation
    "anymonth": "Mmjv",  # and "may" and "march" without a capital
    "weekday": "W",
    "anyweekday": "WX",  # and Mon, Tue …
    "season": "s",
    "numeric": "z",  # 12/01/2022 and its like
    "quarter": "Q",  # Q3, 3Q
    "half": "h",  # H1, 2H
    "fused": "4",  # 1Q24, 2H22, FY2016
    "fy": "F",
    "fiscal": "f",  # academic, fiscal, financial, school
    "decade": "d",  # 1990s
    "ordinal": "o",  # first to twentieth
    "count": "u1a",  # one to twelve in letters, a, an, digits
    "unit": "DwnqykP",
    "units": "G",  # days, weeks, months, quarters, years
    "anyunit": "DwnqykPG",
    "dayunit": "D",
    "monthunit": "n",
    "weekunit": "w",
    "quarterunit": "q",
    "yearunit": "y",
    "semester": "%",
    "century": "k",  # and decade
    "halfword": "H",
    "modifier": "rtR",  # last, next; this; past, coming, previous, following
    "near": "r",
    "this": "t",
    "the": "T",
    "that": "9=",  # that, same
    "same": "=",
    "today": "0",
    "night": "g",  # morning, afternoon, evening, night
    "part": "e",  # early, mid, late
    "end": "E",  # end, beginning, middle, start
    "since": "S",
    "from": "A",
    "between": "B",
    "in": "I",
    "on": "O",
    "of": "8",
    "to": "pL",  # to, through, until, till
    "and": "&",
    "dash": "-",
    "slash": "/",
    "comma": ",",
    "dot": ".",
    "open": "(",
    "close": ")",
    "ago": "7",
    "before": "5",
    "after": "6",
    "later": "l",  # later, earlier
    "onward": "^O",
    "now": "i0",  # now, present, date; today
    "time": "!",
}
OTHER = "x"
BREAK = "\n"
ANCHORS = "bYMmjvWszQh4FfdokDwnqyPG0g"  # no expression is without one of these

# code, value, words; the value is a direction in time, or the place in a unit
WORD_TABLE = (
    ("1", 1, "a an"),
    ("P", "weekend", "weekend"),
    ("%", 0, "semester term trimester"),
    ("H", 0, "half"),
    ("f", 0, "academic fiscal financial school"),
    ("r", -1, "last"),
    ("r", 1, "next"),
    ("R", -1, "past previous preceding"),
    ("R", 1, "coming following subsequent upcoming ensuing"),
    ("t", 0, "this current"),
    ("T", 0, "the"),
    ("9", 0, "that"),
    ("=", 0, "same"),
    ("0", 0, "today tonight"),
    ("0", -1, "yesterday"),
    ("0", 1, "tomorrow"),
    ("g", 0, "morning afternoon evening night"),
    ("e", 0, "early mid late"),
    ("E", 0, "beginning start middle end close"),
    ("S", 0, "since"),
    ("A", 0, "from"),
    ("B", 0, "between"),
    ("I", 0, "in"),
    ("O", 0, "on"),
    ("8", 0, "of"),
    ("p", 0, "to through thru"),
    ("L", 0, "until till"),
    ("&", 0, "and or"),
    ("7", -1, "ago"),
    ("l", 1, "later"),
    ("l", -1, "earlier"),
    ("5", -1, "before"),
    ("6", 1, "after"),
    ("i", 0, "now present date"),
    ("^", 0, "onward onwards"),
    ("F", 0, "fy"),
    ("!", 0, "time"),
)

TOKEN = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}(?![0-9])(?:T[0-9:.]+Z?)?"
    r"|(?<![0-9] )(?:19|20)[0-9]{2} [01][0-9] [0-3][0-9]\b(?! [0-9])"
    r"|[0-9]{1,2} (?:st|nd|rd|th)\b"
    r"|[0-9]+(?:[.,:][0-9]+)+"
    r"|(?:1[0-9]|20)[0-9]0['’]s\b"
    r"|\w+"
    r"|\n"
    r"|[^\w\s]"
)
NTH = re.compile(r"([0-9]{1,2}) ?(?:st|nd|rd|th|ST|ND|RD|TH)")
FUSED = re.compile(r"(?:([QqHh])([1-4])|([1-4])([QqHh]))(?:(?:20)?([0-9]{2}))?")
YEAR_FIRST = re.compile(r"(20[0-9]{2})([QqHh])([1-4])")
FISCAL = re.compile(r"(?:FY|AY)((?:20)?[0-9]{2})")
DECADE = re.compile(r"(?:1[0-9]|20)[0-9]0['’]?s")
NUMERIC = re.compile(r"([0-9]{1,4})([./ -])([0-9]{1,2})\2([0-9]{1,4})(?:T.*)?")


class Token(NamedTuple):
    """One token of a text with its class; value is what it stands for (a month's number, a year …)."""

    code: str
    start: int
    end: int
    value: int | str | tuple[int, ...] = 0


def word_codes() -> dict[str, tuple[str, int | str]]:
    """Give code and value of each word, spelled as it may stand in a text."""
    codes: dict[str, tuple[str, int | str]] = {}

    def add(code: str, value: int | str, words: str, *, lower: bool = True) -> None:
        for word in words.split():
            forms = (word, word.capitalize(), word.upper()) if lower else (word.capitalize(), word.upper())
            codes.update((form, (code, value)) for form in forms)

    for number, word in enumerate(MONTHS, 1):
        doubtful = word in ("may", "march")
        add("m" if doubtful else "M", number, word, lower=not doubtful)
        if doubtful:
            codes[word] = ("v", number)
    for word, number in SHORT_MONTHS.items():
        add("j", number, word, lower=word not in ("mar", "dec", "jan", "jun"))
    for number, word in enumerate(WEEKDAYS):
        add("W", number, word)
    for word, number in SHORT_WEEKDAYS.items():
        add("X", number, word, lower=False)
    for word, number in SEASONS.items():
        add("s", number, word)
    for number, word in enumerate(ORDINALS, 1):
        add("o", number, word)
    for number, word in enumerate(CARDINALS, 1):
        add("u", number, word)
    for word, code in UNITS.items():
        add(code, word, word)
        add("G", word, "centuries" if word == "century" else word + "s")
    for code, value, words in WORD_TABLE:
        add(code, value, words)
    codes["AY"] = codes["FY"]
    return codes


WORDS = word_codes()
MARKS = {
    "-": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "~": "-", "～": "-",
    "/": "/", ",": ",", ".": ".", "(": "(", ")": ")", "&": "&",
}  # fmt: skip
WRAPPED_LINE = 50  # characters: a line at least this long may have been wrapped by a mailer


def read_tokens(text: str) -> list[Token]:
    """Give the tokens of a text, in its order; words that no date is made of have the code "x"."""
    tokens: list[Token] = []
    add = tokens.append
    known = WORDS.get
    line_start = 0
    for match in TOKEN.finditer(text):
        start, end = match.span()
        word = match.group()
        found = known(word)
        if found is not None:
            add(Token(found[0], start, end, found[1]))
        elif word.isalpha():
            add(Token(OTHER, start, end))
        elif word in MARKS:
            if word == "." and tokens and tokens[-1].code in "jX" and tokens[-1].end == start:
                tokens[-1] = Token(tokens[-1].code, tokens[-1].start, end, tokens[-1].value)
            else:
                add(Token(MARKS[word], start, end))
        elif word == "\n":
            if start - line_start < WRAPPED_LINE or text[end : end + 1] in ("\n", "\r", "-", "•", "*", ""):
                add(Token(BREAK, start, end))
            line_start = end
        elif not any("0" <= char <= "9" for char in word):
            add(Token(OTHER, start, end))
        else:
            code, value = number_code(word)
            add(Token(code, start, end, value))
    return tokens


def number_code(word: str) -> tuple[str, int | str | tuple[int, ...]]:
    """Give code and value of a token with digits in it."""
    if word.isdecimal() and word.isascii():
        number = int(word[:9])
        if len(word) <= 2:
            return ("a", number) if 1 <= number <= 31 else ("c", number)
        return ("Y", number) if len(word) == 4 and 1000 <= number <= 2199 else ("N", number)
    if match := NTH.fullmatch(word):
        number = int(match[1])
        return ("b", number) if 1 <= number <= 31 else (OTHER, 0)
    if match := NUMERIC.fullmatch(word):
        return "z", word
    if DECADE.fullmatch(word):
        return "d", word[:3]
    if match := FUSED.fullmatch(word):
        letter = (match[1] or match[4]).upper()
        number = int(match[2] or match[3])
        if match[5]:
            return "4", (3 if letter == "Q" else 6, number, 2000 + int(match[5]))
        if letter == "Q":
            return "Q", number
        return ("h", number) if number <= 2 else (OTHER, 0)
    if (match := YEAR_FIRST.fullmatch(word)) and (match[2] in "Qq" or match[3] in "12"):
        return "4", (3 if match[2] in "Qq" else 6, int(match[3]), int(match[1]))
    if match := FISCAL.fullmatch(word):
        return "4", (12, 1, 2000 + int(match[1][-2:]))
    return OTHER, 0
