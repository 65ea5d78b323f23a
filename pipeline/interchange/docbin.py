"""Gold documents -> spaCy Docs and DocBin, for `spacy evaluate` and for training spaCy's own components."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.util import filter_spans

from pipeline.components import attributes
from pipeline.components.scorers import ENT_LABELS, GOLD_LAYERS

Json = dict[str, Any]
Place = tuple[int, int]
WORD = re.compile(r"\w+|[^\w\s]")
attributes.register()


def make_docbin(documents: Iterable[Json], nlp: Language | None = None) -> DocBin:
    """A DocBin of gold Docs. nlp: the pipeline whose tokens to use, by default those of the shipped one."""
    if nlp is None:
        from pipeline.tokenization import make_blank

        nlp = make_blank()
    return DocBin(docs=[make_gold_doc(document, nlp) for document in documents], store_user_data=True)


def make_gold_doc(document: Json, nlp: Language) -> Doc:
    """A Doc with doc.spans of GOLD_LAYERS and doc.ents of organisations, people and dates, as the encoder writes them.

    A span that ends inside of a token takes in the whole of it. Of areas with words left out, the span is the part that no other
    area covers, as far as there is one. doc._.published, title and url are set, and doc.user_data["doc_id"].
    """
    doc = nlp.make_doc(document["text"])
    doc._.published, doc._.title, doc._.url = document["published"], document["title"], document.get("url")
    doc.user_data["doc_id"] = document["doc_id"]
    places = find_places(document)
    for layer in GOLD_LAYERS:
        spans = {(span.start, span.end): span for place in places[layer] if (span := make_span(doc, place, layer))}
        doc.spans[layer] = SpanGroup(doc, name=layer, spans=[spans[bounds] for bounds in sorted(spans)])
    ents: list[Span] = []
    for layer, label in ENT_LABELS.items():  # where layers overlap, the earlier one has the tokens
        if layer in places:
            flat = filter_spans(doc.spans[layer])
            taken = {token.i for ent in ents for token in ent}
            ents += [Span(doc, span.start, span.end, label=label) for span in flat if taken.isdisjoint(range(span.start, span.end))]
    doc.set_ents(ents)
    return doc


def make_span(doc: Doc, place: Place, label: str) -> Span | None:
    span = doc.char_span(*place, label=label, alignment_mode="expand")
    return span if span is not None and len(span) else None


def find_places(document: Json) -> dict[str, list[Place]]:
    """Bounds of all spans, by layer, from what has offsets."""
    orgs = [("STATE" if org["type"] == "country" else "ORG", org["mentions"]) for org in document["orgs"]]
    places: dict[str, list[Place]] = {layer: [] for layer in GOLD_LAYERS}
    for layer, items in (
        *orgs,
        *(("PER", person["mentions"]) for person in document["people"]),
        *(("ROLE", person["roles"]) for person in document["people"]),
        ("DATE", document["dates"]),
        *(("EVENT", pair["events"]) for pair in document["partnerships"]),
        ("INST", document.get("instruments", ())),
    ):
        places[layer] += [(item["start"], item["end"]) for item in items if isinstance(item, dict) and item.get("start") is not None]
    places["AREA"] = find_area_places(document)
    return places


def find_area_places(document: Json) -> list[Place]:
    """Bounds of areas; of one with words left out, of its last words or else its first ones, where no other area has them."""
    text = document["text"]
    areas = [area for area in document["areas"] if area.get("start") is not None]
    whole = [a for a in areas if " ".join(text[a["start"] : a["end"]].split()).casefold() == a["text"].casefold()]
    found = [(area["start"], area["end"]) for area in whole]
    for area in areas:
        if any(area is other for other in whole):
            continue
        runs = find_runs(text, area)
        free = [run for run in runs if not any(a < run[1] and run[0] < b for a, b in found)]
        found.append(next(iter(free), (area["start"], area["end"])))
    return found


def find_runs(text: str, area: Json) -> list[Place]:
    """The longest stretch of last words of an area's wording at the end of its bounds, and of first words at their beginning."""
    wanted = [word.casefold() for word in WORD.findall(area["text"])]
    tokens = [(m.group().casefold(), m.start(), m.end()) for m in WORD.finditer(text, area["start"], area["end"])]
    words = [word for word, _, _ in tokens]
    limit = min(len(words), len(wanted))
    last = next((n for n in range(limit, 0, -1) if words[-n:] == wanted[-n:]), 0)
    first = next((n for n in range(limit, 0, -1) if words[:n] == wanted[:n]), 0)
    runs = []
    if last:
        runs.append((tokens[-last][1], tokens[-1][2]))
    if first:
        runs.append((tokens[0][1], tokens[first - 1][2]))
    return runs
