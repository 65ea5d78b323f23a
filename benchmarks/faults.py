"""Kill a run (SIGKILL) at random moments over all its stages, give the command again until it is done, compare bytes with an unbroken run.

usage: python benchmarks/faults.py [--kills 50] [--dask local] … : over the sample archive; exit status 1 where a byte differs
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEVER_THE_SAME = ("run.json",)  # it tells the time


def read_results(out: Path) -> dict[str, bytes]:
    """Give the bytes of all files of a run that have to be the same."""
    paths = (p for p in sorted(out.rglob("*")) if p.is_file() and ".work" not in p.parts and p.name not in NEVER_THE_SAME)
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def find_stage(out: Path, began: float) -> str:
    """Tell what a run was doing that began then and was killed."""

    def is_new(name: str) -> bool:
        return (out / name).exists() and (out / name).stat().st_mtime >= began

    if not is_new("run.json"):
        return "start"
    if json.loads((out / "run.json").read_text())["state"] != "done":
        return "extract"
    if not is_new("tables/partnerships.csv"):
        return "build"
    return "end" if is_new("report.html") else "report"


def run_for(command: list[str], seconds: float | None, whole_group: bool) -> bool:
    """Run a command, and kill it after so many seconds, alone or with the processes that it started; tells whether it was killed."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            _, told = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            if whole_group:
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            return True
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{told.decode()}")
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="at least so many (%(default)s)")
    parser.add_argument("--archive", type=Path, default=ROOT / "data" / "archive")
    parser.add_argument("--model", type=Path, help="instead of the shipped one")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dask", metavar="ADDRESS", help='a scheduler\'s address, or "local"')
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    options = ["--workers", str(args.workers)]
    options += ["--model", str(args.model.resolve())] if args.model else []
    options += ["--dask", args.dask] if args.dask else []
    stages: Counter[str] = Counter()
    rounds = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "pipeline", "run", str(args.archive.resolve()), *options, "--out"]
        began = time.time()
        run_for([*command, str(folder / "whole")], None, False)
        whole_s = time.time() - began
        expected = read_results(folder / "whole")
        while stages.total() < args.kills:
            out = folder / f"out{rounds}"
            began = time.time()
            while run_for([*command, str(out)], chance.uniform(0, 1.1 * whole_s), chance.random() < 0.5):
                stages[find_stage(out, began)] += 1
                began = time.time()
            found = read_results(out)
            differing = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
            if differing:
                raise SystemExit(f"seed {args.seed}, round {rounds}: differing from the unbroken run: {', '.join(differing)}")
            rounds += 1
    told = ", ".join(f"{count} in {stage}" for stage, count in stages.most_common())
    print(f"{stages.total()} kills ({told}), {rounds} times to the end: all {len(expected)} files equal those of an unbroken run")


if __name__ == "__main__":
    main()
