"""How far the scores of spans can be taken at their word: bins of scores and the share of right spans in each, by layer.

usage: calibrate.py NETWORK_DIR [--gold GOLD.jsonl …] [--open PASSAGES.jsonl …] [--out TABLE.md] [--plot FILE.png] [--bins N]

A predicted span is right where gold has the same bounds in its layer. The expected calibration error is the mean distance of a bin's
mean score from its share of right spans, weighted by the spans in it (Naeini et al., AAAI 2015). --open brings layers that gold documents
lack (LOC). --plot needs matplotlib (extra `explore`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from compare import find_spans, load_network
from numpy.typing import NDArray
from spacy.language import Language
from targets import read_gold

from pipeline.labels import LAYERS

Json = dict[str, Any]
BINS = 10
MIN_PLOTTED = 10  # spans in a bin


@dataclass(frozen=True, slots=True)
class Bin:
    """Spans whose score lies from low to high: how many, their mean score, the share that is right (both 0 where there are none)."""

    low: float
    high: float
    spans: int
    score: float
    right: float


def collect(nlp: Language, passages: Iterable[Json]) -> dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """For each layer, in the order of LAYERS, the scores of predicted spans and whether each is right; unlabelled layers don't count."""
    scores: dict[str, list[float]] = {}
    right: dict[str, list[bool]] = {}
    for passage in passages:
        found = find_spans(nlp, passage["text"])
        for layer in passage["labelled"]:
            gold = {(a, b) for a, b in passage["spans"][layer]}
            scores.setdefault(layer, []).extend(score for *_, score in found[layer])
            right.setdefault(layer, []).extend((a, b) in gold for a, b, _ in found[layer])
    layers = [layer for layer in LAYERS if layer in scores]
    return {layer: (np.asarray(scores[layer], dtype=np.float64), np.asarray(right[layer], dtype=bool)) for layer in layers}


def make_bins(scores: NDArray[np.float64], right: NDArray[np.bool_], n: int = BINS) -> list[Bin]:
    """Bins of equal width from 0 to 1; a score on a bound belongs to the bin above it, 1 to the last."""
    place = np.minimum((scores * n).astype(np.int64), n - 1)
    bins = []
    for k in range(n):
        mine = place == k
        count = int(mine.sum())
        mean, share = (float(scores[mine].mean()), float(right[mine].mean())) if count else (0.0, 0.0)
        bins.append(Bin(k / n, (k + 1) / n, count, mean, share))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error, 0 to 1; 0 where there are no spans."""
    total = sum(b.spans for b in bins)
    return sum(b.spans * abs(b.score - b.right) for b in bins) / total if total else 0.0


def format_bins(layers: dict[str, list[Bin]]) -> str:
    """Markdown: a line a layer with its error, then the bins of all layers that hold spans."""
    lines = ["| layer | spans | mean score | share right | ECE |", "| --- | ---: | ---: | ---: | ---: |"]
    for layer, bins in layers.items():
        n = sum(b.spans for b in bins)
        mean = sum(b.spans * b.score for b in bins) / max(1, n)
        share = sum(b.spans * b.right for b in bins) / max(1, n)
        lines.append(f"| {layer} | {n} | {mean:.3f} | {share:.3f} | {calibration_error(bins):.3f} |")
    lines += ["", "| layer | scores | spans | mean score | share right |", "| --- | --- | ---: | ---: | ---: |"]
    for layer, bins in layers.items():
        lines += [f"| {layer} | {b.low:.2f} to {b.high:.2f} | {b.spans} | {b.score:.3f} | {b.right:.3f} |" for b in bins if b.spans]
    return "\n".join(lines)


def plot(layers: dict[str, list[Bin]], path: Path) -> None:
    """The reliability diagram: a line a layer, the diagonal where scores are what they say; bins of few spans are left out."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SystemExit("matplotlib is missing: pip install 'coopfacts[explore]', or leave out --plot") from None
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.add_subplot(xlabel="score", ylabel="share of right spans", xlim=(0, 1), ylim=(0, 1))
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    for layer, bins in layers.items():
        filled = [b for b in bins if b.spans >= MIN_PLOTTED]
        axes.plot([b.score for b in filled], [b.right for b in filled], marker="o", label=f"{layer} ({calibration_error(bins):.3f})")
    axes.legend(title="layer (ECE)")
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path, metavar="NETWORK_DIR")
    parser.add_argument("--gold", nargs="+", type=Path, default=[], metavar="GOLD.jsonl")
    parser.add_argument("--open", nargs="+", type=Path, default=[], metavar="PASSAGES.jsonl", help="passages that corpora.py wrote")
    parser.add_argument("--out", type=Path, help="where to write the table, in Markdown (it is printed as well)")
    parser.add_argument("--plot", type=Path, help="where to write the reliability diagram")
    parser.add_argument("--bins", type=int, default=BINS)
    parser.add_argument("--settings", type=Path, help="settings of components, as package.py takes them")
    args = parser.parse_args()
    if not args.gold and not args.open:
        parser.error("give what to measure by: --gold or --open")
    passages = [*read_gold(args.gold), *(json.loads(line) for path in args.open for line in path.open(encoding="utf-8"))]
    settings = json.loads(args.settings.read_text(encoding="utf-8")) if args.settings else None
    found = collect(load_network(args.network, settings), passages)
    layers = {layer: make_bins(*pair, n=args.bins) for layer, pair in found.items()}
    if len(found) > 1:
        joined = (np.concatenate([pair[0] for pair in found.values()]), np.concatenate([pair[1] for pair in found.values()]))
        layers["all"] = make_bins(*joined, n=args.bins)
    table = format_bins(layers)
    print(table)
    if args.out:
        title = f"# Calibration of {args.network.name} on {', '.join(path.name for path in [*args.gold, *args.open])}"
        args.out.write_text(f"{title}\n\n{table}\n", encoding="utf-8")
    if args.plot:
        plot(layers, args.plot)


if __name__ == "__main__":
    main()
