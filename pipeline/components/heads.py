"""Small classifiers over the encoder's states: spans -> label probabilities, spans -> the span they point to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc, Span

from pipeline.labels import DISTANCES, SPAN_TASKS

Floats = NDArray[np.float32]
Ints = NDArray[np.integer[Any]]
BOUNDS = np.asarray(DISTANCES)


def represent(doc: Doc, spans: Sequence[Span]) -> Floats:
    """Rows of [first word, last word, mean of the words] from doc.tensor; shape (spans, 3 * width)."""
    starts, ends = (np.asarray(bounds, dtype=np.int64) for bounds in ([s.start for s in spans], [s.end for s in spans]))
    return gather(doc.tensor, starts, ends)


def gather(tensor: NDArray[Any], starts: Ints, ends: Ints) -> Floats:
    """What represent gives, of the spans from starts to ends, in tokens, end exclusive, none empty."""
    width = tensor.shape[1]
    out = np.empty((len(starts), 3 * width), dtype=np.float32)
    if not len(starts):
        return out
    out[:, :width] = tensor[starts]
    out[:, width : 2 * width] = tensor[ends - 1]
    lengths = ends - starts
    means = out[:, 2 * width :]
    means[:] = out[:, :width]
    for further in range(1, int(lengths.max())):
        longer = np.flatnonzero(lengths > further)
        means[longer] += tensor[starts[longer] + further]
    means /= lengths[:, None].astype(np.float32)
    return out


def affine(rows: Floats, weight: Floats, bias: Floats) -> Floats:
    """A linear layer. numpy's BLAS is twice as fast here as spaCy's, where it keeps to one thread (see backends.local.limit_threads), and
    for the few rows of an article a third faster in this order than as rows @ weight.T.
    """
    out: Floats = (weight @ rows.T).T
    out += bias
    return out


def gelu(x: Floats) -> Floats:
    """Gaussian error linear unit, exact to about 1e-7 (erf by Abramowitz and Stegun 7.1.26)."""
    z = x / np.float32(np.sqrt(2.0))
    t = 1.0 / (1.0 + 0.3275911 * np.abs(z))
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(z) * (1.0 - poly * np.exp(-z * z))
    out: Floats = (0.5 * x * (1.0 + erf)).astype(np.float32)
    return out


def softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(-1, keepdims=True))
    out: Floats = (shifted / shifted.sum(-1, keepdims=True)).astype(np.float32)
    return out


class Stack:
    """Hidden layers of several heads that read the same spans, in one product."""

    def __init__(self, layers: Mapping[str, tuple[Floats, Floats]]) -> None:
        self.weight = np.ascontiguousarray(np.concatenate([weight for weight, _ in layers.values()]))
        self.bias = np.concatenate([bias for _, bias in layers.values()])
        ends = np.cumsum([len(bias) for _, bias in layers.values()]).tolist()
        self.columns = {name: slice(start, end) for name, start, end in zip(layers, [0, *ends], ends)}

    def __call__(self, spans: Floats) -> dict[str, Floats]:
        """What each layer makes of represented spans, by name."""
        hidden = gelu(affine(spans, self.weight, self.bias))
        return {name: hidden[:, columns] for name, columns in self.columns.items()}


class SpanHead:
    """One task of SPAN_TASKS: probabilities of its labels for spans of a Doc."""

    def __init__(self, task: str, weights: Mapping[str, Floats]) -> None:
        self.labels = SPAN_TASKS[task]
        self.w1, self.b1, self.w2, self.b2 = (
            weights[f"spans.{task}.{name}"] for name in ("hidden.weight", "hidden.bias", "out.weight", "out.bias")
        )

    def __call__(self, spans: Floats) -> Floats:
        """Probabilities, shape (spans, labels), of represented spans."""
        return self.classify(gelu(affine(spans, self.w1, self.b1)))

    def classify(self, hidden: Floats) -> Floats:
        """Probabilities, shape (spans, labels), from the states of the hidden layer."""
        return softmax(affine(hidden, self.w2, self.b2))


class PairHead:
    """Two mentions -> probabilities of PAIR_STATUSES, the same in either order."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        names = ("side.weight", "side.bias", "distance.weight", "hidden.weight", "hidden.bias", "out.weight", "out.bias")
        self.ws, self.bs, self.d, self.wh, self.bh, self.wo, self.bo = (weights[f"pairs.{name}"] for name in names)

    def sides(self, spans: Floats) -> Floats:
        """What of a mention takes part in pairs, shape (spans, width)."""
        return gelu(affine(spans, self.ws, self.bs))

    def __call__(self, left: Floats, right: Floats, words: Ints) -> Floats:
        """Probabilities, shape (pairs, statuses), of sides(...) of both; words: from the end of the left to the start of the right."""
        joined = np.concatenate([left + right, left * right, np.abs(left - right), self.d[find_buckets(words)]], axis=1)
        return softmax(affine(gelu(affine(joined, self.wh, self.bh)), self.wo, self.bo))


class LinkHead:
    """One task of LINK_TASKS: the probability that a span points to each candidate, or to none."""

    def __init__(self, task: str, weights: Mapping[str, Floats]) -> None:
        names = ("source.weight", "source.bias", "target.weight", "target.bias", "bilinear", "distance.weight", "none.weight", "none.bias")
        self.ws, self.bs, self.wt, self.bt, self.u, self.d, self.wn, self.bn = (weights[f"links.{task}.{name}"] for name in names)

    def __call__(self, source: Floats, target: Floats, words: Ints) -> Floats:
        """Probabilities, shape (sources, targets + 1); words[i, j]: signed distance of target j from source i; the last column is none."""
        return self.link(gelu(affine(source, self.ws, self.bs)), gelu(affine(target, self.wt, self.bt)), words)

    def link(self, source: Floats, target: Floats, words: Ints, near: NDArray[np.bool_] | None = None) -> Floats:
        """The same from the hidden states of both sides; near[i, j]: whether j is a candidate of i (None: all are)."""
        scores = source @ self.u @ target.T + self.d[find_buckets(words), 0]
        if near is not None:
            scores = np.where(near, scores, np.float32(-np.inf))
        return softmax(np.concatenate([scores, affine(source, self.wn, self.bn)], axis=1))


def find_buckets(words: Ints) -> Ints:
    """Rows of a distance table."""
    return np.searchsorted(BOUNDS, words)
