"""Articles and words per second of reading, cleaning, nlp and writing, and peak memory, at growing archives.

usage: python benchmarks/archive.py [--sizes 1000 10000] [--stages nlp workers] : the sample archive repeated under new ids
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"))

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from pipeline.archive import Article, read_archive

ROOT = Path(__file__).resolve().parent.parent


def make_archive(path: Path, size: int) -> int:
    """Write `size` articles as JSONL and give the number of their words."""
    articles = [a for a in read_archive([ROOT / "data" / "archive"]) if isinstance(a, Article)]
    words = 0
    with open(path, "w", encoding="utf-8") as file:
        for n, article in enumerate(islice(cycle(articles), size)):
            row = {"doc_id": f"{article.doc_id}-{n}", "text": article.text, "title": article.title, "published": article.published}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            words += len(article.text.split())
    return words


def read_only(path: Path, out: Path) -> None:
    for _ in read_archive([path]):
        pass


def read_and_clean(path: Path, out: Path) -> None:
    from pipeline.clean import find_boilerplate

    for article in read_archive([path]):
        if isinstance(article, Article):
            find_boilerplate(article.text)


def extract_only(path: Path, out: Path) -> None:
    from pipeline.extraction import extract

    for _ in extract(a for a in read_archive([path]) if isinstance(a, Article)):
        pass


def run_one(path: Path, out: Path) -> None:
    from pipeline.run import run_extraction

    run_extraction([path], out, workers=1)


def run_two(path: Path, out: Path) -> None:
    from pipeline.run import run_extraction

    run_extraction([path], out, workers=2)


def _child(work: Callable[[Path, Path], None], path: Path, out: Path, queue: Any) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    work(path, out)
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - cpu + children.ru_utime + children.ru_stime
    queue.put((time.perf_counter() - began, spent, max(own.ru_maxrss, children.ru_maxrss) / 1024))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--stages", nargs="+", help="only those whose name holds one of these words")
    args = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    stages = {
        "read": read_only,
        "read + clean": read_and_clean,
        "read + clean + nlp": extract_only,
        "extract, 1 worker": run_one,
        "extract, 2 workers": run_two,
    }
    print("| articles | stage | articles/s | words/s | words per CPU second | peak memory of a process, MB |")
    print("| ---: | --- | ---: | ---: | ---: | ---: |")
    for size in args.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "archive.jsonl"
            words = make_archive(path, size)
            for n, (name, work) in enumerate(stages.items()):
                if args.stages and not any(word in name for word in args.stages):
                    continue
                queue = context.Queue()
                process = context.Process(target=_child, args=(work, path, Path(folder) / f"out{n}", queue))
                process.start()
                wall, cpu, memory = queue.get()
                process.join()
                print(f"| {size} | {name} | {size / wall:,.0f} | {words / wall:,.0f} | {words / cpu:,.0f} | {memory:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
