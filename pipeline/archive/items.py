"""What reading gives: articles, faults, skips; and the settings it takes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from pipeline.errors import UsageError


@dataclass(frozen=True, slots=True)
class Article:
    """One article, as it was read.

    text: line ends are "\\n" ("\\r\\n" and "\\r" become it when read), a byte order mark is dropped, half
    a surrogate pair becomes U+FFFD (meta["text_fault"] says so); nothing else is changed, and every
    offset anywhere counts in this text.
    source: path inside the archive that was given, with "#" and the line, row or record for tables.
    published: EDTF, nearly always an ISO day; None where neither metadata nor the head of the text says.
    language: ISO 639-1; None where the text is too short to tell.
    meta: what else is known, such as "encoding" (where not UTF-8), "published_from", "date_fault".
    """

    doc_id: str
    text: str
    source: str
    title: str | None = None
    published: str | None = None
    url: str | None = None
    issuer: str | None = None
    language: str | None = None
    meta: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadFault:
    """Something that should have been read and couldn't: one line of errors.jsonl."""

    source: str
    stage: str
    error: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadSkip:
    """Something that was left out on purpose.

    reason: "language", "duplicate", "hidden", "file type", "symbolic link", "not a file", "not a page" (a
    record of a web archive), "metadata" (of the text beside it). language: the one found, where that is the reason.
    """

    source: str
    reason: str
    language: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read; the defaults suit most archives.

    *_field: the column or key to take; None: guessed from its name. encoding: of text files and tables;
    None: detected file by file. day_first: how to read 03/04/2018; None: such a date stays unknown.
    languages: ISO 639-1 codes of articles to keep; empty: all. max_line_chars: of one record of JSON or one
    line of a table. max_page_bytes: of one HTML page. max_word_bytes: of one Word file, unpacked.
    max_member_bytes: of one file in an archive, unpacked. max_total_ratio: unpacked to packed bytes of one
    archive, looked at once free_bytes are unpacked. max_nesting: archives in archives. max_parse_s: seconds
    for one page, PDF or Word file; None: any time (and so in threads, which can't be interrupted).
    """

    text_field: str | None = None
    title_field: str | None = None
    date_field: str | None = None
    id_field: str | None = None
    url_field: str | None = None
    encoding: str | None = None
    day_first: bool | None = None
    languages: tuple[str, ...] = ("en",)
    max_article_chars: int = 2_000_000
    max_line_chars: int = 16_000_000
    max_page_bytes: int = 20_000_000
    max_word_bytes: int = 200_000_000
    max_member_bytes: int = 8 * 2**30
    max_total_ratio: float = 250.0
    free_bytes: int = 256 * 2**20
    max_nesting: int = 2
    max_parse_s: float | None = 600.0

    def __post_init__(self) -> None:
        if self.encoding is not None:
            try:
                "".encode(self.encoding)
            except LookupError:
                raise UsageError(f"unknown encoding {self.encoding!r}; expected a name such as 'utf-8' or 'cp1252'") from None


def make_doc_id(text: str) -> str:
    """Give the id of an article that brings none: the same text always gets the same id."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def fault(source: str, error: Exception | str, kind: str = "ArchiveError") -> ReadFault:
    """Make a fault of the reading stage; an exception brings its own class name."""
    if isinstance(error, Exception):
        kind = type(error).__name__
    return ReadFault(source, "read", kind, " ".join(str(error).split()))
