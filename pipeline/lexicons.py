"""Resources -> checked entries."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.errors import ResourceError

Json = dict[str, Any]


@cache
def read_lexicon(name: str, *, required: tuple[str, ...] = ()) -> tuple[Json, ...]:
    """Entries of a JSONL resource of the package, in its order.

    Raises ResourceError that lists every fault: a line that is no JSON object, a key missing, an id twice.
    """
    return tuple(parse_lexicon((files("pipeline.resources") / name).read_text(encoding="utf-8"), name, required=required))


def parse_lexicon(text: str, where: str, *, required: Collection[str] = ()) -> list[Json]:
    """Entries of a lexicon given as text; where: its name in messages."""
    entries, faults = check_lexicon(text, where, required=required)
    if faults:
        raise ResourceError("\n".join(faults))
    return list(entries.values())


def check_lexicon(text: str, where: str, *, required: Collection[str] = ()) -> tuple[dict[int, Json], list[str]]:
    """Entries of a lexicon given as text, by the number of their line, and all faults, each with its place; where: as above."""
    faults: list[str] = []
    entries: dict[int, Json] = {}
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines(): JSON strings may hold other separators
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            faults.append(f"{where}:{number}: no JSON: {error}")
            continue
        if not isinstance(entry, dict):
            faults.append(f"{where}:{number}: a JSON object expected, found {type(entry).__name__}")
            continue
        missing = [key for key in ("id", *required) if key not in entry]
        if missing:
            faults.append(f"{where}:{number}: {', '.join(missing)} missing; every entry has {', '.join(('id', *required))}")
            continue
        if not isinstance(entry["id"], str):
            faults.append(f"{where}:{number}: id {entry['id']!r}: text expected, found {type(entry['id']).__name__}")
            continue
        if not isinstance(entry["id"], str):
            faults.append(f"{where}:{number}: id {entry['id']!r} found, a string expected")
            continue
        if entry["id"] in seen:
            faults.append(f"{where}:{number}: id {entry['id']!r} stands in line {seen[entry['id']]} already")
        seen[entry["id"]] = number
        entries[number] = entry
    return entries, faults


def read_pairs(name: str) -> Iterator[tuple[str, str]]:
    """(key, value) of a resource of two columns separated by a tab."""
    for number, line in enumerate((files("pipeline.resources") / name).read_text(encoding="utf-8").splitlines(), 1):
        key, tab, value = line.partition("\t")
        if not tab:
            raise ResourceError(f"{name}:{number}: two columns separated by a tab expected, found {line!r}")
        yield key, value


@cache
def common_words() -> frozenset[str]:
    """English words that are written in lower case; see pipeline/resources/README.md."""
    return frozenset((files("pipeline.resources") / "common_words.txt").read_text(encoding="utf-8").split())
