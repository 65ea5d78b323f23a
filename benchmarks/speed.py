"""Words per CPU second of the whole pipeline, of its parts, of the bare encoder and of a spaCy CNN pipeline, in turns on the same texts.

usage: python benchmarks/speed.py [FILE.jsonl …] [--rounds N] : texts of gold or record files; by default data/gold/test.jsonl
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"))

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

import pipeline
from pipeline.components.wordpieces import make_windows

ENTITY_LABELS = (
    "CARDINAL", "DATE", "EVENT", "FAC", "GPE", "LANGUAGE", "LAW", "LOC", "MONEY", "NORP", "ORDINAL", "ORG", "PERCENT", "PERSON",
    "PRODUCT", "QUANTITY", "TIME", "WORK_OF_ART",
)  # fmt: skip
HASH_EMBED = {
    "@architectures": "spacy.MultiHashEmbed.v2", "width": 96, "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"],
    "rows": [5000, 1000, 2500, 2500, 50, 50], "include_static_vectors": False,
}  # fmt: skip
ENCODE = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 96, "depth": 4, "window_size": 1, "maxout_pieces": 3}
TOK2VEC = {"@architectures": "spacy.Tok2Vec.v2", "embed": HASH_EMBED, "encode": ENCODE}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "tok2vec"}


def make_cnn() -> Language:
    """A pipeline of en_core_web_sm's sizes with random weights: tok2vec, tagger, parser, and NER with its own tok2vec."""
    spacy.util.fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
    nlp.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER}})
    parser = {
        "@architectures": "spacy.TransitionBasedParser.v2", "state_type": "parser", "extra_state_tokens": False, "hidden_width": 64,
        "maxout_pieces": 2, "use_upper": True, "tok2vec": LISTENER,
    }  # fmt: skip
    nlp.add_pipe("parser", config={"model": parser})
    ner = {**parser, "state_type": "ner", "tok2vec": TOK2VEC}
    nlp.add_pipe("ner", config={"model": ner})
    doc = Doc(nlp.vocab, words=["The", "rector", "met", "the", "guests", "in", "Riga", "."])
    heads, deps = [1, 2, 2, 4, 2, 2, 5, 2], ["det", "nsubj", "ROOT", "det", "dobj", "prep", "pobj", "punct"]
    reference = Doc(nlp.vocab, words=[t.text for t in doc], tags=["DT", "NN", "VBD", "DT", "NNS", "IN", "NNP", "."], heads=heads, deps=deps)
    for label in ENTITY_LABELS:
        nlp.get_pipe("ner").add_label(label)  # type: ignore[attr-defined]
    for n in range(45):
        nlp.get_pipe("parser").add_label(f"dep{n}")  # type: ignore[attr-defined]
        nlp.get_pipe("tagger").add_label(f"TAG{n}")  # type: ignore[attr-defined]
    nlp.initialize(lambda: [Example(doc, reference)])
    return nlp


def cpu_time(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[Path("data/gold/test.jsonl")])
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    texts = [json.loads(line)["text"] for file in args.files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    words = sum(len(text.split()) for text in texts)
    began = time.perf_counter()
    nlp = pipeline.load()
    started = time.perf_counter() - began
    encoder = nlp.get_pipe("coop_encoder")
    session, tokenizer = encoder._ready()  # type: ignore[attr-defined]
    sentences = nlp.get_pipe("sentences")
    windows = [
        window
        for text in texts
        for window in make_windows(sentences(nlp.make_doc(text)), tokenizer, cls_id=101, sep_id=102, unknown_id=100)
    ]
    cnn = make_cnn()

    def bare() -> None:
        for window in windows:
            session.run(None, {"ids": window.ids[None], "cases": window.cases[None]})

    parts: dict[str, list[float]] = {}

    def whole() -> None:
        encoder._pieces.known.clear()  # type: ignore[attr-defined]  # an archive's texts are read once
        for text in texts:
            began_ = time.process_time()
            doc = nlp.make_doc(text)
            parts.setdefault("tokenizer", []).append(time.process_time() - began_)
            for name, component in nlp.pipeline:
                began_ = time.process_time()
                doc = component(doc)
                parts.setdefault(name, []).append(time.process_time() - began_)

    def reference() -> None:
        for _ in cnn.pipe(texts, batch_size=32):
            pass

    runs: dict[str, list[float]] = {"bare encoder": [], "whole nlp": [], "spaCy CNN (tok2vec, tagger, parser, ner)": []}
    for _ in range(args.rounds):
        for name, work in zip(runs, (bare, whole, reference), strict=True):
            runs[name].append(cpu_time(work))
    print(f"{len(texts)} articles, {words} words, {sum(len(w.ids) for w in windows)} word pieces; start-up {started:.1f} s")
    medians = {name: words / statistics.median(times) for name, times in runs.items()}
    for name, rate in medians.items():
        print(f"{name:45s} {rate:9,.0f} words per CPU second")
    print(f"whole / bare encoder {medians['whole nlp'] / medians['bare encoder']:.2f}")
    print(f"whole / spaCy CNN    {medians['whole nlp'] / medians['spaCy CNN (tok2vec, tagger, parser, ner)']:.2f}")
    total = sum(sum(times) for times in parts.values())
    print("share of each part: " + ", ".join(f"{name} {sum(times) / total:.3f}" for name, times in parts.items()))


if __name__ == "__main__":
    main()
