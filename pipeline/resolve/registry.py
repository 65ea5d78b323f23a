"""A registry of known organisations: name, aliases, country -> id."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.resolve.entity import Entity
from pipeline.resolve.files import open_table

Json = dict[str, Any]


def read_registry(path: Path | None) -> list[Entity]:
    """Read registry.csv or registry.jsonl (id, name, aliases, country); aliases of a CSV are separated by "; ".

    Raises PipelineError that lists every fault: id or name missing, an id twice.
    """
    if path is None:
        return []
    path = Path(path)
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; a registry is a CSV or JSONL file with id, name, aliases, country")
    faults: list[str] = []
    entities: dict[str, Entity] = {}
    for number, row in _read_rows(path):
        key, name = str(row.get("id") or "").strip(), str(row.get("name") or "").strip()
        if not key or not name:
            faults.append(f"{path}:{number}: id and name have to be filled, found {row}")
        elif key in entities:
            faults.append(f"{path}:{number}: id {key!r} stands above already")
        else:
            aliases = row.get("aliases") or []
            aliases = [a.strip() for a in aliases.split(";")] if isinstance(aliases, str) else [str(a) for a in aliases]
            entities[key] = Entity(
                label=f"{name} ({key})",
                name=name,
                names=frozenset({name, *filter(None, aliases)}),
                type=str(row.get("type") or "other"),
                country=str(row.get("country") or "").strip().upper() or None,
                registry_id=key,
            )
    if faults:
        raise PipelineError("\n".join(faults))
    return [entities[key] for key in sorted(entities)]


def _read_rows(path: Path) -> Iterator[tuple[int, Json]]:
    with open_table(path) as file:
        if path.suffix.casefold() in (".jsonl", ".ndjson"):
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        row = json.loads(line)
                    except ValueError as error:
                        raise PipelineError(f"{path}:{number}: no JSON: {error}") from None
                    if not isinstance(row, dict):
                        raise PipelineError(f"{path}:{number}: a JSON object expected, found {type(row).__name__}")
                    yield number, row
        else:
            reader = csv.DictReader(file)
            for row in reader:
                yield reader.line_num, dict(row)
