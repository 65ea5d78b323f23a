"""Tables -> a page to read: OUT/report.html, one file that needs no network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import aggregate
from pipeline.geography import country_names
from pipeline.queries import read_level
from pipeline.records import read_records
from pipeline.tables import Tables
from pipeline.writing import Lock, disk_errors

Json = dict[str, Any]
Spans = dict[tuple[int, int], tuple[int, int]]
PAIR = ["org_a", "org_b"]
MAX_FACTS = 200_000  # and events and partnerships; of more, the partnerships with the most articles are on the page
MAX_LINKS = 20_000  # of each verdict
MAX_WHOLE_TEXTS = 4_000_000  # characters; of more, only what stands around the evidence is on the page
CONTEXT = 280  # characters before and after the evidence
MAX_SENTENCE = 2_000  # a "sentence" beyond that is a table or a list; what stands around the words is shown instead
SLOT = re.compile(r"\{\{(\w+)\}\}")


def write_report(out: str | Path, *, level: str = "unit") -> Path:
    """Write OUT/report.html from OUT/tables and OUT/documents.jsonl and give its path; the same input gives the same bytes.

    level: unit, organization or country; of the latter two the page is report-LEVEL.html. Raises PipelineError where the tables are
    missing, OutputBusyError where a run has the folder. Without documents.jsonl the page shows the sentences that the tables keep.
    """
    out = Path(out)
    records = out / "documents.jsonl"
    path = out / ("report.html" if level == "unit" else f"report-{level}.html")
    partial = path.with_suffix(".html.part")
    with Lock(out):
        page = render_report(read_level(out, level), read_records(records) if records.is_file() else (), run=read_run(out / "run.json"))
        with disk_errors(out):
            partial.write_bytes(page.encode("utf-8", "replace"))  # half of a surrogate pair, which a damaged text may hold, becomes "?"
            partial.replace(path)
    return path


def render_report(tables: Tables, records: Iterable[Json] = (), *, run: Mapping[str, Any] | None = None) -> str:
    """Give the page. records: those of the run, for the texts of articles. run: what run.json says, for the headline figures."""
    style, script, template = (read_resource(f"report.{kind}") for kind in ("css", "js", "html"))
    parts = {
        "style": style,
        "script": script,
        "style_hash": hash_of(style),
        "script_hash": hash_of(script),
        "data": dump_safely(collect(tables, records, run or {})),
    }
    return SLOT.sub(lambda slot: parts[slot[1]], template)


def read_resource(name: str) -> str:
    return (files("pipeline.resources") / name).read_text(encoding="utf-8").strip()


def hash_of(source: str) -> str:
    """Give the hash by which the page's content security policy admits its own script and style, and no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def dump_safely(data: Json) -> str:
    r"""Give JSON that can stand in a script element: nothing in it closes the element or opens a comment.

    >>> dump_safely({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def read_run(path: Path) -> Json:
    """Give what run.json says of the run: counts and versions, nothing that differs from run to run."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    wanted = ("read", "written", "failed", "skipped", "model", "version")
    return {key: found[key] for key in wanted if key in found} if isinstance(found, dict) else {}


class Numbering:
    """Numbers for values in the order of their first use, so that the page holds each once."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, value: Any) -> int:
        return self.numbers.setdefault(value, len(self.numbers)) if isinstance(value, str) else -1


def collect(tables: Tables, records: Iterable[Json], run: Mapping[str, Any]) -> Json:
    """Give what the page shows: rows as lists, names and codes by number; report.js reads them by their place."""
    pairs = choose_pairs(tables.partnerships)
    number = {pair: n for n, pair in enumerate(zip(pairs["org_a"], pairs["org_b"], strict=True))}
    facts = of_pairs(tables.facts, number)
    events = of_pairs(aggregate.pairs_of_events(tables.events, tables.history), number)
    history = of_pairs(tables.history, number)
    docs, orgs, people, codes = Numbering(), Numbering(), Numbering(), Numbering()
    cited = {*facts["doc_id"], *events["doc_id"], *history["doc_id"]}
    texts = Texts(cited, [*places_of(facts), *places_of(events)])
    texts.read(records)
    fact_rows = [
        [
            r.pair, docs(r.doc_id), r.area, codes(r.category), codes(r.status), text_of(r.date), people(r.speaker_id), r.confidence,
            *texts.place(r),
        ]
        for r in rows_of(facts)
    ]  # fmt: skip
    event_rows = [
        [r.pair, docs(r.doc_id), codes(r.type), text_of(r.date), codes(r.instrument), [people(p) for p in r.person_ids], *texts.place(r)]
        for r in rows_of(events)
    ]
    history_rows = [
        [r.pair, docs(r.doc_id), day_of(r.date), codes(r.status), codes(r.state), int(r.contradiction), text_of(r.issued_by)]
        for r in rows_of(history)
    ]
    pair_rows = [
        [
            orgs(r.org_a), orgs(r.org_b), codes(r.status), day_of(r.first_date), day_of(r.last_date), text_of(r.valid_until),
            r.n_documents, r.n_sources, r.n_independent, r.n_facts, r.n_events, [codes(c) for c in r.categories],
            list(map(int, r.category_counts)), [codes(c) for c in r.instruments], [people(p) for p in r.people], r.confidence,
            int(r.contradiction), list(r.instrument_terms),
        ]
        for r in rows_of(pairs)
    ]  # fmt: skip
    names = dict(zip(tables.people["person_id"], tables.people["name"], strict=True))
    org_rows = list(rows_of_organizations(tables.organizations, orgs))
    return {
        "run": dict(run),
        "totals": {name: len(frame) for name, frame in tables.items()},
        "duplicates": int(tables.documents["duplicate_of"].notna().sum()),
        "pairs": pair_rows,
        "facts": fact_rows,
        "events": event_rows,
        "history": history_rows,
        "orgs": org_rows,
        "people": [names.get(p, p) for p in people.numbers],
        "docs": list(rows_of_documents(tables.documents, docs, texts)),
        "codes": list(codes.numbers),
        "countries": {code: country_names().get(code, code) for code in sorted({row[3] for row in org_rows if row[3]})},
        "links": list(rows_of_links(tables.links)),
        "whole": texts.whole,
    }


def choose_pairs(partnerships: pd.DataFrame) -> pd.DataFrame:
    """Give the partnerships, those with the most articles first, as many as the page can hold with their facts."""
    ordered = partnerships.sort_values(["n_documents", "n_facts", *PAIR], ascending=[False, False, True, True], kind="stable")
    rows = ordered["n_facts"] + ordered["n_events"] + 1
    return ordered[rows.cumsum() - rows < MAX_FACTS]


def of_pairs(frame: pd.DataFrame, number: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    """Give the rows of chosen pairs, with the pair's number, in the order of the pairs and of the table."""
    numbers = [number.get(pair, -1) for pair in zip(frame["org_a"], frame["org_b"], strict=True)]
    rows = frame.assign(pair=numbers)
    return rows[rows["pair"] >= 0].sort_values("pair", kind="stable")


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    yield from frame.itertuples(index=False)


def places_of(frame: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    yield from zip(frame["doc_id"], frame["start"], frame["end"], strict=True)


def rows_of_organizations(organizations: pd.DataFrame, orgs: Numbering) -> Iterator[list[Any]]:
    """Give the organisations that are numbered, and those above them: id, name, type, country, number of the one above, aliases."""
    known = {r.org_id: r for r in rows_of(organizations)}
    at = 0
    while at < len(orgs.numbers):  # grows by those above
        for org_id in list(orgs.numbers)[at:]:
            row = known[org_id]
            parent = orgs(row.parent_id) if isinstance(row.parent_id, str) and row.parent_id in known else -1
            yield [org_id, row.name, text_of(row.type), text_of(row.country), parent, list(row.aliases)]
            at += 1


def rows_of_documents(documents: pd.DataFrame, docs: Numbering, texts: "Texts") -> Iterator[list[Any]]:
    """Give the articles that are numbered: id, title, source, address, published, day, number of the one it copies, pieces of its text."""
    known = {r.doc_id: r for r in rows_of(documents[documents["doc_id"].isin(docs.numbers)])}
    for doc_id in list(docs.numbers):
        row = known[doc_id]
        copied = docs.numbers.get(row.duplicate_of, -1) if isinstance(row.duplicate_of, str) else -1
        head = [doc_id, *map(text_of, (row.title, row.source, row.url, row.published)), day_of(row.day), copied]
        yield [*head, texts.pieces(doc_id)]


def rows_of_links(links: pd.DataFrame) -> Iterator[list[Any]]:
    """Give merges made, left unsure and forbidden, the likeliest first: kind, left, right, score, verdict, by, reasons."""
    ordered = links.sort_values(["score", "kind", "left", "right"], ascending=[False, True, True, True], kind="stable")
    for verdict in ("unsure", "linked", "forbidden"):
        for r in rows_of(ordered[ordered["verdict"] == verdict].head(MAX_LINKS)):
            yield [r.kind, r.left, r.right, r.score, verdict, text_of(r.by), list(r.reasons)]


def text_of(value: Any) -> str:
    """Give a cell as text; empty where there is none."""
    return value if isinstance(value, str) else ""


def day_of(value: Any) -> str:
    return "" if pd.isna(value) else value.date().isoformat()


class Texts:
    """Articles as the page holds them: whole, or where that is too much, what stands around the evidence.

    Offsets are handed out in UTF-16 units, as a browser counts them; Python counts characters.
    """

    def __init__(self, cited: Iterable[str], evidence: Iterable[tuple[str, int, int]]) -> None:
        self.cited = set(cited)
        self.wanted: dict[str, set[tuple[int, int]]] = {}
        for doc_id, start, end in evidence:
            if end > start:
                self.wanted.setdefault(doc_id, set()).add((int(start), int(end)))
        self.whole = True
        self.kept: dict[str, list[tuple[int, str]]] = {}  # pieces: offset in the text, in UTF-16 units, and the piece
        self.spans: dict[str, dict[tuple[int, int], list[int]]] = {}  # of evidence: start and end of sentence and words, in UTF-16 units

    def read(self, records: Iterable[Json]) -> None:
        """Take what is cited from the records; of records with one doc_id the last counts."""
        whole: dict[str, str] = {}
        size = 0
        for record in records:
            doc_id, text = str(record["doc_id"]), record["text"]
            if doc_id not in self.cited:
                continue
            sentences = find_sentences(record)
            to_units = unit_counter(text)
            spans, windows = {}, []
            for start, end in sorted(self.wanted.get(doc_id, ())):
                first, last = sentences.get((start, end), (start, end))
                if not (first <= start and end <= last <= len(text)) or last - first > MAX_SENTENCE:
                    first, last = widen(text, start, end, CONTEXT // 2)
                spans[start, end] = [to_units(n) for n in (first, last, start, end)]
                windows.append(widen(text, first, last, CONTEXT))
            self.spans[doc_id] = spans
            self.kept[doc_id] = [(to_units(first), text[first:last]) for first, last in join_windows(windows)]
            if self.whole:
                whole[doc_id] = text
                size += len(text)
                if size > MAX_WHOLE_TEXTS:
                    self.whole = False
                    whole.clear()
        self.kept.update({doc_id: [(0, text)] for doc_id, text in whole.items()})

    def place(self, row: Any) -> list[Any]:
        """Give where the evidence of a row stands: start and end of the sentence and of the words; else the sentence alone."""
        return self.spans.get(row.doc_id, {}).get((row.start, row.end)) or [text_of(row.evidence)]

    def pieces(self, doc_id: str) -> list[list[Any]]:
        return [list(piece) for piece in self.kept.get(doc_id, ())]


def find_sentences(record: Json) -> Spans:
    """Give the sentence of each area and event of a record, by the offsets of its words."""
    items = [*record.get("areas", ()), *record.get("events", ()), *(e for p in record.get("partnerships", ()) for e in p["events"])]
    return {(i["start"], i["end"]): (i["sentence"][0], i["sentence"][1]) for i in items if i.get("sentence") and i.get("start") is not None}


def widen(text: str, start: int, end: int, by: int) -> tuple[int, int]:
    """Give bounds at white space that leave about that many characters before and after.

    >>> widen("one two three four", 8, 13, 3)
    (4, 18)
    """
    first, last = max(0, start - by), min(len(text), end + by)
    while first > 0 and start - first < by + 40 and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and last - end < by + 40 and not text[last].isspace():
        last += 1
    return first, last


def join_windows(windows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give windows in order, those that touch or overlap as one.

    >>> join_windows([(5, 9), (0, 6), (20, 30)])
    [(0, 9), (20, 30)]
    """
    joined: list[tuple[int, int]] = []
    for first, last in sorted(windows):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def unit_counter(text: str) -> Callable[[int], int]:
    """Give a function from offsets in characters to offsets in UTF-16 units.

    >>> to_units = unit_counter("a😀b")
    >>> [to_units(n) for n in range(4)]
    [0, 1, 3, 4]
    """
    if not text or max(text) <= "\uffff":
        return lambda offset: offset
    wide = [n for n, character in enumerate(text) if character > "\uffff"]
    return lambda offset: offset + bisect_left(wide, offset)
