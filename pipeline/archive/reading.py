"""Files -> articles: each read by its type, checked, dated, named and counted once."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.archive.containers import Member
from pipeline.archive.days import read_date
from pipeline.archive.documents import read_docx, read_pdf, read_warc
from pipeline.archive.headers import find_published, find_title
from pipeline.archive.items import Article, ReadFault, ReadOptions, ReadSkip, fault, make_doc_id
from pipeline.archive.json_values import parse
from pipeline.archive.language import find_language
from pipeline.archive.pages import read_html
from pipeline.archive.places import check_paths, open_paths
from pipeline.archive.raw import Raw
from pipeline.archive.tables import (
    read_csv,
    read_json,
    read_json_lines,
    read_parquet,
    read_standard_input,
)
from pipeline.archive.texts import fill, read_markdown, read_text
from pipeline.errors import ArchiveError, ArticleError, MissingExtraError

Reader = Callable[[Member, ReadOptions], Iterable[Raw | ReadFault | ReadSkip]]
READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".tab": read_csv,
    ".parquet": read_parquet,
    ".warc": read_warc,
    ".pdf": read_pdf,
    ".docx": read_docx,
}
HALF_PAIR = re.compile("[\ud800-\udfff]")
MAX_ID_CHARS = 300
MAX_TITLE_CHARS = 500


def read_archive(paths: Sequence[str | Path], *, options: ReadOptions | None = None) -> Iterator[Article | ReadFault | ReadSkip]:
    """Give the articles of files, folders, archives, addresses (s3://bucket/folder) and "-" (standard input), with
    what couldn't be read and what was left out, each in its place.

    The order is that of the paths, by name within a folder, as packed within an archive. One article (of
    Parquet: one row group) is in memory at a time. UsageError where a path doesn't exist.
    """
    check_paths(paths)
    return read_found(paths, options or ReadOptions())


def read_found(paths: Sequence[str | Path], options: ReadOptions) -> Iterator[Article | ReadFault | ReadSkip]:
    seen = Seen()
    for found in open_paths(paths, options):
        if not isinstance(found, Member):
            yield found
            continue
        for raw in read_member(found, options):
            yield finish(raw, options, seen) if isinstance(raw, Raw) else raw


def find_reader(name: str) -> Reader | None:
    """Choose how to read a file by the ending of its name."""
    lower = name.lower()
    if lower == "-":
        return read_standard_input
    return READERS.get(os.path.splitext(lower)[1])


def read_member(member: Member, options: ReadOptions) -> Iterator[Raw | ReadFault | ReadSkip]:
    """Give what is in one file; a fault that ends it is the last thing given."""
    reader = find_reader(member.name)
    if reader is None:
        extension = os.path.splitext(member.name)[1]
        yield ReadSkip(member.source, "file type", detail=extension or "no extension")
        return
    try:
        for raw in reader(member, options):
            if isinstance(raw, Raw) and raw.source == member.source:
                add_sidecar(raw, member)
            yield raw
    except (ArchiveError, ArticleError, MissingExtraError) as error:
        yield fault(member.source, error)


def add_sidecar(raw: Raw, member: Member) -> None:
    """Take metadata from the file beside a text, if there is one."""
    data = member.sidecar()
    if data is None:
        return
    try:
        found = parse(data.decode("utf-8-sig"))
    except (ArticleError, UnicodeDecodeError) as error:
        raw.meta["sidecar_fault"] = str(error)
        return
    if isinstance(found, dict):
        try:
            fill(raw, found, "sidecar")
        except RecursionError:
            raw.meta["sidecar_fault"] = "JSON nested too deeply"


def finish(raw: Raw, options: ReadOptions, seen: Seen) -> Article | ReadFault | ReadSkip:
    """Make the article of a raw one, or tell why there is none."""
    if not raw.text.strip():
        return fault(raw.source, ArticleError("empty: found no text"))
    if len(raw.text) > options.max_article_chars:
        message = f"found {len(raw.text):,} characters, expected {options.max_article_chars:,} at most"
        return fault(raw.source, ArticleError(message))
    text = clean_text(raw)
    language = find_language(text, options.languages or ("en",))
    declared = (raw.language or "").strip().lower()[:2]
    if declared and (language is None or declared in options.languages):
        language = declared  # the text may be too short, or too full of names, to tell
    if options.languages and language is not None and language not in options.languages:
        return ReadSkip(raw.source, "language", language=language)
    doc_id = clean_label(raw.doc_id, MAX_ID_CHARS) or make_doc_id(text)
    if (again := seen.add(doc_id, text, raw.source)) is not None:
        return again
    published = date_article(raw, text, options)
    return Article(
        doc_id,
        text,
        raw.source,
        title=clean_label(raw.title, MAX_TITLE_CHARS) or find_title(text),
        published=published,
        url=clean_label(raw.url, 2000),
        issuer=clean_label(raw.issuer, MAX_TITLE_CHARS),
        language=language,
        meta=raw.meta,
    )


def clean_text(raw: Raw) -> str:
    """Give the text with line ends "\\n", and whole characters only: half a surrogate pair can't be written."""
    text = raw.text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in raw.text else raw.text
    if not text.isascii() and (half := HALF_PAIR.search(text)):
        raw.meta["text_fault"] = f"half a surrogate pair at character {half.start()}, replaced by U+FFFD"
        text = HALF_PAIR.sub("\ufffd", text)
    return text


def clean_label(label: str | None, max_chars: int) -> str | None:
    """Give a title, an id or an address on one line; None where it is empty."""
    return " ".join(HALF_PAIR.sub("\ufffd", label).split())[:max_chars] or None if label else None


def date_article(raw: Raw, text: str, options: ReadOptions) -> str | None:
    """Give the day of publication: as the metadata say, else as the head of the text does."""
    try:
        published = read_date(raw.published, day_first=options.day_first)
    except ValueError as error:
        raw.meta["date_fault"] = f"{raw.published_from or 'date'}: {error}"
        return None
    if published is not None:
        raw.meta["published_from"] = raw.published_from
        return published
    stamp = find_published(text, day_first=options.day_first)
    if stamp is not None:
        raw.meta["published_from"] = "text"
        return stamp.day
    return None


class Seen:
    """Which ids have been read in this run, with which text and where: in a temporary file, not in memory."""

    def __init__(self) -> None:
        # "": a private database that lives in its cache and spills over to disk
        self.table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.table.execute("pragma cache_size = -8000")
        self.table.execute("pragma synchronous = off")
        self.table.execute("create table seen (id integer primary key, text integer, source text)")

    def add(self, doc_id: str, text: str, source: str) -> ReadFault | ReadSkip | None:
        """Note an id; tells where it was seen before, if it was: with the same text, or with another."""
        key, content = hash8(doc_id), hash8(text)
        row = self.table.execute("select text, source from seen where id = ?", (key,)).fetchone()
        if row is None:
            self.table.execute("insert into seen values (?, ?, ?)", (key, content, source))
            return None
        if row[0] == content:
            return ReadSkip(source, "duplicate", detail=f"the same as {row[1]}")
        message = f"duplicate id {doc_id[:80]!r}: first seen with another text in {row[1]}"
        return fault(source, ArticleError(message))


def hash8(text: str) -> int:
    """Give eight bytes of a text's hash, as a signed number."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
