"""Train what spaCy would: a CNN from scratch and its own named entity recogniser over it, for the comparison of encoders.

usage: cnn.py OUT_DIR --gold GOLD.jsonl … [--half N] [--vectors DIR] [--dev GOLD.jsonl] : OUT_DIR is a pipeline that spaCy loads

One recogniser takes one span a word, and areas are what other spans stand in: hence two, that listen to one CNN. Of overlapping spans
the longest is trained on, and none beyond the end of its sentence or line. Deterministic for a seed.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from compare import Scored, count_spans, sum_figures
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.training.batchers import minibatch_by_words
from spacy.training.initialize import load_vectors_into_model
from spacy.util import filter_spans, fix_random_seed
from targets import half_of, read_gold
from thinc.api import Adam, warmup_linear
from train import recase

import pipeline.components.sentences  # noqa: F401  # its factory
from pipeline.clean import find_boilerplate
from pipeline.tokenization import make_blank

Json = dict[str, Any]
GROUPS = {"names": ("ORG", "PER", "DATE", "ROLE", "STATE", "EVENT", "INST"), "areas": ("AREA",)}
WIDTH, DEPTH = 96, 4
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "tok2vec"}
RECOGNISER = {
    "@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner", "extra_state_tokens": False, "hidden_width": 64,
    "maxout_pieces": 2, "use_upper": True, "tok2vec": LISTENER,
}  # fmt: skip


def make_cnn(vectors: Path | None) -> Language:
    """spaCy's HashEmbedCNN of the sizes of its small models, and a recogniser for each of GROUPS; weights aren't set yet."""
    nlp = make_blank()
    if vectors:
        load_vectors_into_model(nlp, vectors)
    cnn = {
        "@architectures": "spacy.HashEmbedCNN.v2", "width": WIDTH, "depth": DEPTH, "embed_size": 2000, "window_size": 1,
        "maxout_pieces": 3, "subword_features": True, "pretrained_vectors": True if vectors else None,
    }  # fmt: skip
    nlp.add_pipe("sentences")
    nlp.add_pipe("tok2vec", config={"model": cnn})
    for name, layers in GROUPS.items():
        recogniser: Any = nlp.add_pipe("ner", name, config={"model": RECOGNISER})
        for layer in layers:
            recogniser.add_label(layer)
    return nlp


def find_layers(nlp: Language, text: str) -> Scored:
    """The spans of each layer in a text, as compare.find_spans gives them; the probability is always 1, nothing is in boilerplate."""
    doc = nlp.make_doc(text)
    left_out = [(span.start, span.end) for span in find_boilerplate(text) if not span.extract]
    found: Scored = {layer: [] for layers in GROUPS.values() for layer in layers}
    for name, component in nlp.pipeline:
        doc.set_ents([], default="missing")  # else a recogniser fills the gaps that the one before it left
        doc = component(doc)
        if name in GROUPS:
            for span in doc.ents:
                if not any(a < span.end_char and span.start_char < b for a, b in left_out):
                    found[span.label_].append((span.start_char, span.end_char, 1.0))
    return found


def make_examples(nlp: Language, passage: Json) -> dict[str, Example]:
    """An example for each recogniser; what they predict on is one Doc."""
    doc = nlp.get_pipe("sentences")(nlp.make_doc(passage["text"]))  # type: ignore[operator]
    examples = {}
    for name, layers in GROUPS.items():
        reference = Doc(nlp.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc])
        spans = [span for layer in layers for span in align(doc, layer, passage["spans"].get(layer, []))]
        reference.set_ents([Span(reference, s.start, s.end, label=s.label_) for s in filter_spans(spans)])
        examples[name] = Example(doc, reference)
    return examples


def align(doc: Doc, layer: str, bounds: Iterable[Sequence[int]]) -> Iterator[Span]:
    for start, end in bounds:
        span = doc.char_span(start, end, label=layer, alignment_mode="expand")
        if span is not None and not any(token.is_sent_start for token in span[1:]) and not (span[0].is_space or span[-1].is_space):
            yield span


def train(nlp: Language, passages: list[Json], *, epochs: int, batch: int, rate: float, seed: int) -> Iterator[int]:
    """Train in place; yields the number of each epoch when it is done."""
    rng = random.Random(seed)
    fix_random_seed(seed)
    blank = [nlp.make_doc(passage["text"]) for passage in passages[:10]]
    nlp.initialize(lambda: [Example(doc, doc.copy()) for doc in blank])  # without entities, or each recogniser would take all labels
    cache = {id(passage): make_examples(nlp, passage) for passage in passages}
    steps = epochs * (sum(len(examples["names"].predicted) for examples in cache.values()) // batch + 1)
    adam = Adam(warmup_linear(rate, steps // 20, steps), L2=0.01, grad_clip=1.0, use_averages=False)
    for epoch in range(1, epochs + 1):
        rng.shuffle(passages)
        changed = ((passage, recase(passage, rng)) for passage in passages)
        examples = [cache[id(old)] if old is new else make_examples(nlp, new) for old, new in changed]
        for run in minibatch_by_words(examples, size=batch, get_length=lambda eg: len(eg["names"].predicted)):
            update(nlp, run, adam)
        yield epoch


def update(nlp: Language, batch: list[dict[str, Example]], adam: Adam) -> None:
    components: list[tuple[str, Any]] = [pair for pair in nlp.pipeline if pair[0] != "sentences"]
    for name, component in components:
        component.update([examples.get(name, examples["names"]) for examples in batch], drop=0.1)
    for _, component in components:
        component.finish_update(adam)
    adam.step_schedules()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--gold", type=Path, nargs="+", required=True)
    parser.add_argument("--half", type=int, choices=(0, 1), help="of the gold documents this half only, as train.py takes it")
    parser.add_argument("--vectors", type=Path, help="word vectors beside the learnt embeddings (vectors.py)")
    parser.add_argument("--dev", type=Path, nargs="+", default=[], help="print F on these after each epoch; nothing is chosen by it")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--words", type=int, default=2000, help="of a batch")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    nlp = make_cnn(args.vectors)
    passages = [p for p in read_gold(args.gold) if args.half in (None, half_of(p["doc_id"]))]
    dev = list(read_gold(args.dev))
    for epoch in train(nlp, passages, epochs=args.epochs, batch=args.words, rate=args.rate, seed=args.seed):
        score = f" F {sum_figures(count_spans(nlp, dev, find=find_layers).values()).f:.4f}" if dev else ""
        print(f"epoch {epoch}/{args.epochs}{score} {time.process_time():.0f} CPU s", flush=True)
    nlp.to_disk(args.out)


if __name__ == "__main__":
    main()
