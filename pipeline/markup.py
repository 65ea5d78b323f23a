"""Gold source (bracketed spans, data/gold/FORMAT.md) -> gold documents with exact offsets, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import MarkupError

Json = dict[str, Any]

TAG = re.compile(
    r"\]\{(?P<tag>[opae]\d+|=[0-9X./~?%-]+|i [a-z_]+|r p\d+ (?:o\d+|-))\}"
)
ENTITY = re.compile(r"[opae]\d+\Z")
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
PAIR = re.compile(r"(o\d+) \+ (o\d+)\Z")
HEADER_KEYS = ("kind", "published", "title")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One bracketed span: offsets into the body without marks (end exclusive) and the tag in braces."""

    start: int
    end: int
    tag: str


def split_body(marked: str) -> tuple[str, list[Mark]]:
    """Give the text without marks and its marks, sorted by place; ValueError where a tag closes no bracket."""
    text: list[str] = []
    length = 0
    open_at: list[tuple[int, int]] = []  # (index in text pieces, offset)
    marks: list[Mark] = []
    i = 0
    while i < len(marked):
        if marked[i] == "[":
            open_at.append((len(text), length))
            text.append("[")
            length += 1
            i += 1
            continue
        if marked[i] == "]":
            found = TAG.match(marked, i)
            if found:
                if not open_at:
                    near = marked[max(0, i - 40) : found.end()]
                    raise ValueError(f"{found.group('tag')!r} closes no bracket: …{near}")
                piece, start = open_at.pop()
                text[piece] = ""
                length -= 1
                # what lies inside moved one to the left
                marks = [
                    Mark(m.start - 1, m.end - 1, m.tag) if m.start > start else m for m in marks
                ]
                marks.append(Mark(start, length, found.group("tag")))
                i = found.end()
                continue
            if open_at:
                open_at.pop()  # a literal pair of brackets
        text.append(marked[i])
        length += 1
        i += 1
    return "".join(text), sorted(marks, key=lambda m: (m.start, -m.end, m.tag))


def parse(source: str, where: str = "<source>") -> list[Json]:
    """Gold documents of one source file, in its order.

    Raises MarkupError that lists every fault as "file:line: what was found, what was expected".
    """
    faults: list[str] = []
    documents = []
    for line_number, block in _blocks(source):
        try:
            documents.append(_document(block))
        except _Faults as error:
            faults += [f"{where}:{line_number + n}: {what}" for n, what in error.faults]
    if faults:
        raise MarkupError("\n".join(faults))
    return documents


def read_source(paths: Iterable[Path]) -> Iterator[Json]:
    """Gold documents of source files, in the order of the files; all faults of all files in one MarkupError."""
    faults: list[str] = []
    seen: dict[str, Path] = {}
    documents = []
    for path in paths:
        try:
            found = parse(path.read_text(encoding="utf-8"), str(path))
        except MarkupError as error:
            faults.append(str(error))
            continue
        for document in found:
            if document["doc_id"] in seen:
                faults.append(
                    f"{path}: id {document['doc_id']} stands in {seen[document['doc_id']]} already"
                )
            seen[document["doc_id"]] = path
            documents.append(document)
    if faults:
        raise MarkupError("\n".join(faults))
    yield from documents


class _Faults(Exception):
    def __init__(self, faults: list[tuple[int, str]]) -> None:
        super().__init__(str(faults))
        self.faults = faults


def _blocks(source: str) -> Iterator[tuple[int, list[str]]]:
    start, lines = 0, []
    for number, line in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
        if line.startswith("### "):
            if start:
                yield start, lines
            start, lines = number, [line]
        elif start:
            lines.append(line)
    if start:
        yield start, lines


def _document(lines: list[str]) -> Json:
    faults: list[tuple[int, str]] = []
    doc_id = lines[0][4:].strip()
    if not ID.match(doc_id):
        faults.append((0, f"id {doc_id!r}: lower case letters, digits and single hyphens expected"))
    try:
        head_end = lines.index("---")
        body_end = lines.index("===")
    except ValueError:
        raise _Faults([(0, f"{doc_id}: needs a line '---' after the header and '===' after the body")]) from None
    header: Json = {}
    for n, line in enumerate(lines[1:head_end], 1):
        key, colon, value = line.partition(":")
        if key not in HEADER_KEYS or not colon:
            faults.append((n, f"header line {line!r}: one of kind, published, title expected"))
        header[key] = value.strip()
    for key in HEADER_KEYS:
        if key not in header:
            faults.append((0, f"{doc_id}: header line {key} is missing"))
    body = lines[head_end + 1 : body_end]
    offset = head_end + 1
    while body and not body[0].strip():
        body, offset = body[1:], offset + 1
    while body and not body[-1].strip():
        body = body[:-1]
    marked = "\n".join(body)
    try:
        text, marks = split_body(marked)
    except ValueError as error:
        raise _Faults([*faults, (offset, str(error))]) from None
    faults += _stray(marked, offset)
    faults += _crossing(text, marks, offset)
    definitions, more = _definitions(lines[body_end + 1 :], body_end + 1)
    faults += more
    document: Json = {
        "doc_id": doc_id,
        "title": header.get("title", ""),
        "published": None if header.get("published") in (None, "", "null") else header["published"],
        "kind": header.get("kind", ""),
        "text": text,
    }
    document.update(_fields(text, marks, definitions, body_end, faults))
    if faults:
        raise _Faults(faults)
    return document


def _stray(marked: str, offset: int) -> Iterator[tuple[int, str]]:
    for found in re.finditer(r"\]\{[^}\n]{0,40}\}?", marked):
        if not TAG.match(marked, found.start()):
            yield offset + marked.count("\n", 0, found.start()), f"tag not understood: {found.group()!r}"


def _crossing(text: str, marks: list[Mark], offset: int) -> Iterator[tuple[int, str]]:
    for mark in marks:
        inner = text[mark.start : mark.end]
        line = offset + text.count("\n", 0, mark.start)
        if not inner or inner != inner.strip():
            yield line, f"mark {mark.tag!r} is empty or has blanks at its edge: {inner!r}"
        elif "\n\n" in inner:
            yield line, f"mark {mark.tag!r} runs over a blank line: {inner!r}"


def _definitions(lines: list[str], offset: int) -> tuple[dict[str, tuple[int, list[str]]], list[tuple[int, str]]]:
    definitions: dict[str, tuple[int, list[str]]] = {}
    faults = []
    for n, line in enumerate(lines, offset):
        if not line.strip():
            continue
        key, *fields = [field.strip() for field in line.split(" | ")]
        if not ENTITY.match(key) and not PAIR.match(key):
            faults.append((n, f"definition {line!r}: o1, p1, a1, e1 or 'o1 + o2' expected at its head"))
        elif key in definitions:
            faults.append((n, f"{key} is defined twice"))
        definitions[key] = (n, fields)
    return definitions, faults


def _number(key: str) -> int:
    return int(re.sub(r"\D.*", "", key[1:]))


def _fields(
    text: str,
    marks: list[Mark],
    definitions: dict[str, tuple[int, list[str]]],
    body_end: int,
    faults: list[tuple[int, str]],
) -> Json:
    spans: dict[str, list[Mark]] = {}
    for mark in marks:
        spans.setdefault(mark.tag, []).append(mark)
    named = sorted({t for t in spans if ENTITY.match(t)} | {d for d in definitions if ENTITY.match(d)}, key=lambda t: (t[0], _number(t)))

    def span(mark: Mark) -> Json:
        return {"text": text[mark.start : mark.end], "start": mark.start, "end": mark.end}

    def fields_of(key: str, needed: int, form: str) -> list[str] | None:
        line, fields = definitions.get(key, (body_end, []))
        if len(fields) < needed:
            faults.append((line, f"{key}: {form} expected, found {' | '.join(fields) or 'no definition'!r}"))
            return None
        return fields

    def null(value: str) -> str | None:
        return None if value == "-" else value

    orgs, people, areas, events, partnerships = [], [], [], {}, []
    for key in named:
        mentions = [span(m) for m in spans.get(key, [])]
        if key[0] in "opa" and not mentions and key in definitions:
            faults.append((definitions[key][0], f"{key} is defined and nowhere marked"))
            continue
        longest = max((m["text"] for m in mentions), key=len, default="")
        if key[0] == "o":
            fields = fields_of(key, 2, "type | country [| parent [| name]]")
            if fields:
                name = fields[3] if len(fields) > 3 else " ".join(longest.split())
                parent = null(fields[2]) if len(fields) > 2 else None
                if parent is not None and parent not in spans:
                    faults.append((definitions[key][0], f"{key}: parent {parent} is nowhere marked"))
                orgs.append({"id": key, "name": name, "mentions": mentions, "type": fields[0], "country": null(fields[1]), "parent": parent})
        elif key[0] == "p":
            fields = definitions[key][1] if key in definitions else []
            people.append({"id": key, "name": fields[0] if fields else longest, "mentions": mentions, "roles": []})
        elif key[0] == "a":
            fields = fields_of(key, 4, "category | status | parties | speaker [| wording]")
            if fields:
                first = mentions[0]
                areas.append(
                    {
                        "text": fields[4] if len(fields) > 4 else " ".join(first["text"].split()),
                        "start": first["start"],
                        "end": first["end"],
                        "category": fields[0],
                        "status": fields[1],
                        "parties": fields[2].split() if fields[2] != "-" else [],
                        "speaker": null(fields[3]),
                    }
                )
        else:
            fields = fields_of(key, 2, "type | date")
            if fields:
                events[key] = {"type": fields[0], "date": null(fields[1]), **({k: mentions[0][k] for k in ("start", "end")} if mentions else {})}
    by_id = {p["id"]: p for p in people}
    known = {o["id"] for o in orgs}
    for mark in marks:
        if mark.tag.startswith("r "):
            _, person, org = mark.tag.split()
            if person not in by_id or (org != "-" and org not in known):
                faults.append((body_end, f"role {text[mark.start : mark.end]!r}: {person} or {org} is nowhere marked"))
                continue
            role = {"role": text[mark.start : mark.end], "org": null(org), "start": mark.start, "end": mark.end}
            if not any((r["role"].casefold(), r["org"]) == (role["role"].casefold(), role["org"]) for r in by_id[person]["roles"]):
                by_id[person]["roles"].append(role)
    for area in areas:
        for who in [*area["parties"], *([area["speaker"]] if area["speaker"] else [])]:
            if who not in known and who not in by_id:
                faults.append((body_end, f"area {area['text']!r}: {who} is nowhere marked"))
    for key, (line, fields) in definitions.items():
        pair = PAIR.match(key)
        if not pair:
            continue
        if len(fields) < 3:
            faults.append((line, f"{key}: status | instruments | events expected, found {' | '.join(fields)!r}"))
            continue
        for org in pair.groups():
            if org not in known:
                faults.append((line, f"{key}: {org} is nowhere marked"))
        named_events = [] if fields[2] == "-" else fields[2].split()
        for event in named_events:
            if event not in events:
                faults.append((line, f"{key}: {event} is not defined"))
        partnerships.append(
            {
                "a": pair.group(1),
                "b": pair.group(2),
                "status": fields[0],
                "instruments": [] if fields[1] == "-" else fields[1].split(),
                "events": [events[e] for e in named_events if e in events],
            }
        )
    dates = [{**span(m), "value": m.tag[1:]} for m in marks if m.tag.startswith("=")]
    instruments = [{**span(m), "type": m.tag[2:]} for m in marks if m.tag.startswith("i ")]
    return {"orgs": orgs, "people": people, "dates": dates, "areas": areas, "partnerships": partnerships, "instruments": instruments}


def write_markup(document: Json) -> str:
    """The source of one gold document: parse() gives the same document back (mention offsets must be there)."""
    text = document["text"]
    marks: list[Mark] = []
    event_ids: dict[tuple[Any, ...], str] = {}
    lines: list[str] = []
    for org in document["orgs"]:
        marks += [Mark(m["start"], m["end"], org["id"]) for m in org["mentions"]]
        lines.append(" | ".join([org["id"], org["type"], org["country"] or "-", org["parent"] or "-", org["name"]]))
    for person in document["people"]:
        marks += [Mark(m["start"], m["end"], person["id"]) for m in person["mentions"]]
        marks += [Mark(r["start"], r["end"], f"r {person['id']} {r['org'] or '-'}") for r in person["roles"]]
        lines.append(f"{person['id']} | {person['name']}")
    marks += [Mark(d["start"], d["end"], "=" + d["value"]) for d in document["dates"]]
    marks += [Mark(i["start"], i["end"], "i " + i["type"]) for i in document.get("instruments", [])]
    for n, area in enumerate(document["areas"], 1):
        marks.append(Mark(area["start"], area["end"], f"a{n}"))
        lines.append(" | ".join([f"a{n}", area["category"], area["status"], " ".join(area["parties"]) or "-", area["speaker"] or "-", area["text"]]))
    pairs = []
    for pair in document["partnerships"]:
        ids = []
        for event in pair["events"]:
            key = (event["type"], event["date"], event.get("start"), event.get("end"))
            if key not in event_ids:
                event_ids[key] = f"e{len(event_ids) + 1}"
                lines.append(f"{event_ids[key]} | {event['type']} | {event['date'] or '-'}")
                if event.get("start") is not None:
                    marks.append(Mark(event["start"], event["end"], event_ids[key]))
            ids.append(event_ids[key])
        pairs.append(
            " | ".join([f"{pair['a']} + {pair['b']}", pair["status"], " ".join(pair["instruments"]) or "-", " ".join(ids) or "-"])
        )
    head = [f"### {document['doc_id']}", f"kind: {document['kind']}", f"published: {document['published'] or 'null'}", f"title: {document['title']}", "---"]
    return "\n".join([*head, _marked(text, marks), "===", *lines, *pairs, ""])


def _marked(text: str, marks: list[Mark]) -> str:
    """Put marks into a text; of marks with equal bounds the first is the innermost."""
    opening: dict[int, int] = {}
    closing: dict[int, list[Mark]] = {}
    for mark in marks:
        opening[mark.start] = opening.get(mark.start, 0) + 1
        closing.setdefault(mark.end, []).append(mark)
    out = []
    for i in range(len(text) + 1):
        for mark in sorted(closing.get(i, []), key=lambda m: -m.start):
            out.append("]{" + mark.tag + "}")
        out.append("[" * opening.get(i, 0))
        out.append(text[i : i + 1])
    return "".join(out)
