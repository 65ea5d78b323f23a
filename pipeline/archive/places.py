"""Paths, addresses and standard input, as users give them -> the files there, in order."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.archive.containers import Found, Member, clean_source, open_file, open_folder
from pipeline.archive.items import ReadOptions
from pipeline.archive.stores import check_address, is_address, open_address
from pipeline.archive.streams import guard
from pipeline.errors import UsageError


def check_paths(paths: Sequence[str | Path]) -> None:
    """Raise UsageError where a path that was given isn't there."""
    for path in paths:
        if is_address(path):
            check_address(str(path))
        elif str(path) != "-" and not os.path.lexists(path):
            raise UsageError(f"no such file or folder: {path}")


def open_paths(paths: Sequence[str | Path], options: ReadOptions) -> Iterator[Found]:
    """Give the files of all paths: in the order given, those of a folder sorted, those of an archive as packed."""
    for path in paths:
        if str(path) == "-":
            yield Member("-", "-", lambda: guard(sys.stdin.buffer))
        elif is_address(path):
            yield from open_address(str(path), options)
        elif os.path.isdir(path):
            yield from open_folder(Path(path), "", options)
        else:
            yield from open_file(Path(path), clean_source(Path(path).name), options)
