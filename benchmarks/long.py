"""Time and memory that one article takes, at growing lengths, with the share of each part: both should grow as the words do.

usage: python benchmarks/long.py [FILE.jsonl] [--sizes 1000 10000 100000] : texts of gold or record files, one after another, as one article
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"))

import argparse
import itertools
import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def make_text(texts: Sequence[str], words: int) -> str:
    """Texts one after another, again from the first behind the last, until they have so many words."""
    parts, count = [], 0
    for text in itertools.cycle(texts):
        parts.append(text)
        count += len(text.split())
        if count >= words:
            return "\n\n".join(parts)
    raise ValueError("no texts")


def measure(file: Path, words: int, queue: Any) -> None:
    """Read one article, and send its words, the CPU seconds of each part, and MB before and at the peak."""
    import pipeline
    from pipeline.archive import Article
    from pipeline.clean import find_boilerplate
    from pipeline.extraction import extract_one, make_maker
    from pipeline.records import dump_record, make_record

    texts = [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    nlp = pipeline.load()
    extract_one(nlp, Article("-", texts[0], "-"), make_maker(nlp))  # what is read at first use
    article = Article("long", make_text(texts, words), "long", published="2021-05-03")
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], T]) -> T:
        began = time.process_time()
        out = work()
        spent[name] = time.process_time() - began
        return out

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    boilerplate = timed("cleaner", lambda: find_boilerplate(article.text))
    doc = timed("tokenizer", lambda: nlp.make_doc(article.text))
    doc._.published = article.published
    doc._.left_out = [(span.start, span.end) for span in boilerplate if not span.extract]
    for name, component in nlp.pipeline:
        doc = timed(name, lambda component=component, doc=doc: component(doc))  # type: ignore[misc]
    timed("record", lambda: dump_record(make_record(doc, article, boilerplate, model="-", version="-")))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    queue.put((len(article.text.split()), spent, before, peak))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path("data/gold/test.jsonl"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="words, about")
    args = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for n, size in enumerate(args.sizes):
        queue = context.Queue()
        process = context.Process(target=measure, args=(args.file, size, queue))
        process.start()
        words, spent, before, peak = queue.get()
        process.join()
        if not n:
            print("| words | CPU s | µs per word | MB before | MB at the peak | " + " | ".join(spent) + " |")
            print("| ---: " * (5 + len(spent)) + "|")
        total = sum(spent.values())
        shares = " | ".join(f"{seconds / total:.3f}" for seconds in spent.values())
        print(f"| {words:,} | {total:.1f} | {1e6 * total / words:.0f} | {before:,.0f} | {peak:,.0f} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
