"""Taxonomy files -> checked categories of areas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline.errors import ResourceError
from pipeline.labels import CATEGORIES
from pipeline.lexicons import check_lexicon

Json = dict[str, Any]
SHIPPED = "taxonomy.jsonl"
REQUIRED = ("name", "description", "examples")
KINDS = ("activity", "field")
CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Category:
    """A category of areas.

    id: the code that areas get. kind: what a phrase of it names, an "activity" or, where it names none, a "field". examples: phrases
    as they stand in articles. within: the shipped codes from which it may take areas; empty: from all. replaces: shipped codes all of
    whose areas it takes, however like its examples they are.
    """

    id: str
    name: str
    description: str
    examples: tuple[str, ...]
    kind: str = "activity"
    within: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


KEYS = tuple(field.name for field in fields(Category))
Taxonomy = tuple[Category, ...]


@cache
def shipped_taxonomy() -> Taxonomy:
    """The categories that the network knows, in the order of CATEGORIES."""
    return parse_taxonomy((files("pipeline.resources") / SHIPPED).read_text(encoding="utf-8"), SHIPPED)


def read_taxonomy(path: str | Path) -> Taxonomy:
    """The categories of a user's file, in its order; ResourceError lists every fault."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ResourceError(f"{path}: the taxonomy can't be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ResourceError(f"{path}: no UTF-8: {error.reason} at byte {error.start}") from None
    return parse_taxonomy(text, str(path))


def parse_taxonomy(text: str, where: str) -> Taxonomy:
    """The categories of a taxonomy given as text; where: its name in messages."""
    entries, faults = check_lexicon(text, where, required=REQUIRED)
    faults += [f"{where}:{number}: {fault}" for number, entry in entries.items() for fault in find_faults(entry)]
    if not entries and not faults:
        faults.append(f"{where}: no category; a line has {', '.join(('id', *REQUIRED))}, as taxonomy.jsonl of the package shows")
    if faults:
        raise ResourceError("\n".join(sorted(faults, key=_line_of)))
    return tuple(make_category(entry) for entry in entries.values())


def _line_of(fault: str) -> int:
    found = re.search(r":(\d+): ", fault)
    return int(found[1]) if found else 0


def find_faults(entry: Json) -> Iterator[str]:
    """What is wrong with an entry that has its required keys."""
    for key in entry:
        if key not in KEYS:
            yield f"unknown key {key!r}{guess(key, KEYS)}; the keys are {', '.join(KEYS)}"
    if not CODE.fullmatch(entry["id"]):
        yield f"id {entry['id']!r}: small letters, digits and single underscores expected, such as 'water_supply'"
    for key in ("name", "description"):
        if not isinstance(entry[key], str) or not entry[key].strip():
            yield f"{key}: text expected, found {json.dumps(entry[key], ensure_ascii=False)}"
    if entry.get("kind", KINDS[0]) not in KINDS:
        yield f"kind {entry['kind']!r}: {' or '.join(KINDS)} expected"
    examples = entry["examples"]
    if not isinstance(examples, list):
        yield f"examples: a list of phrases expected, found {type(examples).__name__}"
    elif not examples:
        yield "no examples: give some phrases of this category, best six or more"
    else:
        for example in examples:
            if not isinstance(example, str) or not re.search(r"\w", example):
                yield f"examples: a phrase expected, found {json.dumps(example, ensure_ascii=False)}"
    for key in ("within", "replaces"):
        codes = entry.get(key, [])
        if not isinstance(codes, list):
            yield f"{key}: a list of shipped categories expected, found {type(codes).__name__}"
            continue
        for code in codes:
            if code not in CATEGORIES:
                yield f"{key}: unknown category {code!r}{guess(code, CATEGORIES)}; the shipped ones are told by coopfacts info"


def guess(word: object, known: Sequence[str]) -> str:
    near = get_close_matches(str(word), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def make_category(entry: Json) -> Category:
    """A category of an entry without faults; white space in phrases is made single."""
    lists = {key: tuple(entry.get(key, ())) for key in ("within", "replaces")}
    examples = tuple(dict.fromkeys(" ".join(example.split()) for example in entry["examples"]))
    name, description = (" ".join(entry[key].split()) for key in ("name", "description"))
    kind = entry.get("kind", KINDS[0])
    return Category(entry["id"], name, description, examples, kind, within=lists["within"], replaces=lists["replaces"])


def dump_taxonomy(categories: Iterable[Category]) -> str:
    """The text of a taxonomy file; the same categories give the same text."""
    return "".join(json.dumps(asdict(category), ensure_ascii=False) + "\n" for category in categories)
