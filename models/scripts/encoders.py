"""Encoders side by side: the exact spans of each layer that they find, and the words that they read in a CPU second.

usage: encoders.py DIR … --gold GOLD.jsonl … : each DIR a network that export.py wrote, or a pipeline that cnn.py wrote
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from cnn import GROUPS, find_layers
from compare import Scored, count_spans, find_spans, format_spans, format_table, load_network
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch
from targets import read_gold

from pipeline.components.wordpieces import PieceCache, make_windows

BATCH = 32  # documents: a CNN reads so many at once, a network each window by itself


class Arm(NamedTuple):
    """One of those compared. encode: Docs with sentences -> hidden states; read: Docs with sentences -> spans of all layers."""

    nlp: Language
    find: Callable[[Language, str], Scored]
    encode: Callable[[Language, list[Doc]], None]
    read: Callable[[Language, list[Doc]], None]


def load_arm(folder: Path) -> Arm:
    if (folder / "tok2vec").is_dir():
        return Arm(spacy.load(folder), find_layers, encode_cnn, read_cnn)
    return Arm(load_network(folder), find_spans, encode_network, read_network)


def encode_cnn(nlp: Language, docs: list[Doc]) -> None:
    tok2vec: Any = nlp.get_pipe("tok2vec")
    for batch in minibatch(docs, BATCH):
        tok2vec.set_annotations(batch, tok2vec.predict(batch))


def read_cnn(nlp: Language, docs: list[Doc]) -> None:
    encode_cnn(nlp, docs)
    for name in GROUPS:
        recogniser: Any = nlp.get_pipe(name)
        for batch in minibatch(docs, BATCH):
            recogniser.predict(batch)


def encode_network(nlp: Language, docs: list[Doc]) -> None:
    encoder: Any = nlp.get_pipe("coop_encoder")
    session, tokenizer = encoder._ready()
    pieces = PieceCache(tokenizer, unknown_id=100)
    for doc in docs:
        for window in make_windows(doc, pieces, cls_id=101, sep_id=102, unknown_id=100):
            session.run(None, {"ids": window.ids[None], "cases": window.cases[None]})


def read_network(nlp: Language, docs: list[Doc]) -> None:
    encoder: Any = nlp.get_pipe("coop_encoder")
    for doc in docs:
        encoder.predict(doc)


def measure(arms: list[Arm], texts: list[str], rounds: int) -> list[tuple[float, float]]:
    """Words per CPU second of each arm: to hidden states, and to spans; the arms take turns, the median of the rounds counts."""
    words = sum(len(text.split()) for text in texts)
    times: list[tuple[list[float], list[float]]] = [([], []) for _ in arms]
    for _ in range(rounds):
        for arm, rows in zip(arms, times, strict=True):
            for work, row in zip((arm.encode, arm.read), rows, strict=True):
                sentences: Any = arm.nlp.get_pipe("sentences")
                docs = [sentences(arm.nlp.make_doc(text)) for text in texts]
                began = time.process_time()
                work(arm.nlp, docs)
                row.append(time.process_time() - began)
    return [(words / statistics.median(encoded), words / statistics.median(read)) for encoded, read in times]


def size_of(folder: Path) -> float:
    """Megabytes of what is in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--gold", nargs="+", type=Path, required=True, metavar="GOLD.jsonl")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    passages = list(read_gold(args.gold))
    names = [folder.name for folder in args.folders]
    arms = [load_arm(folder) for folder in args.folders]
    print(f"## {len(passages)} documents of {', '.join(map(str, args.gold))}: exact spans\n")
    print(format_spans(names, [count_spans(arm.nlp, passages, find=arm.find) for arm in arms]))
    rates = measure(arms, [passage["text"] for passage in passages], args.rounds)
    rows = [
        ("encoder alone, words per CPU second", [f"{encoder:,.0f}" for encoder, _ in rates]),
        ("encoder and layers, words per CPU second", [f"{read:,.0f}" for _, read in rates]),
        ("MB", [f"{size_of(folder):.0f}" for folder in args.folders]),
    ]
    print("\n" + format_table(names, rows))


if __name__ == "__main__":
    main()
