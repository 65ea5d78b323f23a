"""Gold documents -> source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.errors import MarkupError
from pipeline.markup.marks import Mark, join_body

Json = dict[str, Any]
LINE_TO_ESCAPE = re.compile(r"^(\\*(?:### |===$))", re.M)


def write_markup(document: Json) -> str:
    """The source of one gold document with offsets: parse() gives the same document back.

    Raises MarkupError where the source can't hold it: spans that cross or have no offsets, a bar in a name.
    """
    marks, definitions = take_apart(document)
    return write_parts(document, document["text"], marks, definitions)


def write_parts(header: Mapping[str, Any], text: str, marks: Iterable[Mark], definitions: Iterable[str]) -> str:
    """The source of one document from its header (doc_id, kind, published, title), text, marks and lines of definitions."""
    if "\n" in header["title"] or header["title"] != header["title"].strip():
        raise MarkupError(f"{header['doc_id']}: title {header['title']!r}: one line without blanks at its edges expected")
    lines = [
        f"### {header['doc_id']}",
        f"kind: {header['kind']}",
        f"published: {header['published'] or 'null'}",
        f"title: {header['title']}",
        "---",
        LINE_TO_ESCAPE.sub(r"\\\1", join_body(text, list(marks), where=header["doc_id"])),
        "===",
        *definitions,
    ]
    return "\n".join(lines) + "\n"


def take_apart(document: Json) -> tuple[list[Mark], list[str]]:
    """Marks and lines of definitions of one gold document."""
    try:
        marks, lines = _entities(document)
        marks += [Mark(d["start"], d["end"], "=" + d["value"]) for d in document["dates"]]
        marks += [Mark(i["start"], i["end"], "i " + i["type"]) for i in document.get("instruments", [])]
        for n, area in enumerate(document["areas"], 1):
            marks.append(Mark(area["start"], area["end"], f"a{n}"))
            parties = " ".join(area["parties"])
            lines.append(_line(f"a{n}", area["category"], area["status"], parties, area["speaker"], area["text"]))
    except (KeyError, TypeError) as error:
        what = "its mentions, dates, roles and areas need start and end to be written as source"
        raise MarkupError(f"{document.get('doc_id')}: {what} ({error!r})") from None
    return _with_partnerships(document, marks, lines)


def _entities(document: Json) -> tuple[list[Mark], list[str]]:
    marks: list[Mark] = []
    lines = []
    for org in document["orgs"]:
        marks += [Mark(m["start"], m["end"], org["id"]) for m in org["mentions"]]
        lines.append(_line(org["id"], org["type"], org["country"], org["parent"], org["name"]))
    for person in document["people"]:
        marks += [Mark(m["start"], m["end"], person["id"]) for m in person["mentions"]]
        marks += [Mark(r["start"], r["end"], f"r {person['id']} {r['org'] or '-'}") for r in person["roles"]]
        lines.append(_line(person["id"], person["name"]))
    return marks, lines


def _with_partnerships(document: Json, marks: list[Mark], lines: list[str]) -> tuple[list[Mark], list[str]]:
    """Events that partnerships share become one definition, and one mark."""
    events: dict[tuple[Any, ...], str] = {}
    pairs = []
    for pair in document["partnerships"]:
        for event in pair["events"]:
            key = _event_key(event)
            if key in events:
                continue
            events[key] = f"e{len(events) + 1}"
            lines.append(_line(events[key], event["type"], event["date"]))
            if event.get("start") is not None:
                marks.append(Mark(event["start"], event["end"], events[key]))
        told = " ".join(events[_event_key(event)] for event in pair["events"])
        pairs.append(_line(f"{pair['a']} + {pair['b']}", pair["status"], " ".join(pair["instruments"]), told))
    return marks, [*lines, *pairs]


def _event_key(event: Json) -> tuple[Any, ...]:
    return event["type"], event["date"], event.get("start"), event.get("end")


def _line(key: str, *values: str | None) -> str:
    """A definition; "-" stands for what is None or empty."""
    fields = [value or "-" for value in values]
    for value in fields:
        if " | " in value or value != " ".join(value.split(" ")).strip() or "\n" in value:
            raise MarkupError(f"{key}: {value!r} can't stand in a definition: no ' | ', no line end, no blanks at its edges")
    return " | ".join([key, *fields])
