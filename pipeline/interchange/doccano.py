"""Gold documents <-> doccano's JSONL of relation projects ("JSONL(relation)"): entities, relations, and notes as metadata.

doccano keeps of a region its label and bounds only: tags come back by the bounds, from the notes. A project of sequence labelling
without relations ("label": [[start, end, label], …]) is understood too.
"""

from __future__ import annotations

from typing import Any

from pipeline.interchange.regions import Annotated, Link, Region, from_notes

Json = dict[str, Any]


def to_row(annotated: Annotated) -> Json:
    """One line to import; doccano keeps "coopfacts" among the metadata and writes it out again."""
    spans = list(dict.fromkeys(region[:3] for region in annotated.regions))  # doccano takes no span twice
    place = {span: n for n, span in enumerate(spans)}
    ends = [(place[annotated.regions[x.source][:3]], place[annotated.regions[x.target][:3]], x.label) for x in annotated.links]
    return {
        "text": annotated.text,
        "entities": [{"id": n, "label": layer, "start_offset": start, "end_offset": end} for n, (start, end, layer) in enumerate(spans)],
        "relations": [{"id": n, "from_id": a, "to_id": b, "type": label} for n, (a, b, label) in enumerate(dict.fromkeys(ends)) if a != b],
        "coopfacts": annotated.notes(),
    }


def from_row(row: Json, number: int) -> Annotated:
    """What was annotated; metadata may stand under "meta" or beside the text."""
    text = row.get("text", row.get("data"))
    entities = row.get("entities")
    if entities is None:
        labels = row.get("label", row.get("labels")) or ()
        entities = [{"id": n, "start_offset": a, "end_offset": b, "label": label} for n, (a, b, label) in enumerate(labels)]
    places = {entity["id"]: n for n, entity in enumerate(entities)}
    regions = [Region(entity["start_offset"], entity["end_offset"], entity["label"]) for entity in entities]
    relations = [r for r in row.get("relations", ()) if {r["from_id"], r["to_id"]} <= places.keys()]
    links = [Link(places[relation["from_id"]], places[relation["to_id"]], relation["type"]) for relation in relations]
    notes = row.get("coopfacts") or (row.get("meta") or {}).get("coopfacts") or {}
    return from_notes(notes, str(text), regions, links, number)
