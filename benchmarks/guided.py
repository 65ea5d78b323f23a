"""The hostile inputs of benchmarks/fuzz.py, chosen by what code they reach: needs atheris, which isn't among the project's dependencies.

usage: pip install atheris; python benchmarks/guided.py [TARGET] [-max_total_time=3600] [CORPUS] : further options are libFuzzer's

A finding ends the run; the bytes that led to it are a file, which is given in the place of CORPUS to repeat it.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found]

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

with atheris.instrument_imports(include=["pipeline"], enable_loader_override=False):
    import fuzz


class Dealt(random.Random):
    """Chances that the fuzzer deals out, then those of a seed: the same bytes are the same input."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self.data = atheris.FuzzedDataProvider(data)
        self.rest = random.Random(0)  # bytes that are used up are noughts for ever, and who draws until two differ never ends

    def random(self) -> float:
        return self.data.ConsumeIntInRange(0, 2**24 - 1) / 2**24 if self.data.remaining_bytes() else self.rest.random()

    def getrandbits(self, k: int, /) -> int:
        if not self.data.remaining_bytes():
            return self.rest.getrandbits(k)
        return int.from_bytes(self.data.ConsumeBytes((k + 7) // 8), "little") % 2**k


def main() -> None:
    by_name = {target.__name__: target for target in fuzz.TARGETS}
    name = sys.argv.pop(1) if sys.argv[1:2] and sys.argv[1] in by_name else "dates"
    fuzz.seeds(), fuzz.seed_files()  # made before the fuzzer counts
    atheris.Setup([*sys.argv, "-max_len=4096", "-len_control=0", "-timeout=30"], lambda data: by_name[name](Dealt(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
