"""Articles and words per second of a kept Dask cluster and of the local pool with as many processes, in turns over the same archive.

usage: python benchmarks/cluster.py [--size 400] [--workers 2] [--rounds 3] : the sample archive repeated under new ids
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from archive import ROOT, make_archive
from distributed import LocalCluster


def extract(path: Path, out: Path, *options: str) -> float:
    """Run the command, and give the seconds from the first article to the last record."""
    command = [sys.executable, "-m", "pipeline", "extract", str(path), "--out", str(out), *options]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    timings = json.loads((out / "run.json").read_text())["timings"]
    return float(timings["total_s"] - timings["start_s"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        LocalCluster(n_workers=args.workers, threads_per_worker=1, dashboard_address=None) as cluster,
    ):
        folder = Path(name)
        words = make_archive(folder / "archive.jsonl", args.size)
        make_archive(folder / "few.jsonl", 16 * args.workers)
        ways = {"local pool": ("--workers", str(args.workers)), "kept Dask cluster": ("--dask", cluster.scheduler_address)}
        extract(folder / "few.jsonl", folder / "few", *ways["kept Dask cluster"])  # each worker loads the model
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for n in range(args.rounds):
            for way, options in ways.items():
                seconds[way].append(extract(folder / "archive.jsonl", folder / f"{way} {n}", *options))
        outputs = {(folder / f"{way} {n}" / "documents.jsonl").read_bytes() for way in ways for n in range(args.rounds)}
    rates = {way: words / statistics.median(times) for way, times in seconds.items()}
    for way, rate in rates.items():
        print(f"{way:20s} {rate * args.size / words:7,.1f} articles/s {rate:9,.0f} words/s")
    print(f"kept Dask cluster / local pool {rates['kept Dask cluster'] / rates['local pool']:.2f}")
    print("the bytes are the same" if len(outputs) == 1 else "THE BYTES DIFFER")


if __name__ == "__main__":
    main()
