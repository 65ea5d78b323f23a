"""Time and memory of resolving organisations, at growing numbers of distinct names.

usage: python benchmarks/resolving.py [--sizes 10000 100000 1000000] : invented organisations of real places, a third of them in variants
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import time
from collections.abc import Iterator
from typing import Any

from pipeline.geography import places
from pipeline.resolve.organizations import Appearance, resolve_organizations

KINDS = (  # how one and the same body is called: the first is the usual name
    ("University of {0}", "{0} University", "Universität {0}", "Universidad de {0}", "{0} Univ."),
    ("{0} University of Technology", "Technische Universität {0}", "TU {0}", "University of Technology {0}"),
    ("{0} Medical University", "Medical University of {0}"),
    ("{0} Institute of Marine Research", "Institute of Marine Research {0}"),
    ("City of {0}", "Municipality of {0}", "{0} Municipal Government"),
    ("{0} Regional Hospital", "Regional Hospital of {0}"),
    ("Port of {0}", "{0} Port"),
    ("{0} Chamber of Commerce", "Chamber of Commerce of {0}"),
    ("{1} {0} GmbH", "{1} {0}"),
    ("{1} {2} Ltd", "{1} {2} Limited", "{1} {2}"),
    ("{1} {2} Foundation", "Fundación {1} {2}"),
    ("{1} {2} of {0}", "{1} {2}, {0}"),
)
SYLLABLES = ("ka", "ro", "mi", "ten", "sol", "ver", "dan", "lu", "pi", "gra", "hof", "nor", "el", "ta", "zin", "qua", "mar", "os")


def make_word(rng: random.Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))).title()


def make_names(size: int) -> Iterator[tuple[str, str | None]]:
    """Give so many distinct names, each with a country or none."""
    rng = random.Random(7)
    towns = sorted(places().items())
    seen: set[str] = set()
    while len(seen) < size:
        town, country = rng.choice(towns)
        kind = rng.choice(KINDS)
        words = (town, make_word(rng), make_word(rng))
        for form in rng.sample(kind, k=min(len(kind), rng.choice((1, 1, 2, 3)))):
            name = form.format(*words)
            if rng.random() < 0.03:  # a slip of the pen
                at = rng.randrange(1, len(name))
                name = name[:at] + name[at + 1 :]
            if name not in seen and len(seen) < size:
                seen.add(name)
                yield name, country if rng.random() < 0.8 else None


def measure(size: int, queue: Any) -> None:
    items = [
        Appearance(f"d{n // 3}", f"o{n % 3}", name, frozenset({name}), "other", country, None, "2020-01-01", frozenset())
        for n, (name, country) in enumerate(make_names(size))
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.process_time()
    resolved = resolve_organizations(items)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    queue.put((spent, before, peak, len(set(resolved.org_ids.values())), len(resolved.links)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    args = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    print("| distinct names | CPU s | µs per name | MB before | MB at the peak | organisations | links told |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in args.sizes:
        queue = context.Queue()
        process = context.Process(target=measure, args=(size, queue))
        process.start()
        spent, before, peak, found, links = queue.get()
        process.join()
        print(f"| {size:,} | {spent:,.1f} | {1e6 * spent / size:,.0f} | {before:,.0f} | {peak:,.0f} | {found:,} | {links:,} |", flush=True)


if __name__ == "__main__":
    main()
