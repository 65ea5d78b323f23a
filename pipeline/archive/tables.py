"""Rows of JSON, CSV and Parquet -> raw articles."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from pipeline.archive.containers import Member
from pipeline.archive.encoding import read_lines
from pipeline.archive.fields import Columns, as_text, choose_columns, explain_no_text, unwrap
from pipeline.archive.items import ReadFault, ReadOptions, ReadSkip, fault
from pipeline.archive.json_values import parse, read_values
from pipeline.archive.raw import Raw
from pipeline.archive.streams import Budget, seekable
from pipeline.archive.texts import note_encoding, read_text
from pipeline.errors import ArchiveError, ArticleError

Row = Mapping[str, object]
Given = Raw | ReadFault | ReadSkip
DELIMITERS = ",;\t|"
ROWS_AT_A_TIME = 64


def read_row(row: Row, columns: Columns, source: str) -> Raw | ReadFault:
    """Give the article of one row; a fault where it has no text."""
    assert columns.text is not None
    text = as_text(row.get(columns.text))
    if text is None or not text.strip():
        found = "nothing" if columns.text in row else "no such field"
        return fault(source, ArticleError(f"no text: found {found} in {columns.text!r}"))

    def get(name: str | None) -> str | None:
        return as_text(row.get(name)) if name is not None else None

    raw = Raw(source, text, get(columns.doc_id), get(columns.title))
    raw.published = row.get(columns.date) if columns.date is not None else None
    raw.published_from = f"field {columns.date}" if raw.published is not None else ""
    raw.url, raw.issuer, raw.language = get(columns.url), get(columns.issuer), get(columns.language)
    return raw


def read_object(value: object, source: str, options: ReadOptions) -> Raw | ReadFault:
    """Give the article of one JSON value."""
    if not isinstance(value, dict):
        shown = json.dumps(value)[:40] if not isinstance(value, list) else "a list"
        return fault(source, f"found {shown}, expected a JSON object", "ArticleError")
    columns = choose_columns(tuple(value), options)
    if columns.text is None:
        return fault(source, explain_no_text(value, options))
    try:
        return read_row(value, columns, source)
    except RecursionError:  # what could just be parsed may be too deep to be written
        return fault(source, ArticleError("JSON nested too deeply"))


def read_json_lines(member: Member, options: ReadOptions) -> Iterator[Given]:
    """Give the article of every line."""
    with member.open() as stream:
        yield from read_lines_of_json(stream, member.source, options)


def read_lines_of_json(stream: BinaryIO, name: str, options: ReadOptions) -> Iterator[Given]:
    for number, line, guessed in read_lines(stream, options.encoding, options.max_line_chars):
        source = f"{name}#{number}"
        if isinstance(line, ArchiveError):
            yield fault(source, line)
        elif line.strip(" \t\r\n\ufeff\x1e"):
            try:
                value = parse(line.strip(" \t\r\n\ufeff\x1e"))
            except ArticleError as error:
                yield fault(source, ArticleError(f"line {number}: {error}"))
                continue
            raw = read_object(value, source, options)
            if isinstance(raw, Raw):
                note_encoding(raw, guessed)
            yield raw


def read_json(member: Member, options: ReadOptions) -> Iterator[Given]:
    """Give the articles of an array, of one object, of {"articles": […]} or of objects one after another."""
    with member.open() as stream:
        number = 0
        for number, value in enumerate(read_values(stream, options), 1):
            if number == 1 and isinstance(value, dict):
                if (rows := unwrap(value, options)) is not None:
                    for n, row in enumerate(rows, 1):
                        yield read_object(row, f"{member.source}#{n}", options)
                    continue
                if member.is_sidecar and choose_columns(tuple(value), options).text is None:
                    yield ReadSkip(member.source, "metadata", detail="describes the text beside it")
                    continue
            if isinstance(value, ArticleError):
                yield fault(f"{member.source}#{number}", value)
            else:
                yield read_object(value, f"{member.source}#{number}", options)
        if number == 0:
            yield fault(member.source, ArticleError("empty: found no JSON value"))


def read_csv(member: Member, options: ReadOptions) -> Iterator[Given]:
    """Give the article of every row. Rows count as in a spreadsheet: the header is row 1."""
    # a setting of the whole process; its default of 131,072 is too small for articles
    csv.field_size_limit(max(csv.field_size_limit(), options.max_line_chars))
    with member.open() as stream:
        guesses: list[str | None] = [None]
        lines = csv_lines(stream, options, guesses)
        first = next(lines, "")
        is_tsv = member.name.lower().endswith((".tsv", ".tab"))
        delimiter = "\t" if is_tsv else max(DELIMITERS, key=first.count)
        rows = csv.reader(chain_first(first, lines), delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
        except csv.Error as error:
            raise ArchiveError(f"row 1: {error}") from None
        if not header:
            raise ArchiveError("empty file: found no header")
        columns = choose_columns(tuple(header), options)
        if columns.text is None:
            raise explain_no_text(header, options)
        number = 1
        while True:
            number += 1
            source = f"{member.source}#{number}"
            guesses[0] = None
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield fault(source, ArticleError(f"row {number} (line {rows.line_num}): {error}"))
                continue
            if not any(cells):
                continue
            if len(cells) > len(header):
                message = f"row {number}: found {len(cells)} cells, expected {len(header)} as in the header"
                yield fault(source, ArticleError(message))
                continue
            raw = read_row(dict(zip(header, cells, strict=False)), columns, source)
            if isinstance(raw, Raw):
                note_encoding(raw, guesses[0])
            yield raw


def csv_lines(stream: BinaryIO, options: ReadOptions, guesses: list[str | None]) -> Iterator[str]:
    """Give lines for the csv module; guesses[0] is the encoding guessed for the latest one that needed it."""
    for number, line, guessed in read_lines(stream, options.encoding, options.max_line_chars):
        if isinstance(line, ArchiveError):
            raise line
        guesses[0] = guessed or guesses[0]
        yield line.removeprefix("\ufeff") if number == 1 else line


def chain_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def read_parquet(member: Member, options: ReadOptions) -> Iterator[Given]:
    """Give the article of every row, holding one row group in memory. Rows count from 1."""
    import pyarrow
    from pyarrow import parquet

    with member.open() as stream, seekable(stream) as file:
        try:
            table = parquet.ParquetFile(file)
            check_size(table, file.seek(0, io.SEEK_END), options)
            names = tuple(table.schema_arrow.names)
            columns = choose_columns(names, options)
            if columns.text is None:
                raise explain_no_text(names, options)
            number = 0
            for batch in table.iter_batches(batch_size=ROWS_AT_A_TIME, columns=columns.names()):
                for row in batch.to_pylist():
                    number += 1
                    yield read_row(row, columns, f"{member.source}#{number}")
        except (pyarrow.ArrowException, OSError, ValueError) as error:  # ValueError: a text that isn't UTF-8
            raise ArchiveError(f"damaged Parquet file: {str(error).split(chr(10))[0]}") from None


def check_size(table: Any, packed_bytes: int, options: ReadOptions) -> None:
    """Raise BombError where the columns of a Parquet file unpack to too much for its size."""
    groups = (table.metadata.row_group(n) for n in range(table.num_row_groups))
    Budget(packed_bytes, options).spend(sum(group.total_byte_size for group in groups))


def read_standard_input(member: Member, options: ReadOptions) -> Iterator[Given]:
    """Give articles of JSON lines or one plain text: told apart by the first character that is no space."""
    with member.open() as stream:
        assert isinstance(stream, io.BufferedReader)
        start = stream.peek(1 << 12).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start in (b"{", b"["):
            again = Member(member.source, member.name, lambda: stream)
            yield from (read_json_lines if start == b"{" else read_json)(again, options)
        else:
            yield from read_text(Member(member.source, member.name, lambda: stream), options)
