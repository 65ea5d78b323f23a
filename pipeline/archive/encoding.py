"""Bytes -> text: which encoding, and whether it is text at all."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.errors import ArchiveError

BOMS = (  # the four-byte ones first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s{0,9}=\s{0,9}["']?([A-Za-z0-9_:.-]{1,40})""", re.I)
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b")) + b"\x7f"
SAMPLE_BYTES = 1 << 16
MOSTLY_ASCII = 0.15  # share of bytes over 127 below which a text is of the Latin alphabet
NOISE = 0.05  # share of control characters from which on bytes are no text


def normalize_line_ends(text: str) -> str:
    """Give the text with "\\n" for "\\r\\n" and "\\r"."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def looks_binary(data: bytes) -> bool:
    """Tell whether bytes are too full of control characters to be text of one byte a letter."""
    sample = data[:SAMPLE_BYTES]
    return len(sample) - len(sample.translate(None, CONTROLS)) > NOISE * len(sample)


def find_encoding(data: bytes, *, declared: bool = False) -> str:
    """Give the encoding of a text: byte order mark, declaration, strict UTF-8, else the best guess.

    declared: look for what an HTML or XML page says of itself. ArchiveError where the bytes are no text.
    """
    for bom, name in BOMS:
        if data.startswith(bom):
            return name
    if declared and (said := DECLARED.search(data[:4096])):
        name = said.group(1).decode("ascii").lower()
        name = "cp1252" if name in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii") else name
        if is_readable_as(data, name):
            return name
    if (wide := find_wide_encoding(data)) is not None:
        return wide
    if looks_binary(data):
        raise ArchiveError("binary data: found control characters throughout, expected text")
    if is_readable_as(data, "utf-8"):
        return "utf-8"
    return guess_encoding(data)


def find_wide_encoding(data: bytes) -> str | None:
    """Tell UTF-16 without a byte order mark by its zero bytes, which fall on every other place."""
    sample = data[:4096]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def is_readable_as(data: bytes, encoding: str) -> bool:
    """Tell whether bytes decode strictly; an unknown name does not."""
    try:
        if not codecs.lookup(encoding)._is_text_encoding:
            return False
        data.decode(encoding)
    except (LookupError, ValueError):
        return False
    return True


def guess_encoding(data: bytes) -> str:
    """Give the best guess for bytes that aren't UTF-8: cp1252 for text mostly of ASCII, as browsers do."""
    sample = data[:SAMPLE_BYTES]
    high = sum(1 for _ in re.finditer(rb"[\x80-\xff]", sample))
    if high < MOSTLY_ASCII * len(sample) and is_readable_as(data, "cp1252"):
        return "cp1252"
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample).best()
    if best is not None and is_readable_as(data, best.encoding):
        return best.encoding
    if high < MOSTLY_ASCII * len(sample):
        return "latin-1"  # any byte is a character of it: mojibake at worst, and it is kept
    raise ArchiveError("no known encoding fits: found binary data, expected text")


def decode(data: bytes, encoding: str | None = None, *, declared: bool = False) -> tuple[str, str]:
    """Give text (line ends "\\n", no byte order mark) and its encoding; ArchiveError where it is no text."""
    name = encoding or find_encoding(data, declared=declared)
    try:
        text = data.decode(name)
    except ValueError as error:
        raise ArchiveError(f"not {name} as expected: {error}") from None
    return normalize_line_ends(text.removeprefix("\ufeff")), name


def read_text_stream(stream: BinaryIO, encoding: str | None) -> tuple[io.TextIOWrapper, str]:
    """Open a table as text with line ends "\\n"; bytes that don't fit stay, as surrogate escapes."""
    sample = stream.peek(SAMPLE_BYTES) if isinstance(stream, io.BufferedReader) else b""
    if encoding is None:
        encoding = next((name for bom, name in BOMS if sample.startswith(bom)), None)
    if encoding is None:
        encoding = find_wide_encoding(sample)
        if encoding is None and looks_binary(sample):
            raise ArchiveError("binary data: found control characters throughout, expected text")
    # UTF-8 with escapes: lines that are something else are told by them and decoded one by one
    return (
        io.TextIOWrapper(stream, encoding or "utf-8", errors="surrogateescape", newline=None),
        encoding or "utf-8",
    )


def repair_line(line: str) -> tuple[str, str | None]:
    """Decode anew a line that holds surrogate escapes; gives it and the encoding guessed, if it was."""
    if line.isascii():
        return line, None
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        data = line.encode("utf-8", "surrogateescape")
        if looks_binary(data):
            raise ArchiveError("binary data: found control characters, expected text") from None
        name = guess_encoding(data)
        return data.decode(name), name
    return line, None


def read_lines(stream: BinaryIO, encoding: str | None, max_chars: int) -> Iterator[tuple[int, str | ArchiveError, str | None]]:
    """Give (line number from 1, line with its "\\n", encoding where guessed); a fault in place of a bad line.

    A line of more than max_chars is passed over without being held in memory.
    """
    text, known = read_text_stream(stream, encoding)
    number = 0
    while True:
        number += 1
        try:
            line = text.readline(max_chars + 1)
            is_too_long = len(line) > max_chars and not line.endswith("\n")
            while is_too_long and (rest := text.readline(1 << 20)) and not rest.endswith("\n"):
                pass
        except UnicodeError as error:  # of wide encodings, in which nothing tells where the next line begins
            yield number, ArchiveError(f"line {number}: not {known} as expected: {error}"), None
            return
        if not line:
            return
        if is_too_long:
            yield number, ArchiveError(f"line {number} has more than {max_chars:,} characters"), None
            continue
        if known != "utf-8":
            yield number, line, known
            continue
        try:
            fixed, guessed = repair_line(line)
        except ArchiveError as error:
            yield number, ArchiveError(f"line {number}: {error}"), None
        else:
            yield number, fixed, guessed
