"""Scores of several networks side by side.

usage: compare.py NETWORK_DIR … --gold GOLD.jsonl … [--settings SETTINGS.json] [--precision FLOAT_DIR INT8_DIR] [--pud [FILE.iob2]]

A network is a folder that export.py wrote, or a packaged pipeline. Prints tables in Markdown: what coopfacts finds with each (F1 of
pipeline.evaluate, and how far the others are from the first), the bare spans of each layer, and, where asked for, float32 against
int8 of one network and the names of UNER PUD (news and Wikipedia, in no training data).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from corpora import iob_spans
from spacy.language import Language
from targets import read_gold

import pipeline.nlp
from pipeline.clean import find_boilerplate
from pipeline.evaluate import Evaluation, compare, evaluate, predict
from pipeline.labels import LAYERS
from pipeline.records import read_json_lines
from pipeline.scoring.evaluation import Figure

Json = dict[str, Any]
Settings = dict[str, dict[str, Any]]
Scored = dict[str, list[tuple[int, int, float]]]  # layer -> start, end, probability
PUD = Path(__file__).resolve().parents[3] / "shared/corpora/uner-english-pud/en_pud-ud-test.iob2"
PUD_LAYERS = ("PER", "LOC", "ORG")
ALLOWED_LOSS = 0.005  # of F1, by int8


def load_network(folder: Path, settings: Settings | None = None) -> Language:
    """The pipeline around an exported network; a packaged pipeline brings settings of its own."""
    return pipeline.nlp.load(folder) if (folder / "meta.json").is_file() else pipeline.nlp.build(folder, settings=settings)


def find_spans(nlp: Language, text: str) -> Scored:
    """What the encoder finds in a text, without what later components make of it; boilerplate is left out as in extraction."""
    doc = nlp.make_doc(text)
    doc._.left_out = [(span.start, span.end) for span in find_boilerplate(text) if not span.extract]
    with nlp.select_pipes(enable=["sentences", "coop_encoder"]):
        doc = nlp(doc)
    found: Scored = {}
    for layer in LAYERS:
        group = doc.spans[layer]
        found[layer] = [(span.start_char, span.end_char, score) for span, score in zip(group, group.attrs["scores"], strict=True)]
    return found


def count_spans(nlp: Language, passages: Iterable[Json], *, find: Callable[[Language, str], Scored] = find_spans) -> dict[str, Figure]:
    """Exact spans of each layer over passages; a layer counts where the passage is labelled with it."""
    counts: dict[str, list[int]] = {}
    for passage in passages:
        found = find(nlp, passage["text"])
        for layer in passage["labelled"]:
            gold = {(a, b) for a, b in passage["spans"][layer]}
            mine = {(a, b) for a, b, _ in found[layer]}
            row = counts.setdefault(layer, [0, 0, 0])
            for n, number in enumerate((len(gold & mine), len(mine), len(gold))):
                row[n] += number
    return {layer: Figure(*counts[layer]) for layer in LAYERS if layer in counts}


def read_pud(path: Path) -> Iterator[Json]:
    """Sentences of a UNER file as passages, their text as it was printed."""
    text = ""
    tags: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# text = "):
            text = line.removeprefix("# text = ")
        elif line and not line.startswith("#"):
            _, word, tag, *_ = line.split("\t")
            start = text.index(word, ends[-1] if ends else 0)
            tags.append(tag)
            starts.append(start)
            ends.append(start + len(word))
        elif not line and tags:
            spans: dict[str, list[list[int]]] = {layer: [] for layer in PUD_LAYERS}
            for label, a, b in iob_spans(tags):
                if label in spans:
                    spans[label].append([starts[a], ends[b - 1]])
            yield {"text": text, "source": "uner-pud", "labelled": list(PUD_LAYERS), "spans": spans}
            tags, starts, ends = [], [], []


def format_table(names: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A table in Markdown: one row a figure, one column a network."""
    lines = [f"| | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(values)} |" for name, values in rows)])


def format_evaluations(names: Sequence[str], evaluations: Sequence[Evaluation]) -> str:
    """F1, accuracies and the mean of each network; * beside figures that differ from those of the first by more than chance."""
    stars = [{d.name for d in compare(evaluations[0], other) if d.p < 0.05} for other in evaluations]
    rows = []
    for name in [*evaluations[0].figures, *evaluations[0].accuracy, "mean_f"]:
        values = [evaluation.mean_f if name == "mean_f" else _value(evaluation, name) for evaluation in evaluations]
        rows.append((name, ["-" if v is None else f"{v:.3f}{' *' if name in star else ''}" for v, star in zip(values, stars, strict=True)]))
    return format_table(names, rows)


def _value(evaluation: Evaluation, name: str) -> float | None:
    return evaluation.figures[name].f if name in evaluation.figures else evaluation.accuracy[name]


def format_spans(names: Sequence[str], counted: Sequence[dict[str, Figure]]) -> str:
    """Precision, recall and F1 of each layer's spans, and of all together."""
    rows = []
    for layer in [*counted[0], "all"]:
        figures = [sum_figures(c.values()) if layer == "all" else c[layer] for c in counted]
        rows.append((layer, [f"{f.p:.3f} / {f.r:.3f} / {f.f:.3f}" for f in figures]))
    return format_table([f"{name} (P / R / F)" for name in names], rows)


def sum_figures(figures: Iterable[Figure]) -> Figure:
    rows = [(f.tp, f.predicted, f.gold) for f in figures]
    return Figure(*(sum(column) for column in zip(*rows, strict=True))) if rows else Figure(0, 0, 0)


def format_precision(exact: dict[str, Figure], quantised: dict[str, Figure], evaluations: tuple[Evaluation, Evaluation]) -> str:
    """F1 of float32 and int8, span by layer and of the whole pipeline, and whether int8 loses less than half a point."""
    pairs = [(layer, exact[layer].f, quantised[layer].f) for layer in exact]
    pairs.append(("all spans", sum_figures(exact.values()).f, sum_figures(quantised.values()).f))
    pairs.append(("mean_f", evaluations[0].mean_f, evaluations[1].mean_f))
    table = format_table(["float32", "int8", "change"], ((name, [f"{a:.4f}", f"{b:.4f}", f"{b - a:+.4f}"]) for name, a, b in pairs))
    worst = min(b - a for _, a, b in pairs[-2:])
    verdict = "within" if worst > -ALLOWED_LOSS else "beyond"
    return f"{table}\n\nint8 changes F1 of all by {100 * worst:+.2f} points at worst: {verdict} the half point it may lose"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", type=Path, metavar="NETWORK_DIR")
    parser.add_argument("--gold", nargs="+", type=Path, default=[], metavar="GOLD.jsonl")
    parser.add_argument("--settings", type=Path, help="settings of components, as package.py takes them")
    parser.add_argument("--precision", nargs=2, type=Path, metavar=("FLOAT_DIR", "INT8_DIR"), help="one network in both precisions")
    parser.add_argument("--pud", nargs="?", const=PUD, type=Path, help="UNER English PUD (default: the one in ../shared)")
    args = parser.parse_args()
    if not (args.networks or args.precision):
        parser.error("give NETWORK_DIR … or --precision")
    if not args.gold and (args.precision or not args.pud):
        parser.error("give what to measure by: --gold, or, for NETWORK_DIR … alone, --pud")
    settings: Settings = json.loads(args.settings.read_text(encoding="utf-8")) if args.settings else {}
    golds = [document for path in args.gold for document in read_json_lines(path)]
    passages = list(read_gold(args.gold))
    names = [str(folder) for folder in args.networks]
    networks = [load_network(folder, settings) for folder in args.networks]
    if networks and golds:
        evaluations = [evaluate(golds, predict(golds, nlp)) for nlp in networks]
        print(f"## {len(golds)} documents of {', '.join(map(str, args.gold))}: F1 (* differs from the first, p < 0.05)\n")
        print(format_evaluations(names, evaluations))
        print("\n## Spans of the encoder, exact bounds\n")
        print(format_spans(names, [count_spans(nlp, passages) for nlp in networks]))
    if args.precision:
        exact, quantised = (load_network(folder, settings) for folder in args.precision)
        print(f"\n## float32 ({args.precision[0]}) and int8 ({args.precision[1]}): F1 on {len(golds)} documents\n")
        both = (evaluate(golds, predict(golds, exact)), evaluate(golds, predict(golds, quantised)))
        print(format_precision(count_spans(exact, passages), count_spans(quantised, passages), both))
    if networks and args.pud:
        if args.pud.is_file():
            sentences = list(read_pud(args.pud))
            print(f"\n## UNER English PUD, {len(sentences)} sentences, exact bounds\n")
            print(format_spans(names, [count_spans(nlp, sentences) for nlp in networks]))
        else:
            print(f"\n{args.pud}: no such file; UNER PUD is skipped")


if __name__ == "__main__":
    main()
