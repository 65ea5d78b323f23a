"""The index of documents.jsonl: which records it holds, from where, and in which bytes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.records import FIELDS as COUNTED

Json = dict[str, Any]
ARTICLE_KEYS = ("doc_id", "source", "url", "title", "published", "language", "issuer", "text")
SCHEMA_NUMBER = 1
SCHEMA = f"""
create table meta (name text primary key, value text) without rowid;
create table roots (id integer primary key, path text unique);
create table lines (
    key blob primary key, doc blob, made_by text, root integer, run integer, place integer, start integer, length integer,
    {", ".join(f"{name} integer" for name in COUNTED)}
) without rowid;
create index lines_by_doc on lines (doc);
create table faults (root integer, line text);
"""


def hash16(*parts: str) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()


def make_key(article: Json, made_by: str) -> bytes:
    """Give the key of a record: equal for equal articles and makers. article: a record, or what of it comes from the article."""
    return hash16(made_by, json.dumps([article.get(key) for key in ARTICLE_KEYS], ensure_ascii=False))


def make_doc_key(doc_id: str) -> bytes:
    return hash16(doc_id)


def name_maker(model: str, version: str) -> str:
    """Give what the index calls the maker of a record."""
    return f"{model} / {version}"


def read_line(line: bytes) -> tuple[bytes, bytes, str, list[int]] | None:
    """Give what the index knows of a line: key, key of its doc_id, maker, counts; None where it is no record."""
    try:
        record = json.loads(line)
        made_by = name_maker(record["model"], record["version"])
        return make_key(record, made_by), make_doc_key(record["doc_id"]), made_by, [len(record[key]) for key in COUNTED]
    except (ValueError, KeyError, TypeError):
        return None


def open_index(path: Path) -> sqlite3.Connection:
    """Open the index, a new one where there is none or where it is damaged."""
    for attempt in range(2):
        database = sqlite3.connect(path, isolation_level=None)
        try:
            # a process that dies loses nothing so; a machine that dies may, and then the index is made anew from documents.jsonl
            database.execute("pragma synchronous = off")
            database.execute("pragma journal_mode = truncate")
            database.execute("pragma locking_mode = exclusive")
            version = database.execute("pragma user_version").fetchone()[0]
            if version == SCHEMA_NUMBER and database.execute("pragma quick_check(1)").fetchone()[0] == "ok":
                return database
            if version == 0 and not database.execute("select 1 from sqlite_master").fetchone():
                database.executescript(f"begin; {SCHEMA} pragma user_version = {SCHEMA_NUMBER}; commit;")
                return database
        except sqlite3.DatabaseError as error:
            if attempt or isinstance(error, sqlite3.OperationalError):
                database.close()
                raise
        database.close()
        path.unlink()
        path.with_name(path.name + "-journal").unlink(missing_ok=True)
    raise PipelineError(f"{path}: can't be made")
