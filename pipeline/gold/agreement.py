"""Two annotations of the same texts -> how far they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import UsageError
from pipeline.evaluate import Evaluation, Figure, evaluate
from pipeline.scoring.counts import FIELDS

Json = dict[str, Any]
Spans = Iterable[Json]


def _mentions(key: str) -> Callable[[Json], Iterator[Json]]:
    return lambda document: (m for entity in document[key] for m in entity["mentions"] if isinstance(m, dict))


SPANS: Mapping[str, Callable[[Json], Spans]] = {
    "org mentions": _mentions("orgs"),
    "person mentions": _mentions("people"),
    "roles": lambda document: (role for person in document["people"] for role in person["roles"]),
    "dates": lambda document: document["dates"],
    "areas": lambda document: document["areas"],
    "instruments": lambda document: document.get("instruments", []),
}


@dataclass(frozen=True, slots=True)
class Agreement:
    """evaluation: the second annotation measured by the first. spans: F1 of exact bounds, by what they mark."""

    evaluation: Evaluation
    spans: Mapping[str, Figure]

    def as_json(self) -> Json:
        return {
            "documents": len(self.evaluation.matched),
            "fields": {name: self.evaluation.figures[name].as_json() for name in FIELDS},
            "accuracy": dict(self.evaluation.accuracy),
            "mean_f": self.evaluation.mean_f,
            "spans": {name: figure.as_json() for name, figure in self.spans.items()},
        }


def agreement(first: Sequence[Json], second: Sequence[Json]) -> Agreement:
    """Compare two annotations by doc_id, on the documents that both have; UsageError where none is, or where texts differ."""
    others = {document["doc_id"]: document for document in second}
    shared = [document for document in first if document["doc_id"] in others]
    if not shared:
        raise UsageError("no document stands in both annotations; agreement is told of the same doc_ids")
    changed = [document["doc_id"] for document in shared if document["text"] != others[document["doc_id"]]["text"]]
    if changed:
        raise UsageError(f"the texts of {', '.join(changed[:5])} differ: agreement is told of annotations of the same text")
    pairs = [(document, others[document["doc_id"]]) for document in shared]
    return Agreement(evaluate(shared, others), {name: span_figure(pairs, spans) for name, spans in SPANS.items()})


def span_figure(pairs: Iterable[tuple[Json, Json]], spans: Callable[[Json], Spans]) -> Figure:
    """Micro-averaged over documents; spans without offsets are left out."""
    tp = predicted = gold = 0
    for first, second in pairs:
        ours, theirs = ({(s["start"], s["end"]) for s in spans(document) if s.get("start") is not None} for document in (first, second))
        tp, predicted, gold = tp + len(ours & theirs), predicted + len(theirs), gold + len(ours)
    return Figure(tp, predicted, gold)


def format_agreement(found: Agreement) -> str:
    """The table of agreement: F1 by field with its interval, attributes of what both have, exact spans."""
    bounds = found.evaluation.intervals()
    lines = [f"{len(found.evaluation.matched)} documents that both annotated", "", f"{'':22s}    F1   95 % interval     first second"]
    for name, figure in found.evaluation.figures.items():
        bound = bounds[name]
        lines.append(f"{name:22s} {figure.f:.3f}   {bound.low:.3f} to {bound.high:.3f}   {figure.gold:6d} {figure.predicted:6d}")
    lines += [f"{'mean_f':22s} {found.evaluation.mean_f:.3f}", "", "of what both have, the same are"]
    lines += [f"{name:22s} {'    -' if share is None else f'{share:.3f}'}" for name, share in found.evaluation.accuracy.items()]
    lines += ["", "exact spans"]
    lines += [f"{name:22s} {figure.f:.3f}   {'':14s}   {figure.gold:6d} {figure.predicted:6d}" for name, figure in found.spans.items()]
    return "\n".join(lines)
