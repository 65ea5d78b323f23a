"""JSON text -> its values, one of them in memory at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.archive.encoding import read_lines
from pipeline.archive.items import ReadOptions
from pipeline.errors import ArchiveError, ArticleError

SPACE = re.compile(r"[\s\x1e]*")  # \x1e: record separator of JSON text sequences
CHUNK_CHARS = 1 << 18


def parse(line: str) -> object:
    """Parse one JSON value; ArticleError tells what was found where something else was expected."""
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ArticleError(f"invalid JSON at column {error.colno}: {explain(error)}") from None
    except RecursionError:
        raise ArticleError("JSON nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise ArticleError(f"invalid JSON: {error}") from None


def explain(error: json.JSONDecodeError) -> str:
    """Say what stands where JSON goes wrong, and what should."""
    found = error.doc[error.pos : error.pos + 20].strip()
    wanted = error.msg.removeprefix("Expecting ")
    wanted = f"expected {wanted}" if wanted != error.msg else error.msg[0].lower() + error.msg[1:]
    return f"found {found!r}, {wanted}" if found else f"found the end, {wanted}"


class Buffer:
    """The part of a JSON text that is being parsed."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self.chunks = chunks
        self.text = ""
        self.at = 0
        self.lines_before = 0

    def refill(self) -> bool:
        """Drop what was parsed and read on, as much as is left at least: parsing anew then costs no more
        than reading did. False at the end."""
        wanted = max(len(self.text) - self.at, 1)
        pieces = []
        while wanted > 0 and (chunk := next(self.chunks, "")):
            pieces.append(chunk)
            wanted -= len(chunk)
        if not pieces:
            return False
        self.lines_before += self.text.count("\n", 0, self.at)
        self.text = self.text[self.at :] + "".join(pieces)
        self.at = 0
        return True

    def skip_space(self) -> str:
        """Move on to the next character that is no space and give it; "" at the end."""
        while True:
            match = SPACE.match(self.text, self.at)
            assert match is not None  # it matches nothing, too
            self.at = match.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.refill():
                return ""

    def fail(self, message: str, pos: int | None = None) -> ArticleError:
        """Make the error that tells the line."""
        line = self.lines_before + self.text.count("\n", 0, self.at if pos is None else pos) + 1
        return ArticleError(f"line {line}: {message}")


def read_values(stream: BinaryIO, options: ReadOptions) -> Iterator[object]:
    """Give the items of a JSON array, or of values one after another.

    Where one is broken, an ArticleError stands in its place and reading ends: nothing tells where the
    next begins.
    """
    buffer = Buffer(read_chunks(stream, options))
    is_array = buffer.skip_space() == "["
    buffer.at += is_array
    is_first = True
    while True:
        character = buffer.skip_space()
        if character == "":
            if is_array:
                yield buffer.fail("found the end, expected ']'")
            return
        if is_array and character == "]":
            return
        if is_array and not is_first:
            if character != ",":
                yield buffer.fail(f"found {buffer.text[buffer.at : buffer.at + 20]!r}, expected ',' or ']'")
                return
            buffer.at += 1
            buffer.skip_space()
        value = read_value(buffer, options.max_line_chars)
        yield value
        if isinstance(value, ArticleError):
            return
        is_first = False


def read_value(buffer: Buffer, max_chars: int) -> object:
    """Parse the value that begins where the buffer stands; an ArticleError where it is broken."""
    decoder = json.JSONDecoder()
    while True:
        try:
            value, end = decoder.raw_decode(buffer.text, buffer.at)
        except json.JSONDecodeError as error:
            if len(buffer.text) - buffer.at <= max_chars and buffer.refill():
                continue  # it may only have been cut off
            return buffer.fail(f"invalid JSON: {explain(error)}", error.pos)
        except RecursionError:
            return buffer.fail("JSON nested too deeply")
        except ValueError as error:
            return buffer.fail(f"invalid JSON: {error}")
        if end == len(buffer.text) and buffer.refill():
            continue  # 12 may go on as 123
        buffer.at = end
        return value


def read_chunks(stream: BinaryIO, options: ReadOptions) -> Iterator[str]:
    """Give a text in pieces of whole lines; ArchiveError where a line is longer than is allowed."""
    held: list[str] = []
    size = 0
    for number, line, _ in read_lines(stream, options.encoding, options.max_line_chars):
        if isinstance(line, ArchiveError):
            raise line
        held.append(line.removeprefix("\ufeff") if number == 1 else line)
        size += len(line)
        if size >= CHUNK_CHARS:
            yield "".join(held)
            held, size = [], 0
    if held:
        yield "".join(held)
