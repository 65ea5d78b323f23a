"""Small classifiers over the encoder's states: spans -> label probabilities, spans -> the span they point to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc, Span

from pipeline.labels import DISTANCES, SPAN_TASKS

Floats = NDArray[np.float32]


def represent(doc: Doc, spans: Sequence[Span]) -> Floats:
    """Rows of [first word, last word, mean of the words] from doc.tensor; shape (spans, 3 * width)."""
    tensor = doc.tensor
    width = tensor.shape[1]
    out = np.zeros((len(spans), 3 * width), dtype=np.float32)
    for row, span in enumerate(spans):
        out[row, :width] = tensor[span.start]
        out[row, width : 2 * width] = tensor[span.end - 1]
        out[row, 2 * width :] = tensor[span.start : span.end].mean(0)
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


class SpanHead:
    """One task of SPAN_TASKS: probabilities of its labels for spans of a Doc."""

    def __init__(self, task: str, weights: Mapping[str, Floats]) -> None:
        self.labels = SPAN_TASKS[task]
        self.w1, self.b1, self.w2, self.b2 = (
            weights[f"spans.{task}.{name}"] for name in ("hidden.weight", "hidden.bias", "out.weight", "out.bias")
        )

    def __call__(self, spans: Floats) -> Floats:
        """Probabilities, shape (spans, labels), of represented spans."""
        if not len(spans):
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        return softmax(gelu(spans @ self.w1.T + self.b1) @ self.w2.T + self.b2)


class PairHead:
    """Two mentions -> probabilities of PAIR_STATUSES, the same in either order."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        names = ("side.weight", "side.bias", "distance.weight", "hidden.weight", "hidden.bias", "out.weight", "out.bias")
        self.ws, self.bs, self.d, self.wh, self.bh, self.wo, self.bo = (weights[f"pairs.{name}"] for name in names)

    def sides(self, spans: Floats) -> Floats:
        """What of a mention takes part in pairs, shape (spans, width)."""
        return gelu(spans @ self.ws.T + self.bs)

    def __call__(self, left: Floats, right: Floats, words: NDArray[np.int64]) -> Floats:
        """Probabilities, shape (pairs, statuses), of sides(...) of both; words: from the end of the left to the start of the right."""
        distance = self.d[np.searchsorted(np.asarray(DISTANCES), words)]
        joined = np.concatenate([left + right, left * right, np.abs(left - right), distance], axis=1)
        return softmax(gelu(joined @ self.wh.T + self.bh) @ self.wo.T + self.bo)


class LinkHead:
    """One task of LINK_TASKS: the probability that a span points to each candidate, or to none."""

    def __init__(self, task: str, weights: Mapping[str, Floats]) -> None:
        names = ("source.weight", "source.bias", "target.weight", "target.bias", "bilinear", "distance.weight", "none.weight", "none.bias")
        self.ws, self.bs, self.wt, self.bt, self.u, self.d, self.wn, self.bn = (weights[f"links.{task}.{name}"] for name in names)

    def __call__(self, source: Floats, target: Floats, words: NDArray[np.int64]) -> Floats:
        """Probabilities, shape (sources, targets + 1); words[i, j]: signed distance of target j from source i; the last column is none."""
        a = gelu(source @ self.ws.T + self.bs)
        b = gelu(target @ self.wt.T + self.bt)
        distance = self.d[np.searchsorted(np.asarray(DISTANCES), words), 0]
        scores = a @ self.u @ b.T + distance
        return softmax(np.concatenate([scores, a @ self.wn.T + self.bn], axis=1))
