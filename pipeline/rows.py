"""Rows of more articles than memory holds: taken in a few at a time, sorted and joined on disk, given back in chunks."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa

from pipeline.tables import ARROW_TYPES, to_array

MEMORY_MB = 256  # that sorting and joining may take; what is more lies on disk
T = TypeVar("T")
SQL_TYPES: Mapping[str, str] = {
    "string": "varchar",
    "category": "varchar",
    "int64": "bigint",
    "float64": "double",
    "bool": "boolean",
    "date32": "date",
    "list<string>": "varchar[]",
    "list<int64>": "bigint[]",
    "binary": "blob",
}
Types = Mapping[str, str]


class RowStore:
    """Tables of rows, in memory as far as they find room, else in a folder, which is made anew and goes at the end: a context manager.

    types: name of each column -> its type, as in schema.Column. A category is kept as its string. Rows keep the order in which they came.
    Raises OSError where the disk is full.
    """

    def __init__(self, folder: Path, *, memory_mb: int = MEMORY_MB) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        settings: dict[str, Any] = {
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(folder),
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self.database = duckdb.connect(":memory:", config=settings)

    def __enter__(self) -> "RowStore":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def make(self, name: str, types: Types) -> None:
        """Make an empty table."""
        columns = ", ".join(f'"{column}" {SQL_TYPES[kind]}' for column, kind in types.items())
        self.run(f"create table {name} ({columns})")

    def add(self, name: str, frame: pd.DataFrame, types: Types) -> None:
        """Put rows behind those of a table; columns that types doesn't name are left out."""
        if len(frame):
            with disk_full():
                self.database.from_arrow(to_rows(frame, types)).insert_into(name)

    def drop(self, *names: str) -> None:
        """Take tables away."""
        for name in names:
            self.run(f"drop table {name}")

    def run(self, sql: str) -> None:
        """Run a statement."""
        with disk_full():
            self.database.execute(sql)

    def sort(self, name: str, sql: str) -> None:
        """Put what a query gives in the place of a table."""
        self.run(f"create or replace table {name} as {sql}")

    def read(self, sql: str, values: Sequence[Any] = ()) -> pd.DataFrame:
        """Give what a query gives: days as datetimes, texts and lists as objects, None where there is nothing."""
        with disk_full():
            found = self.database.sql(sql, params=list(values)).to_arrow_table()
        index = pd.RangeIndex(len(found))
        return pd.DataFrame({name: to_column(found[name], index) for name in found.column_names}, index=index)

    def count(self, name: str) -> int:
        """Give the number of rows of a table."""
        return int(self.database.execute(f"select count(*) from {name}").fetchall()[0][0])

    def read_chunks(self, name: str, size: int) -> Iterator[pd.DataFrame]:
        """Give the rows of a table in their order, so many at a time; of an empty table one chunk without rows."""
        for start in range(0, max(1, self.count(name)), size):
            yield self.read(f"select * from {name} where rowid >= ? and rowid < ? order by rowid", (start, start + size))

    def cut(self, keys: Sequence[str], size: int, names: Sequence[str]) -> list[int]:
        """Sort tables by keys that they have in common, cut them into chunks, and give the numbers of these.

        Rows of one key are in one chunk, in the order that they had; a chunk has about so many rows in all tables together.
        """
        key = ", ".join(keys)
        every = " union all ".join(f"select {key} from {name}" for name in names)
        counts = f"select {key}, count(*) as n from ({every}) group by {key}"
        chunk = f"cast(floor((sum(n) over (order by {key}) - n) / {size}) as bigint)"
        self.run(f"create or replace temp table cuts as select {key}, {chunk} as chunk from ({counts})")
        for name in names:
            self.sort(name, f"select t.*, c.chunk from {name} t join cuts c using ({key}) order by {key}, t.rowid")
        return [chunk for (chunk,) in self.database.execute("select distinct chunk from cuts order by chunk").fetchall()]

    def read_chunk(self, name: str, number: int) -> pd.DataFrame:
        """Give the rows of one chunk of a table that was cut."""
        return self.read(f"select * exclude (chunk) from {name} where chunk = ? order by rowid", (number,))


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Give items so many at a time (itertools.batched of Python 3.12)."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def to_rows(frame: pd.DataFrame, types: Types) -> pa.Table:
    """Give a frame as an Arrow table, categories as their strings."""
    plain = {name: "string" if kind == "category" else kind for name, kind in types.items()}
    fields = [pa.field(name, ARROW_TYPES[kind]) for name, kind in plain.items()]
    return pa.Table.from_arrays([to_array(frame[name], kind) for name, kind in plain.items()], schema=pa.schema(fields))


def to_column(values: pa.ChunkedArray, index: pd.Index) -> "pd.Series[Any]":
    """Give an Arrow column as one of pandas that the rows of records have: no type of its own for strings, none made up for gaps."""
    kind = values.type
    if pa.types.is_date32(kind):
        return pd.Series(values.cast(pa.timestamp("s")).to_numpy(), index, dtype="datetime64[s]")
    if pa.types.is_floating(kind) or (not values.null_count and (pa.types.is_integer(kind) or pa.types.is_boolean(kind))):
        return pd.Series(values.to_numpy(), index)
    if pa.types.is_string(kind):
        return pd.Series(values.to_numpy(), index, dtype=object)
    return pd.Series(values.to_pylist(), index, dtype=object)


@contextmanager
def disk_full() -> Iterator[None]:
    """Raise what the engine tells of a full disk as the system tells it."""
    try:
        yield
    except duckdb.Error as error:
        if "No space left" in str(error) or "max_temp_directory_size" in str(error):  # the latter: 90 % of the room that there was
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise
