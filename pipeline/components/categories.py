"""Categories of one's own: areas go to them by likeness to a few examples, without training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from pipeline.components import attributes
from pipeline.components.encoder import Encoder
from pipeline.components.heads import Floats, affine, gelu, represent
from pipeline.errors import ResourceError
from pipeline.naming import stems
from pipeline.taxonomy import Category, Taxonomy, dump_taxonomy, parse_taxonomy, shipped_taxonomy

attributes.register()
CARRIER = "The two sides agreed on {}."  # the sentence in which an example is read
NEAREST = 3  # examples by which an area is like a category
FILE = "taxonomy.jsonl"


@Language.factory("area_categories", requires=["doc.spans", "doc.tensor", "doc._.areas"], assigns=["doc._.areas"])
def make_categories(nlp: Language, name: str) -> "Categories":
    return Categories(nlp, name)


class Categories:
    """Give areas of doc._.areas the categories of a user's taxonomy, by its examples (see find_likeness and choose_code).

    The examples are read once, before the first Doc, by the components up to the encoder.
    """

    def __init__(self, nlp: Language, name: str) -> None:
        self.nlp = nlp
        self.name = name
        self.taxonomy: Taxonomy = ()
        self._examples: Examples | None = None

    def initialize(
        self, get_examples: Callable[[], Iterable[Example]] | None = None, *, nlp: Language | None = None, taxonomy: Sequence[Category] = ()
    ) -> None:
        """Take the user's categories; one with the id of a shipped category stands in its place."""
        self.taxonomy = tuple(taxonomy)
        self._examples = None

    def __call__(self, doc: Doc) -> Doc:
        if self.taxonomy:
            for area, code in zip(doc._.areas, self.find(doc), strict=True):
                area.category = code
        return doc

    def find(self, doc: Doc) -> list[str]:
        """The code of each area of doc._.areas."""
        if self._examples is None:  # not earlier: weights come after components
            self._examples = read_examples(self.nlp, self.taxonomy)
        areas = doc._.areas
        spans = [find_span(doc, area.start, area.end) for area in areas]
        alike = find_likeness(see(self.nlp, doc, spans, [area.text for area in areas]), self._examples)
        return [choose_code(area.category, row, self.taxonomy) for area, row in zip(areas, alike, strict=True)]

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        return dump_taxonomy(self.taxonomy).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "Categories":
        self.initialize(taxonomy=parse_taxonomy(data.decode(), self.name) if data else ())
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "Categories":
        return self.from_bytes((Path(path) / FILE).read_bytes())


class Seen(NamedTuple):
    """Phrases as they are compared: what the category head makes of each, the mean of its words' states, the stems of its words."""

    head: Floats
    states: Floats
    stems: list[frozenset[str]]


class Examples(NamedTuple):
    """The examples of all categories, one after another, and whose each is. centre: the means of head and states."""

    codes: tuple[str, ...]
    seen: Seen
    centre: tuple[Floats, Floats]


def choose_code(code: str, alike: dict[str, float], taxonomy: Taxonomy) -> str:
    """The code of an area to which the network gives a shipped one. alike: how like it is to the examples of each category.

    Of the categories that replace the shipped one it gets the likest; it gets another one that may take areas from the shipped one
    (see Category) where it is more like that than all shipped ones.
    """
    heirs = [category.id for category in taxonomy if code in category.replaces]
    own = max(heirs, key=lambda heir: alike[heir]) if heirs else code
    rivals = [category.id for category in taxonomy if may_take(category, code)]
    best = max(rivals, key=lambda rival: alike[rival], default=own)
    ours = {category.id for category in taxonomy}
    bar = max((value for other, value in alike.items() if other not in ours or other == own), default=0.0)
    return best if alike[best] > bar else own


def may_take(category: Category, code: str) -> bool:
    return code in category.within if category.within or category.replaces else True


def see(nlp: Language, doc: Doc, spans: Sequence[Span], wordings: Sequence[str]) -> Seen:
    """What is compared of spans; wordings: their texts with what a list leaves out."""
    head = find_encoder(nlp).span_heads["category"]
    rows = represent(doc, spans)
    return Seen(gelu(affine(rows, head.w1, head.b1)), rows[:, -doc.tensor.shape[1] :], list(map(stems, wordings)))


def find_encoder(nlp: Language) -> Encoder:
    for _, pipe in nlp.pipeline:
        if isinstance(pipe, Encoder):
            return pipe
    raise ResourceError("a taxonomy needs the network: the pipeline has no coop_encoder")


def read_examples(nlp: Language, taxonomy: Taxonomy) -> Examples:
    """The examples of the shipped categories and of the user's, each read in a sentence of its own."""
    by_code = {category.id: category for category in (*shipped_taxonomy(), *taxonomy)}
    phrases = [(code, phrase) for code, category in by_code.items() for phrase in category.examples]
    read = [read_phrase(nlp, phrase) for _, phrase in phrases]
    seen = Seen(np.concatenate([s.head for s in read]), np.concatenate([s.states for s in read]), [s.stems[0] for s in read])
    return Examples(tuple(code for code, _ in phrases), seen, (seen.head.mean(0), seen.states.mean(0)))


def read_phrase(nlp: Language, phrase: str) -> Seen:
    doc = nlp.make_doc(CARRIER.format(phrase))
    encoder = find_encoder(nlp)
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
        if pipe is encoder:
            break
    start = CARRIER.index("{")
    return see(nlp, doc, [find_span(doc, start, start + len(phrase))], [phrase])


def find_span(doc: Doc, start: int, end: int) -> Span:
    span = doc.char_span(start, end, alignment_mode="expand")
    assert span is not None
    return span


def find_likeness(seen: Seen, examples: Examples) -> Iterator[dict[str, float]]:
    """For each phrase how like it is to each category, -1 to 1: to the NEAREST examples that are nearest to it, on average.

    Likeness to an example is the mean of three cosines: in the hidden layer of the category head, which knows what tells the shipped
    categories apart, in the states of the words, which know of meaning what no shipped category asks for, and of the stems in common.
    """
    head, states = (
        norm(mine - centre) @ norm(theirs - centre).T for mine, theirs, centre in zip(seen[:2], examples.seen[:2], examples.centre)
    )
    alike = (head + states + share_stems(seen.stems, examples.seen.stems)) / 3
    codes = np.asarray(examples.codes)
    columns = {code: np.sort(alike[:, codes == code], axis=1)[:, -NEAREST:].mean(1) for code in dict.fromkeys(examples.codes)}
    for n in range(len(alike)):
        yield {code: float(column[n]) for code, column in columns.items()}


def norm(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    out: Floats = rows / np.maximum(length, np.float32(1e-9))
    return out


def share_stems(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> Floats:
    """Cosines of sets of stems; 0 where one is empty."""
    cosines = [[len(a & b) / max(1.0, math.sqrt(len(a) * len(b))) for b in right] for a in left]
    return np.asarray(cosines, dtype=np.float32).reshape(len(left), len(right))
