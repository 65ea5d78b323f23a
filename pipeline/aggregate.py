"""Records + canonical ids -> documents, organizations, people, affiliations, facts, events, history, partnerships."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from pipeline.dates.edtf import bounds
from pipeline.duplicates import domain_of
from pipeline.naming import key_of
from pipeline.resolve.cluster import id_of
from pipeline.resolve.forms import NameForm, form_of
from pipeline.schema import PLOVER_EVENTS
from pipeline.tables import conform

Ids = Mapping[tuple[str, str], str]
Named = tuple[str, list[str], str]  # org_id, surface forms, type
PAIR = ["org_a", "org_b"]
STAGES = ("proposed", "agreed", "ongoing", "completed", "ended")  # of a partnership, in the order in which they come
HOST_WORDS = frozenset(["com", "org", "edu", "gov", "news", "press", "web", "mil", "net"])
OVER = ("completed", "ended")  # what comes after is a new beginning


def series(values: Iterable[Any], frame: pd.DataFrame) -> "pd.Series[Any]":
    """Give values as a column of a frame; of no values too, which pandas would take for numbers."""
    return pd.Series(list(values), index=frame.index, dtype=object)


def days_of(values: Iterable[Any], frame: pd.DataFrame) -> "pd.Series[Any]":
    """Give values as a column of days."""
    return pd.Series(pd.to_datetime(list(values), errors="coerce", format="ISO8601"), index=frame.index).astype("datetime64[s]")


def with_ids(frame: pd.DataFrame, ids: Ids, column: str) -> pd.DataFrame:
    """Add canonical ids to rows of entities of articles."""
    return frame.assign(**{column: series((ids[key] for key in zip(frame["doc_id"], frame["local_id"], strict=True)), frame)})


def with_day(rows: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Add to rows the day on which their article was published."""
    return rows.merge(documents[["doc_id", "day"]], on="doc_id", how="left")


def make_documents(documents: pd.DataFrame, orgs: pd.DataFrame, duplicate_of: Mapping[str, str]) -> pd.DataFrame:
    """Give an article a row: what it is, who issued it, of which one it is a near-copy. n_facts is still missing."""
    n_orgs = orgs.groupby("doc_id")["org_id"].nunique()
    by_doc: dict[str, list[Named]] = defaultdict(list)
    for doc_id, *named in zip(orgs["doc_id"], orgs["org_id"], orgs["forms"], orgs["type"], strict=True):
        by_doc[doc_id].append((named[0], named[1], named[2]))
    issuers = (
        find_issuer(name, url, by_doc.get(doc_id, []))
        for doc_id, name, url in zip(documents["doc_id"], documents["issuer_name"], documents["url"], strict=True)
    )
    return documents.assign(
        issuer=series(issuers, documents),
        duplicate_of=series((duplicate_of.get(d) for d in documents["doc_id"]), documents),
        original=series((duplicate_of.get(d, d) for d in documents["doc_id"]), documents),
        n_orgs=documents["doc_id"].map(n_orgs).fillna(0),
        day=pd.to_datetime(documents["day"], errors="coerce", format="ISO8601").astype("datetime64[s]"),
    )


def find_issuer(name: str | None, url: str | None, orgs: Sequence[Named]) -> str | None:
    """Give the org_id of the organisation of an article that published it: named so by the article's metadata, else the one to whose
    name or acronym the host of the address goes back; None where none or several do.
    """
    if name:
        key = key_of(name)
        named = {org_id for org_id, forms, _ in orgs if any(key_of(form) == key for form in forms)}
        if len(named) == 1:
            return named.pop()
    host = domain_of(url)
    if not host:
        return None
    labels = {part.replace("-", "") for part in host.split(".")[:-1] if len(part) > 2} - HOST_WORDS
    cores = {word for label in labels for word in _cut(label)}
    tests: tuple[Callable[[NameForm, str], bool], ...] = (
        lambda form, kind: form.acronym and form.key in labels,
        lambda form, kind: form.key.replace(" ", "") in labels,
        lambda form, kind: kind not in ("unit", "country") and len(form.core) == 1 and form.core <= cores,
    )
    for fits in tests:
        found = {org_id for org_id, forms, kind in orgs if any(fits(form_of(f), kind) for f in forms)}
        if len(found) == 1:
            return found.pop()
    return None


def _cut(label: str) -> Iterable[str]:
    """Give a host's label as it is and without what universities put before or behind their town: "unisado", "sadouni"."""
    for mark in ("", "uni", "univ", "university", "tu", "gmbh", "group"):
        if label.startswith(mark):
            yield label[len(mark) :]
        if label.endswith(mark) and mark:
            yield label[: -len(mark)]


def add_parents(orgs: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Add to the organisations of articles the org_id of the one above them in the article, and the article's day."""
    rows = with_day(orgs, documents)
    ids: Ids = dict(zip(zip(rows["doc_id"], rows["local_id"], strict=True), rows["org_id"], strict=True))
    return rows.assign(parent_id=series((ids.get((d, p)) for d, p in zip(rows["doc_id"], rows["parent"], strict=True)), rows))


def make_organizations(
    rows: pd.DataFrame, names: Mapping[str, str], countries: Mapping[str, str], registry_ids: Mapping[str, str]
) -> pd.DataFrame:
    """Give an organisation a row: its most frequent type and parent, its country and other names, when it was seen.

    rows: organisations of articles, see add_parents. Parents may lead in a circle, see drop_circles.
    """
    groups = rows.groupby("org_id", sort=True)
    table = pd.DataFrame(
        {
            "n_documents": groups["doc_id"].nunique(),
            "first_seen": groups["day"].min(),
            "last_seen": groups["day"].max(),
        }
    )
    forms = rows[["org_id", "forms"]].explode("forms").groupby("org_id")["forms"].agg(lambda f: sorted(set(f)))
    table = table.assign(
        name=table.index.map(names),
        type=most_frequent(rows, "type"),
        country=table.index.map(countries),
        parent_id=most_frequent(rows[rows["parent_id"] != rows["org_id"]], "parent_id"),
        registry_id=table.index.map(registry_ids),
        aliases=forms,
    ).reset_index(names="org_id")
    table["aliases"] = series(([f for f in forms if f != name] for forms, name in zip(table["aliases"], table["name"], strict=True)), table)
    return conform("organizations", table)


def drop_circles(organizations: pd.DataFrame) -> pd.DataFrame:
    """Give the table without parents that lead back to where they begin."""
    parents = without_circles(dict(zip(organizations["org_id"], organizations["parent_id"], strict=True)))
    return conform("organizations", organizations.assign(parent_id=series(parents, organizations)))


def most_frequent(rows: pd.DataFrame, column: str) -> "pd.Series[Any]":
    """Give the most frequent value of a column for each org_id, of equals the first in order; None where there is none."""
    counts = rows.dropna(subset=[column]).groupby(["org_id", column], sort=True).size().rename("n").reset_index()
    counts = counts.sort_values(["org_id", "n", column], ascending=[True, False, True], kind="stable")
    return counts.drop_duplicates("org_id").set_index("org_id")[column]


def without_circles(parents: Mapping[str, Any]) -> list[str | None]:
    """Give the parents, in order, with those left out that lead back to where they begin (articles may disagree)."""
    clean: dict[str, str | None] = {k: (p if isinstance(p, str) else None) for k, p in parents.items()}
    for org_id in sorted(clean):
        seen, at = {org_id}, clean[org_id]
        while at is not None:
            if at in seen:
                clean[org_id] = None
                break
            seen.add(at)
            at = clean.get(at)
    return [clean[k] for k in parents]


def make_people(persons: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Give a person a row."""
    forms = persons[["person_id", "forms"]].explode("forms").groupby("person_id")["forms"].agg(lambda f: sorted(set(f)))
    table = pd.DataFrame({"n_documents": persons.groupby("person_id")["doc_id"].nunique(), "aliases": forms}).reset_index(names="person_id")
    table = table.assign(name=table["person_id"].map(names))
    table["aliases"] = series(([f for f in forms if f != name] for forms, name in zip(table["aliases"], table["name"], strict=True)), table)
    return conform("people", table)


def make_offices(roles: pd.DataFrame, org_ids: Ids, person_ids: Ids, documents: pd.DataFrame) -> pd.DataFrame:
    """Add to the roles of articles the ids of person and organisation ("": not told), the role's key and the article's day."""
    rows = roles.assign(
        person_id=series((person_ids.get((d, p)) for d, p in zip(roles["doc_id"], roles["person"], strict=True)), roles),
        org_id=series((org_ids.get((d, o), "") for d, o in zip(roles["doc_id"], roles["org"], strict=True)), roles),
        key=series(map(key_of, roles["role"]), roles),
    )
    return with_day(rows, documents)


def make_affiliations(rows: pd.DataFrame) -> pd.DataFrame:
    """Give a person's role in an organisation a row, with the articles that say so; roles are one that differ in case only."""
    printed = rows.groupby(["person_id", "org_id", "key", "role"]).size().rename("n").reset_index()
    printed = printed.sort_values(["n", "role"], ascending=[False, True], kind="stable").drop_duplicates(["person_id", "org_id", "key"])
    groups = rows.groupby(["person_id", "org_id", "key"])
    table = pd.DataFrame(
        {"first_seen": groups["day"].min(), "last_seen": groups["day"].max(), "doc_ids": groups["doc_id"].agg(lambda d: sorted(set(d)))}
    )
    table = table.reset_index().merge(printed.drop(columns="n"), on=["person_id", "org_id", "key"])
    return conform("affiliations", table.assign(org_id=table["org_id"].replace("", None)))


def make_pairs(pairs: pd.DataFrame, org_ids: Ids) -> pd.DataFrame:
    """Add org_a < org_b to the partnerships of articles; pairs whose sides are one organisation are left out."""
    left = [org_ids.get((d, a)) for d, a in zip(pairs["doc_id"], pairs["a"], strict=True)]
    right = [org_ids.get((d, b)) for d, b in zip(pairs["doc_id"], pairs["b"], strict=True)]
    ordered = [sorted((x, y)) if x and y and x != y else (None, None) for x, y in zip(left, right, strict=True)]
    return pairs.assign(org_a=series((o[0] for o in ordered), pairs), org_b=series((o[1] for o in ordered), pairs)).dropna(subset=PAIR)


def make_history(pairs: pd.DataFrame, org_ids: Ids, documents: pd.DataFrame, facts: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Give what one article says of one pair a row, dated by itself: see add_days."""
    table = join_reports(make_pairs(pairs, org_ids))
    table = table.merge(documents[["doc_id", "day", "issuer", "original", "url"]], on="doc_id", how="left")
    return add_days(table.assign(source=table["original"]), facts, events)


def add_sides(history: pd.DataFrame, above: Mapping[str, Any]) -> pd.DataFrame:
    """Say of each report whether a side issued it. above: org_id -> that of its parent."""
    sides = [side_of(issuer, a, b, above) for issuer, a, b in zip(history["issuer"], history["org_a"], history["org_b"], strict=True)]
    return history.assign(issued_by=series(sides, history))


def join_reports(rows: pd.DataFrame) -> pd.DataFrame:
    """Give all that one article says of one pair in one row: the status furthest on, all instruments, the last end of a term."""
    rows = rows.assign(status=rows["status"].astype(object))
    rows = rows.assign(stage=rows["status"].map(STAGES.index).astype("int64")).sort_values([*PAIR, "doc_id", "stage"], kind="stable")
    groups = rows.groupby([*PAIR, "doc_id"])
    return pd.DataFrame(
        {
            "status": groups["status"].last(),
            "instruments": groups["instruments"].agg(lambda lists: sorted({code for codes in lists for code in codes})),
            "valid_until": groups["valid_until"].max(),
            "confidence": groups["confidence"].max().astype(float),
        }
    ).reset_index()


def side_of(issuer: Any, org_a: str, org_b: str, above: Mapping[str, Any]) -> str:
    """Give a or b where the issuer is that side or a unit of it, else other."""
    at = issuer
    for _ in range(8):
        if not isinstance(at, str):
            return "other"
        if at in (org_a, org_b):
            return "a" if at == org_a else "b"
        at = above.get(at)
    return "other"


def make_facts(areas: pd.DataFrame, pairs: pd.DataFrame, organizations: pd.DataFrame, org_ids: Ids, person_ids: Ids) -> pd.DataFrame:
    """Give each cooperation area a row for each pair of its parties that is a partnership of its article.

    A unit among the parties stands for its parents as well, where these are the partners.
    """
    sides = areas.assign(area_row=range(len(areas)))[["doc_id", "area_row", "parties"]].explode("parties").dropna(subset=["parties"])
    above = {(d, o): p for d, o, p in zip(organizations["doc_id"], organizations["local_id"], organizations["parent"], strict=True) if p}
    sides["parties"] = series((_with_parents(d, o, above) for d, o in zip(sides["doc_id"], sides["parties"], strict=True)), sides)
    sides = sides.explode("parties").drop_duplicates()
    known = make_pairs(pairs, org_ids)[["doc_id", "a", "b", *PAIR]]
    rows = known.merge(sides.rename(columns={"parties": "a"}), on=["doc_id", "a"]).merge(
        sides.rename(columns={"parties": "b"}), on=["doc_id", "b", "area_row"]
    )
    rows = rows.merge(areas.assign(area_row=range(len(areas))).drop(columns="doc_id"), on="area_row")
    rows = rows.assign(
        area=rows["text"], speaker_id=series((person_ids.get((d, s)) for d, s in zip(rows["doc_id"], rows["speaker"], strict=True)), rows)
    )
    key = ["doc_id", *PAIR, "start", "end", "category", "status"]
    rows = add_bounds(rows.assign(fact_id=series(make_ids("fact", rows, key), rows)))
    rows = rows.sort_values(["fact_id", "area", "speaker_id"], kind="stable").drop_duplicates("fact_id")
    return conform("facts", rows)


def _with_parents(doc_id: str, org: str, above: Mapping[tuple[str, str], str]) -> list[str]:
    line = [org]
    while (doc_id, line[-1]) in above and len(line) < 8:
        line.append(above[doc_id, line[-1]])
    return line


def make_events(events: pd.DataFrame, org_ids: Ids, person_ids: Ids) -> pd.DataFrame:
    """Give an event a row, with the ids of those who took part."""
    rows = events.assign(
        org_ids=series(
            (sorted({org_ids[d, o] for o in orgs if (d, o) in org_ids}) for d, orgs in zip(events["doc_id"], events["orgs"], strict=True)),
            events,
        ),
        person_ids=series(
            (
                sorted({person_ids[d, p] for p in people if (d, p) in person_ids})
                for d, people in zip(events["doc_id"], events["people"], strict=True)
            ),
            events,
        ),
        plover=series((" ".join(PLOVER_EVENTS.get(t, ("", ""))).strip() or None for t in events["type"]), events),
    )
    rows = add_bounds(rows.assign(event_id=series(make_ids("event", rows, ["doc_id", "type", "date", "start", "end"]), rows)))
    return conform("events", rows.drop_duplicates("event_id"))


def make_ids(prefix: str, rows: pd.DataFrame, columns: list[str]) -> list[str]:
    """Give each row an id made from some of its columns."""
    parts = [["" if pd.isna(v) else str(v) for v in rows[c].astype(object)] for c in columns]
    return [id_of(prefix, values) for values in zip(*parts, strict=True)] if len(rows) else []


def add_bounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the first and the last day that date can mean."""
    found = [bounds(value) if isinstance(value, str) else (None, None) for value in rows["date"]]
    return rows.assign(date_start=series((f for f, _ in found), rows), date_end=series((e for _, e in found), rows))


def pairs_of_events(events: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Give each event a row for each pair of its parties that is a partnership of its article: what n_events counts."""
    rows = (
        events.assign(pairs=series((list(combinations(ids, 2)) for ids in events["org_ids"]), events))
        .explode("pairs")
        .dropna(subset=["pairs"])
    )
    rows = rows.assign(org_a=series((p[0] for p in rows["pairs"]), rows), org_b=series((p[1] for p in rows["pairs"]), rows)).drop(
        columns="pairs"
    )
    return rows.merge(history[[*PAIR, "doc_id"]], on=[*PAIR, "doc_id"])


def add_days(history: pd.DataFrame, facts: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Date reports: by publication, else by the latest day that an event or a fact of the article is dated to, else not at all."""
    told = pd.concat([facts[["doc_id", "date_start"]], events[["doc_id", "date_start"]]]).groupby("doc_id")["date_start"].max()
    latest = told.to_dict()
    own = (latest.get(d, pd.NaT) if pd.isna(day) else day for d, day in zip(history["doc_id"], history["day"], strict=True))
    return history.assign(date=days_of(own, history))


def add_states(history: pd.DataFrame) -> pd.DataFrame:
    """Say what a pair has come to with each report: proposed, agreed, ongoing, completed, ended, only ever onwards.

    A later plan doesn't undo what runs; after completed or ended any report begins anew. Contradiction: what was ended runs or is
    completed in a later report without having been agreed anew, or reports of one day say ended and ongoing. Reports without a date
    come first, so that they overrule none. Near-copies don't count.
    """
    rows = history.assign(stage=history["status"].astype(str).map(STAGES.index).astype("int64"))
    rows = rows.sort_values([*PAIR, "date", "stage", "doc_id"], na_position="first", kind="stable")
    first = rows[rows["doc_id"] == first_of_source(rows)]
    over = first["status"].isin(OVER).astype("int64")
    episode = over.groupby([first["org_a"], first["org_b"]]).transform(lambda s: s.shift(fill_value=0).cumsum())
    # a run of reports that all say "ended" is one end
    state = first.groupby([*PAIR, episode])["stage"].cummax()
    before = first["status"].groupby([first["org_a"], first["org_b"]]).shift()
    after_end = (before == "ended") & first["status"].isin(["ongoing", "completed"])
    by_day = first.groupby([*PAIR, "date"], dropna=True)["status"]
    same_day = by_day.transform(lambda s: {"ended", "ongoing"} <= set(s)) if len(first) else after_end
    same_day = same_day.reindex(first.index).fillna(False).astype(bool)
    return rows.assign(
        state=state.map(lambda n: STAGES[int(n)]).reindex(rows.index),
        contradiction=(after_end | same_day).reindex(rows.index).fillna(False).astype(bool),
    )


def first_of_source(rows: pd.DataFrame) -> "pd.Series[Any]":
    """Give for each report the first article of its near-copies that reports the pair."""
    marked = rows.assign(own=rows["doc_id"] != rows["source"]).sort_values([*PAIR, "source", "own", "doc_id"], kind="stable")
    return marked.groupby([*PAIR, "source"])["doc_id"].transform("first").reindex(rows.index)


def make_partnerships(
    history: pd.DataFrame, facts: pd.DataFrame, events: pd.DataFrame, organizations: pd.DataFrame, offices: pd.DataFrame
) -> pd.DataFrame:
    """Give a pair of organisations a row: all that the other tables tell of it, counted.

    history, facts, events: all rows of some pairs; events as pairs_of_events gives them, with the article's day. offices: see find_offices.
    """
    table = summarise_reports(history)
    table = add_counts(table, facts, events)
    table = add_terms(table, history, events)
    table = add_dates(table, history, events)
    table = add_people(table, facts, events, offices)
    table = add_confidence(table, history)
    return conform("partnerships", add_names(table, organizations))


def summarise_reports(history: pd.DataFrame) -> pd.DataFrame:
    """Status, articles, sources and instruments of each pair. n_independent leaves out sources of which a side issued any copy."""
    rows = history.sort_values([*PAIR, "date", "stage", "doc_id"], na_position="first", kind="stable")
    groups = rows.groupby(PAIR)
    by_side = rows.assign(side=rows["issued_by"].astype(str) != "other").groupby([*PAIR, "source"])["side"].any().reset_index()
    return pd.DataFrame(
        {
            "status": groups["state"].last(),  # the last that isn't empty
            "valid_until": groups["valid_until"].last(),
            "n_documents": groups["doc_id"].nunique(),
            "n_sources": groups["source"].nunique(),
            "n_independent": by_side[~by_side["side"]].groupby(PAIR)["source"].nunique(),
            "instruments": groups["instruments"].agg(lambda lists: sorted({code for codes in lists for code in codes})),
            "doc_ids": groups["doc_id"].agg(lambda d: sorted(set(d))),
            "contradiction": groups["contradiction"].any(),
        }
    )


def add_counts(table: pd.DataFrame, facts: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Add the numbers of facts and events, and the categories, most frequent first."""
    counts = facts.groupby([*PAIR, "category"], observed=True).size().rename("n").reset_index()
    counts = counts.assign(category=counts["category"].astype(str)).sort_values(
        [*PAIR, "n", "category"], ascending=[True, True, False, True], kind="stable"
    )
    by_pair = counts.groupby(PAIR)
    return table.assign(
        n_facts=facts.groupby(PAIR).size(),
        n_events=events.groupby(PAIR).size(),
        categories=by_pair["category"].agg(list),
        category_counts=by_pair["n"].agg(list),
    ).fillna({"n_facts": 0, "n_events": 0, "n_independent": 0})


def add_terms(table: pd.DataFrame, history: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Add for each instrument when it was first signed and until when it holds by the latest report, as an EDTF interval.

    A report that tells the end of a term tells it of all instruments that it names. Empty where neither is told.
    """
    key = [*PAIR, "instrument"]
    signed = events[events["type"].astype(object) == "signing"].dropna(subset=["instrument", "date"])
    signed = signed.assign(instrument=signed["instrument"].astype(object), date=signed["date"].str.split("/").str[0])
    began = signed.sort_values([*key, "date_start", "date"], kind="stable").groupby(key)["date"].first()
    listed = history.explode("instruments").rename(columns={"instruments": "instrument"}).dropna(subset=["instrument", "valid_until"])
    ends = listed.sort_values([*key, "date", "valid_until"], na_position="first", kind="stable").groupby(key)["valid_until"].last()
    places = sorted({*began.index.to_flat_index(), *ends.index.to_flat_index()})
    terms = {place: f"{began.get(place, '')}/{ends.get(place, '')}" for place in places}
    told = [[terms.get((*pair, code), "") for code in codes] for pair, codes in zip(table.index, table["instruments"], strict=True)]
    return table.assign(instrument_terms=series(told, table))


def add_dates(table: pd.DataFrame, history: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Add the first and the last day of publications and events; days after the article's publication don't count."""
    published = history[[*PAIR, "day"]].rename(columns={"day": "date"})
    starts = events[~(events["date_start"] > events["day"])][[*PAIR, "date_start"]].rename(columns={"date_start": "date"})
    days = pd.concat([published, starts]).dropna(subset=["date"])
    groups = days.groupby(PAIR)["date"]
    return table.assign(first_date=groups.min(), last_date=groups.max())


def find_offices(organizations: pd.DataFrame, affiliations: pd.DataFrame) -> pd.DataFrame:
    """Give each person with each organisation where the person holds an office, and those above it: person_id, above."""
    held = affiliations[["person_id", "org_id"]].dropna().drop_duplicates()
    return held.merge(line_of(organizations), on="org_id")[["person_id", "above"]].drop_duplicates()


def add_people(table: pd.DataFrame, facts: pd.DataFrame, events: pd.DataFrame, offices: pd.DataFrame) -> pd.DataFrame:
    """Add those who speak in facts or take part in events of a pair and hold an office on one of its sides, units included."""
    speak = facts[[*PAIR, "speaker_id"]].rename(columns={"speaker_id": "person_id"})
    act = events[[*PAIR, "person_ids"]].explode("person_ids").rename(columns={"person_ids": "person_id"})
    rows = pd.concat([speak, act]).dropna(subset=["person_id"]).drop_duplicates()
    rows = rows.merge(offices, on="person_id")
    rows = rows[(rows["above"] == rows["org_a"]) | (rows["above"] == rows["org_b"])]
    return table.assign(people=rows.groupby(PAIR)["person_id"].agg(lambda p: sorted(set(p))))


def line_of(organizations: pd.DataFrame) -> pd.DataFrame:
    """Give each organisation with itself and each organisation above it: org_id, above."""
    parents = organizations[["org_id", "parent_id"]]
    line = parents.assign(above=parents["org_id"])
    parts = [line[["org_id", "above"]]]
    for _ in range(8):
        line = line.dropna(subset=["parent_id"]).assign(above=lambda f: f["parent_id"])
        parts.append(line[["org_id", "above"]])
        line = line[["org_id", "above"]].merge(parents.rename(columns={"org_id": "above"}), on="above")
    return pd.concat(parts).drop_duplicates()


def add_confidence(table: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Add 1 - product of (1 - c) over voices (noisy or): c is the highest confidence of a voice's articles.

    One voice: all articles issued by one organisation, else of one site, else the near-copies of one article. So saying a thing
    twice doesn't make it surer, hearing it from another does.
    """
    site = pd.Series([domain_of(url) if isinstance(url, str) else None for url in history["url"]], index=history.index, dtype=object)
    voice = history["issuer"].where(history["issuer"].notna(), site.where(site.notna(), history["source"]))
    source = history.assign(voice=voice).sort_values([*PAIR, "source", "doc_id"])
    first = source[source["doc_id"] == first_of_source(source)]
    highest = first.assign(doubt=1 - first["confidence"].clip(0, 1)).groupby([*PAIR, "voice"])["doubt"].min()
    return table.assign(confidence=(1 - highest.groupby(level=[0, 1]).prod()).round(4))


def add_names(table: pd.DataFrame, organizations: pd.DataFrame) -> pd.DataFrame:
    """Add names and countries of both sides."""
    known = organizations.set_index("org_id")
    table = table.reset_index()
    return table.assign(
        **{f"{column}_{side}": table[f"org_{side}"].map(known[column]) for column in ("name", "country") for side in ("a", "b")}
    )


def finish_documents(documents: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Add the number of facts of each article."""
    return conform("documents", documents.assign(n_facts=documents["doc_id"].map(facts.groupby("doc_id").size()).fillna(0)))
