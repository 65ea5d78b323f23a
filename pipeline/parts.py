"""Records -> rows of their parts, with the ids that these have inside their article; no row holds a text longer than a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.dates.edtf import bounds
from pipeline.duplicates import FINGERPRINTS, make_fingerprint

Json = dict[str, Any]
COLUMNS: Mapping[str, Mapping[str, str]] = {  # of each kind of row: the columns with their types, as in schema.Column; doc_id goes before
    "documents": {
        "title": "string", "source": "string", "url": "string", "published": "string", "day": "string", "language": "string",
        "issuer_name": "string",
    },
    "organizations": {
        "local_id": "string", "name": "string", "forms": "list<string>", "type": "string", "country": "string", "parent": "string",
    },
    "people": {"local_id": "string", "name": "string", "forms": "list<string>"},
    "roles": {"person": "string", "role": "string", "org": "string", "stated": "bool"},
    "areas": {
        "text": "string", "category": "string", "status": "string", "parties": "list<string>", "speaker": "string", "date": "string",
        "evidence": "string", "start": "int64", "end": "int64", "confidence": "float64",
    },
    "events": {
        "type": "string", "date": "string", "orgs": "list<string>", "people": "list<string>", "instrument": "string", "evidence": "string",
        "start": "int64", "end": "int64",
    },
    "pairs": {
        "a": "string", "b": "string", "status": "string", "instruments": "list<string>", "valid_until": "string", "confidence": "float64",
    },
    "fingerprints": FINGERPRINTS,
}  # fmt: skip


def take_apart(record: Json) -> dict[str, list[Json]]:
    """Give the rows of one record by their kinds, see COLUMNS; gold documents, which tell less, are taken too."""
    doc_id, text = str(record["doc_id"]), record["text"]
    published = record.get("published")
    day = bounds(published)[0] if published else None
    left_out = [(b["start"], b["end"]) for b in record.get("boilerplate") or ()]
    return {
        "documents": [
            {
                "title": record.get("title"),
                "source": record.get("source"),
                "url": record.get("url"),
                "published": published,
                "day": day,
                "language": record.get("language") or "en",
                "issuer_name": record.get("issuer"),
            }
        ],
        "organizations": [
            {
                "local_id": o["id"],
                "name": o["name"],
                "forms": forms_of(o),
                "type": o["type"],
                "country": o.get("country"),
                "parent": o.get("parent"),
            }
            for o in record["orgs"]
        ],
        "people": [{"local_id": p["id"], "name": p["name"], "forms": forms_of(p)} for p in record["people"]],
        "roles": [
            {"person": p["id"], "role": r["role"], "org": r.get("org"), "stated": is_stated(r)}
            for p in record["people"]
            for r in p["roles"]
        ],
        "areas": [area_row(a, text) for a in record["areas"]],
        "events": list(event_rows(record)),
        "pairs": [
            {
                "a": p["a"],
                "b": p["b"],
                "status": p["status"],
                "instruments": list(p.get("instruments") or ()),
                "valid_until": p.get("valid_until"),
                "confidence": p.get("confidence", 1.0),
            }
            for p in record["partnerships"]
        ],
        "fingerprints": [make_fingerprint(doc_id, day, text, left_out)],
    }


def is_stated(role: Json) -> bool:
    """The text says where the role is held; it isn't only the organisation that the article is most about."""
    return bool(role.get("org")) and not str(role.get("source") or "").endswith("default")


def forms_of(entity: Json) -> list[str]:
    """Give the distinct surface forms of an organisation or a person, sorted, white space evened."""
    mentions = (m if isinstance(m, str) else m["text"] for m in entity["mentions"])
    return sorted({" ".join(m.split()) for m in mentions} | {entity["name"]})


def evidence_of(item: Json, text: str) -> tuple[str, int | None, int | None]:
    """Give the sentence of an area or event as one line, and the offsets of its words."""
    start, end = item.get("start"), item.get("end")
    if start is None or end is None:
        start = text.find(item["text"]) if item.get("text") else -1
        start, end = (start, start + len(item["text"])) if start >= 0 else (None, None)
    sentence = item.get("sentence") or ((start, end) if start is not None else (0, 0))
    return " ".join(text[sentence[0] : sentence[1]].split()), start, end


def area_row(area: Json, text: str) -> Json:
    evidence, start, end = evidence_of(area, text)
    return {
        "text": area["text"],
        "category": area["category"],
        "status": area["status"],
        "parties": list(area["parties"]),
        "speaker": area.get("speaker"),
        "date": area.get("date"),
        "evidence": evidence,
        "start": start,
        "end": end,
        "confidence": area.get("confidence", 1.0),
    }


def event_rows(record: Json) -> Iterator[Json]:
    """Give the events of a record, each once, with all parties that its partnerships give it."""
    parties: dict[tuple[Any, ...], set[str]] = {}
    first: dict[tuple[Any, ...], Json] = {}
    listed = [(e, set(e.get("orgs") or ())) for e in record.get("events") or ()]
    listed += [(e, {*(e.get("orgs") or ()), p["a"], p["b"]}) for p in record["partnerships"] for e in p["events"]]
    for event, orgs in listed:
        key = (event["type"], event.get("date") or "", event.get("start") or 0)
        first.setdefault(key, event)
        parties.setdefault(key, set()).update(orgs)
    for key in sorted(first):
        event = first[key]
        evidence, start, end = evidence_of(event, record["text"])
        yield {
            "type": event["type"],
            "date": event.get("date"),
            "orgs": sorted(parties[key]),
            "people": list(event.get("people") or ()),
            "instrument": event.get("instrument"),
            "evidence": evidence,
            "start": start,
            "end": end,
        }
