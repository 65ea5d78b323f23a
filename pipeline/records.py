"""Records <-> JSONL: one article a line, the format of gold documents with more detail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from pipeline.archive import Article
from pipeline.clean import Boilerplate
from pipeline.errors import RecordError

Json = dict[str, Any]
FIELDS = ("orgs", "people", "dates", "areas", "events", "partnerships")
REQUIRED = ("doc_id", "text", *FIELDS)


def make_record(doc: Doc, article: Article, boilerplate: Iterable[Boilerplate], *, model: str, version: str) -> Json:
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
        "orgs": [asdict(o) for o in doc._.organizations],
        "people": [asdict(p) for p in doc._.people],
        "dates": [asdict(d) for d in doc._.dates],
        "areas": [asdict(a) for a in doc._.areas],
        "events": [asdict(e) for e in doc._.events],
        "partnerships": [asdict(p) for p in doc._.partnerships],
        "model": model,
        "version": version,
    }


def dump_record(record: Json) -> str:
    """One line of JSON without its line end; the same record always gives the same line."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def read_records(path: Path) -> Iterator[Json]:
    """Records of a JSONL file in its order; RecordError with file and line where a line is no record."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield parse_record(line, f"{path}:{number}")


def parse_record(line: str, where: str) -> Json:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise RecordError(f"{where}: no JSON ({error}); a record of coopfacts expected") from None
    missing = [key for key in REQUIRED if not isinstance(record, dict) or key not in record]
    if missing:
        raise RecordError(f"{where}: no record: {', '.join(missing)} missing")
    return record  # type: ignore[no-any-return]
