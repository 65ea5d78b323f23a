"""Source files -> SPLIT.jsonl, and gold documents read again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.errors import MarkupError, RecordError, UsageError
from pipeline.gold.checking import check_document, check_files
from pipeline.markup import read_source
from pipeline.records import dump_record, read_json_lines

Json = dict[str, Any]
SPLITS = ("train", "dev", "test")


def source_files(folder: Path) -> list[Path]:
    """Source files of a split, in the order of their names; UsageError where there are none."""
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise UsageError(f"{folder}: no source files; *.txt in the format of data/gold/FORMAT.md expected")
    return paths


def build(source: Path) -> list[Json]:
    """Gold documents of the source files in a folder, sorted by id; MarkupError lists all faults of all files."""
    paths = source_files(source)
    documents = sorted(read_source(paths), key=lambda document: document["doc_id"])
    if any(check_document(document) for document in documents):
        raise MarkupError("\n".join(check_files(paths)[1]))
    return documents


def build_splits(folder: Path) -> dict[str, int]:
    """Write FOLDER/SPLIT.jsonl from FOLDER/source/SPLIT/*.txt for every split that is there; give the number of documents of each.

    Nothing is written where any split has faults, or two splits share an id.
    """
    names = [path.name for path in sorted((folder / "source").glob("*")) if path.is_dir() and any(path.glob("*.txt"))]
    if not names:
        raise UsageError(f"{folder / 'source'}: no splits; source/SPLIT/*.txt expected")
    faults: list[str] = []
    splits: dict[str, list[Json]] = {}
    for name in sorted(names, key=lambda name: SPLITS.index(name) if name in SPLITS else len(SPLITS)):
        try:
            splits[name] = build(folder / "source" / name)
        except MarkupError as error:
            faults.append(str(error))
    seen: dict[str, str] = {}
    for name, documents in splits.items():
        ids = [document["doc_id"] for document in documents]
        faults += [f"{folder / 'source' / name}: id {doc_id} stands in split {seen[doc_id]} too" for doc_id in ids if doc_id in seen]
        seen.update(dict.fromkeys(ids, name))
    if faults:
        raise MarkupError("\n".join(faults))
    for name, documents in splits.items():
        write_gold(folder / f"{name}.jsonl", documents)
    return {name: len(documents) for name, documents in splits.items()}


def write_gold(path: Path, documents: Iterable[Json]) -> int:
    """Write a JSONL file, whole or not at all; give the number of documents."""
    lines = [dump_record(document) + "\n" for document in documents]
    part = path.with_name(path.name + ".part")
    part.write_text("".join(lines), encoding="utf-8", newline="\n")
    os.replace(part, path)
    return len(lines)


def read_gold(path: Path) -> list[Json]:
    """Checked gold documents of a JSONL file, a source file, or a folder of source files; all faults in one RecordError or MarkupError."""
    if path.is_dir():
        return build(path)
    if not path.is_file():
        raise UsageError(f"{path}: no such file; gold documents as *.jsonl or *.txt expected")
    documents = list(read_source([path]) if path.suffix == ".txt" else read_json_lines(path))
    _, faults = check_files([path])
    if faults:
        raise RecordError("\n".join(faults))
    return documents
