"""Records and gold -> scores: figures with intervals, by kind and label, beside another run, and what was missed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import UsageError
from pipeline.records import read_json_lines
from pipeline.scoring.counts import DIMENSIONS, WIDTH, count
from pipeline.scoring.evaluation import DIGITS, Evaluation, Figure
from pipeline.scoring.formatting import format_breakdown, format_differences, format_figures, format_misses
from pipeline.scoring.matching import match_documents
from pipeline.scoring.misses import FINDERS, Miss
from pipeline.scoring.resampling import Difference, Interval, compare_counts

Json = dict[str, Any]
BREAKDOWNS = ("kind", "confidence", *DIMENSIONS)
PLURALS = {"people": "person", "categories": "category"}  # and those in -s
__all__ = ["Difference", "Evaluation", "Figure", "Interval", "Miss", "compare", "evaluate", "evaluate_files", "predict", "read_predictions"]


def evaluate(golds: Iterable[Json], predictions: Iterable[Json] | Mapping[str, Json]) -> Evaluation:
    """Measure predictions by gold documents, by doc_id; a gold document without prediction counts as one in which nothing was found."""
    by_id = predictions if isinstance(predictions, Mapping) else {p["doc_id"]: p for p in predictions}
    matched = [match_documents(gold, by_id.get(gold["doc_id"], {})) for gold in golds]
    rows = [count(matches) for matches in matched]
    return Evaluation(matched, np.stack(rows) if rows else np.zeros((0, WIDTH), dtype=np.int64))


def compare(first: Evaluation, second: Evaluation, *, resamples: int = 1000, seed: int = 0, level: float = 0.95) -> list[Difference]:
    """What the second run is better by, figure by figure, and whether that may be chance.

    Both are evaluations over the same gold documents in the same order; UsageError where they aren't.
    """
    if [m.gold["doc_id"] for m in first.matched] != [m.gold["doc_id"] for m in second.matched]:
        raise UsageError("two runs can be compared on the same gold documents only")
    return compare_counts(first.counts, second.counts, resamples=resamples, seed=seed, level=level)


# -- files and the pipeline


def read_predictions(path: Path) -> list[Json]:
    """Records of a JSONL file, or of documents.jsonl in a folder that `coopfacts run` or `extract` wrote."""
    if path.is_dir():
        path = path / "documents.jsonl"
    if not path.is_file():
        raise UsageError(f"{path}: no such file; a JSONL file of records or a folder with documents.jsonl expected")
    return list(read_json_lines(path))


def predict(golds: Iterable[Json], nlp: Any = None) -> Iterator[Json]:
    """What the pipeline makes of the texts of gold documents, as `coopfacts extract` would, with their title, url and day of publication.

    nlp: a pipeline of pipeline.load(), by default the shipped one. A document that can't be processed gives nothing.
    """
    from pipeline.archive import Article
    from pipeline.extraction import extract

    def article(gold: Json) -> Article:
        doc_id = gold["doc_id"]
        return Article(doc_id, gold["text"], doc_id, title=gold.get("title"), published=gold.get("published"), url=gold.get("url"))

    yield from extract(map(article, golds), nlp=nlp)


def evaluate_files(gold: Sequence[Path], pred: Path | None = None, nlp: Any = None) -> Evaluation:
    """Measure records (by default: what the pipeline makes of the gold texts) by gold files."""
    golds = [document for path in gold for document in read_json_lines(path)]
    return evaluate(golds, read_predictions(pred) if pred else predict(golds, nlp))


def report_evaluation(
    gold: Sequence[Path],
    *,
    pred: Path | None = None,
    against: Path | None = None,
    errors: str | None = None,
    by: Sequence[str] = (),
    as_json: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> str:
    """What `coopfacts evaluate` prints.

    against: records of another run, which the first one is compared with. errors: the field whose misses are listed. by: of BREAKDOWNS.
    """
    unknown = [name for name in by if name not in BREAKDOWNS]
    if unknown:
        raise UsageError(f"no break-down by {', '.join(unknown)}; one of {', '.join(BREAKDOWNS)} expected")
    if errors is not None:
        errors = find_field(errors)
    evaluation = evaluate_files(gold, pred)
    bounds = evaluation.intervals(resamples=resamples, seed=seed)
    other = evaluate([m.gold for m in evaluation.matched], read_predictions(against)) if against else None
    differences = compare(other, evaluation, resamples=resamples, seed=seed) if other else []
    misses = list(evaluation.misses(errors)) if errors else []
    if as_json:
        return json.dumps(make_report(evaluation, bounds, differences, misses), ensure_ascii=False)
    parts = [format_figures(evaluation, bounds), *(format_breakdown(evaluation, name) for name in by)]
    if differences:
        parts.append(format_differences(differences, str(against)))
    if errors:
        parts.append(format_misses(misses, errors))
    return "\n\n".join(parts)


def find_field(name: str) -> str:
    """The field of a name as it may be typed: area, areas."""
    for field in (name, PLURALS.get(name, name), name.removesuffix("s")):
        if field in FINDERS:
            return field
    raise UsageError(f"no field {name!r} to list the errors of; one of {', '.join(FINDERS)} expected")


def make_report(evaluation: Evaluation, bounds: Mapping[str, Interval], differences: Iterable[Difference], misses: Iterable[Miss]) -> Json:
    """All that is known of an evaluation, as JSON values."""
    return {
        **evaluation.as_json(),
        "documents": len(evaluation.matched),
        "intervals": {name: [round(bound.low, DIGITS), round(bound.high, DIGITS)] for name, bound in bounds.items()},
        "by_kind": {kind: part.as_json() | {"documents": len(part.matched)} for kind, part in evaluation.by_kind().items()},
        "by_label": {d: {label: figure.as_json() for label, figure in found.items()} for d, found in evaluation.labels.items()},
        "differences": [asdict(difference) for difference in differences],
        "misses": [miss.as_json() for miss in misses],
    }
