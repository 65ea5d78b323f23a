"""The words that dates are told from names, numbers and lengths of time by: resources/dates.jsonl."""

from __future__ import annotations

from functools import cache

from pipeline.errors import ResourceError
from pipeline.lexicons import read_lexicon


@cache
def words(kind: str) -> frozenset[str]:
    """Give the words of one list, in small letters; raise ResourceError where there is no such list."""
    lists = {entry["id"]: entry["forms"] for entry in read_lexicon("dates.jsonl", required=("forms",))}
    if kind not in lists:
        raise ResourceError(f"dates.jsonl: no list {kind!r}; expected it beside {', '.join(sorted(lists))}.")
    return frozenset(lists[kind])
