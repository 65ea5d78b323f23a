"""Gold documents <-> Prodigy's JSONL: tokens, spans with the tags of the source format, relations between spans.

Spans nest, so spans.manual shows all of them; rel.manual takes them too. Tokens end where spans do, whatever the tokenizer.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

from spacy.language import Language

from pipeline.interchange.regions import Annotated, Link, Region, from_notes, locate

Json = dict[str, Any]


@cache
def tokenizer() -> Language:
    from pipeline.tokenization import make_blank

    return make_blank()


def make_tokens(text: str, bounds: set[int]) -> list[Json]:
    """Tokens of the pipeline, cut where a span begins or ends; ws: whether a blank follows."""
    tokens: list[Json] = []
    for token in tokenizer().make_doc(text):
        end = token.idx + len(token.text)
        cuts = [token.idx, *sorted(b for b in bounds if token.idx < b < end), end]
        for start, stop in pairwise(cuts):
            ws = bool(token.whitespace_) and stop == end
            tokens.append({"text": text[start:stop], "start": start, "end": stop, "id": len(tokens), "ws": ws})
    return tokens


def to_task(annotated: Annotated) -> Json:
    tokens = make_tokens(annotated.text, {bound for region in annotated.regions for bound in region[:2]})
    first = {token["start"]: token["id"] for token in tokens}
    last = {token["end"]: token["id"] for token in tokens}
    spans = [
        {"start": r.start, "end": r.end, "token_start": first[r.start], "token_end": last[r.end], "label": r.layer, "tag": r.tag}
        for r in annotated.regions
    ]
    relations = [
        {
            "head": spans[link.source]["token_end"],
            "child": spans[link.target]["token_end"],
            "head_span": spans[link.source],
            "child_span": spans[link.target],
            "label": link.label,
        }
        for link in annotated.links
    ]
    meta = {"doc_id": annotated.header["doc_id"]}
    task = {"text": annotated.text, "tokens": tokens, "spans": spans, "relations": relations}
    return {**task, "answer": "accept", "meta": meta, "coopfacts": annotated.notes()}


def from_task(task: Json, number: int) -> Annotated:
    """What was annotated; of relations, the spans at their ends are found by bounds and label."""
    text = task["text"]
    regions = []
    for span in task.get("spans", ()):
        start, end = locate(text, span["start"], span["end"], span.get("text"))
        regions.append(Region(start, end, span["label"], span.get("tag")))
    places = {region: n for n, region in reversed(list(enumerate(regions)))}
    untagged = {region[:3]: n for n, region in reversed(list(enumerate(regions)))}

    def place(span: Json) -> int | None:
        region = Region(span["start"], span["end"], span.get("label", ""), span.get("tag"))
        return places.get(region, untagged.get(region[:3]))

    links = []
    for relation in task.get("relations", ()):
        source, target = place(relation["head_span"]), place(relation["child_span"])
        if source is not None and target is not None:
            links.append(Link(source, target, relation["label"]))
    return from_notes(task.get("coopfacts", {}), text, regions, links, number)


def is_accepted(task: Json) -> bool:
    """Neither rejected nor ignored by the annotator."""
    return bool(task.get("answer", "accept") == "accept")
