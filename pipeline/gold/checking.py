"""Gold documents -> faults: what is missing, unknown, out of place or said twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipeline.dates.edtf import VALUE, bounds
from pipeline.geography import country_names
from pipeline.labels import CATEGORIES
from pipeline.markup import parse_each
from pipeline.schema import EVENT_TYPES, INSTRUMENTS, KINDS, ORG_TYPES, Status

Json = dict[str, Any]

# what: (keys that must be there, keys that may)
KEYS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "orgs": (frozenset(("id", "name", "mentions", "type", "country", "parent")), frozenset()),
    "people": (frozenset(("id", "name", "mentions", "roles")), frozenset()),
    "dates": (frozenset(("text", "value")), frozenset(("start", "end"))),
    "areas": (frozenset(("text", "category", "status", "parties", "speaker")), frozenset(("start", "end"))),
    "partnerships": (frozenset(("a", "b", "status", "instruments", "events")), frozenset()),
    "instruments": (frozenset(("text", "type", "start", "end")), frozenset()),
    "role": (frozenset(("role", "org")), frozenset(("start", "end"))),
    "event": (frozenset(("type", "date")), frozenset(("start", "end"))),
}
LISTS = ("orgs", "people", "dates", "areas", "partnerships")
DOCUMENT_KEYS = ("doc_id", "title", "published", "kind", "text", *LISTS)
STATUSES = tuple(status.value for status in Status)
MAX_PARENTS = 20


def check_files(paths: Iterable[Path]) -> tuple[int, list[str]]:
    """(number of documents, faults as "file:line doc_id: fault") of gold files: *.jsonl, or source files *.txt."""
    seen: dict[str, str] = {}
    faults: list[str] = []
    documents = 0
    for path in paths:
        for where, item in _read(path):
            documents += 1
            if isinstance(item, list):
                faults += item
                continue
            doc_id = item.get("doc_id")
            faults += [f"{where} {doc_id}: {fault}" for fault in check_document(item)]
            if isinstance(doc_id, str):
                if doc_id in seen:
                    faults.append(f"{where} {doc_id}: doc_id stands in {seen[doc_id]} already")
                seen.setdefault(doc_id, where)
    return documents, faults


def _read(path: Path) -> Iterator[tuple[str, Json | list[str]]]:
    """("file:line", document or faults) of a file."""
    if path.suffix == ".txt":
        yield from parse_each(path.read_text(encoding="utf-8-sig"), str(path))
        return
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            where = f"{path}:{number}"
            if not line.strip():
                continue
            try:
                document = json.loads(line)
            except ValueError as error:
                yield where, [f"{where}: no JSON: {error}"]
                continue
            yield where, document if isinstance(document, dict) else [f"{where}: a JSON object expected"]


def check_document(document: Json) -> list[str]:
    """Faults of one gold document; mentions may be strings, or objects with offsets."""
    faults = list(_shape_faults(document))
    if faults:  # nothing can be looked up in what has the wrong shape
        return faults
    return [*_head_faults(document), *_entity_faults(document), *_fact_faults(document)]


def _shape_faults(document: Json) -> Iterator[str]:
    missing = [key for key in DOCUMENT_KEYS if key not in document]
    if missing:
        yield f"{', '.join(missing)} missing"
        return
    for key in ("doc_id", "title", "text"):
        if not _is_text(document[key]):
            yield f"{key}: empty, no string, or blanks around it: {str(document[key])[:60]!r}"
    for key in (*LISTS, *(["instruments"] if "instruments" in document else [])):
        if not isinstance(document[key], list):
            yield f"{key}: a list expected"
            continue
        for n, item in enumerate(document[key]):
            yield from _key_faults(item, key, f"{key}[{n}]")
    for n, person in enumerate(document["people"] if isinstance(document["people"], list) else []):
        yield from _inner_faults(person, "roles", "role", f"people[{n}]")
    for n, pair in enumerate(document["partnerships"] if isinstance(document["partnerships"], list) else []):
        yield from _inner_faults(pair, "events", "event", f"partnerships[{n}]")


def _inner_faults(holder: Any, key: str, what: str, where: str) -> Iterator[str]:
    if not isinstance(holder, dict) or key not in holder:
        return
    if not isinstance(holder[key], list):
        yield f"{where}: {key}: a list expected"
        return
    for n, item in enumerate(holder[key]):
        yield from _key_faults(item, what, f"{where} {key}[{n}]")


def _key_faults(item: Any, what: str, where: str) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"{where}: a JSON object expected"
        return
    need, may = KEYS[what]
    if missing := sorted(need - item.keys()):
        yield f"{where}: {', '.join(missing)} missing"
    if unknown := sorted(item.keys() - need - may):
        yield f"{where}: unknown key {', '.join(unknown)}; {', '.join(sorted(need | may))} expected"
    if ("start" in item) != ("end" in item):
        yield f"{where}: start and end go together"
    for key in ("mentions", "parties", "instruments"):
        if key in item and not isinstance(item[key], list):
            yield f"{where}: {key}: a list expected"


def _head_faults(document: Json) -> Iterator[str]:
    published = document["published"]
    if published is not None and (edtf_fault(published) or not re.fullmatch(r"\d{4}-\d\d-\d\d", published)):
        yield f"published: {published!r}: an ISO date or null expected"
    yield from _code_faults("kind", document["kind"], KINDS)


# -- organisations and people


def _entity_faults(document: Json) -> Iterator[str]:
    text = document["text"]
    orgs, people = document["orgs"], document["people"]
    for key, letter in (("orgs", "o"), ("people", "p")):
        yield from _id_faults(document[key], letter, key)
    known = {org["id"] for org in orgs}
    for entity in (*orgs, *people):
        yield from _mention_faults(entity, text)
    for org in orgs:
        where = f"org {org['id']}"
        yield from _code_faults(f"{where}: type", org["type"], ORG_TYPES)
        if org["country"] is not None and not is_country_code(org["country"]):
            yield f"{where}: country {org['country']!r}: a code of ISO 3166-1 alpha-2, or null, expected"
        if org["parent"] is not None and org["parent"] not in known:
            yield f"{where}: parent {org['parent']!r} is no organisation of the document"
    yield from _circle_faults(orgs)
    for (name, _), number in Counter((org["name"], org["parent"]) for org in orgs).items():
        if number > 1:
            yield f"orgs: {name!r} stands {number} times"
    for person in people:
        for n, role in enumerate(person["roles"]):
            where = f"person {person['id']} roles[{n}]"
            if not _is_text(role["role"]) or role["role"].lower().startswith("the "):
                yield f"{where}: {role['role']!r}: words without 'the' and without blanks around them expected"
            if role["org"] is not None and role["org"] not in known:
                yield f"{where}: org {role['org']!r} is no organisation of the document"
            yield from _offset_faults(role, text, where, role["role"])


def _id_faults(items: Sequence[Json], letter: str, key: str) -> Iterator[str]:
    for n, item in enumerate(items):
        if not isinstance(item["id"], str) or not re.fullmatch(letter + r"\d+", item["id"]):
            yield f"{key}[{n}]: id {item['id']!r}: {letter} and a number expected"
    for ident, number in Counter(str(item["id"]) for item in items).items():
        if number > 1:
            yield f"{key}: id {ident} stands {number} times"


def _mention_faults(entity: Json, text: str) -> Iterator[str]:
    where = f"{'person' if str(entity['id']).startswith('p') else 'org'} {entity['id']}"
    if not _is_text(entity["name"]):
        yield f"{where}: name {entity['name']!r} is empty or has blanks around it"
    elif "type" in entity and entity["name"].lower().startswith("the "):
        yield f"{where}: name {entity['name']!r} begins with 'the'"
    if not entity["mentions"]:
        yield f"{where}: no mentions"
    for mention in entity["mentions"]:
        if isinstance(mention, str):
            if not _is_text(mention) or mention not in text:
                yield f"{where}: mention {mention!r} is not in the text"
        elif not isinstance(mention, dict) or not {"text", "start", "end"} <= mention.keys():
            yield f"{where}: mention {mention!r}: a string or text, start and end expected"
        else:
            yield from _offset_faults(mention, text, f"{where}: mention", mention["text"])
    for mention, number in Counter(json.dumps(m, sort_keys=True) for m in entity["mentions"]).items():
        if number > 1:
            yield f"{where}: mention {mention} stands {number} times"


def _circle_faults(orgs: Iterable[Json]) -> Iterator[str]:
    parents = {org["id"]: org["parent"] for org in orgs}
    for start in parents:
        at, steps = parents[start], 0
        while at is not None and at != start and steps < MAX_PARENTS:
            at, steps = parents.get(at), steps + 1
        if at == start:
            yield f"org {start}: parents run in a circle"


# -- dates, areas, partnerships, instruments


def _fact_faults(document: Json) -> Iterator[str]:
    text = document["text"]
    orgs = {org["id"] for org in document["orgs"]}
    people = {person["id"] for person in document["people"]}
    for n, date in enumerate(document["dates"]):
        where = f"dates[{n}]"
        if not _is_text(date["text"]) or date["text"] not in text:
            yield f"{where}: {date['text']!r} is not in the text"
        if fault := edtf_fault(date["value"]):
            yield f"{where} {date['text']!r}: {fault}"
        yield from _offset_faults(date, text, where, date["text"])
    yield from _twice("dates", ((d["text"], d["value"], d.get("start")) for d in document["dates"]))
    for n, area in enumerate(document["areas"]):
        yield from _area_faults(area, f"areas[{n}] {str(area['text'])[:40]!r}", text, orgs, people)
    yield from _twice("areas", ((a["text"], a["category"], a["status"], *a["parties"], a["speaker"]) for a in document["areas"]))
    for n, pair in enumerate(document["partnerships"]):
        yield from _pair_faults(pair, f"partnerships[{n}]", text, orgs)
    yield from _twice("partnerships", (tuple(sorted((str(p["a"]), str(p["b"])))) for p in document["partnerships"]))
    for n, instrument in enumerate(document.get("instruments", [])):
        yield from _code_faults(f"instruments[{n}]: type", instrument["type"], INSTRUMENTS)
        yield from _offset_faults(instrument, text, f"instruments[{n}]", instrument["text"])


def _area_faults(area: Json, where: str, text: str, orgs: Collection[str], people: Collection[str]) -> Iterator[str]:
    if not _is_text(area["text"]):
        yield f"{where}: text is empty or has blanks around it"
    yield from _code_faults(f"{where}: category", area["category"], CATEGORIES)
    yield from _code_faults(f"{where}: status", area["status"], STATUSES)
    if not area["parties"]:
        yield f"{where}: no parties"
    for party, number in Counter(map(str, area["parties"])).items():
        if party not in orgs:
            yield f"{where}: party {party!r} is no organisation of the document"
        if number > 1:
            yield f"{where}: party {party} stands {number} times"
    if area["speaker"] is not None and area["speaker"] not in people:
        yield f"{where}: speaker {area['speaker']!r} is no person of the document"
    yield from _offset_faults(area, text, where)


def _pair_faults(pair: Json, where: str, text: str, orgs: Collection[str]) -> Iterator[str]:
    for side in ("a", "b"):
        if pair[side] not in orgs:
            yield f"{where}: {side} {pair[side]!r} is no organisation of the document"
    if pair["a"] == pair["b"]:
        yield f"{where}: {pair['a']} is paired with itself"
    yield from _code_faults(f"{where}: status", pair["status"], STATUSES)
    for code, number in Counter(map(str, pair["instruments"])).items():
        yield from _code_faults(f"{where}: instrument", code, INSTRUMENTS)
        if number > 1:
            yield f"{where}: instrument {code} stands {number} times"
    for n, event in enumerate(pair["events"]):
        yield from _code_faults(f"{where} events[{n}]: type", event["type"], EVENT_TYPES)
        if event["date"] is not None and (fault := edtf_fault(event["date"])):
            yield f"{where} events[{n}]: {fault}"
        yield from _offset_faults(event, text, f"{where} events[{n}]")


# -- values


def edtf_fault(value: Any) -> str | None:
    """Why a value is no EDTF date of the kinds in use, or None: points of year, month and day with X for digits unknown, and intervals."""
    if not isinstance(value, str):
        return f"{value!r}: EDTF expected"
    ends = value.split("/")
    if len(ends) > 2 or (len(ends) == 2 and ends == ["..", ".."]):
        return f"{value!r}: EDTF expected: a point, or an interval of two"
    for end in ends:
        if end == ".." and len(ends) == 2:
            continue
        if fault := _point_fault(end):
            return f"{value!r}: {fault}"
    first, last = bounds(ends[0])[0], bounds(ends[-1])[1]
    if len(ends) == 2 and first and last and first > last:
        return f"{value!r}: interval runs backwards"
    return None


def _point_fault(point: str) -> str | None:
    match = VALUE.fullmatch(point)
    if not match or not re.fullmatch(r"\d{4}|\d{3}X|\d{2}XX|XXXX", match[1]):
        return "EDTF expected, e.g. 2022, 2022-01, 2022-01-12, XXXX-01-12, 201X"
    month, day = match[2], match[3]
    if month and "X" in month + (day or "") and month != "XX" and day != "XX":
        return "XX expected for a month or day that is not told"
    if month and month != "XX" and not 1 <= int(month) <= 12:
        return "no such month; a season or quarter is an interval of months"
    year = match[1] if match[1].isdigit() else "2000"  # a leap year: an unknown one may be
    if day and "XX" not in (month, day) and bounds(f"{year}-{month}-{day}")[0] is None:
        return "no such day"
    return None


def is_country_code(code: Any) -> bool:
    """A code of ISO 3166-1 alpha-2 in capitals; dependent territories have codes of their own (Martinique: MQ)."""
    return isinstance(code, str) and code in country_names()


def _code_faults(where: str, code: Any, known: Sequence[str]) -> Iterator[str]:
    if code in known:
        return
    near = get_close_matches(str(code), known, 1)
    yield f"{where}: unknown code {code!r}; " + (f"did you mean {near[0]!r}?" if near else f"one of {', '.join(known)} expected")


def _offset_faults(item: Json, text: str, where: str, words: str | None = None) -> Iterator[str]:
    """Offsets lie in the text, without blanks at their edges, and hold the words where they are given."""
    if "start" not in item and "end" not in item:
        return
    start, end = item["start"], item["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        yield f"{where}: offsets {start}:{end} lie outside of the text"
    elif words is not None and text[start:end] != words:
        yield f"{where}: offsets {start}:{end} hold {text[start:end]!r}, not {words!r}"
    elif text[start:end] != text[start:end].strip():
        yield f"{where}: offsets {start}:{end} have blanks at their edges: {text[start:end]!r}"


def _twice(key: str, values: Iterable[Any]) -> Iterator[str]:
    for value, number in Counter(values).items():
        if number > 1:
            yield f"{key}: {value!r} stands {number} times"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != "" and value == value.strip()
