"""Records -> what a person reads: lines for a terminal, a page with the mentions marked in the text."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Json = dict[str, Any]
WIDTH = 110
COLORS = {
    "organization": "#bfdbfe",
    "person": "#fde68a",
    "role": "#fef3c7",
    "date": "#bbf7d0",
    "area": "#fbcfe8",
    "event": "#ddd6fe",
}
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def printable(value: object) -> str:
    """Give a value on one line, without what could steer a terminal."""
    return UNPRINTABLE.sub(" ", "" if value is None else str(value)).strip()


def show_table(frame: "pd.DataFrame") -> str:
    """Give a frame in columns, numbers to the right; the last line counts the rows."""
    from pipeline.tables import text_of  # late: pandas isn't needed for records

    columns = [[printable(name), *(printable(text_of(value)) for value in frame.iloc[:, n])] for n, name in enumerate(frame.columns)]
    right = [getattr(dtype, "kind", "O") in "iuf" for dtype in frame.dtypes]
    for n, column in enumerate(columns):
        width = max(map(len, column))
        columns[n] = [cell.rjust(width) if right[n] else cell.ljust(width) for cell in column]
    lines = ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    return "\n".join([*lines, f"{len(frame):,} row{'s' * (len(frame) != 1)}"])


def show_links(links: "pd.DataFrame") -> str:
    """Give the rows of links, each with its reasons on lines of their own."""
    lines = []
    for row in links.to_dict("records"):
        left, right = printable(row["left"]), printable(row["right"])
        lines.append(f"{left} = {right}: {row['verdict']} by {row['by']}, score {row['score']:.2f}")
        lines.extend(f"  {printable(reason)}" for reason in row["reasons"])
    return "\n".join(lines)


def show_record(record: Json, *, why: bool = False) -> str:
    """Give the facts of one article as text for a terminal; why: with the evidence of each."""
    shown = Shown(record, why)
    return "\n".join([*shown.head(), *shown.partnerships(), *shown.organizations(), *shown.people(), *shown.dates(), *shown.areas()])


class Shown:
    """One record on its way to a terminal."""

    def __init__(self, record: Json, why: bool) -> None:
        self.record = record
        self.why = why
        self.names = {item["id"]: printable(item["name"]) for item in [*record["orgs"], *record["people"]]}

    def name(self, id_: str | None) -> str:
        return self.names.get(id_ or "", id_ or "")

    def head(self) -> Iterator[str]:
        record = self.record
        yield printable(record["title"]) or "(no title)"
        published = record["published"] or "date of publication not known"
        yield " · ".join(filter(None, [printable(published), printable(record["issuer"]), printable(record["source"]), record["doc_id"]]))

    def section(self, title: str, found: Iterable[object]) -> Iterator[str]:
        n = len(list(found))
        yield ""
        yield f"{title} ({n})" if n else f"{title}: none found"

    def evidence(self, item: Json, *, sentence: bool = True) -> Iterator[str]:
        """Give the words that an item was read from, with their offsets, where evidence is asked for."""
        if not self.why:
            return
        start, end = item["start"], item["end"]
        told = f"“{self.cut(start, end)}” {start}–{end}"
        details = [told, *(f"{key} {item[key]}" for key in ("confidence", "source") if item.get(key) is not None)]
        yield f"      {', '.join(details)}"
        if sentence and item.get("sentence"):
            first, last = item["sentence"]
            yield from fold(f"{first}–{last}: {self.cut(first, last)}", "      ")

    def cut(self, start: int, end: int) -> str:
        return " ".join(printable(self.record["text"][start:end]).split())

    def partnerships(self) -> Iterator[str]:
        found = self.record["partnerships"]
        yield from self.section("Partnerships", found)
        for partnership in found:
            told = [partnership["status"], *partnership["instruments"]]
            if partnership.get("valid_until"):
                told.append(f"until {partnership['valid_until']}")
            yield f"  {self.name(partnership['a'])} – {self.name(partnership['b'])}: {printable(', '.join(told))}"
            for event in partnership["events"]:
                instrument = f" ({printable(event['instrument'])})" if event.get("instrument") else ""
                yield f"    {printable(event['type'])}{instrument}, {printable(event['date']) or 'no date'}"
                if "start" in event:
                    yield from self.evidence(event)
            if self.why:
                yield f"      confidence {partnership.get('confidence')}, source {printable(partnership.get('source'))}"
                for mention in partnership.get("evidence", ()):
                    yield from self.evidence(mention)

    def organizations(self) -> Iterator[str]:
        found = self.record["orgs"]
        yield from self.section("Organizations", found)
        for org in found:
            aliases = unique(m["text"] for m in org["mentions"] if printable(m["text"]) != printable(org["name"]))
            told = [org["type"], org["country"]]
            if org["parent"]:
                told.append(f"part of {self.name(org['parent'])}")
            if aliases:
                told.append(f"also: {'; '.join(aliases)}")
            yield f"  {self.name(org['id'])}: {', '.join(printable(part) for part in told if part)}"
            if self.why:
                places = ", ".join(f"{m['start']}–{m['end']}" for m in org["mentions"])
                yield from fold(f"at {places}; confidence {org['confidence']}, source {printable(org['source'])}", "      ")

    def people(self) -> Iterator[str]:
        found = self.record["people"]
        yield from self.section("People", found)
        for person in found:
            roles = [printable(role["role"]) + (f" ({self.name(role['org'])})" if role["org"] else "") for role in person["roles"]]
            yield f"  {self.name(person['id'])}: {'; '.join(roles) or 'no role told'}"
            if self.why:
                places = ", ".join(f"{m['start']}–{m['end']}" for m in person["mentions"])
                yield from fold(f"at {places}; confidence {person['confidence']}", "      ")
            for role in person["roles"]:
                yield from self.evidence(role)

    def dates(self) -> Iterator[str]:
        found = self.record["dates"]
        yield from self.section("Dates", found)
        for date in found:
            yield f"  {printable(date['text'])}: {printable(date['value'])} ({printable(date['basis']).replace('_', ' ')})"
            yield from self.evidence(date)

    def areas(self) -> Iterator[str]:
        found = self.record["areas"]
        yield from self.section("Areas of cooperation", found)
        for area in found:
            told = [printable(area["category"]), printable(area["status"])]
            if area["speaker"]:
                told.append(f"said by {self.name(area['speaker'])}")
            if area["date"]:
                told.append(printable(area["date"]))
            yield f"  {printable(area['text'])}: {', '.join(told)}"
            if self.why and area.get("cue"):
                yield f"      status by “{printable(area['cue']['text'])}” {area['cue']['start']}–{area['cue']['end']}"
            yield from self.evidence(area)


def fold(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(printable(" ".join(text.split())) for text in texts))


# -- a page


def find_marks(record: Json) -> list[Json]:
    """Give all that is marked in the text: start, end, label, note; in text order, longer ones first."""
    names = {item["id"]: str(item["name"]) for item in [*record["orgs"], *record["people"]]}
    marks: list[Json] = []

    def add(item: Json, label: str, note: str) -> None:
        marks.append({"start": item["start"], "end": item["end"], "label": label, "note": note})

    for org in record["orgs"]:
        for mention in org["mentions"]:
            add(mention, "organization", f"{org['name']} · {org['type']} {org['country'] or ''}".strip())
    for person in record["people"]:
        for mention in person["mentions"]:
            add(mention, "person", str(person["name"]))
        for role in person["roles"]:
            add(role, "role", f"{person['name']}: {role['role']}" + (f", {names.get(role['org'], '')}" if role["org"] else ""))
    for date in record["dates"]:
        add(date, "date", f"{date['value']} · {date['basis'].replace('_', ' ')}")
    for area in record["areas"]:
        speaker = f" · {names.get(area['speaker'], '')}" if area["speaker"] else ""
        add(area, "area", f"{area['text']} · {area['category']} · {area['status']}{speaker}")
    for event in record["events"]:
        add(event, "event", f"{event['type']} · {event['date'] or 'no date'}")
    return sorted(marks, key=lambda mark: (mark["start"], -mark["end"], mark["label"]))


def render_page(record: Json) -> str:
    """Give an HTML page: the facts of one article, and its text with the mentions marked, which may overlap and nest."""
    title = html.escape(printable(record["title"]) or "(no title)")
    facts = html.escape("\n".join(show_record(record).splitlines()[1:]).strip())
    legend = " ".join(f'<span class="{label}">{label}</span>' for label in COLORS)
    rules = "\n".join(f".{label} {{ background: {color}; }}" for label, color in COLORS.items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 16px/1.7 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff; }}
mark, .legend span {{ padding: .1em .25em; border-radius: .25em; color: inherit; }}
mark mark {{ outline: 1px solid #fff; }}
.text {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
.left-out {{ color: #666; }}
pre {{ white-space: pre-wrap; font-size: .85rem; line-height: 1.45; background: #f6f6f6; padding: 1rem; }}
{rules}
</style>
</head>
<body>
<h1>{title}</h1>
<p class="legend">{legend}</p>
<div class="text">{mark_text(record)}</div>
<pre>{facts}</pre>
</body>
</html>
"""


def mark_text(record: Json) -> str:
    """Give the text as HTML; where marks cross, the later one begins anew inside and after the end of the earlier one."""
    text = record["text"]
    left_out = [{"start": b["start"], "end": b["end"], "label": "left-out", "note": b["kind"]} for b in record["boilerplate"]]
    marks = sorted([*left_out, *find_marks(record)], key=lambda mark: (mark["start"], -mark["end"]))
    cuts = sorted({0, len(text), *(mark["start"] for mark in marks), *(mark["end"] for mark in marks)})
    starting: dict[int, list[Json]] = {}
    for mark in marks:
        if mark["start"] < mark["end"]:
            starting.setdefault(mark["start"], []).append(mark)
    out: list[str] = []
    opened: list[Json] = []
    for start, end in zip(cuts, [*cuts[1:], len(text)]):
        kept = [mark for mark in opened if mark["end"] > start]
        first = next((n for n, mark in enumerate(opened) if mark["end"] <= start), len(opened))
        out.append("</mark>" * (len(opened) - first))
        again = kept[first:] + starting.get(start, [])
        again.sort(key=lambda mark: -mark["end"])
        out += [f'<mark class="{mark["label"]}" title="{html.escape(printable(mark["note"]))}">' for mark in again]
        opened = kept[:first] + again
        out.append(html.escape(text[start:end]))
    return "".join(out)
