"""Gold documents -> training passages with layers, span attributes and links (character offsets throughout).

Where a gold document gives no offsets (mentions as strings), every occurrence is taken: the longest form first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

Json = dict[str, Any]
WORD = re.compile(r"\w+|[^\w\s]")


def read_gold(paths: Iterable[Path]) -> Iterator[Json]:
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield make_passage(json.loads(line))


PHRASE = re.compile(r"\[([^\[\]]+)\]\{(\w+) (\w+)\}")


def half_of(doc_id: str) -> int:
    """0 or 1, by the id alone: which half of a corpus a document is in."""
    return int(sha256(doc_id.encode()).hexdigest(), 16) % 2


def read_phrases(folder: Path | None) -> Iterator[Json]:
    """Passages of sentences in which only areas are marked, a sentence a line: "… on [joint research]{joint_research agreed}"."""
    for path in sorted(folder.glob("*.txt")) if folder else ():
        for line in path.read_text(encoding="utf-8").splitlines():
            text, at, attributes, spans = "", 0, [], []
            for mark in PHRASE.finditer(line.strip()):
                text += line.strip()[at : mark.start()]
                area = [len(text), len(text) + len(mark.group(1))]
                text += mark.group(1)
                at = mark.end()
                spans.append(area)
                for task, value in (("category", mark.group(2)), ("status", mark.group(3))):
                    attributes.append({"task": task, "start": area[0], "end": area[1], "value": value})
            text += line.strip()[at:]
            if text:
                name = f"{path.stem}-{len(text)}-{text[:20]}"
                yield {"text": text, "doc_id": name, "labelled": ["AREA"], "spans": {"AREA": spans}, "attributes": attributes}


def occurrences(text: str, form: str) -> Iterator[tuple[int, int]]:
    left = r"(?<!\w)" if form[:1].isalnum() else ""
    right = r"(?!\w)" if form[-1:].isalnum() else ""
    for found in re.finditer(left + re.escape(form) + right, text):
        yield found.span()


def make_passage(document: Json) -> Json:
    """Passage of one gold document.

    spans: layer -> [[start, end], …]. attributes: [{"task", "start", "end", "value"}].
    links: [{"task", "from": [start, end], "to": [start, end] | None}].
    """
    text = document["text"]
    mentioned = [m for x in document["orgs"] + document["people"] for m in x["mentions"]]
    exact = any(isinstance(m, dict) for m in mentioned) or bool(document.get("instruments"))
    spans: dict[str, set[tuple[int, int]]] = {layer: set() for layer in ("ORG", "PER", "DATE", "ROLE", "AREA", "STATE", "EVENT", "INST")}
    attributes: list[Json] = []
    links: list[Json] = []
    where: dict[str, list[tuple[int, int]]] = {}
    entities = [(len(mention_text(m)), x, m) for x in document["orgs"] + document["people"] for m in x["mentions"]]
    taken: list[tuple[int, int]] = []
    for _, entity, mention in sorted(entities, key=lambda e: -e[0]):
        if isinstance(mention, dict):
            found = [(mention["start"], mention["end"])]
        else:
            found = [s for s in occurrences(text, mention) if not any(a < s[1] and s[0] < b for a, b in taken)]
            taken += found
        where.setdefault(entity["id"], []).extend(found)
    parties = {pair[side] for pair in document["partnerships"] for side in ("a", "b")}
    for org in document["orgs"]:
        layer = "STATE" if org["type"] == "country" else "ORG"
        for a, b in where.get(org["id"], []):
            spans[layer].add((a, b))
            if layer == "ORG":
                attributes.append({"task": "org_type", "start": a, "end": b, "value": org["type"]})
            attributes.append({"task": "party", "start": a, "end": b, "value": "yes" if org["id"] in parties else "no"})
    for org in document["orgs"]:
        hosts = sorted(where.get(org["parent"], [])) if org["parent"] else []
        for a, b in where.get(org["id"], []):
            if org["type"] == "unit":
                host = min(hosts, key=lambda m: max(a - m[1], m[0] - b)) if hosts else None
                links.append({"task": "unit_parent", "from": [a, b], "to": list(host) if host else None})
    for person in document["people"]:
        near = sorted(where.get(person["id"], []))
        spans["PER"].update(near)
        for role in person["roles"]:
            if role.get("start") is not None:
                at = (role["start"], role["end"])
            else:
                candidates = list(occurrences(text, role["role"]))
                if not candidates or not near:
                    continue
                at = min(candidates, key=lambda c: min(max(c[0] - m[1], m[0] - c[1]) for m in near))
            spans["ROLE"].add(at)
            if near:
                closest = min(near, key=lambda m: max(at[0] - m[1], m[0] - at[1]))
                links.append({"task": "role_person", "from": list(at), "to": list(closest)})
            orgs = sorted(where.get(role["org"], [])) if role["org"] else []
            closest_org = min(orgs, key=lambda m: max(at[0] - m[1], m[0] - at[1])) if orgs else None
            links.append({"task": "role_org", "from": list(at), "to": list(closest_org) if closest_org else None})
    for date in document["dates"]:
        if date.get("start") is not None:
            spans["DATE"].add((date["start"], date["end"]))
        else:
            spans["DATE"].update(occurrences(text, date["text"]))
    add_areas(document, text, spans["AREA"], attributes)
    for item in document.get("instruments", []):
        spans["INST"].add((item["start"], item["end"]))
    for pair in document["partnerships"]:
        for event in pair["events"]:
            if event.get("start") is not None:
                at = (event["start"], event["end"])
                if at not in spans["EVENT"]:
                    attributes.append({"task": "event_type", "start": at[0], "end": at[1], "value": event["type"]})
                spans["EVENT"].add(at)
    labelled = ["ORG", "PER", "DATE", "ROLE", "AREA", "STATE"] + (["EVENT", "INST"] if exact else [])
    statuses = {tuple(sorted((pair["a"], pair["b"]))): pair["status"] for pair in document["partnerships"]}
    mentions = sorted((a, b, org["id"]) for org in document["orgs"] for a, b in where.get(org["id"], []))
    return {
        "text": text,
        "source": "gold",
        "doc_id": document["doc_id"],
        "labelled": labelled,
        "spans": {layer: [list(s) for s in sorted(spans[layer])] for layer in labelled},
        "attributes": attributes,
        "links": links,
        "mentions": mentions,
        "statuses": statuses,
    }


def mention_text(mention: Json | str) -> str:
    return mention["text"] if isinstance(mention, dict) else mention


def add_areas(document: Json, text: str, layer: set[tuple[int, int]], attributes: list[Json]) -> None:
    """Areas whose words stand together become spans; of those with words left out, the part that no other area covers."""
    late = []
    for area in document["areas"]:
        at = None
        if area.get("start") is not None:
            if " ".join(text[area["start"] : area["end"]].split()).casefold() == area["text"].casefold():
                at = (area["start"], area["end"])
        else:
            folded, wording = text.casefold(), area["text"].casefold()
            if len(folded) == len(text):
                found = [s for s in occurrences(folded, wording) if s not in layer]
            else:  # offsets would shift
                found = list(occurrences(text, area["text"]))
            at = found[0] if found else None
        if at is None:
            late.append(area)
        elif not any(a < at[1] and at[0] < b for a, b in layer):
            layer.add(at)
            describe(attributes, area, at, "full")
    for area in late:
        fragment = find_fragment(area, text, layer)
        if fragment:
            at, kind = fragment
            layer.add(at)
            describe(attributes, area, at, kind)


def describe(attributes: list[Json], area: Json, at: tuple[int, int], ellipsis: str) -> None:
    for task, value in (("category", area["category"]), ("status", area["status"]), ("ellipsis", ellipsis)):
        attributes.append({"task": task, "start": at[0], "end": at[1], "value": value})
    attributes.append({"task": "spoken", "start": at[0], "end": at[1], "value": "yes" if area["speaker"] else "no"})


def find_fragment(area: Json, text: str, layer: set[tuple[int, int]]) -> tuple[tuple[int, int], str] | None:
    """The stretch of an elliptical area that is its own, and what is left out: the words before it (prefix) or after it (suffix)."""
    wanted = [w.casefold() for w in WORD.findall(area["text"])]
    low, high = (area["start"], area["end"]) if area.get("start") is not None else (0, len(text))
    tokens = [(m.group().casefold(), m.start(), m.end()) for m in WORD.finditer(text, low, high)]
    best: list[int] | None = None
    for i, (word, _, _) in enumerate(tokens):
        if word != wanted[0]:
            continue
        path, k = [i], 1
        for j in range(i + 1, min(len(tokens), i + 45)):
            if k == len(wanted):
                break
            # prefer runs: a word of the area counts where it follows its forerunner, or begins a new run
            if tokens[j][0] == wanted[k]:
                path.append(j)
                k += 1
        if k == len(wanted) and (best is None or path[-1] - path[0] < best[-1] - best[0]):
            best = path
    if best is None:
        return None
    # tighten from the right: the last words as late runs, the first ones as they stand
    runs: list[list[int]] = [[best[0]]]
    for j in best[1:]:
        if j == runs[-1][-1] + 1:
            runs[-1].append(j)
        else:
            runs.append([j])
    if len(runs) < 2:
        return None

    def free(run: list[int]) -> bool:
        a, b = tokens[run[0]][1], tokens[run[-1]][2]
        return not any(x < b and a < y for x, y in layer)

    for run, kind in ((runs[-1], "prefix"), (runs[0], "suffix")):
        if free(run):
            return (tokens[run[0]][1], tokens[run[-1]][2]), kind
    return None
