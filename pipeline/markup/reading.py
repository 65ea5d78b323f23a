"""Gold source -> gold documents with exact offsets; every fault by its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import MarkupError
from pipeline.markup.marks import Mark, find_stray_tags, split_body

Json = dict[str, Any]

ENTITY = re.compile(r"[opae]\d+\Z")
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
PAIR = re.compile(r"(o\d+) \+ (o\d+)\Z")
ESCAPED_LINE = re.compile(r"^\\(\\*(?:### |===$))", re.M)
HEADER_KEYS = ("kind", "published", "title")
FORMS = {  # head of a definition -> fields needed, and what they are
    "o": (2, "type | country [| parent [| name]]"),
    "a": (4, "category | status | parties | speaker [| wording]"),
    "e": (2, "type | date"),
}


class Fault(NamedTuple):
    """line counts from zero at the head of its document."""

    line: int
    message: str


class Definition(NamedTuple):
    line: int
    fields: list[str]


class _Faults(Exception):
    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(str(faults))
        self.faults = faults


# -- source files


def read_source(paths: Iterable[Path]) -> Iterator[Json]:
    """Gold documents of source files, in the order of the files; all faults of all files in one MarkupError."""
    faults: list[str] = []
    seen: dict[str, str] = {}
    documents = []
    for path in paths:
        for where, parsed in parse_each(path.read_text(encoding="utf-8-sig"), str(path)):
            if isinstance(parsed, list):
                faults += parsed
                continue
            doc_id = parsed["doc_id"]
            if doc_id in seen:
                faults.append(f"{where}: id {doc_id} stands in {seen[doc_id]} already")
            seen.setdefault(doc_id, where)
            documents.append(parsed)
    if faults:
        raise MarkupError("\n".join(faults))
    yield from documents


def parse(source: str, where: str = "<source>") -> list[Json]:
    """Gold documents of one source file, in its order.

    Raises MarkupError that lists every fault as "file:line: what was found, what was expected".
    """
    parsed = [document for _, document in parse_each(source, where)]
    faults = [fault for item in parsed if isinstance(item, list) for fault in item]
    if faults:
        raise MarkupError("\n".join(faults))
    return [item for item in parsed if isinstance(item, dict)]


def parse_each(source: str, where: str = "<source>") -> Iterator[tuple[str, Json | list[str]]]:
    """("file:line", gold document or its faults) of each document, in the order of the source."""
    for number, block in _blocks(source):
        try:
            yield f"{where}:{number}", _document(block)
        except _Faults as error:
            yield f"{where}:{number}", [f"{where}:{number + fault.line}: {fault.message}" for fault in error.faults]


def _blocks(source: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, lines) of each document; what stands before the first one is handed on as a document of its own."""
    lines = source.replace("\r\n", "\n").split("\n")
    heads = [n for n, line in enumerate(lines) if line.startswith("### ")]
    before = next((n for n, line in enumerate(lines[: heads[0] if heads else len(lines)]) if line.strip()), None)
    if before is not None:
        yield before + 1, [lines[before]]
    for head, end in pairwise([*heads, len(lines)]):
        yield head + 1, lines[head:end]


# -- one document


def _document(lines: Sequence[str]) -> Json:
    if not lines[0].startswith("### "):
        raise _Faults([Fault(0, f"a line '### id' expected before anything else, found {lines[0][:60]!r}")])
    doc_id = lines[0][4:].strip()
    try:
        head_end = lines.index("---")
        body_end = lines.index("===", head_end)
    except ValueError:
        raise _Faults([Fault(0, f"{doc_id}: needs a line '---' after the header and '===' after the body")]) from None
    faults: list[Fault] = []
    if not ID.match(doc_id):
        faults.append(Fault(0, f"id {doc_id!r}: lower case letters, digits and single hyphens expected"))
    header = _header(lines[1:head_end], doc_id, faults)
    first, body = _body(lines, head_end + 1, body_end)
    try:
        text, marks = split_body(body)
    except ValueError as error:
        at = first + body.count("\n", 0, error.args[1])
        raise _Faults([*faults, Fault(at, error.args[0])]) from None
    stray = find_stray_tags(body)
    faults += [Fault(first + body.count("\n", 0, at), f"tag not understood: {found!r}") for at, found in stray]
    faults += _bad_marks(text, marks, first)
    definitions = _definitions(lines[body_end + 1 :], body_end + 1, faults)
    fields = _Reader(text, marks, definitions, first, body_end, faults).fields()
    if faults:
        raise _Faults(sorted(faults))
    published = header.get("published")
    return {
        "doc_id": doc_id,
        "title": header["title"],
        "published": None if published in ("", "null") else published,
        "kind": header["kind"],
        "text": text,
        **fields,
    }


def _header(lines: Sequence[str], doc_id: str, faults: list[Fault]) -> dict[str, str]:
    header: dict[str, str] = {}
    for n, line in enumerate(lines, 1):
        key, colon, value = line.partition(":")
        if key not in HEADER_KEYS or not colon:
            faults.append(Fault(n, f"header line {line!r}: one of kind, published, title expected"))
        elif key in header:
            faults.append(Fault(n, f"header line {key} stands twice"))
        header[key] = value.strip()
    faults += [Fault(0, f"{doc_id}: header line {key} is missing") for key in HEADER_KEYS if key not in header]
    return header


def _body(lines: Sequence[str], start: int, end: int) -> tuple[int, str]:
    """(line where it begins, body with its marks), without blank lines at both ends."""
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return start, ESCAPED_LINE.sub(r"\1", "\n".join(lines[start:end]))


def _bad_marks(text: str, marks: Iterable[Mark], first: int) -> Iterator[Fault]:
    for mark in marks:
        inner = text[mark.start : mark.end]
        line = first + text.count("\n", 0, mark.start)
        if not inner or inner != inner.strip():
            yield Fault(line, f"mark {mark.tag!r} is empty or has blanks at its edge: {inner!r}")
        elif "\n\n" in inner:
            yield Fault(line, f"mark {mark.tag!r} runs over a blank line: {inner!r}")


def _definitions(lines: Iterable[str], offset: int, faults: list[Fault]) -> dict[str, Definition]:
    definitions: dict[str, Definition] = {}
    for n, line in enumerate(lines, offset):
        if not line.strip():
            continue
        key, *fields = (part.strip() for part in line.split(" | "))
        if not ENTITY.match(key) and not PAIR.match(key):
            faults.append(Fault(n, f"definition {line!r}: o1, p1, a1, e1 or 'o1 + o2' expected at its head"))
        elif key in definitions:
            faults.append(Fault(n, f"{key} is defined twice"))
        definitions[key] = Definition(n, fields)
    return definitions


@dataclass(slots=True)
class _Reader:
    """Marks and definitions of one document -> its fields; faults are added to the list that was given."""

    text: str
    marks: list[Mark]
    definitions: Mapping[str, Definition]
    first: int  # line where the body begins
    body_end: int
    faults: list[Fault]
    by_tag: dict[str, list[Mark]] = field(default_factory=dict)

    def fields(self) -> Json:
        for mark in self.marks:
            self.by_tag.setdefault(mark.tag, []).append(mark)
        keys = {key for key in (*self.by_tag, *self.definitions) if ENTITY.match(key)}
        named = {letter: sorted((k for k in keys if k[0] == letter and self._stands(k)), key=lambda k: int(k[1:])) for letter in "opae"}
        orgs = [org for key in named["o"] if (org := self._org(key))]
        people = [self._person(key) for key in named["p"]]
        areas = [area for key in named["a"] if (area := self._area(key, named))]
        events = {key: event for key in named["e"] if (event := self._event(key))}
        self._roles({person["id"]: person for person in people}, named["o"])
        return {
            "orgs": orgs,
            "people": people,
            "dates": [{**self._span(m), "value": m.tag[1:]} for m in self.marks if m.tag.startswith("=")],
            "areas": areas,
            "partnerships": [pair for key in self.definitions if (pair := self._partnership(key, named["o"], events))],
            "instruments": [{**self._span(m), "type": m.tag[2:]} for m in self.marks if m.tag.startswith("i ")],
        }

    def _stands(self, key: str) -> bool:
        """Events may be told in no single word; all else is marked in the body."""
        if key in self.by_tag or key[0] == "e":
            return True
        self.faults.append(Fault(self.definitions[key].line, f"{key} is defined and nowhere marked"))
        return False

    def _span(self, mark: Mark) -> Json:
        return {"text": self.text[mark.start : mark.end], "start": mark.start, "end": mark.end}

    def _mentions(self, key: str) -> list[Json]:
        return [self._span(mark) for mark in self.by_tag.get(key, ())]

    def _line_of(self, mark: Mark) -> int:
        return self.first + self.text.count("\n", 0, mark.start)

    def _defined(self, key: str) -> list[str] | None:
        """Fields of a definition, or None where it has too few."""
        needed, form = FORMS[key[0]]
        line, fields = self.definitions.get(key, (self.body_end, []))
        if len(fields) >= needed:
            return fields
        self.faults.append(Fault(line, f"{key}: {form} expected, found {' | '.join(fields) or 'no definition'!r}"))
        return None

    def _org(self, key: str) -> Json | None:
        fields = self._defined(key)
        if fields is None:
            return None
        mentions = self._mentions(key)
        parent = _or_none(fields[2]) if len(fields) > 2 else None
        if parent is not None and parent not in self.by_tag:
            self.faults.append(Fault(self.definitions[key].line, f"{key}: parent {parent} is nowhere marked"))
        name = fields[3] if len(fields) > 3 else " ".join(_longest(mentions).split())
        return {"id": key, "name": name, "mentions": mentions, "type": fields[0], "country": _or_none(fields[1]), "parent": parent}

    def _person(self, key: str) -> Json:
        mentions = self._mentions(key)
        fields = self.definitions[key].fields if key in self.definitions else []
        return {"id": key, "name": fields[0] if fields else _longest(mentions), "mentions": mentions, "roles": []}

    def _area(self, key: str, named: Mapping[str, list[str]]) -> Json | None:
        fields = self._defined(key)
        if fields is None:
            return None
        first = self._mentions(key)[0]
        parties = [] if fields[2] == "-" else fields[2].split()
        speaker = _or_none(fields[3])
        for who, known in [*((party, named["o"]) for party in parties), *([(speaker, named["p"])] if speaker else [])]:
            if who not in known:
                self.faults.append(Fault(self.definitions[key].line, f"{key} ({first['text']!r}): {who} is nowhere marked"))
        return {
            "text": fields[4] if len(fields) > 4 else " ".join(first["text"].split()),
            "start": first["start"],
            "end": first["end"],
            "category": fields[0],
            "status": fields[1],
            "parties": parties,
            "speaker": speaker,
        }

    def _event(self, key: str) -> Json | None:
        fields = self._defined(key)
        if fields is None:
            return None
        place = {k: m[k] for m in self._mentions(key)[:1] for k in ("start", "end")}
        return {"type": fields[0], "date": _or_none(fields[1]), **place}

    def _roles(self, people: Mapping[str, Json], orgs: Sequence[str]) -> None:
        """Put each role to its person, once: the same role at the same organisation again is no second role."""
        for mark in self.marks:
            if not mark.tag.startswith("r "):
                continue
            _, person, org = mark.tag.split()
            words = self.text[mark.start : mark.end]
            missing = [who for who, known in ((person, people), (org, (*orgs, "-"))) if who not in known]
            if missing:
                self.faults.append(Fault(self._line_of(mark), f"role {words!r}: {' and '.join(missing)} nowhere marked"))
                continue
            roles = people[person]["roles"]
            if not any((r["role"].casefold(), r["org"]) == (words.casefold(), _or_none(org)) for r in roles):
                roles.append({"role": words, "org": _or_none(org), "start": mark.start, "end": mark.end})

    def _partnership(self, key: str, orgs: Sequence[str], events: Mapping[str, Json]) -> Json | None:
        pair = PAIR.match(key)
        if pair is None:
            return None
        line, fields = self.definitions[key]
        if len(fields) < 3:
            self.faults.append(Fault(line, f"{key}: status | instruments | events expected, found {' | '.join(fields)!r}"))
            return None
        happened = [] if fields[2] == "-" else fields[2].split()
        self.faults += [Fault(line, f"{key}: {org} is nowhere marked") for org in pair.groups() if org not in orgs]
        self.faults += [Fault(line, f"{key}: {event} is not defined") for event in happened if event not in events]
        return {
            "a": pair[1],
            "b": pair[2],
            "status": fields[0],
            "instruments": [] if fields[1] == "-" else fields[1].split(),
            "events": [events[event] for event in happened if event in events],
        }


def _or_none(value: str) -> str | None:
    return None if value == "-" else value


def _longest(mentions: Iterable[Json]) -> str:
    return str(max((m["text"] for m in mentions), key=len, default=""))
