"""Files that people write -> their text, with one clear line where it can't be read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipeline.errors import PipelineError

MAX_CELL = 131_072


@contextmanager
def open_table(path: Path) -> Iterator[TextIO]:
    """Open a CSV or JSONL file; PipelineError where it isn't UTF-8, or no CSV, or a cell has more than MAX_CELL characters."""
    before = csv.field_size_limit(MAX_CELL)  # of the whole process: readers of archives raise it
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        found = error.object[error.start]
        raise PipelineError(f"{path}: byte {found:#04x} found at offset {error.start}, UTF-8 expected; save the file as that") from None
    except csv.Error as error:
        raise PipelineError(f"{path}: no CSV: {error}") from None
    finally:
        csv.field_size_limit(before)
