"""The encoder: tokens -> hidden states and labelled spans of every layer."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from pipeline.components import attributes
from pipeline.components.heads import Floats, LinkHead, PairHead, SpanHead, represent
from pipeline.components.scorers import ENT_LABELS, Scorer
from pipeline.components.wordpieces import make_windows
from pipeline.errors import ResourceError
from pipeline.labels import LAYERS, LINK_SOURCES, LINK_TASKS, MAX_PAIRED, SPAN_TASKS, TAGS

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

HEADS_OF = {
    "ORG": ("org_type", "party"),
    "STATE": ("party",),
    "AREA": ("category", "status", "ellipsis", "spoken"),
    "EVENT": ("event_type",),
}
MAX_PAIR_WORDS = 100  # mentions further apart are not paired
MAX_LINK_WORDS = 90  # a role is linked to people and organisations no further off
FILES = ("encoder.onnx", "heads.safetensors", "tokenizer.json")
BAD = -1e4
OUTSIDE, BEGIN, INSIDE, END, SINGLE = range(len(TAGS))
TAGS_THAT_OPEN = (OUTSIDE, BEGIN, SINGLE)  # at the start, and after what closes
TAGS_THAT_CLOSE = (OUTSIDE, END, SINGLE)


def _transitions() -> NDArray[np.float32]:
    allowed = np.full((len(TAGS), len(TAGS)), BAD, dtype=np.float32)
    for before in TAGS_THAT_CLOSE:
        allowed[before, TAGS_THAT_OPEN] = 0.0
    for before in (BEGIN, INSIDE):
        allowed[before, (INSIDE, END)] = 0.0
    return allowed


ALLOWED = _transitions()
attributes.register()


@Language.factory(
    "coop_encoder",
    assigns=["doc.tensor", "doc.spans", "doc.ents"],
    requires=["doc.sents"],
    default_config={"biases": {}, "min_score": {}, "scorer": {"@scorers": "coop_spans_scorer.v1"}},
    default_score_weights={"ents_f": 0.5, "spans_AREA_f": 0.5},
)
def make_encoder(nlp: Language, name: str, biases: dict[str, float], min_score: dict[str, float], scorer: Scorer | None) -> "Encoder":
    return Encoder(name, biases=biases, min_score=min_score, scorer=scorer)


class Encoder:
    """Read a Doc with the shipped network.

    Writes doc.tensor (one row of hidden states a token; zero for white space and for what doc._.left_out covers),
    doc.spans[layer] for every layer of LAYERS, in text order, and doc.ents of ORG, PERSON, GPE and DATE. The attrs of a span group
    hold, span by span: "scores" (probabilities), for each task of HEADS_OF the probabilities of its labels, and for each task of LINK_TASKS
    [index of the span pointed to in its layer or -1, probability]. Each window of whole sentences is run by itself, so that what is read
    in an article never depends on its neighbours, on batches or on workers.

    biases: layer -> number added to the scores of its O tag (above zero: fewer spans). min_score: layer -> least probability.
    """

    def __init__(self, name: str, *, biases: dict[str, float], min_score: dict[str, float], scorer: Scorer | None = None) -> None:
        self.name = name
        self.scorer = scorer
        self.biases = biases
        self.min_score = min_score
        self.cfg: dict[str, Any] = {}
        self._files: dict[str, bytes] = {}
        self._session: InferenceSession | None = None
        self._tokenizer: Tokenizer | None = None
        self.span_heads: dict[str, SpanHead] = {}
        self.link_heads: dict[str, LinkHead] = {}
        self.pair_head: PairHead | None = None

    # -- annotation

    def __call__(self, doc: Doc) -> Doc:
        self.set_annotations(doc, *self.predict(doc))
        return doc

    def predict(self, doc: Doc) -> tuple[Floats, dict[str, list[tuple[int, int, float]]]]:
        """Hidden states (tokens, width) and, by layer, (first token, end token, probability) in text order."""
        session, tokenizer = self._ready()
        skip = doc._.left_out
        windows = make_windows(doc, tokenizer, cls_id=101, sep_id=102, unknown_id=100, skip=skip)
        tensor = np.zeros((len(doc), self.width), dtype=np.float32)
        found: dict[str, list[tuple[int, int, float]]] = {layer: [] for layer in LAYERS}
        bias = np.asarray([self.biases.get(layer, 0.0) for layer in LAYERS], dtype=np.float32)
        for window in windows:
            hidden, tags = session.run(None, {"ids": window.ids[None], "cases": window.cases[None]})
            tensor[window.tokens] = hidden[0, window.first]
            scores = tags[0, window.first].reshape(-1, len(LAYERS), len(TAGS))
            scores[:, :, OUTSIDE] += bias
            for layer, first, last, score in decode(scores):
                if score >= self.min_score.get(LAYERS[layer], 0.0):
                    found[LAYERS[layer]].append((int(window.tokens[first]), int(window.tokens[last]) + 1, score))
        return tensor, found

    def set_annotations(self, doc: Doc, tensor: Floats, found: dict[str, list[tuple[int, int, float]]]) -> None:
        doc.tensor = tensor  # type: ignore[assignment]  # spaCy's stub says float64
        taken = np.zeros(len(doc), dtype=bool)
        ents = []
        for layer in LAYERS:
            spans = [Span(doc, a, b, label=layer) for a, b, _ in found[layer]]
            doc.spans[layer] = SpanGroup(doc, name=layer, spans=spans, attrs={"scores": [round(s, 4) for *_, s in found[layer]]})
            if layer in ENT_LABELS:
                for a, b, _ in found[layer]:
                    if not taken[a:b].any():
                        taken[a:b] = True
                        ents.append(Span(doc, a, b, label=ENT_LABELS[layer]))
        doc.set_ents(ents)
        self._classify(doc)

    def _classify(self, doc: Doc) -> None:
        for layer, tasks in HEADS_OF.items():
            spans = list(doc.spans[layer])
            rows = represent(doc, spans)
            for task in tasks:
                doc.spans[layer].attrs[task] = self.span_heads[task](rows).round(4).tolist()
        for task, layer in LINK_TASKS.items():
            sources, targets = list(doc.spans[LINK_SOURCES[task]]), list(doc.spans[layer])
            rows, goals = represent(doc, sources), represent(doc, targets)
            starts = np.asarray([t.start for t in targets], dtype=np.int64)
            links: list[list[float]] = []
            for row, source in enumerate(sources):
                low = int(np.searchsorted(starts, source.start - MAX_LINK_WORDS))
                high = int(np.searchsorted(starts, source.start + MAX_LINK_WORDS))
                near = np.arange(low, high)[starts[low:high] != source.start] if layer == LINK_SOURCES[task] else np.arange(low, high)
                if not len(near):
                    links.append([-1, 1.0])
                    continue
                distance = (starts[near] - source.start)[None]
                scores = self.link_heads[task](rows[row : row + 1], goals[near], distance)[0]
                best = int(scores.argmax())
                links.append([int(near[best]) if best < len(near) else -1, round(float(scores[best]), 4)])
            doc.spans[LINK_SOURCES[task]].attrs[task] = links
        self._pair(doc)

    def _pair(self, doc: Doc) -> None:
        """doc.spans["ORG"].attrs["pairs"]: rows [start, start, probabilities of PAIR_STATUSES] of mentions that share a sentence."""
        ends = [sent.end for sent in doc.sents]
        mentions = sorted([*doc.spans["ORG"], *doc.spans["STATE"]], key=lambda s: (s.start, s.end))
        rows: list[list[float]] = []
        assert self.pair_head is not None
        sides = self.pair_head.sides(represent(doc, mentions))
        left, right, gaps = [], [], []
        for i, a in enumerate(mentions):
            for j in range(i + 1, min(len(mentions), i + MAX_PAIRED)):
                gap = mentions[j].start - a.end
                if gap > MAX_PAIR_WORDS or mentions[j].start >= ends[bisect_right(ends, a.start)]:
                    break
                if a.text != mentions[j].text:
                    left.append(i)
                    right.append(j)
                    gaps.append(gap)
        if left:
            scores = self.pair_head(sides[left], sides[right], np.asarray(gaps, dtype=np.int64)).round(4).tolist()
            rows = [[mentions[i].start_char, mentions[j].start_char, *p] for i, j, p in zip(left, right, scores, strict=True)]
        doc.spans["ORG"].attrs["pairs"] = rows

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        return self.scorer(examples) if self.scorer else {}

    # -- the network

    @property
    def width(self) -> int:
        return int(self.cfg.get("width", 384))

    def _ready(self) -> tuple["InferenceSession", "Tokenizer"]:
        if self._session is None or self._tokenizer is None:
            if not self._files:
                raise ResourceError(f"{self.name}: no network loaded; load a trained pipeline: pipeline.load()")
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            self._session = onnxruntime.InferenceSession(self._files["encoder.onnx"], options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_buffer(self._files["tokenizer.json"])
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
        return self._session, self._tokenizer

    def read_files(self, folder: Path) -> None:
        """Take the network from a folder with encoder.onnx, heads.safetensors, tokenizer.json; ResourceError names what is missing."""
        from safetensors.numpy import load

        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise ResourceError(f"{folder}: {', '.join(missing)} missing; a trained model has {', '.join(FILES)}")
        self._files = {name: (folder / name).read_bytes() for name in FILES}
        weights = {k: v.astype(np.float32) for k, v in load(self._files["heads.safetensors"]).items()}
        try:
            self.span_heads = {task: SpanHead(task, weights) for task in SPAN_TASKS}
            self.link_heads = {task: LinkHead(task, weights) for task in LINK_TASKS}
            self.pair_head = PairHead(weights)
        except KeyError as error:
            raise ResourceError(f"{folder / 'heads.safetensors'}: {error.args[0]} missing; a network of this version has it") from None
        self._session = self._tokenizer = None

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self._files.items():
            (folder / name).write_bytes(content)
        (folder / "cfg.json").write_text(json.dumps(self.cfg, sort_keys=True) + "\n", encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "Encoder":
        folder = Path(path)
        if (folder / "cfg.json").is_file():
            self.cfg = json.loads((folder / "cfg.json").read_text(encoding="utf-8"))
        self.read_files(folder)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        import srsly

        return bytes(srsly.msgpack_dumps({"cfg": self.cfg, "files": self._files}))

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "Encoder":
        import tempfile

        import srsly

        given = srsly.msgpack_loads(data)
        self.cfg = given["cfg"]
        if given["files"]:
            with tempfile.TemporaryDirectory() as folder:
                for name, content in given["files"].items():
                    (Path(folder) / name).write_bytes(content)
                self.read_files(Path(folder))
        return self


def decode(scores: Floats) -> Iterator[tuple[int, int, int, float]]:
    """(layer, first word, last word, probability) of the best valid tag sequence of each layer; scores (words, layers, tags).

    The best tags word by word are the best sequence wherever they are a valid one; only the others need Viterbi.
    The probability is the least of the tag probabilities in the span.
    """
    best = scores.argmax(-1)
    if not best.any():
        return
    exp = np.exp(scores - scores.max(-1, keepdims=True))
    probabilities = exp / exp.sum(-1, keepdims=True)
    for layer in np.flatnonzero(best.any(0)):
        tags = best[:, layer]
        valid = (ALLOWED[tags[:-1], tags[1:]] == 0.0).all() and tags[0] in TAGS_THAT_OPEN and tags[-1] in TAGS_THAT_CLOSE
        if not valid:
            tags = viterbi(scores[:, layer])
        start = -1
        for i in np.flatnonzero(tags):
            tag = tags[i]
            if tag in (BEGIN, SINGLE):
                start = int(i)
            if tag in (END, SINGLE) and start >= 0:
                score = float(probabilities[np.arange(start, i + 1), layer, tags[start : i + 1]].min())
                yield int(layer), start, int(i), score
                start = -1


def viterbi(scores: Floats) -> NDArray[np.int64]:
    """The best valid sequence of tags; scores (words, tags)."""
    n = len(scores)
    total = scores[0].copy()
    total[[INSIDE, END]] += BAD
    back = np.zeros((n, len(TAGS)), dtype=np.int64)
    for i in range(1, n):
        through = total[:, None] + ALLOWED
        back[i] = through.argmax(0)
        total = through[back[i], np.arange(len(TAGS))] + scores[i]
    total[[BEGIN, INSIDE]] += BAD
    tags = np.zeros(n, dtype=np.int64)
    tags[-1] = int(total.argmax())
    for i in range(n - 1, 0, -1):
        tags[i - 1] = back[i, tags[i]]
    return tags

