"""Gold documents <-> Label Studio's JSON: tasks with one annotation each, tags in a text field of every region.

LABEL_CONFIG is the labelling interface of a project for them. Offsets are characters, as Label Studio has them since 1.5; those of
older versions, in UTF-16 units, are understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.interchange.regions import LABELS, LINKS, Annotated, Link, Region, from_notes, locate

Json = dict[str, Any]
LABEL_CONFIG = "\n".join(
    [
        "<View>",
        "  <Relations>",
        *(f'    <Relation value="{link}"/>' for link in LINKS),
        "  </Relations>",
        '  <Labels name="label" toName="text">',
        *(f'    <Label value="{label}"/>' for label in LABELS),
        "  </Labels>",
        '  <Text name="text" value="$text" granularity="symbol"/>',
        '  <TextArea name="tag" toName="text" perRegion="true" placeholder="tag of the source format, e.g. o1"/>',
        "</View>",
    ]
)


def to_task(annotated: Annotated) -> Json:
    """One task to import; its annotation is complete."""
    result: list[Json] = []
    for n, region in enumerate(annotated.regions):
        bounds = {"start": region.start, "end": region.end}
        common = {"id": f"r{n}", "to_name": "text"}
        words = annotated.text[region.start : region.end]
        result.append({**common, "from_name": "label", "type": "labels", "value": {**bounds, "text": words, "labels": [region.layer]}})
        result.append({**common, "from_name": "tag", "type": "textarea", "value": {**bounds, "text": [region.tag]}})
    for link in annotated.links:
        ends = {"from_id": f"r{link.source}", "to_id": f"r{link.target}"}
        result.append({"type": "relation", **ends, "direction": "right", "labels": [link.label]})
    return {"data": {"text": annotated.text, "coopfacts": annotated.notes()}, "annotations": [{"result": result}]}


def from_task(task: Json, number: int) -> Annotated:
    """What was annotated: the last annotation that wasn't cancelled; a task without any has no regions."""
    text = task["data"]["text"]
    done = [a["result"] for a in task.get("annotations", ()) if not a.get("was_cancelled")]
    result = done[-1] if done else []
    tags = {item["id"]: "".join(item["value"]["text"]).strip() for item in result if item.get("type") == "textarea"}
    regions: list[Region] = []
    places: dict[str, int] = {}
    for item in result:
        if item.get("type") != "labels":
            continue
        value = item["value"]
        places[item["id"]] = len(regions)
        start, end = locate(text, value["start"], value["end"], value.get("text"))
        regions.append(Region(start, end, value["labels"][0], tags.get(item["id"]) or None))
    links = [
        Link(places[item["from_id"]], places[item["to_id"]], label)
        for item in result
        if item.get("type") == "relation" and {item["from_id"], item["to_id"]} <= places.keys()
        for label in item.get("labels") or ()
    ]
    return from_notes(task["data"].get("coopfacts", {}), text, regions, links, number)


def to_tasks(documents: Iterable[Annotated]) -> list[Json]:
    return [to_task(annotated) for annotated in documents]


def from_tasks(tasks: Iterable[Json]) -> Iterator[Annotated]:
    for number, task in enumerate(tasks, 1):
        yield from_task(task, number)
