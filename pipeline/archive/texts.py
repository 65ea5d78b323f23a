"""Plain text and Markdown -> raw articles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pipeline.archive.containers import Member
from pipeline.archive.encoding import decode
from pipeline.archive.fields import as_text, choose_columns
from pipeline.archive.items import ReadOptions
from pipeline.archive.raw import Raw
from pipeline.archive.streams import read_all

MAX_BYTES_A_CHAR = 4
FENCE = re.compile(r"---[ \t]*\n")
FENCE_END = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.M)
FRONT_LINE = re.compile(r"([A-Za-z][\w .-]{0,40})[ \t]*:[ \t]*(.*)")
FRONT_CHARS = 20_000


def read_text(member: Member, options: ReadOptions) -> Iterator[Raw]:
    """Give the one article of a text file."""
    yield read_whole(member, options)


def read_markdown(member: Member, options: ReadOptions) -> Iterator[Raw]:
    """Give the one article of a Markdown file; its text starts after the front matter."""
    raw = read_whole(member, options)
    front, body_start = read_front_matter(raw.text)
    if front:
        raw.text = raw.text[body_start:].lstrip("\n")
        fill(raw, front, "front matter")
    yield raw


def read_whole(member: Member, options: ReadOptions) -> Raw:
    """Read a file as one text."""
    with member.open() as stream:
        data = read_all(stream, MAX_BYTES_A_CHAR * options.max_article_chars)
    text, encoding = decode(data, options.encoding)
    raw = Raw(member.source, text)
    note_encoding(raw, encoding)
    return raw


def note_encoding(raw: Raw, encoding: str | None) -> None:
    """Keep the encoding where it isn't the one that everybody expects."""
    if encoding and encoding not in ("utf-8", "utf-8-sig"):
        raw.meta["encoding"] = encoding


def read_front_matter(text: str) -> tuple[dict[str, str], int]:
    """Give the keys of a YAML-like head ("---", lines of key: value, "---") and the offset after it.

    No YAML is run: nested values and lists are passed over, quotation marks around a value are dropped.
    """
    opening = FENCE.match(text)
    if opening is None:
        return {}, 0
    closing = FENCE_END.search(text, opening.end(), opening.end() + FRONT_CHARS)
    if closing is None:
        return {}, 0
    front: dict[str, str] = {}
    for line in text[opening.end() : closing.start()].split("\n"):
        if match := FRONT_LINE.fullmatch(line.rstrip()):
            value = match.group(2).strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            if value:
                front.setdefault(match.group(1).strip(), value)
    return front, closing.end()


def fill(raw: Raw, found: Mapping[str, object], where: str) -> None:
    """Take title, date, id, address, issuer and language from metadata that stands beside a text."""
    columns = choose_columns(tuple(found), ReadOptions())

    def get(name: str | None) -> str | None:
        return as_text(found[name]) if name is not None else None

    raw.doc_id = get(columns.doc_id) or raw.doc_id
    raw.title = get(columns.title) or raw.title
    raw.url = get(columns.url) or raw.url
    raw.issuer = get(columns.issuer) or raw.issuer
    raw.language = get(columns.language) or raw.language
    if columns.date is not None and found[columns.date] not in (None, ""):
        raw.published, raw.published_from = found[columns.date], where
