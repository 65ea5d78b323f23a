"""How well areas are found of categories that the taxonomy tells by examples alone: shipped ones are held back, one at a time.

usage: hold_out.py MODEL_DIR [--gold GOLD.jsonl …] [--phrases FILE.txt …] [--codes CODE …] [--examples N]

The network's answers for the code held back are struck out, so that its areas get the next likeliest code; then that code comes back as a
user's category, with the first N examples of taxonomy.jsonl. Found is the share of its areas that get it, taken the share of all
other areas that get it, right the share of its areas among those that get it, network the F of the network itself, with the code. The
network has learned the code, though: for categories that it never saw the figures are an upper bound.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from compare import load_network
from numpy.typing import NDArray
from spacy.language import Language
from targets import read_gold, read_phrases

from pipeline.components.categories import Examples, Seen, choose_code, find_encoder, find_likeness, find_span, read_examples, see
from pipeline.components.heads import Floats, represent
from pipeline.labels import CATEGORIES
from pipeline.taxonomy import Category, shipped_taxonomy

Json = dict[str, Any]
CODES = (
    "student_exchange", "credit_recognition", "language_culture", "joint_facility", "finance", "security_defence", "energy",
    "agriculture_food", "health", "transport",
)  # fmt: skip


def read_areas(nlp: Language, passages: Iterable[Json]) -> tuple[Seen, Floats, list[str]]:
    """Of each marked area what is compared of it, the network's probabilities of CATEGORIES, and the code."""
    seen, shares, codes = [], [], []
    head = find_encoder(nlp).span_heads["category"]
    with nlp.select_pipes(enable=["sentences", "coop_encoder"]):
        for passage in passages:
            areas = [a for a in passage["attributes"] if a["task"] == "category"]
            doc = nlp(passage["text"])
            spans = [find_span(doc, a["start"], a["end"]) for a in areas]
            seen.append(see(nlp, doc, spans, [span.text for span in spans]))
            shares.append(head(represent(doc, spans)))
            codes += [a["value"] for a in areas]
    rows = (np.concatenate([s[k] for s in seen]) for k in range(2))
    return Seen(*rows, [stems for s in seen for stems in s.stems]), np.concatenate(shares), codes


def hold_out(examples: Examples, category: Category, seen: Seen, shares: Floats) -> NDArray[np.bool_]:
    """Which areas get a category that the network is made to forget."""
    known = [code for code in CATEGORIES if code != category.id]
    left = [known[k] for k in np.delete(shares, CATEGORIES.index(category.id), axis=1).argmax(1)]
    chosen = [choose_code(code, alike, (category,)) for code, alike in zip(left, find_likeness(seen, examples), strict=True)]
    return np.asarray(chosen) == category.id


def measure(got: NDArray[np.bool_], mine: NDArray[np.bool_]) -> list[float]:
    """Found, taken, right and F."""
    found, taken, right = (got & mine).sum() / max(1, mine.sum()), got[~mine].mean(), (got & mine).sum() / max(1, got.sum())
    return [found, taken, right, 2 * found * right / max(1e-9, found + right)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="MODEL_DIR")
    parser.add_argument("--gold", nargs="+", type=Path, default=[], metavar="GOLD.jsonl")
    parser.add_argument("--phrases", nargs="+", type=Path, default=[], metavar="FILE.txt")
    parser.add_argument("--codes", nargs="+", choices=CATEGORIES, default=CODES, metavar="CODE")
    parser.add_argument("--examples", type=int, default=6, metavar="N")
    args = parser.parse_args()
    if not args.gold and not args.phrases:
        parser.error("give what to measure by: --gold or --phrases")
    nlp = load_network(args.model)
    seen, shares, codes = read_areas(nlp, [*read_gold(args.gold), *read_phrases(args.phrases)])
    truth, told = np.asarray(codes), np.asarray(CATEGORIES)[shares.argmax(1)]
    print("| held back | areas | found | taken | right | F | network |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    rows = []
    for category in (replace(c, examples=c.examples[: args.examples]) for c in shipped_taxonomy() if c.id in args.codes):
        mine = truth == category.id
        got = hold_out(read_examples(nlp, (category,)), category, seen, shares)
        rows.append([*measure(got, mine), measure(told == category.id, mine)[-1]])
        print(f"| {category.id} | {mine.sum()} | " + " | ".join(f"{value:.3f}" for value in rows[-1]) + " |", flush=True)
    print("| mean | | " + " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0)) + " |")


if __name__ == "__main__":
    main()
