"""How much there is to read, in bytes of files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pipeline.archive import Article, ReadFault, ReadSkip

STANDARD_INPUT = "-"


class Volume:
    """How far reading has come, in bytes of the files: from it follows about how many articles there are."""

    def __init__(self, paths: Sequence[str | Path]) -> None:
        self.paths = [str(path) for path in paths]
        self.n_bytes = sum(size_of(path) for path in self.paths)
        self.passed = 0.0  # of files that are read
        self.file, self.size, self.here = "", 0, 0
        self.is_read = False

    def pass_by(self, number: int, found: Article | ReadFault | ReadSkip) -> None:
        path = self.paths[number]
        file = path
        if os.path.isdir(path):
            file = os.path.join(path, found.source.split("#")[0])
            while not os.path.isfile(file) and len(file) > len(path):
                file = os.path.dirname(file)
        if file != self.file:
            self.passed += self.size
            self.file, self.size, self.here = file, size_of(file) if os.path.isfile(file) else 0, 0
        self.here += len(found.text) if isinstance(found, Article) else 0

    def estimate(self, n_read: int) -> float | None:
        if self.is_read:
            return n_read
        passed = self.passed + min(self.size, self.here)
        return n_read * max(1.0, self.n_bytes / passed) if passed else None


def size_of(path: str) -> int:
    """Give the bytes of a file, or of all files below a folder."""
    try:
        if not os.path.isdir(path):
            return os.path.getsize(path) if path != STANDARD_INPUT else 0
        with os.scandir(path) as entries:
            seen = [entry for entry in entries if not entry.name.startswith(".")]
        return sum(size_of(entry.path) if entry.is_dir(follow_symlinks=False) else entry.stat().st_size for entry in seen)
    except OSError:
        return 0
