"""Time and memory of building the tables, from records to Parquet, at growing numbers of facts.

usage: python benchmarks/aggregating.py [--sizes 10000 100000 1000000] : records of the sample archive, repeated in invented worlds
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"))

import argparse
import json
import multiprocessing
import random
import resource
import shutil
import string
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
WORLD = 5  # copies of the archive that tell of the same organisations and people
ECHO = 10  # every tenth copy has the texts of the one before: near-copies
SYLLABLES = ("ka", "ro", "mi", "ten", "sol", "ver", "dan", "lu", "pi", "gra", "hof", "nor", "el", "ta", "zin", "qua", "mar", "os")


def extract_sample(path: Path) -> None:
    """Write the records of the sample archive to a file, and with them how many facts they give."""
    from pipeline import build, extract, read_archive
    from pipeline.archive import Article

    records = list(extract(a for a in read_archive([ROOT / "data" / "archive"]) if isinstance(a, Article)))
    path.write_text(json.dumps([records, len(build(records).facts)]), encoding="utf-8")


def name_world(number: int) -> str:
    """Give a word that no other number has."""
    word = ""
    while number or not word:
        number, at = divmod(number, len(SYLLABLES))
        word += SYLLABLES[at]
    return f"Lo{word}"


def make_cipher(number: int) -> dict[int, int]:
    """Give a change of letters: texts that differ in all words and are as long as they were, so that offsets hold."""
    letters = list(string.ascii_lowercase)
    random.Random(number).shuffle(letters)
    return str.maketrans(string.ascii_lowercase, "".join(letters))


def rename(entity: Json, word: str) -> Json:
    """Give an organisation or a person another name; countries stay, as they do in all archives."""
    if entity.get("type") == "country":
        return entity
    mentions = [{**m, "text": f"{m['text']} {word}"} for m in entity["mentions"]]
    return {**entity, "name": f"{entity['name']} {word}", "mentions": mentions}


def make_records(sample: Sequence[Json], facts: int, facts_per_copy: int) -> Iterator[Json]:
    """Give records from which about so many facts are read."""
    for n in range(max(1, round(facts / facts_per_copy))):
        word = name_world(n // WORLD)
        cipher = make_cipher(n - (n % ECHO == ECHO - 1))
        for record in sample:
            yield {
                **record,
                "doc_id": f"{record['doc_id']}-{n}",
                "text": record["text"].translate(cipher),
                "orgs": [rename(o, word) for o in record["orgs"]],
                "people": [rename(p, word) for p in record["people"]],
                "areas": [{**a, "text": a["text"].translate(cipher)} for a in record["areas"]],
            }


def write_records(path: Path, sample: Sequence[Json], facts: int, facts_per_copy: int) -> int:
    """Write records as JSONL, and give how many."""
    written = 0
    with open(path, "w", encoding="utf-8") as file:
        for record in make_records(sample, facts, facts_per_copy):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            written += 1
    return written


def measure(path: Path) -> None:
    """Build the tables of a folder, and write beside them CPU seconds, and MB before and at the peak."""
    import pyarrow.parquet as pq

    from pipeline.building import build_tables

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.process_time()
    build_tables(path)
    spent = time.process_time() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = {name: pq.read_metadata(path / "tables" / f"{name}.parquet").num_rows for name in ("facts", "partnerships", "organizations")}
    (path / "measured.json").write_text(json.dumps([spent, before, after, rows]))


def run_apart(work: Callable[[Path], None], path: Path) -> None:
    """Run a function in a process of its own: what this one has taken would count as its peak."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=(path,))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="facts, about")
    args = parser.parse_args()
    print("| articles | facts | partnerships | organizations | CPU s | ms per article | MB before | MB at the peak |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.json"
        run_apart(extract_sample, path)
        sample, facts_per_copy = json.loads(path.read_text(encoding="utf-8"))
        for size in args.sizes:
            out = Path(folder) / str(size)
            out.mkdir()
            articles = write_records(out / "documents.jsonl", sample, size, facts_per_copy)
            run_apart(measure, out)
            spent, before, peak, rows = json.loads((out / "measured.json").read_text())
            shutil.rmtree(out)
            numbers = f"| {articles:,} | {rows['facts']:,} | {rows['partnerships']:,} | {rows['organizations']:,}"
            print(f"{numbers} | {spent:,.1f} | {1000 * spent / articles:.1f} | {before:,.0f} | {peak:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
