"""Records made by hand."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def make_org(
    id: str, name: str, *, names: tuple[str, ...] = (), type: str = "university", country: str | None = None, parent: str | None = None
) -> Json:
    return {
        "id": id,
        "name": name,
        "mentions": [{"text": n, "start": 0, "end": len(n)} for n in (name, *names)],
        "type": type,
        "country": country,
        "parent": parent,
    }


def make_person(id: str, name: str, *roles: tuple[str, str | None]) -> Json:
    return {
        "id": id,
        "name": name,
        "mentions": [{"text": name, "start": 0, "end": len(name)}],
        "roles": [{"role": r, "org": o} for r, o in roles],
    }


def make_area(
    text: str,
    status: str = "agreed",
    *,
    parties: tuple[str, ...] = ("o1", "o2"),
    category: str = "joint_research",
    speaker: str | None = None,
    start: int = 0,
    date: str | None = None,
) -> Json:
    return {
        "text": text,
        "start": start,
        "end": start + len(text),
        "sentence": [start, start + len(text)],
        "category": category,
        "status": status,
        "parties": list(parties),
        "speaker": speaker,
        "date": date,
        "confidence": 0.8,
    }


def make_event(
    type: str = "signing",
    date: str | None = None,
    *,
    orgs: tuple[str, ...] = ("o1", "o2"),
    people: tuple[str, ...] = (),
    instrument: str | None = None,
    start: int = 0,
) -> Json:
    return {
        "type": type,
        "date": date,
        "start": start,
        "end": start + 6,
        "sentence": [0, 30],
        "orgs": list(orgs),
        "people": list(people),
        "instrument": instrument,
    }


def make_pair(
    a: str = "o1",
    b: str = "o2",
    status: str = "agreed",
    *,
    instruments: tuple[str, ...] = (),
    events: tuple[Json, ...] = (),
    confidence: float = 0.8,
    valid_until: str | None = None,
) -> Json:
    return {
        "a": a,
        "b": b,
        "status": status,
        "instruments": list(instruments),
        "events": list(events),
        "valid_until": valid_until,
        "confidence": confidence,
    }


SADO = make_org("o1", "University of Sado", country="PT")
BEIHAI = make_org("o2", "Beihai University of Marine Technology", names=("BUMT",), country="CN")


def make_record(
    doc_id: str,
    published: str | None = None,
    *,
    orgs: tuple[Json, ...] = (SADO, BEIHAI),
    people: tuple[Json, ...] = (),
    areas: tuple[Json, ...] = (),
    events: tuple[Json, ...] = (),
    partnerships: tuple[Json, ...] | None = None,
    text: str | None = None,
    url: str | None = None,
    issuer: str | None = None,
) -> Json:
    text = (
        text
        if text is not None
        else f"{doc_id}: the two sides met and spoke of many things that only this article tells in these words of number {doc_id}."
    )
    return {
        "doc_id": doc_id,
        "source": f"{doc_id}.txt",
        "url": url,
        "title": f"Title of {doc_id}",
        "published": published,
        "language": "en",
        "issuer": issuer,
        "text": text,
        "boilerplate": [],
        "orgs": list(orgs),
        "people": list(people),
        "dates": [],
        "areas": list(areas),
        "events": list(events),
        "partnerships": list(partnerships) if partnerships is not None else [make_pair()],
    }
