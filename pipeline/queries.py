"""Questions to the tables: partners, timelines, networks, evidence, differences, reasons; the answers are frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from pipeline import aggregate
from pipeline.errors import MissingExtraError, PipelineError
from pipeline.geography import country_names
from pipeline.naming import key_of
from pipeline.records import read_records
from pipeline.schema import TABLES
from pipeline.tables import Tables, conform, read_tables, text_of, to_arrow, write_tables

if TYPE_CHECKING:
    import networkx as nx

Json = dict[str, Any]
PAIR = ["org_a", "org_b"]
LEVELS = ("unit", "organization", "country")
MAX_SUGGESTIONS = 5


def find_org(tables: Tables, org: str) -> str:
    """Give the org_id of an organisation named by org_id, name or alias.

    Raises PipelineError where none or several bear the name; the message names them.
    """
    table = tables.organizations
    if (table["org_id"] == org).any():
        return org
    key = key_of(org)
    same_name = table["name"].map(key_of) == key
    found = table[same_name]
    if found.empty:
        found = table[[any(key_of(alias) == key for alias in aliases) for aliases in table["aliases"]]]
    if len(found) == 1:
        return str(found["org_id"].iloc[0])
    if len(found) > 1:
        raise PipelineError(f"{org!r} may be {'; '.join(describe_orgs(found))}; ask for one of them by its org_id")
    near = table[[key in key_of(name) for name in table["name"]]] if key else table.iloc[:0]
    hint = f"; like it: {'; '.join(describe_orgs(near))}" if len(near) else ""
    raise PipelineError(f"no organisation is called {org!r}{hint}")


def describe_orgs(found: pd.DataFrame) -> list[str]:
    rows = found.sort_values(["n_documents", "org_id"], ascending=[False, True]).head(MAX_SUGGESTIONS)
    return [
        f"{name} [{country}] {org_id}" if isinstance(country, str) else f"{name} {org_id}"
        for name, country, org_id in zip(rows["name"], rows["country"], rows["org_id"], strict=True)
    ]


def partners_of(tables: Tables, org: str) -> pd.DataFrame:
    """Give the partnerships of an organisation, its partner's id, name and country in front, most reported first.

    evidence is one sentence of each: that of the surest fact, else of the first event; evidence() gives them all.
    """
    org_id = find_org(tables, org)
    table = tables.partnerships
    mine = table[(table["org_a"] == org_id) | (table["org_b"] == org_id)]
    first = mine["org_a"] == org_id
    sides = {
        column: mine[f"{column}_b"].astype(object).where(first, mine[f"{column}_a"].astype(object)) for column in ("org", "name", "country")
    }
    rest = mine.drop(columns=[f"{c}_{side}" for c in sides for side in ("a", "b")])
    said = best_sentences(tables, pair_mask(tables.facts, tables, org_id))
    proof = aggregate.series((said.get(pair) for pair in zip(mine["org_a"], mine["org_b"], strict=True)), mine)
    heads = {"partner_id": sides["org"], "partner": sides["name"], "country": sides["country"]}
    out = pd.concat([pd.DataFrame(heads), rest.assign(evidence=proof)], axis=1)
    return out.sort_values(["n_documents", "confidence", "partner_id"], ascending=[False, False, True]).reset_index(drop=True)


def best_sentences(tables: Tables, of_facts: "pd.Series[bool]") -> dict[tuple[str, str], str]:
    """Give a sentence for each pair: of its surest fact among those chosen, else of its first event."""
    events = aggregate.pairs_of_events(tables.events, tables.history).sort_values(["date_start", "event_id"]).drop_duplicates(PAIR)
    facts = tables.facts[of_facts].sort_values(["confidence", "fact_id"], ascending=[False, True]).drop_duplicates(PAIR)
    rows = pd.concat([events, facts])
    return dict(zip(zip(rows["org_a"], rows["org_b"], strict=True), rows["evidence"], strict=True))


def pair_mask(frame: pd.DataFrame, tables: Tables, of: str | tuple[str, str]) -> "pd.Series[bool]":
    """Say which rows of a table with org_a and org_b are about an organisation or a pair."""
    if isinstance(of, str):
        org_id = find_org(tables, of)
        return (frame["org_a"] == org_id) | (frame["org_b"] == org_id)
    a, b = sorted(find_org(tables, side) for side in of)
    return (frame["org_a"] == a) & (frame["org_b"] == b)


def timeline(tables: Tables, of: str | tuple[str, str]) -> pd.DataFrame:
    """Give what is told of an organisation or of a pair, by date: events, facts and reports, each with its article.

    date is the day from which it was (of a report: of publication); what has none stands at the day of its publication.
    """
    names = tables.organizations.set_index("org_id")["name"]
    published = tables.documents.set_index("doc_id")["day"]
    history = tables.history[pair_mask(tables.history, tables, of)]
    facts = tables.facts[pair_mask(tables.facts, tables, of)]
    happened = aggregate.pairs_of_events(tables.events, tables.history)
    events = happened[pair_mask(happened, tables, of)]
    parts = [
        history.assign(
            what="report",
            detail=history["status"].astype(str),
            published=history["doc_id"].map(published),
            evidence=None,
            start=None,
            end=None,
        ),
        facts.assign(
            what="fact",
            detail=facts["area"] + " (" + facts["status"].astype(str) + ")",
            date=facts["date_start"],
            published=facts["doc_id"].map(published),
        ),
        events.assign(
            what="event", detail=events["type"].astype(str), date=events["date_start"], published=events["doc_id"].map(published)
        ),
    ]
    columns = ["date", "published", "what", "detail", "org_a", "org_b", "doc_id", "evidence", "start", "end"]
    rows = pd.concat([part[columns].astype(object) for part in parts], ignore_index=True)
    rows["date"] = pd.to_datetime(rows["date"]).astype("datetime64[s]")
    rows["published"] = pd.to_datetime(rows["published"]).astype("datetime64[s]")
    rows[["start", "end"]] = rows[["start", "end"]].astype("Int64")
    rows.insert(4, "name_a", rows["org_a"].map(names))
    rows.insert(5, "name_b", rows["org_b"].map(names))
    rows = rows.assign(order=rows["date"].fillna(rows["published"]))
    return (
        rows.sort_values(["order", "doc_id", "what", "detail"], na_position="first", kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def roll_up(tables: Tables, level: str) -> Tables:
    """Give tables with partnerships between organisations (units stand for the organisation above them) or countries.

    facts, events, history and partnerships change; at level "country" the ids are codes, what has no country is left out, and
    organizations has a row for each country, whose n_documents counts articles with a partnership of it.
    """
    if level not in LEVELS:
        raise PipelineError(f"level {level!r} found; {', '.join(LEVELS)} expected")
    if level == "unit":
        return tables
    orgs = tables.organizations
    parents = dict(zip(orgs["org_id"], orgs["parent_id"], strict=True))
    top = {o: _top(o, parents) for o in orgs["org_id"]}
    countries = dict(zip(orgs["org_id"], orgs["country"].astype(object), strict=True))
    to: Mapping[str, Any] = top if level == "organization" else {o: countries.get(top[o]) or countries.get(o) for o in top}
    to = {k: v for k, v in to.items() if isinstance(v, str)}
    facts = _move_pairs(tables.facts, to).drop_duplicates(["doc_id", *PAIR, "start", "end", "category", "status"])
    moved = [sorted({to[o] for o in ids if o in to}) for ids in tables.events["org_ids"]]
    events = tables.events.assign(org_ids=aggregate.series(moved, tables.events))
    history = _move_reports(tables.history, to)
    history = history.merge(tables.documents[["doc_id", "day", "issuer", "url"]], on="doc_id", how="left")
    history = aggregate.add_states(history)
    documents, offices = tables.documents, tables.affiliations
    if level == "country":
        orgs = _make_countries(orgs, to, history)
        offices = _move_offices(offices, to)
        documents = documents.assign(issuer=documents["issuer"].map(to))
    happened = aggregate.pairs_of_events(aggregate.with_day(events, documents), history)
    partnerships = aggregate.make_partnerships(history, facts, happened, orgs, aggregate.find_offices(orgs, offices))
    return Tables(
        documents=aggregate.finish_documents(documents, facts),
        organizations=orgs,
        people=tables.people,
        affiliations=offices,
        facts=conform("facts", facts),
        events=conform("events", events),
        partnerships=partnerships,
        history=conform("history", history),
        links=tables.links,
    )


def _top(org_id: str, parents: Mapping[str, Any]) -> str:
    at = org_id
    for _ in range(20):
        above = parents.get(at)
        if not isinstance(above, str):
            break
        at = above
    return at


def _move_reports(history: pd.DataFrame, to: Mapping[str, str]) -> pd.DataFrame:
    """Give reports under other ids, those of one article on one pair as one; issued by a side where one of them was."""
    moved = _move_pairs(history, to)
    sides = moved["issued_by"].astype(object)
    moved = moved.assign(issued_by=sides.where(sides != "other"))
    groups = moved.groupby([*PAIR, "doc_id"])
    rest = groups[["date", "source", "issued_by"]].first().reset_index()
    return aggregate.join_reports(moved).merge(rest.fillna({"issued_by": "other"}), on=[*PAIR, "doc_id"])


def _make_countries(orgs: pd.DataFrame, to: Mapping[str, str], history: pd.DataFrame) -> pd.DataFrame:
    groups = orgs.assign(org_id=orgs["org_id"].map(to)).dropna(subset=["org_id"]).groupby("org_id")
    sides = pd.concat([history[[side, "doc_id"]].set_axis(["org_id", "doc_id"], axis=1) for side in PAIR])
    table = groups.agg(first_seen=("first_seen", "min"), last_seen=("last_seen", "max"))
    table = table.assign(n_documents=sides.groupby("org_id")["doc_id"].nunique(), type="country").reset_index()
    names = table["org_id"].map(lambda code: country_names().get(code, code))
    return conform("organizations", table.assign(country=table["org_id"], name=names))


def _move_offices(affiliations: pd.DataFrame, to: Mapping[str, str]) -> pd.DataFrame:
    moved = affiliations.assign(org_id=affiliations["org_id"].map(to).fillna(""))
    groups = moved.groupby(["person_id", "org_id", "role"])
    days = groups.agg(first_seen=("first_seen", "min"), last_seen=("last_seen", "max"))
    table = days.assign(doc_ids=groups["doc_ids"].agg(lambda lists: sorted({d for ids in lists for d in ids}))).reset_index()
    return conform("affiliations", table.assign(org_id=table["org_id"].replace("", None)))


def _move_pairs(frame: pd.DataFrame, to: Mapping[str, str]) -> pd.DataFrame:
    """Give rows of pairs under other ids, ordered, without those that have become one side."""
    left, right = frame["org_a"].map(to), frame["org_b"].map(to)
    kept = left.notna() & right.notna() & (left != right)
    frame, left, right = frame[kept], left[kept], right[kept]
    swap = left > right
    moved = frame.assign(org_a=left.where(~swap, right), org_b=right.where(~swap, left))
    if "issued_by" in moved:
        sides = moved["issued_by"].astype(object)
        moved = moved.assign(issued_by=sides.where(~swap, sides.map({"a": "b", "b": "a", "other": "other"})))
    return moved


def network(tables: Tables, *, level: str = "organization", since: str | None = None) -> "nx.Graph[str]":
    """Give the partnerships as a networkx Graph: nodes by org_id (or country), edges with status, n_documents, n_facts, confidence.

    level: unit, organization or country. since: ISO day; only pairs with a report or an event of that day or later.
    """
    try:
        import networkx as nx
    except ImportError:
        raise MissingExtraError("network needs networkx, which isn't installed: pip install 'coopfacts[explore]'") from None
    pairs = roll_up(tables, level).partnerships
    if since is not None:
        pairs = pairs[pairs["last_date"] >= pd.Timestamp(since)]
    graph: nx.Graph[str] = nx.Graph(level=level)
    orgs = tables.organizations.set_index("org_id")
    row: Any
    for row in pairs.itertuples(index=False):
        for org_id, name, country in ((row.org_a, row.name_a, row.country_a), (row.org_b, row.name_b, row.country_b)):
            kind = orgs["type"].get(org_id, "country") if level != "country" else "country"
            graph.add_node(org_id, name=str(name), country=country if isinstance(country, str) else "", type=str(kind))
        graph.add_edge(
            row.org_a,
            row.org_b,
            status=str(row.status),
            n_documents=int(row.n_documents),
            n_sources=int(row.n_sources),
            n_facts=int(row.n_facts),
            n_events=int(row.n_events),
            confidence=float(row.confidence),
            categories="; ".join(row.categories),
            first_date=_iso(row.first_date),
            last_date=_iso(row.last_date),
        )
    return graph


def _iso(value: Any) -> str:
    return "" if pd.isna(value) else value.date().isoformat()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article that bears a fact or an event out: text is the passage, start and end what is marked in it."""

    doc_id: str
    title: str
    source: str
    published: str
    text: str
    start: int
    end: int
    label: str


class Evidence(list[Passage]):
    """Passages; a notebook shows them with what was found marked."""

    def _repr_html_(self) -> str:
        if not self:
            return "<p>No evidence.</p>"
        parts = []
        for p in self:
            before, marked, after = (escape(part) for part in (p.text[: p.start], p.text[p.start : p.end], p.text[p.end :]))
            text = f"{before}<mark title='{escape(p.label, quote=True)}'>{marked}</mark>{after}"
            head = " · ".join(escape(x) for x in (p.published, p.title, p.source, p.label) if x)
            parts.append(f"<blockquote style='margin:.5em 0'><p>{text}</p><footer><small>{head}</small></footer></blockquote>")
        return "\n".join(parts)

    def to_frame(self) -> pd.DataFrame:
        """Give the passages as rows."""
        return pd.DataFrame([{name: getattr(p, name) for name in Passage.__slots__} for p in self], columns=list(Passage.__slots__))


def evidence(tables: Tables, row: Any, documents: str | Path | Iterable[Json] | None = None) -> Evidence:
    """Give the passages on which a row of facts, events or partnerships rests.

    row: a row (Series, named tuple or mapping), a fact_id, an event_id, or a pair of organisations. documents: the run's folder, its
    documents.jsonl, or records; then the passage is the sentence as it stands in the article, else the sentence that the table keeps.
    """
    facts, events = _rows_of(tables, row)
    wanted = {*facts["doc_id"], *events["doc_id"]}
    texts = {r["doc_id"]: r for r in _records(documents) if r["doc_id"] in wanted} if documents is not None else {}
    about = tables.documents.set_index("doc_id")
    passages = []
    for table, label in ((facts, "category"), (events, "type")):
        item: Any
        for item in table.itertuples(index=False):
            name = " ".join(str(v) for v in (getattr(item, label), getattr(item, "status", None)) if isinstance(v, str))
            text, start, end = _passage(item, texts.get(item.doc_id))
            info = about.loc[item.doc_id]
            passages.append(
                Passage(item.doc_id, _plain(info["title"]), _plain(info["source"]), _plain(info["published"]), text, start, end, name)
            )
    return Evidence(sorted(passages, key=lambda p: (p.published, p.doc_id, p.text, p.start)))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _records(documents: str | Path | Iterable[Json]) -> Iterable[Json]:
    if isinstance(documents, str | Path):
        path = Path(documents)
        return read_records(path / "documents.jsonl" if path.is_dir() else path)
    return documents


def _rows_of(tables: Tables, row: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    none = tables.facts.iloc[:0], tables.events.iloc[:0]
    if isinstance(row, str):
        return tables.facts[tables.facts["fact_id"] == row], tables.events[tables.events["event_id"] == row]
    if isinstance(row, tuple) and not hasattr(row, "_asdict"):
        pair: tuple[str, str] = tuple(sorted(find_org(tables, side) for side in row))  # type: ignore[assignment]
    else:
        values = row._asdict() if hasattr(row, "_asdict") else dict(row)
        for key, table, at in (("fact_id", tables.facts, 0), ("event_id", tables.events, 1)):
            if key in values:
                found = table[table[key] == values[key]]
                return (found, none[1]) if at == 0 else (none[0], found)
        if not {"org_a", "org_b"} <= set(values):
            raise PipelineError("evidence is of a row of facts, events or partnerships, which has fact_id, event_id, or org_a and org_b")
        pair = (values["org_a"], values["org_b"])
    facts = tables.facts[(tables.facts["org_a"] == pair[0]) & (tables.facts["org_b"] == pair[1])]
    happened = aggregate.pairs_of_events(tables.events, tables.history)
    ids = happened[(happened["org_a"] == pair[0]) & (happened["org_b"] == pair[1])]["event_id"]
    return facts, tables.events[tables.events["event_id"].isin(ids)]


def _passage(item: Any, record: Json | None) -> tuple[str, int, int]:
    """Give the sentence, and where in it the words stand."""
    if record is not None and item.end > 0:
        parts = [*record.get("areas", ()), *record.get("events", ()), *(e for p in record.get("partnerships", ()) for e in p["events"])]
        sentence = next(
            (p["sentence"] for p in parts if p.get("start") == item.start and p.get("end") == item.end and p.get("sentence")), None
        )
        first, last = sentence or (item.start, item.end)
        return record["text"][first:last], item.start - first, item.end - first
    words = getattr(item, "area", "") or ""
    at = item.evidence.find(words) if words else -1
    return (item.evidence, at, at + len(words)) if at >= 0 else (item.evidence, 0, 0)


def diff(old: Tables, new: Tables) -> pd.DataFrame:
    """Give what changed between two runs: pairs that came or went, and columns of partnerships that differ; one row a change."""
    before, after = (t.partnerships.set_index(PAIR) for t in (old, new))
    rows: list[Json] = []
    for change, frame, other in (("added", after, before), ("removed", before, after)):
        only = frame[~frame.index.isin(other.index)].reset_index()[[*PAIR, "name_a", "name_b"]]
        rows.extend({**{str(k): v for k, v in row.items()}, "change": change} for row in only.to_dict("records"))
    both = after.index.intersection(before.index)
    for column in before.columns:
        left, right = (_comparable(frame.loc[both, column]) for frame in (before, after))
        for pair in both[(left != right).to_numpy()]:
            rows.append(
                {
                    "change": "changed",
                    "org_a": pair[0],
                    "org_b": pair[1],
                    "name_a": after.at[pair, "name_a"],
                    "name_b": after.at[pair, "name_b"],
                    "column": column,
                    "old": left.at[pair],
                    "new": right.at[pair],
                }
            )
    columns = ["change", "org_a", "org_b", "name_a", "name_b", "column", "old", "new"]
    return pd.DataFrame(rows, columns=columns).sort_values(["change", *PAIR, "column"], kind="stable").reset_index(drop=True)


def _comparable(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give values as texts, empty where there is none."""
    return pd.Series([text_of(v) for v in values], index=values.index, dtype=object)


def why(out: str | Path | Tables, org: str) -> pd.DataFrame:
    """Give the links of an organisation or a person, by id or name: joined, unsure or forbidden, each with its reasons.

    The rows can go to decisions.csv as they are: left, right and a verdict.
    """
    tables = out if isinstance(out, Tables) else read_tables(out)
    links = tables.links
    entity_id = find_entity(tables, org)
    mine = links[(links["left_id"] == entity_id) | (links["right_id"] == entity_id)]
    order = mine["verdict"].astype(str).map({"linked": 0, "unsure": 1, "forbidden": 2})
    return (
        mine.assign(order=order)
        .sort_values(["order", "score", "left", "right"], ascending=[True, False, True, True])
        .drop(columns="order")
        .reset_index(drop=True)
    )


def find_entity(tables: Tables, name: str) -> str:
    """Give the org_id of an organisation, else the person_id of a person, by id or name; PipelineError as find_org raises it."""
    people = tables.people
    if (people["person_id"] == name).any():
        return name
    try:
        return find_org(tables, name)
    except PipelineError:
        found = people[people["name"].map(key_of) == key_of(name)]
        if len(found) == 1:
            return str(found["person_id"].iloc[0])
        if len(found) > 1:
            raise PipelineError(
                f"{len(found)} people are called {name!r}: {', '.join(sorted(found['person_id']))}; ask for one by person_id"
            ) from None
        raise


def read_level(out: str | Path, level: str = "unit") -> Tables:
    """Read the tables of a run with partnerships of units, organisations or countries."""
    return roll_up(read_tables(out), level)


def write_level(out: str | Path, level: str) -> Path:
    """Write the tables of a level to OUT/LEVEL/tables and give OUT/LEVEL, which all that reads tables takes as a run's folder."""
    folder = Path(out) / level
    write_tables(read_level(out, level), folder)
    return folder


# each partnership from both sides, with a sentence that bears it out, so that a question about one organisation is one line of SQL
PARTNERS = """
    create view partners as
    with sides as (
        select org_a as org_id, name_a as name, org_b as partner_id, name_b as partner, country_b as partner_country, * from partnerships
        union all
        select org_b, name_b, org_a, name_a, country_a, * from partnerships
    ), said as (
        select org_a, org_b, first(evidence order by confidence desc, fact_id) as evidence from facts group by org_a, org_b
    )
    select sides.* exclude (name_a, name_b, country_a, country_b), said.evidence
    from sides left join said using (org_a, org_b)
"""


def query(out: str | Path, sql: str, *, level: str = "unit") -> pd.DataFrame:
    """Give the answer of an SQL query on the tables of a run, through DuckDB; each table is there by its name.

    There is also partners: each partnership from both sides (name, partner, …), with a sentence that bears it out. level: unit,
    organization or country. The query reads the tables only: no other file, no network.
    """
    if level not in LEVELS:
        raise PipelineError(f"level {level!r} found; {', '.join(LEVELS)} expected")
    folder = Path(out) / "tables"
    connection = duckdb.connect(":memory:")
    try:
        for name in TABLES:
            path = folder / f"{name}.parquet"
            if not path.is_file():
                raise PipelineError(f"{path}: no such file; build the tables first: coopfacts build {out}")
            quoted = str(path).replace("'", "''")
            connection.execute(f"create table {name} as select * from read_parquet('{quoted}')")
        for name, frame in read_level(out, level).items() if level != "unit" else ():
            connection.register("rolled_up", to_arrow(name, frame))
            connection.execute(f"create or replace table {name} as select * from rolled_up")
            connection.unregister("rolled_up")
        connection.execute(PARTNERS)
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        answer: pd.DataFrame = connection.execute(sql).df()
        return answer
    except duckdb.Error as error:
        told = " ".join(str(error).partition("\n\nLINE")[0].split())  # without the lines that draw an arrow
        raise PipelineError(f"the query failed: {told}; the tables are {', '.join(TABLES)}, partners") from None
    finally:
        connection.close()
