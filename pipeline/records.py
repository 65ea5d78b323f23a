"""Records <-> JSONL: one article a line, the format of gold documents with more detail."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonlines

from pipeline.errors import RecordError, UsageError

if TYPE_CHECKING:  # tables are built from records without spaCy and the readers of archives
    from spacy.tokens import Doc

    from pipeline.archive import Article
    from pipeline.clean import Boilerplate

Json = dict[str, Any]
FIELDS = ("orgs", "people", "dates", "areas", "events", "partnerships")
REQUIRED = ("doc_id", "text", *FIELDS)


def make_record(doc: "Doc", article: "Article", boilerplate: Iterable["Boilerplate"], *, model: str, version: str) -> Json:
    """The record of a processed Doc: plain JSON values, offsets into article.text, keys in a fixed order."""
    return {
        "doc_id": article.doc_id,
        "source": article.source,
        "url": article.url,
        "title": article.title,
        "published": article.published,
        "language": article.language or "en",
        "issuer": article.issuer,
        "text": article.text,
        "boilerplate": [{"start": b.start, "end": b.end, "kind": b.kind} for b in boilerplate],
        "orgs": make_plain(doc._.organizations),
        "people": make_plain(doc._.people),
        "dates": make_plain(doc._.dates),
        "areas": make_plain(doc._.areas),
        "events": make_plain(doc._.events),
        "partnerships": make_plain(doc._.partnerships),
        "model": model,
        "version": version,
    }


def make_plain(value: Any) -> Any:
    """What dataclasses.asdict gives, of a list too, without its deep copies: what is neither list nor dataclass is kept as it is."""
    if isinstance(value, list):
        return [make_plain(part) for part in value]
    if names := find_fields(type(value)):  # type: ignore[arg-type]  # mypy takes no class for hashable
        return {name: make_plain(getattr(value, name)) for name in names}
    return value


@cache
def find_fields(kind: type) -> tuple[str, ...]:
    """Names of the fields of a dataclass; of any other class none."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def dump_record(record: Json) -> str:
    """One line of JSON without its line end; the same record always gives the same line."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def read_records(path: Path) -> Iterator[Json]:
    """Records of a JSONL file in its order; RecordError with file and line where a line is no record."""
    return read_json_lines(path, required=REQUIRED, what="record of coopfacts")


def read_json_lines(path: Path, *, required: Collection[str] = ("doc_id",), what: str = "document with doc_id") -> Iterator[Json]:
    """JSON objects of a file, one a line, in its order; RecordError with file and line where one is none, or lacks a key of required.

    UsageError where there is no such file.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file; documents as JSONL expected")

    def parse(line: str | bytes) -> Json:
        try:
            value = json.loads(line)
        except ValueError as error:
            raise ValueError(f"no JSON ({error}); a {what} expected") from None
        missing = [key for key in required if not isinstance(value, dict) or key not in value]
        if missing:
            raise ValueError(f"no {what}: {', '.join(missing)} missing")
        return value  # type: ignore[no-any-return]

    with open(path, "rb") as file, jsonlines.Reader(file, loads=parse) as reader:
        try:
            yield from reader.iter(type=dict, skip_empty=True)
        except jsonlines.InvalidLineError as error:
            raise RecordError(f"{path}:{error.lineno}: {error.__cause__}") from None
