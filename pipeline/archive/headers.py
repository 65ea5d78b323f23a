"""The first lines of a text -> its day of publication, its title."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from pipeline.archive.days import Stamp, find_stamps

MAX_LINES = 9  # non-empty lines that count as the head
MAX_LINE_CHARS = 300
BODY_CHARS = 200  # a line as long as this is the body
MAX_BODY_LINES = 2  # what follows so many is no head
WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
CLOCK = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?\s?(?:[ap]\.?m\.?)?(?:\s?\(?(?:[A-Z]{2,5}|[A-Z]\w\w[A-Z]|[+-]\d{2}:?\d{2})\)?)?"
LABEL = (
    r"(?:(?:date\s)?(?:first\s)?(?:published|posted|released?|issued)(?:\s(?:on|date|time|at|in))?"
    r"|(?:press\s|news\s)?(?:release|publication|publish(?:ing)?|issue)\s(?:date|time)|date|on"
    r"|for\simmediate\srelease)"
)
LABELLED = re.compile(rf"\W{{0,3}}(?!on\b){LABEL}\b", re.I)
LABEL_AFTER = re.compile(r"\s{1,2}(?:posted|published|released)\b", re.I)
UPDATED = re.compile(r"\b(?:last\s)?(?:updated|modified|edited|accessed|retrieved|reviewed)\b", re.I)
EMBELLISHMENT = re.compile(rf"{WEEKDAY}|{CLOCK}|\b{LABEL}\b|[\W_]", re.I)
CELL = re.compile(r"\s{2,}|\t|\s?[|·•¦]\s?")
PLACE = re.compile(
    r"\s{0,4}\(?[^\W\d_][\w.'’()/ -]{1,40}(?:,\s?[\w.'’() -]{1,30}){0,2}"
    r"(?:,\s?|\s?[-–—]{1,2}\s?(?:\([\w .&/-]{2,30}\))?[\s–—-]{0,4}|\s?\(|\s)(?:" + WEEKDAY + r",?\s?)?\Z"
)
AFTER_DATELINE = re.compile(r"[\s.,)]{0,4}(?:/[A-Z][^/\n]{1,40}/|\([^()\n]{2,60}\)|[-–—:]|–)", re.I)
OPENING_STAMP = re.compile(r"\s{0,4}[(\[]\Z")
RUBRIC_CHARS = 40

LABELLED_RANK, ALONE_RANK, DATELINE_RANK = 0, 1, 2


def find_head_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give (offset, line) of the first non-empty lines, each cut to a length that can be searched."""
    start, found, body = 0, 0, 0
    while found < MAX_LINES and body < MAX_BODY_LINES and start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start : min(end, start + MAX_LINE_CHARS)]
        if line.strip():
            found += 1
            body += len(line) >= BODY_CHARS
            yield start, line
        start = end + 1


def rank_stamp(line: str, stamp: Stamp, is_first: bool) -> int | None:
    """Tell how surely a date in a head line is the day of publication: lower is surer, None is not at all."""
    before, after = line[: stamp.start], line[stamp.end :]
    if UPDATED.search(before):
        return None
    labelled = LABELLED.match(before)
    if (labelled and len(before) - labelled.end() < RUBRIC_CHARS) or LABEL_AFTER.match(after):
        return LABELLED_RANK
    cell_before = CELL.split(before)[-1]
    cell_after = CELL.split(after)[0]
    if not EMBELLISHMENT.sub("", cell_before + " " + cell_after):
        return ALONE_RANK
    if len(line) >= MAX_LINE_CHARS or after.strip():
        if OPENING_STAMP.match(before) and after.startswith((")", "]")):
            return DATELINE_RANK
        if PLACE.match(before) and AFTER_DATELINE.match(after):
            return DATELINE_RANK
        return None
    # "Small caps, October 29, 2018": a rubric or a place, and nothing after
    if not is_first and before.rstrip().endswith(",") and len(before) < RUBRIC_CHARS:
        return DATELINE_RANK
    return None


def find_published(text: str, *, day_first: bool | None = None) -> Stamp | None:
    """Give the date stamp of publication in the first lines of a text: a labelled date before a line that
    is a date before a newswire dateline. None where there is no whole date, or only one of two readings.
    """
    ranked: list[tuple[int, int, Stamp]] = []
    for n, (offset, line) in enumerate(find_head_lines(text)):
        for stamp in itertools.islice(find_stamps(line, day_first=day_first), 3):
            rank = rank_stamp(line, stamp, n == 0)
            if rank is not None and stamp.day is not None:
                ranked.append((rank, n, Stamp(offset + stamp.start, offset + stamp.end, stamp.day)))
    return min(ranked)[2] if ranked else None


TRAIL = re.compile(r"\s[>»›|/·→]{1,2}\s|[>»›→]{2}|^(?:home|you are here|(?:current )?position|location)\b\W", re.I)
RUBRIC = re.compile(
    r"\W*(?:(?:press|news|media)[\s-]?(?:releases?|centre|center|room|notes?|statement|office)?|news and events|latest news|"
    r"for immediate release|embargoed.*|skip to .*|menu|open menu|search|print|share.*|source:.*|by .{1,60}|"
    r"photo.{0,80}|image.{0,80}|published.*|posted.*|date:.*|tags?:.*|\(.*\))\W*\Z",
    re.I,
)
HEADLINE_WORDS = range(3, 45)
SURE_WORDS = 5  # "Travel News Asia" above a title is shorter
TITLE_LINES = 6


def is_headline(line: str) -> bool:
    """Tell whether a head line reads like a title: some words, no full stop, no menu, no stamp."""
    line = line.strip()
    if len(line.split()) not in HEADLINE_WORDS or len(line) > 280:
        return False
    if line.endswith((".", ";", ":", ",")) and not line.endswith(("Inc.", "Ltd.", "Co.", "Corp.", "...")):
        return False
    if TRAIL.search(line) or RUBRIC.match(line) or not any(c.isalpha() for c in line):
        return False
    stamps = list(itertools.islice(find_stamps(line), 2))
    return not any(rank_stamp(line, stamp, False) is not None for stamp in stamps)


def find_title(text: str) -> str | None:
    """Give the head line that reads like a title: the first of some length, else the first of all.

    None where the text starts with its body.
    """
    found: list[str] = []
    for _, line in itertools.islice(find_head_lines(text), TITLE_LINES):
        if is_headline(line):
            found.append(" ".join(line.strip().lstrip("#").split()))
        elif len(line) > BODY_CHARS or (len(line) > BODY_CHARS // 3 and line.rstrip().endswith(".")):
            break  # the body has begun
    return next((line for line in found if len(line.split()) >= SURE_WORDS), found[0] if found else None)
