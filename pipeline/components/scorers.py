"""Scorers for `spacy evaluate`: exact spans of every layer, and named entities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spacy.scorer import PRFScore
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from pipeline.labels import LAYERS

Scores = dict[str, Any]
Scorer = Callable[..., Scores]
ENT_LABELS = {"ORG": "ORG", "PER": "PERSON", "LOC": "GPE", "DATE": "DATE"}  # layer -> label in doc.ents
GOLD_LAYERS = tuple(layer for layer in LAYERS if layer != "LOC")  # places are no part of gold documents


@registry.scorers("coop_spans_scorer.v1")  # type: ignore[untyped-decorator]
def make_spans_scorer() -> Scorer:
    return score_spans


def score_spans(examples: Iterable[Example], **_: Any) -> Scores:
    """Precision, recall and F1 of exact bounds: spans_LAYER_p, _r, _f for doc.spans of every layer, ents_p, _r, _f for doc.ents.

    What gold doesn't annotate isn't counted: a layer that the reference has no group of, entities of other labels than its layers'.
    A layer that no reference has is None.
    """
    layers = {layer: PRFScore() for layer in LAYERS}
    ents: dict[str, PRFScore] = {}
    seen: set[str] = set()
    for eg in examples:
        told = [layer for layer in LAYERS if layer in eg.reference.spans]
        for layer in told:
            layers[layer].score_set(find_bounds(eg.predicted, layer), find_bounds(eg.reference, layer))
            if layer in ENT_LABELS:
                score = ents.setdefault(ENT_LABELS[layer], PRFScore())
                score.score_set(find_ents(eg.predicted, ENT_LABELS[layer]), find_ents(eg.reference, ENT_LABELS[layer]))
        seen.update(told)
    scores: Scores = {}
    for layer, score in layers.items():
        values = score.to_dict() if layer in seen else dict.fromkeys("prf")
        scores |= {f"spans_{layer}_{key}": value for key, value in values.items()}
        scores[f"spans_{layer}_per_type"] = {layer: values} if layer in seen else None
    total = sum(ents.values(), PRFScore())
    return (
        scores
        | {f"ents_{key}": value for key, value in (total.to_dict() if ents else dict.fromkeys("prf")).items()}
        | {"ents_per_type": {label: score.to_dict() for label, score in ents.items()} or None}
    )


def find_bounds(doc: Doc, layer: str) -> set[tuple[int, int]]:
    """Characters, so that the tokens of prediction and reference may differ."""
    return {(span.start_char, span.end_char) for span in doc.spans.get(layer, ())}


def find_ents(doc: Doc, label: str) -> set[tuple[int, int]]:
    return {(ent.start_char, ent.end_char) for ent in doc.ents if ent.label_ == label}
