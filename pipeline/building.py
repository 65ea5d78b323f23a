"""Records -> tables: resolve, then aggregate.

No step holds more than a part of the archive: rows lie on disk (see pipeline.rows), sorted by what a step goes through together, articles,
an organization, a person, a pair, and the same functions make tables of each part. What grows in memory are names: of organizations and
people that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from pipeline import aggregate
from pipeline.duplicates import find_duplicates
from pipeline.errors import PipelineError
from pipeline.parts import COLUMNS, take_apart
from pipeline.records import read_records
from pipeline.resolve.decisions import Decision, read_decisions
from pipeline.resolve.entity import Entity
from pipeline.resolve.organizations import Appearance, Resolved, resolve_organizations
from pipeline.resolve.people import PersonAppearance, ResolvedPeople, Same, gather_people, person_words, resolve_people
from pipeline.resolve.registry import read_registry
from pipeline.resolve.words import fold
from pipeline.rows import RowStore, batched
from pipeline.schema import TABLES
from pipeline.tables import ROW_GROUP, SORTED_BY, Tables, conform, give_types, read_tables, write_table
from pipeline.writing import Lock, disk_errors

Json = dict[str, Any]
PAIR = ["org_a", "org_b"]
CHUNK_ROWS = 20_000  # that a step goes through together, about
RECORDS_AT_A_TIME = 1_000
PARTS = [name for name in COLUMNS if name != "fingerprints"]
NAMED = ("documents", "organizations", "people", "roles")  # of the parts: what resolving takes
DERIVED: Mapping[str, Mapping[str, str]] = {  # rows between records and tables: columns and types, as in schema.Column
    "named_people": {
        "words": "string", "doc_id": "string", "local_id": "string", "name": "string", "orgs": "list<string>", "around": "list<string>",
        "day": "string",
    },
    "members": {"doc_id": "string", "local_id": "string", "number": "int64"},
    "org_rows": {
        "org_id": "string", "doc_id": "string", "forms": "list<string>", "type": "string", "parent_id": "string", "day": "date32",
    },
    "person_rows": {"person_id": "string", "doc_id": "string", "forms": "list<string>"},
    "office_rows": {"person_id": "string", "org_id": "string", "doc_id": "string", "key": "string", "role": "string", "day": "date32"},
    "reports": {
        "org_a": "string", "org_b": "string", "doc_id": "string", "status": "string", "instruments": "list<string>",
        "valid_until": "string", "confidence": "float64", "day": "date32", "issuer": "string", "url": "string", "source": "string",
        "date": "date32",
    },
    "pair_events": {
        "org_a": "string", "org_b": "string", "doc_id": "string", "type": "string", "date": "string", "date_start": "date32",
        "person_ids": "list<string>", "instrument": "string", "day": "date32",
    },
}  # fmt: skip
FINAL: Mapping[str, Mapping[str, str]] = {f"all_{name}": {c.name: c.type for c in columns} for name, columns in TABLES.items()}
Frames = dict[str, pd.DataFrame]


def build_tables(out: Path, *, decisions: Path | None = None, registry: Path | None = None, chunk_rows: int = CHUNK_ROWS) -> None:
    """Build the tables of a run from OUT/documents.jsonl and write them to OUT/tables; pipeline.read_tables reads them.

    decisions: CSV of a person's verdicts; without it OUT/decisions.csv is used where it exists. registry: CSV or JSONL of known
    organisations. chunk_rows: rows gone through together; fewer take less memory and give the same bytes.
    Raises OutputBusyError where a run has the folder.
    """
    out = Path(out)
    path = out / "documents.jsonl"
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; extract records first: coopfacts extract ARCHIVE --out {out}")
    if decisions is None and (out / "decisions.csv").is_file():
        decisions = out / "decisions.csv"
    with Lock(out):
        verdicts, known = read_decisions(decisions), read_registry(registry)
        with disk_errors(out):
            write_built(read_records(path), out, work=out / ".work" / "rows", decisions=verdicts, registry=known, chunk_rows=chunk_rows)


def build(records: Iterable[Json], *, decisions: Iterable[Decision] = (), registry: Iterable[Entity] = ()) -> Tables:
    """Build the tables from records, in any order: the same records give the same tables. Of records with one doc_id the last counts."""
    with TemporaryDirectory(prefix="coopfacts-") as folder:
        write_built(records, Path(folder), work=Path(folder) / "rows", decisions=decisions, registry=registry)
        return read_tables(folder)


def write_built(
    records: Iterable[Json],
    out: Path,
    *,
    work: Path,
    decisions: Iterable[Decision] = (),
    registry: Iterable[Entity] = (),
    chunk_rows: int = CHUNK_ROWS,
) -> None:
    """Build the tables from records and write them to OUT/tables. work: a folder for what doesn't fit in memory, which is made and goes."""
    verdicts = list(decisions)
    with RowStore(work) as store:
        for name, types in {**DERIVED, **FINAL}.items():
            store.make(name, types)
        articles = Articles(store, take_records(store, records, chunk_rows))
        duplicate_of = find_duplicates(store)
        organizations = resolve_organizations(Appearances(articles), decisions=verdicts, registry=list(registry))
        people = find_people(articles, organizations, verdicts)
        links = pd.DataFrame([*organizations.links, *people.links])
        store.add("all_links", conform("links", links), FINAL["all_links"])
        for chunk, frames in zip(articles.chunks, articles.read(*PARTS), strict=True):
            members = rows_of(store.read_chunk("members", chunk), "doc_id", "local_id", "number")
            person_ids = {(doc_id, local_id): people.ids[number] for doc_id, local_id, number in members}
            add_articles(store, frames, organizations.find_ids(find_appearances(frames)), person_ids, duplicate_of)
        store.drop(*PARTS, "named_people", "members")
        org_table = add_organizations(store, organizations, chunk_rows)
        offices = aggregate.find_offices(org_table, add_people(store, people, chunk_rows))
        add_pairs(store, org_table, offices, chunk_rows)
        for name in TABLES:
            write_table(name, sorted_parts(store, name), out)
            store.drop(f"all_{name}")


# -- from records to rows of articles


def take_records(store: RowStore, records: Iterable[Json], chunk_rows: int) -> list[int]:
    """Put the rows of records into tables, sorted by doc_id, and give the numbers of their chunks; of one doc_id the last record counts."""
    types = {name: {"record": "int64", "doc_id": "string", **columns} for name, columns in COLUMNS.items()}
    for name in COLUMNS:
        store.make(name, types[name])
    for some in batched(enumerate(records), RECORDS_AT_A_TIME):
        rows: dict[str, list[Json]] = {name: [] for name in COLUMNS}
        for number, record in some:
            for name, parts in take_apart(record).items():
                rows[name] += [{**part, "record": number, "doc_id": str(record["doc_id"])} for part in parts]
        for name, parts in rows.items():
            store.add(name, pd.DataFrame(parts, columns=list(types[name]), dtype=object), types[name])
    former = "select record from (select record, max(record) over (partition by doc_id) as latest from documents) where record < latest"
    store.run(f"create temp table former as {former}")
    for name in COLUMNS if store.count("former") else ():
        store.run(f"delete from {name} where record in (select record from former)")
    return store.cut(["doc_id"], chunk_rows, PARTS)


class Articles:
    """The rows of all articles, a chunk of whole articles at a time, sorted by doc_id; can be gone through many times."""

    def __init__(self, store: RowStore, chunks: Sequence[int]) -> None:
        self.store = store
        self.chunks = chunks
        self.latest: tuple[int, Frames] = (-1, {})  # an archive of one chunk is read once

    def read(self, *names: str) -> Iterator[Frames]:
        """Give the tables of these names, chunk by chunk."""
        for chunk in self.chunks:
            if self.latest[0] != chunk:
                self.latest = (chunk, {})
            frames = self.latest[1]
            frames |= {name: self.store.read_chunk(name, chunk) for name in names if name not in frames}
            yield frames


@dataclass(frozen=True)
class Appearances:
    """The organisations of all articles as resolving takes them."""

    articles: Articles

    def __iter__(self) -> Iterator[Appearance]:
        for frames in self.articles.read(*NAMED):
            yield from find_appearances(frames)


def rows_of(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """Give the values of some columns, row by row."""
    return zip(*(frame[name] for name in names), strict=True)


def find_appearances(frames: Frames) -> Iterator[Appearance]:
    """Give the organisations of articles as resolving takes them."""
    days = dict(rows_of(frames["documents"], "doc_id", "day"))
    names = {(doc_id, local_id): fold(name) for doc_id, local_id, name in rows_of(frames["people"], "doc_id", "local_id", "name")}
    holders: dict[tuple[str, str], set[str]] = {}
    for doc_id, person, org, stated in rows_of(frames["roles"], "doc_id", "person", "org", "stated"):
        name = names.get((doc_id, person), "")
        if stated and " " in name:
            holders.setdefault((doc_id, org), set()).add(name)
    columns = ("doc_id", "local_id", "name", "forms", "type", "country", "parent")
    for doc_id, local_id, name, forms, kind, country, parent in rows_of(frames["organizations"], *columns):
        people = frozenset(holders.get((doc_id, local_id), ()))
        yield Appearance(doc_id, local_id, name, frozenset(forms), kind, country, parent, days[doc_id] or "", people)


def find_people(articles: Articles, organizations: Resolved, decisions: list[Decision]) -> ResolvedPeople:
    """Resolve the people of articles; the table "members" tells, chunk by chunk of articles, by which number ids has their person_ids."""
    store = articles.store
    for frames in articles.read(*NAMED):
        columns = list(DERIVED["named_people"])
        rows = pd.DataFrame(list(name_people(frames, organizations)), columns=columns, dtype=object)
        store.add("named_people", rows, DERIVED["named_people"])
    store.sort("named_people", "select * from named_people order by words, doc_id, local_id")
    people: list[Same] = []
    named = (
        PersonAppearance(doc_id, local_id, name, frozenset(orgs), frozenset(around), day)
        for frame in store.read_chunks("named_people", CHUNK_ROWS)
        for _, doc_id, local_id, name, orgs, around, day in rows_of(frame, *DERIVED["named_people"])
    )
    for some in batched(gather_people(named), RECORDS_AT_A_TIME):
        members = [(a.doc_id, a.local_id, number) for number, (_, found) in enumerate(some, len(people)) for a in found]
        store.add("members", pd.DataFrame(members, columns=list(DERIVED["members"])), DERIVED["members"])
        people += [same for same, _ in some]
    store.sort("members", "select m.*, p.chunk from members m join people p using (doc_id, local_id) order by p.chunk, p.rowid")
    return resolve_people(people, organizations.names, decisions=decisions)


def name_people(frames: Frames, organizations: Resolved) -> Iterator[tuple[Any, ...]]:
    """Give the people of articles as rows, with the organisations of their offices and those above them."""
    org_ids = organizations.find_ids(find_appearances(frames))
    days = dict(rows_of(frames["documents"], "doc_id", "day"))
    parents: dict[tuple[str, str], tuple[str, str]] = {}
    around: dict[str, set[str]] = {}
    for doc_id, local_id, kind, parent in rows_of(frames["organizations"], "doc_id", "local_id", "type", "parent"):
        if parent:
            parents[doc_id, local_id] = (doc_id, parent)
        if kind not in ("country", "media"):
            around.setdefault(doc_id, set()).add(org_ids[doc_id, local_id])
    offices: dict[tuple[str, str], set[str]] = {}
    for doc_id, person, org, stated in rows_of(frames["roles"], "doc_id", "person", "org", "stated"):
        at: tuple[str, str] | None = (doc_id, org) if stated else None
        while at in org_ids:
            org_id = org_ids[at]
            if org_id in offices.setdefault((doc_id, person), set()):
                break
            offices[doc_id, person].add(org_id)
            at = parents.get(at)
    for doc_id, local_id, name in rows_of(frames["people"], "doc_id", "local_id", "name"):
        orgs = sorted(offices.get((doc_id, local_id), ()))
        yield " ".join(person_words(name)), doc_id, local_id, name, orgs, sorted(around.get(doc_id, ())), days[doc_id] or ""


# -- from rows to tables


def add_articles(
    store: RowStore, frames: Frames, org_ids: aggregate.Ids, person_ids: aggregate.Ids, duplicate_of: Mapping[str, str]
) -> None:
    """Add what can be told of articles, each alone: documents, facts and events, and the rows that are grouped otherwise."""
    orgs = aggregate.with_ids(frames["organizations"], org_ids, "org_id")
    documents = aggregate.make_documents(frames["documents"], orgs, duplicate_of)
    facts = aggregate.make_facts(frames["areas"], frames["pairs"], frames["organizations"], org_ids, person_ids)
    events = aggregate.make_events(frames["events"], org_ids, person_ids)
    history = aggregate.make_history(frames["pairs"], org_ids, documents, facts, events)
    made = {
        "all_documents": aggregate.finish_documents(documents, facts),
        "all_facts": facts,
        "all_events": events,
        "org_rows": aggregate.add_parents(orgs, documents),
        "person_rows": aggregate.with_ids(frames["people"], person_ids, "person_id"),
        "office_rows": aggregate.make_offices(frames["roles"], org_ids, person_ids, documents),
        "reports": history,
        "pair_events": aggregate.pairs_of_events(aggregate.with_day(events, documents), history),
    }
    for name, rows in made.items():
        store.add(name, rows, {**DERIVED, **FINAL}[name])


def add_organizations(store: RowStore, organizations: Resolved, chunk_rows: int) -> pd.DataFrame:
    """Add the table of organisations, and give it."""
    parts = [
        aggregate.make_organizations(
            store.read_chunk("org_rows", chunk), organizations.names, organizations.countries, organizations.registry_ids
        )
        for chunk in store.cut(["org_id"], chunk_rows, ["org_rows"])
    ]
    table = aggregate.drop_circles(pd.concat(parts) if parts else conform("organizations", pd.DataFrame()))
    store.add("all_organizations", table, FINAL["all_organizations"])
    store.drop("org_rows")
    return table


def add_people(store: RowStore, people: ResolvedPeople, chunk_rows: int) -> pd.DataFrame:
    """Add the tables of people and of affiliations, and give person_id and org_id of the latter."""
    held = [pd.DataFrame(columns=["person_id", "org_id"], dtype=object)]
    for chunk in store.cut(["person_id"], chunk_rows, ["person_rows", "office_rows"]):
        store.add("all_people", aggregate.make_people(store.read_chunk("person_rows", chunk), people.names), FINAL["all_people"])
        affiliations = aggregate.make_affiliations(store.read_chunk("office_rows", chunk))
        store.add("all_affiliations", affiliations, FINAL["all_affiliations"])
        held.append(affiliations[["person_id", "org_id"]].drop_duplicates())
    store.drop("person_rows", "office_rows")
    return pd.concat(held)


def add_pairs(store: RowStore, organizations: pd.DataFrame, offices: pd.DataFrame, chunk_rows: int) -> None:
    """Add the tables of history and of partnerships: all reports, facts and events of a pair together."""
    # a near-copy bears the date of the first of its group, for it tells nothing later
    store.sort(
        "reports",
        "select r.* exclude (date), case when o.doc_id is null then r.date else o.date end as date from reports r"
        " left join (select distinct doc_id, date from reports) o on o.doc_id = r.source order by r.rowid",
    )
    above = dict(zip(organizations["org_id"], organizations["parent_id"], strict=True))
    for chunk in store.cut(PAIR, chunk_rows, ["reports", "all_facts", "pair_events"]):
        history = aggregate.add_states(aggregate.add_sides(store.read_chunk("reports", chunk), above))
        facts, events = store.read_chunk("all_facts", chunk), store.read_chunk("pair_events", chunk)
        store.add("all_history", conform("history", history), FINAL["all_history"])
        partnerships = aggregate.make_partnerships(history, facts, events, organizations, offices)
        store.add("all_partnerships", partnerships, FINAL["all_partnerships"])
    store.drop("reports", "pair_events")


def sorted_parts(store: RowStore, name: str) -> Iterator[pd.DataFrame]:
    """Give a table in its order, ROW_GROUP rows at a time, with the categories of the whole."""
    rows = f"all_{name}"
    order = ", ".join(f'"{column}" nulls first' for column in SORTED_BY[name])
    columns = ", ".join(f'"{c.name}"' for c in TABLES[name])
    store.sort(rows, f"select {columns} from {rows} order by {order}, rowid")
    codes = [c.name for c in TABLES[name] if c.type == "category"]
    lists = ", ".join(f'list(distinct "{c}") filter (where "{c}" is not null) as "{c}"' for c in codes)
    found: Mapping[Any, Any] = store.read(f"select {lists} from {rows}").iloc[0].to_dict() if codes else {}
    categories = {c: sorted(found[c] or ()) for c in codes}
    return (give_types(name, frame, categories) for frame in store.read_chunks(rows, ROW_GROUP))
