"""Records -> tables: resolve, then aggregate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import aggregate
from pipeline.dates.edtf import bounds
from pipeline.duplicates import Fingerprint, find_duplicates, make_fingerprint
from pipeline.errors import PipelineError
from pipeline.records import read_records
from pipeline.resolve.decisions import Decision, read_decisions
from pipeline.resolve.entity import Entity
from pipeline.resolve.organizations import Appearance, Resolved, resolve_organizations
from pipeline.resolve.people import PersonAppearance, ResolvedPeople, resolve_people
from pipeline.resolve.registry import read_registry
from pipeline.resolve.words import fold
from pipeline.tables import Tables, conform, write_tables
from pipeline.writing import Lock, disk_errors

Json = dict[str, Any]
RAW_COLUMNS = {
    "documents": ("doc_id", "title", "source", "url", "published", "day", "language", "issuer_name"),
    "organizations": ("doc_id", "local_id", "name", "forms", "type", "country", "parent"),
    "people": ("doc_id", "local_id", "name", "forms"),
    "roles": ("doc_id", "person", "role", "org", "stated"),
    "areas": ("doc_id", "text", "category", "status", "parties", "speaker", "date", "evidence", "start", "end", "confidence"),
    "events": ("doc_id", "type", "date", "orgs", "people", "instrument", "evidence", "start", "end"),
    "pairs": ("doc_id", "a", "b", "status", "instruments", "valid_until", "confidence"),
}


@dataclass(slots=True)
class Rows:
    """The parts of records as rows, with the ids that they have inside their article; no row holds a text longer than a sentence."""

    documents: list[Json] = field(default_factory=list)
    organizations: list[Json] = field(default_factory=list)
    people: list[Json] = field(default_factory=list)
    roles: list[Json] = field(default_factory=list)
    areas: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    pairs: list[Json] = field(default_factory=list)
    fingerprints: list[Fingerprint] = field(default_factory=list)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Give a DataFrame of each kind of row."""
        return {name: pd.DataFrame(getattr(self, name), columns=list(columns), dtype=object) for name, columns in RAW_COLUMNS.items()}


def build_tables(out: Path, *, decisions: Path | None = None, registry: Path | None = None) -> Tables:
    """Build the tables of a run from OUT/documents.jsonl and write them to OUT/tables.

    decisions: CSV of a person's verdicts; without it OUT/decisions.csv is used where it exists. registry: CSV or JSONL of known
    organisations. Raises OutputBusyError where a run has the folder.
    """
    out = Path(out)
    path = out / "documents.jsonl"
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; extract records first: coopfacts extract ARCHIVE --out {out}")
    if decisions is None and (out / "decisions.csv").is_file():
        decisions = out / "decisions.csv"
    with Lock(out):
        tables = build(read_records(path), decisions=read_decisions(decisions), registry=read_registry(registry))
        with disk_errors(out):
            write_tables(tables, out)
    return tables


def build(records: Iterable[Json], *, decisions: Iterable[Decision] = (), registry: Iterable[Entity] = ()) -> Tables:
    """Build the tables from records, in any order: the same records give the same tables. Of records with one doc_id the last counts."""
    rows = read_rows(records)
    decisions = list(decisions)
    days = {row["doc_id"]: row["day"] or "" for row in rows.documents}
    organizations = resolve_organizations(find_appearances(rows, days), decisions=decisions, registry=list(registry))
    people = resolve_people(find_people(rows, days, organizations), organizations.names, decisions=decisions)
    return make_tables(rows, organizations, people, find_duplicates(rows.fingerprints))


def read_rows(records: Iterable[Json]) -> Rows:
    """Take records apart, one at a time."""
    by_doc: dict[str, Json] = {}
    rows = Rows()
    for record in records:
        part = take_apart(record)
        by_doc[part["doc_id"]] = part
    for doc_id in sorted(by_doc):
        part = by_doc[doc_id]
        rows.fingerprints.append(part["fingerprint"])
        rows.documents.append(part["document"])
        for name in ("organizations", "people", "roles", "areas", "events", "pairs"):
            getattr(rows, name).extend(part[name])
    return rows


def take_apart(record: Json) -> Json:
    """Give the rows of one record; gold documents, which tell less, are taken too."""
    doc_id, text = str(record["doc_id"]), record["text"]
    published = record.get("published")
    day = bounds(published)[0] if published else None
    left_out = [(b["start"], b["end"]) for b in record.get("boilerplate") or ()]
    return {
        "doc_id": doc_id,
        "fingerprint": make_fingerprint(doc_id, day, text, left_out),
        "document": {
            "doc_id": doc_id,
            "title": record.get("title"),
            "source": record.get("source"),
            "url": record.get("url"),
            "published": published,
            "day": day,
            "language": record.get("language") or "en",
            "issuer_name": record.get("issuer"),
        },
        "organizations": [
            {
                "doc_id": doc_id,
                "local_id": o["id"],
                "name": o["name"],
                "forms": forms_of(o),
                "type": o["type"],
                "country": o.get("country"),
                "parent": o.get("parent"),
            }
            for o in record["orgs"]
        ],
        "people": [{"doc_id": doc_id, "local_id": p["id"], "name": p["name"], "forms": forms_of(p)} for p in record["people"]],
        "roles": [
            {"doc_id": doc_id, "person": p["id"], "role": r["role"], "org": r.get("org"), "stated": is_stated(r)}
            for p in record["people"]
            for r in p["roles"]
        ],
        "areas": [area_row(doc_id, a, text) for a in record["areas"]],
        "events": list(event_rows(doc_id, record)),
        "pairs": [
            {
                "doc_id": doc_id,
                "a": p["a"],
                "b": p["b"],
                "status": p["status"],
                "instruments": list(p.get("instruments") or ()),
                "valid_until": p.get("valid_until"),
                "confidence": p.get("confidence", 1.0),
            }
            for p in record["partnerships"]
        ],
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


def area_row(doc_id: str, area: Json, text: str) -> Json:
    evidence, start, end = evidence_of(area, text)
    return {
        "doc_id": doc_id,
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


def event_rows(doc_id: str, record: Json) -> Iterator[Json]:
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
            "doc_id": doc_id,
            "type": event["type"],
            "date": event.get("date"),
            "orgs": sorted(parties[key]),
            "people": list(event.get("people") or ()),
            "instrument": event.get("instrument"),
            "evidence": evidence,
            "start": start,
            "end": end,
        }


def find_appearances(rows: Rows, days: dict[str, str]) -> Iterator[Appearance]:
    """Give the organisations of articles as resolving takes them."""
    names = {(p["doc_id"], p["local_id"]): fold(p["name"]) for p in rows.people}
    holders: dict[tuple[str, str], set[str]] = {}
    for role in rows.roles:
        name = names.get((role["doc_id"], role["person"]), "")
        if role["stated"] and " " in name:
            holders.setdefault((role["doc_id"], role["org"]), set()).add(name)
    for o in rows.organizations:
        key = (o["doc_id"], o["local_id"])
        yield Appearance(
            *key, o["name"], frozenset(o["forms"]), o["type"], o["country"], o["parent"], days[o["doc_id"]], frozenset(holders.get(key, ()))
        )


def find_people(rows: Rows, days: dict[str, str], organizations: Resolved) -> Iterator[PersonAppearance]:
    """Give the people of articles as resolving takes them, with the organisations of their offices and those above them."""
    parents = {(o["doc_id"], o["local_id"]): (o["doc_id"], o["parent"]) for o in rows.organizations if o["parent"]}
    around: dict[str, set[str]] = {}
    for o in rows.organizations:
        if o["type"] not in ("country", "media"):
            around.setdefault(o["doc_id"], set()).add(organizations.ids[o["doc_id"], o["local_id"]])
    offices: dict[tuple[str, str], set[str]] = {}
    for role in rows.roles:
        at: tuple[str, str] | None = (role["doc_id"], role["org"]) if role["stated"] else None
        while at in organizations.ids:
            org_id = organizations.ids[at]
            if org_id in offices.setdefault((role["doc_id"], role["person"]), set()):
                break
            offices[role["doc_id"], role["person"]].add(org_id)
            at = parents.get(at)
    for p in rows.people:
        key = (p["doc_id"], p["local_id"])
        yield PersonAppearance(
            *key,
            p["name"],
            frozenset(p["forms"]),
            frozenset(offices.get(key, ())),
            frozenset(around.get(p["doc_id"], ())),
            days[p["doc_id"]],
        )


def make_tables(rows: Rows, organizations: Resolved, people: ResolvedPeople, duplicate_of: dict[str, str]) -> Tables:
    """Put the tables together from rows and canonical ids."""
    raw = rows.frames()
    orgs = aggregate.with_ids(raw["organizations"], organizations.ids, "org_id")
    persons = aggregate.with_ids(raw["people"], people.ids, "person_id")
    documents = aggregate.make_documents(raw["documents"], orgs, duplicate_of)
    org_table = conform(
        "organizations",
        aggregate.make_organizations(orgs, documents, organizations.names, organizations.countries, organizations.registry_ids),
    )
    affiliations = aggregate.make_affiliations(raw["roles"], organizations.ids, people.ids, documents)
    history = aggregate.make_history(raw["pairs"], organizations.ids, documents, org_table)
    facts = aggregate.make_facts(raw["areas"], raw["pairs"], raw["organizations"], organizations.ids, people.ids)
    events = aggregate.make_events(raw["events"], organizations.ids, people.ids)
    history = aggregate.add_states(aggregate.add_days(history, facts, events))
    return Tables(
        documents=aggregate.finish_documents(documents, facts),
        organizations=org_table,
        people=aggregate.make_people(persons, people.names),
        affiliations=affiliations,
        facts=facts,
        events=events,
        partnerships=aggregate.make_partnerships(history, facts, events, documents, org_table, affiliations),
        history=conform("history", history),
        links=conform("links", pd.DataFrame([*organizations.links, *people.links])),
    )
