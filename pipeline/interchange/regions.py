"""What all annotation tools have in common: a text, labelled regions of it, links between them, and notes that travel along.

A gold document is taken apart into regions whose tags are those of the source format (data/gold/FORMAT.md); the definitions of the
source format travel as notes. What comes back is put together to a source, so that a person can finish by hand what a tool has no
field for: "?" and "unknown" stand where a code or a value is still to be told, and `coopfacts gold check` names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.errors import MarkupError
from pipeline.markup import Mark, parse, take_apart, write_parts

Json = dict[str, Any]
LAYER_OF = {"p": "PER", "=": "DATE", "r": "ROLE", "a": "AREA", "e": "EVENT", "i": "INST"}
LETTER_OF = {"ORG": "o", "STATE": "o", "PER": "p", "AREA": "a", "EVENT": "e"}
LABELS = ("ORG", "STATE", "PER", "ROLE", "DATE", "AREA", "EVENT", "INST")
LINKS = {
    "SAME": "another mention of the same organisation or person",
    "OF": "a role of this person",
    "AT": "a role at this organisation",
    "PARTY": "an area in which this organisation cooperates",
    "SPEAKER": "an area told by this person",
    "PART_OF": "a unit of this organisation",
    "PARTNER": "a partnership of two organisations",
}
HEADER = ("doc_id", "title", "published", "kind")
FIELDS = ("text", "orgs", "people", "dates", "areas", "partnerships", "instruments")


class Region(NamedTuple):
    """A labelled stretch of the text; tag: as in the source format, None for one that was added in a tool."""

    start: int
    end: int
    layer: str
    tag: str | None = None


class Link(NamedTuple):
    """Of LINKS, between two regions by their index."""

    source: int
    target: int
    label: str


@dataclass(slots=True)
class Annotated:
    """A document as a tool sees it.

    header: doc_id, title, published, kind. definitions: lines of the source format. extra: other keys of the document.
    marks: (start, end, tag) of the document that was exported; a region of the same bounds and layer without a tag has its tags.
    """

    header: Json
    text: str
    regions: list[Region]
    links: list[Link] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    marks: list[tuple[int, int, str]] = field(default_factory=list)
    extra: Json = field(default_factory=dict)

    def notes(self) -> Json:
        """What travels along with a text through a tool, as JSON values."""
        marks = [list(mark) for mark in self.marks]
        return {**self.header, "extra": self.extra, "definitions": self.definitions, "marks": marks}


def from_notes(notes: Mapping[str, Any], text: str, regions: list[Region], links: list[Link], number: int) -> Annotated:
    """What came back from a tool; number: its place in the file, the id of a text that had no notes."""
    header = {
        "doc_id": notes.get("doc_id") or f"imported-{number}",
        "title": notes.get("title") or next((line.strip() for line in text.split("\n") if line.strip()), "untitled"),
        "published": notes.get("published"),
        "kind": notes.get("kind") or "?",
    }
    marks = [(start, end, tag) for start, end, tag in notes.get("marks", ())]
    return Annotated(header, text, regions, links, list(notes.get("definitions", ())), marks, dict(notes.get("extra", {})))


# -- gold document -> regions


def take_regions(document: Json) -> Annotated:
    """Take a gold document apart; MarkupError where it has no offsets."""
    marks, definitions = take_apart(document)
    marks.sort(key=lambda m: (m.start, -m.end, m.tag))
    states = {org["id"] for org in document["orgs"] if org["type"] == "country"}
    regions = [Region(m.start, m.end, layer_of(m.tag, states), m.tag) for m in marks]
    return Annotated(
        header={key: document[key] for key in HEADER},
        text=document["text"],
        regions=regions,
        links=list(find_links(document, regions)),
        definitions=definitions,
        marks=[(m.start, m.end, m.tag) for m in marks],
        extra={key: value for key, value in document.items() if key not in (*HEADER, *FIELDS)},
    )


def layer_of(tag: str, states: Iterable[str]) -> str:
    if tag.startswith("o"):
        return "STATE" if tag in states else "ORG"
    return LAYER_OF[tag[0]]


def find_links(document: Json, regions: Sequence[Region]) -> Iterator[Link]:
    """Links that show in a tool what the tags say."""
    places: dict[str, list[int]] = {}
    for n, region in enumerate(regions):
        places.setdefault(region.tag or "", []).append(n)

    def nearest(n: int, tag: str) -> Iterator[int]:
        yield from sorted(places.get(tag, []), key=lambda m: abs(regions[m].start - regions[n].start))[:1]

    for tag, mentions in places.items():
        if tag[:1] in ("o", "p"):
            yield from (Link(later, mentions[0], "SAME") for later in mentions[1:])
        elif tag.startswith("r "):
            _, person, org = tag.split()
            for n in mentions:
                yield from (Link(n, m, "OF") for m in nearest(n, person))
                yield from (Link(n, m, "AT") for m in nearest(n, org))
    for number, area in enumerate(document["areas"], 1):
        for n in places.get(f"a{number}", []):
            yield from (Link(n, places[party][0], "PARTY") for party in area["parties"] if party in places)
            yield from (Link(n, places[who][0], "SPEAKER") for who in [area["speaker"]] if who in places)
    for org in document["orgs"]:
        if org["parent"] in places and org["id"] in places:
            yield Link(places[org["id"]][0], places[org["parent"]][0], "PART_OF")
    for pair in document["partnerships"]:
        if pair["a"] in places and pair["b"] in places:
            yield Link(places[pair["a"]][0], places[pair["b"]][0], "PARTNER")


# -- regions -> source -> gold document


def put_together(annotated: Annotated) -> str:
    """The source of one document; MarkupError where regions cross, or a role that was added has no person."""
    tags = give_tags(annotated)
    marks = [Mark(region.start, region.end, tag) for region, found in zip(annotated.regions, tags, strict=True) for tag in found]
    used = {mark.tag for mark in marks}
    kept = [line for line in annotated.definitions if line[:1] == "e" or " + " in line.split(" | ")[0] or line.split(" | ")[0] in used]
    known = {line.split(" | ")[0] for line in kept}
    pairs = [line for line in kept if " + " in line.split(" | ")[0]]
    new = [line for tag, line in new_definitions(annotated, tags).items() if tag not in known]
    return write_parts(annotated.header, annotated.text, list(dict.fromkeys(marks)), [*(x for x in kept if x not in pairs), *new, *pairs])


def to_document(annotated: Annotated) -> Json:
    """The gold document; MarkupError where something is still to be told."""
    (document,) = parse(put_together(annotated), str(annotated.header["doc_id"]))
    head = {key: document.pop(key) for key in (*HEADER, "text")}
    return {**head, **annotated.extra, **document}


def give_tags(annotated: Annotated) -> list[list[str]]:
    """Tags of each region: its own, those it was exported with, or new ones."""
    regions, states = annotated.regions, {line.split(" | ")[0] for line in annotated.definitions if " | country | " in line}
    exported: dict[tuple[int, int, str], list[str]] = {}
    for start, end, tag in annotated.marks:
        exported.setdefault((start, end, layer_of(tag, states)), []).append(tag)
    told = {region[:3] for region in regions if region.tag}
    tags = [[r.tag] if r.tag else [] if r[:3] in told else list(exported.get(r[:3], [])) for r in regions]
    for n, region in enumerate(regions):
        if not tags[n] and region.layer in ("DATE", "INST"):
            tags[n] = ["=?" if region.layer == "DATE" else "i unknown"]
        elif not tags[n] and region.layer in LETTER_OF:
            tags[n] = [_find_entity(n, annotated, tags) or _new_id(region.layer, annotated, tags)]
    faults = []
    for n, region in enumerate(regions):  # roles last: their people may be new themselves
        if not tags[n] and region.layer == "ROLE":
            person, org = (_linked(n, label, annotated, tags) for label in ("OF", "AT"))
            if person is None:
                words = annotated.text[region.start : region.end]
                faults.append(f"{annotated.header['doc_id']}: role {words!r} at {region.start} has no link OF to a person")
            tags[n] = [f"r {person} {org or '-'}"]
    if faults:
        raise MarkupError("\n".join(faults))
    return tags


def _find_entity(n: int, annotated: Annotated, tags: Sequence[Sequence[str]]) -> str | None:
    """The tag that a new mention shares: of the region that it is linked to as the same, else of one with the same words."""
    region = annotated.regions[n]
    letter = LETTER_OF[region.layer]
    if letter not in "op":
        return None
    if linked := _linked(n, "SAME", annotated, tags):
        return linked if linked.startswith(letter) else None
    words = annotated.text[region.start : region.end]
    for other, found in zip(annotated.regions, tags, strict=True):
        if found and found[0].startswith(letter) and annotated.text[other.start : other.end] == words:
            return found[0]
    return None


def _linked(n: int, label: str, annotated: Annotated, tags: Sequence[Sequence[str]]) -> str | None:
    """Tag of the region at the other end of a link; SAME goes both ways."""
    for link in annotated.links:
        ends = [link.target] if link.source == n else [link.source] if label == "SAME" and link.target == n else []
        if link.label == label and ends and tags[ends[0]]:
            return tags[ends[0]][0]
    return None


def _new_id(layer: str, annotated: Annotated, tags: Iterable[Sequence[str]]) -> str:
    letter = LETTER_OF[layer]
    heads = [line.split(" | ")[0] for line in annotated.definitions]
    taken = [tag for tag in (*heads, *(tag for found in tags for tag in found)) if tag[:1] == letter and tag[1:].isdigit()]
    return f"{letter}{max((int(tag[1:]) for tag in taken), default=0) + 1}"


def new_definitions(annotated: Annotated, tags: Sequence[Sequence[str]]) -> dict[str, str]:
    """Lines for entities that have none yet; "?" stands for what a person has to tell."""
    lines: dict[str, str] = {}
    for n, (region, found) in enumerate(zip(annotated.regions, tags, strict=True)):
        for tag in found:
            if tag[0] == "o":
                lines.setdefault(tag, f"{tag} | {'country' if region.layer == 'STATE' else '?'} | -")
            elif tag[0] == "e":
                lines.setdefault(tag, f"{tag} | ? | -")
            elif tag[0] == "a":
                parties = [tags[link.target][0] for link in annotated.links if link.source == n and link.label == "PARTY"]
                speaker = _linked(n, "SPEAKER", annotated, tags)
                lines.setdefault(tag, f"{tag} | ? | ? | {' '.join(dict.fromkeys(parties)) or '-'} | {speaker or '-'}")
    return lines


def locate(text: str, start: int, end: int, words: str | None) -> tuple[int, int]:
    """Offsets in characters; those counted in UTF-16 units, as older tools in browsers do, are told by the words; MarkupError where
    neither fits.
    """
    if words is None or text[start:end] == words:
        return start, end
    units = text.encode("utf-16-le")
    if units[2 * start : 2 * end].decode("utf-16-le", errors="replace") == words:
        first = len(units[: 2 * start].decode("utf-16-le", errors="replace"))
        return first, first + len(words)
    raise MarkupError(f"offsets {start}:{end} hold {text[start:end]!r}, not {words!r}: was the text changed in the tool?")
