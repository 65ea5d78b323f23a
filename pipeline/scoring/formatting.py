"""Evaluations, differences and misses -> text for readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.scoring import reliability
from pipeline.scoring.counts import FIELDS, MEAN_FIELDS
from pipeline.scoring.evaluation import Evaluation
from pipeline.scoring.misses import CAUSES, Miss
from pipeline.scoring.resampling import Difference, Interval


def format_figures(evaluation: Evaluation, bounds: Mapping[str, Interval]) -> str:
    """The table of figures, with the intervals of F1 and of accuracies."""
    lines = [f"{'':13s}     P      R      F   95 % interval     gold   pred   ({len(evaluation.matched)} documents)"]
    for name, figure in evaluation.figures.items():
        shares = f"{figure.p:.3f}  {figure.r:.3f}  {figure.f:.3f}"
        lines.append(f"{name:13s} {shares}   {_interval(bounds.get(name))}   {figure.gold:6d} {figure.predicted:6d}")
    lines.append(f"{'mean_f':13s}               {evaluation.mean_f:.3f}   {_interval(bounds.get('mean_f'))}   ({', '.join(MEAN_FIELDS)})")
    lines.append("")
    lines.append("of what was found, right are")
    for name, share in evaluation.accuracy.items():
        lines.append(f"{name:20s}        {'    -' if share is None else f'{share:.3f}'}   {_interval(bounds.get(name))}")
    return "\n".join(lines)


def _interval(bound: Interval | None) -> str:
    return f"{bound.low:.3f} to {bound.high:.3f}" if bound else f"{'-':14s}"


def format_breakdown(evaluation: Evaluation, by: str) -> str:
    """Figures by kind of issuer, by bands of confidence, or by the labels of one of DIMENSIONS."""
    if by == "confidence":
        return format_reliability(evaluation)
    if by == "kind":
        parts = evaluation.by_kind()
        head = f"{'kind':12s} {'docs':>5s}  " + " ".join(f"{name:>11s}" for name in FIELDS) + f" {'mean_f':>7s}"
        rows = [
            f"{kind:12s} {len(part.matched):5d}  " + " ".join(f"{part.figures[name].f:11.3f}" for name in FIELDS) + f" {part.mean_f:7.3f}"
            for kind, part in parts.items()
        ]
        return "\n".join([head, *rows])
    head = f"{by:22s}     P      R      F     gold   pred"
    ordered = sorted(evaluation.labels[by].items(), key=lambda item: (-item[1].gold, item[0]))
    return "\n".join([head, *(f"{label:22s} {f.p:.3f}  {f.r:.3f}  {f.f:.3f}   {f.gold:6d} {f.predicted:6d}" for label, f in ordered)])


def format_reliability(evaluation: Evaluation) -> str:
    """For each field what was found by bands of confidence, with the share that is right, and the expected calibration error (ECE)."""
    lines = [f"{'confidence':12s} {'from':>5s} {'to':>5s}  found   mean  right     ECE"]
    for field in reliability.FIELDS:
        bands = evaluation.reliability(field)
        lines.append(f"{field:12s} {'':18s} {'':13s} {reliability.calibration_error(bands):7.3f}")
        lines += [f"{'':12s} {b.low:5.1f} {b.high:5.1f}  {b.found:5d}  {b.confidence:.3f}  {b.right:.3f}" for b in bands]
    return "\n".join(lines)


def format_differences(differences: Sequence[Difference], other: str) -> str:
    """The table of differences; * marks those that chance gives in less than one of twenty cases."""
    lines = [f"{'':20s} {'before':>7s} {'now':>7s}   change   95 % interval         p   (before: {other})"]
    for d in differences:
        spread = f"{d.interval.low:+.3f} to {d.interval.high:+.3f}"
        star = " *" if d.p < 0.05 else ""
        lines.append(f"{d.name:20s} {d.first:7.3f} {d.second:7.3f}   {d.difference:+.3f}   {spread}   {d.p:.3f}{star}")
    return "\n".join(lines)


def format_misses(misses: Sequence[Miss], field: str) -> str:
    """Misses under their causes, the most frequent cause first."""
    if not misses:
        return f"{field}: nothing missed, nothing spurious"
    counts = Counter(miss.cause for miss in misses)
    lines = []
    for cause, number in counts.most_common():
        lines.append(f"{field}: {cause} ({number}): {CAUSES[cause]}")
        for miss in (m for m in misses if m.cause == cause):
            lines.append(f"  {miss.doc_id}{f':{miss.start}' if miss.start is not None else ''}")
            shown = (("gold", miss.gold), ("found", miss.predicted), ("nearest", miss.nearest), ("in", miss.context))
            lines += [f"    {label:8s}{value}" for label, value in shown if value is not None]
    return "\n".join(lines)
