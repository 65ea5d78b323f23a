r"""Gold source (bracketed spans, data/gold/FORMAT.md) -> gold documents with exact offsets, and back.

>>> split_body("[Ms Kim]{p1} of [Riga [Art] School]{o1}")
('Ms Kim of Riga [Art] School', [Mark(start=0, end=6, tag='p1'), Mark(start=10, end=27, tag='o1')])
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import MarkupError

Json = dict[str, Any]

TAG = re.compile(r"\]\{(?P<tag>[opae]\d+|=[0-9X./~?%-]+|i [a-z_]+|r p\d+ (?:o\d+|-))\}")
ENTITY = re.compile(r"[opae]\d+\Z")
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
PAIR = re.compile(r"(o\d+) \+ (o\d+)\Z")
ESCAPED_BRACKET = re.compile(r"(\\+)([\[\]])")
ESCAPED_LINE = re.compile(r"^\\(\\*(?:### |===$))", re.M)
LINE_TO_ESCAPE = re.compile(r"^(\\*(?:### |===$))", re.M)
HEADER_KEYS = ("kind", "published", "title")
FORMS = {  # head of a definition -> fields needed, and what they are
    "o": (2, "type | country [| parent [| name]]"),
    "a": (4, "category | status | parties | speaker [| wording]"),
    "e": (2, "type | date"),
}


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One bracketed span: offsets into the body without marks (end exclusive) and the tag in braces."""

    start: int
    end: int
    tag: str


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
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
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
    faults += _tags_not_understood(body, first)
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


def split_body(marked: str) -> tuple[str, list[Mark]]:
    """Give the text without marks and its marks, sorted by place; ValueError(message, offset) where a tag closes no bracket.

    A bracket that belongs to no mark is a character; so is one with a backslash before it, and two backslashes before a bracket
    are one.
    """
    pieces: list[str] = []
    length = 0
    open_brackets: list[tuple[int, int, int]] = []  # index of the bracket in pieces, its offset in the text, marks before it
    marks: list[Mark] = []
    i = 0
    while i < len(marked):
        char, width = marked[i], 1
        if char == "\\" and (run := ESCAPED_BRACKET.match(marked, i)):
            slashes = len(run[1])
            char, width = "\\" * (slashes // 2), slashes
            if slashes % 2:
                char, width = char + run[2], width + 1
        elif char == "[":
            open_brackets.append((len(pieces), length, len(marks)))
        elif char == "]" and (tag := TAG.match(marked, i)):
            if not open_brackets:
                raise ValueError(f"{tag['tag']!r} closes no bracket: …{marked[max(0, i - 40) : tag.end()]}", i)
            piece, start, inner = open_brackets.pop()
            pieces[piece] = ""
            length -= 1
            # what lies inside moved one to the left, and so did the brackets that stay
            marks[inner:] = [Mark(m.start - 1, m.end - 1, m.tag) for m in marks[inner:]]
            marks.append(Mark(start, length, tag["tag"]))
            char, width = "", tag.end() - i
        elif char == "]" and open_brackets:
            open_brackets.pop()  # a literal pair of brackets
        pieces.append(char)
        length += len(char)
        i += width
    return "".join(pieces), sorted(marks, key=lambda m: (m.start, -m.end, m.tag))


def _tags_not_understood(body: str, first: int) -> Iterator[Fault]:
    for found in re.finditer(r"(?<!\\)\]\{[^}\n]{0,40}\}?", body):
        if not TAG.match(body, found.start()):
            yield Fault(first + body.count("\n", 0, found.start()), f"tag not understood: {found.group()!r}")


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


# -- gold document -> source


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


def join_body(text: str, marks: Sequence[Mark], *, where: str = "<text>") -> str:
    """The text with its marks put in, so that split_body gives both back; MarkupError where marks cross or are empty."""
    wanted = sorted(marks, key=lambda m: (m.start, -m.end, m.tag))
    for escape in (False, True):  # brackets of the text are escaped only where they would be misread
        marked = _marked(text, marks, escape=escape)
        try:
            if split_body(marked) == (text, wanted) and not any(_tags_not_understood(marked, 0)):
                return marked
        except ValueError:
            continue
    crossing = [(a, b) for a in wanted for b in wanted if a.start < b.start < a.end < b.end]
    what = "; ".join(f"{a.tag!r} {text[a.start : a.end]!r} and {b.tag!r} {text[b.start : b.end]!r}" for a, b in crossing)
    raise MarkupError(f"{where}: marks cross: {what}" if what else f"{where}: marks are empty, outside of the text, or not understood")


def _marked(text: str, marks: Iterable[Mark], *, escape: bool) -> str:
    """Put marks into a text; of marks with equal bounds the first is the innermost."""
    opening: dict[int, int] = {}
    closing: dict[int, list[Mark]] = {}
    for mark in marks:
        opening[mark.start] = opening.get(mark.start, 0) + 1
        closing.setdefault(mark.end, []).append(mark)
    out = []
    slashes = 0  # backslashes of the text that end where we are
    for i in range(len(text) + 1):
        closed = sorted(closing.get(i, []), key=lambda m: -m.start)
        if escape and slashes and (closed or opening.get(i) or text[i : i + 1] in ("[", "]")):
            out.append("\\" * slashes)
            slashes = 0
        out += [f"]{{{mark.tag}}}" for mark in closed]
        out.append("[" * opening.get(i, 0))
        if escape and text[i : i + 1] in ("[", "]"):
            out.append("\\")
        out.append(text[i : i + 1])
        slashes = slashes + 1 if text[i : i + 1] == "\\" else 0
    return "".join(out)
