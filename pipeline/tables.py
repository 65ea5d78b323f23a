"""Tables <-> Parquet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import PipelineError
from pipeline.schema import SCHEMA_VERSION, TABLES, Column

VERSION_KEY = b"coopfacts_schema_version"
ARROW_TYPES: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "date32": pa.date32(),
    "list<string>": pa.list_(pa.string()),
    "list<int64>": pa.list_(pa.int64()),
    "binary": pa.binary(),
}
PANDAS_TYPES = {"string": "str", "category": "category", "int64": "int64", "float64": "float64", "bool": "bool", "date32": "datetime64[s]"}
# the columns by which rows are sorted; together they tell rows apart
SORTED_BY: Mapping[str, tuple[str, ...]] = {
    "documents": ("doc_id",),
    "organizations": ("org_id",),
    "people": ("person_id",),
    "affiliations": ("person_id", "org_id", "role"),
    "facts": ("org_a", "org_b", "doc_id", "start", "end", "fact_id"),
    "events": ("doc_id", "start", "end", "event_id"),
    "partnerships": ("org_a", "org_b"),
    "history": ("org_a", "org_b", "date", "doc_id"),
    "links": ("kind", "left", "right"),
}
ROW_GROUP = 100_000  # rows
NOTHING: Mapping[str, Sequence[str]] = {}
FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")  # the wide forms as well: East Asian spreadsheets take them


@dataclass(slots=True)
class Tables:
    """The tables of a run, one DataFrame each; columns and types as schema.TABLES declares them."""

    documents: pd.DataFrame
    organizations: pd.DataFrame
    people: pd.DataFrame
    affiliations: pd.DataFrame
    facts: pd.DataFrame
    events: pd.DataFrame
    partnerships: pd.DataFrame
    history: pd.DataFrame
    links: pd.DataFrame

    def items(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Give (name, table) in the order of the schema."""
        for field in fields(self):
            yield field.name, getattr(self, field.name)


def arrow_schema(name: str) -> pa.Schema:
    """Give the Arrow schema of a table, the schema version and the meaning of each column in its metadata."""
    columns = [pa.field(c.name, ARROW_TYPES[c.type], metadata={"meaning": c.meaning}) for c in TABLES[name]]
    return pa.schema(columns, metadata={VERSION_KEY: SCHEMA_VERSION.encode(), b"table": name.encode()})


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of a table in their order, with their types, rows sorted; columns that frame lacks are empty."""
    out = give_types(name, frame)
    return out.sort_values(list(SORTED_BY[name]), kind="stable", na_position="first").reset_index(drop=True)


def give_types(name: str, frame: pd.DataFrame, categories: Mapping[str, Sequence[str]] = NOTHING) -> pd.DataFrame:
    """Give the columns of a table in their order, with their types. categories: of columns, where frame is a part of the table."""
    columns = {
        c.name: conform_column(
            frame[c.name] if c.name in frame else pd.Series([None] * len(frame), index=frame.index), c, categories.get(c.name)
        )
        for c in TABLES[name]
    }
    return pd.DataFrame(columns, index=frame.index)


def conform_column(values: "pd.Series[Any]", column: Column, categories: Sequence[str] | None = None) -> "pd.Series[Any]":
    """Give a column in its declared type; categories are the values that occur, sorted, unless they are given."""
    if column.type.startswith("list<"):
        return pd.Series([list(v) if isinstance(v, list | tuple | np.ndarray) else [] for v in values], index=values.index, dtype=object)
    if column.type == "category":
        plain = [None if missing else str(v) for v, missing in zip(values, values.isna(), strict=True)]
        codes = {v: n for n, v in enumerate(categories if categories is not None else sorted({v for v in plain if v is not None}))}
        found = pd.Categorical.from_codes([codes.get(v, -1) for v in plain], pd.Index(list(codes), dtype="str"))  # type: ignore[arg-type]
        return pd.Series(found, index=values.index)
    if column.type == "date32":
        return pd.to_datetime(values, errors="coerce", format="ISO8601").astype("datetime64[s]")
    if column.type == "string":
        return values.astype(object).where(values.notna(), None).astype("str")
    if column.type in ("int64", "bool"):
        return values.fillna(0).astype(PANDAS_TYPES[column.type])  # type: ignore[call-overload, no-any-return]
    return values.astype("float64")


def to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """Give a conforming DataFrame as an Arrow table."""
    return pa.Table.from_arrays([to_array(frame[c.name], c.type) for c in TABLES[name]], schema=arrow_schema(name))


def to_array(values: "pd.Series[Any]", kind: str) -> pa.Array:
    """Give a column as an Arrow array of a type of schema.Column."""
    if kind == "category":
        codes = pa.array(values.cat.codes.to_numpy("int32"), pa.int32(), mask=values.isna().to_numpy())
        return pa.DictionaryArray.from_arrays(codes, pa.array(list(values.cat.categories), pa.string()))
    if kind == "date32":
        return pa.array(values.to_numpy("datetime64[D]"), pa.date32())
    return pa.array(values.astype(object).where(values.notna(), None).tolist(), ARROW_TYPES[kind])


def write_tables(tables: Tables, out: Path) -> list[Path]:
    """Write OUT/tables/*.parquet and partnerships.csv; the same tables always give the same bytes."""
    return [path for name, frame in tables.items() for path in write_table(name, [frame], out)]


def write_table(name: str, frames: Iterable[pd.DataFrame], out: Path) -> list[Path]:
    """Write OUT/tables/NAME.parquet, of partnerships a CSV file as well; nothing that was there changes before all is written.

    frames: conforming parts of the table, in its order, all of ROW_GROUP rows but the last; categories are those of the whole table.
    """
    folder = Path(out) / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.parquet"]
    if name == "partnerships":
        paths.append(folder / "partnerships.csv")
    partial = [path.with_suffix(f"{path.suffix}.part") for path in paths]
    with ExitStack() as open_files:
        parquet = pq.ParquetWriter(partial[0], arrow_schema(name), compression="zstd", compression_level=3, version="2.6")
        open_files.enter_context(parquet)
        csv_file = open_files.enter_context(open(partial[1], "w", encoding="utf-8-sig", newline="")) if len(paths) > 1 else None
        for number, frame in enumerate(frames):
            parquet.write_table(to_arrow(name, frame), row_group_size=ROW_GROUP)
            if csv_file is not None:
                csv_file.write(to_csv(frame, header=number == 0))
    for path, part in zip(paths, partial, strict=True):
        part.replace(path)
    return paths


def read_tables(out: str | Path) -> Tables:
    """Read the tables that build_tables wrote to OUT: categoricals for codes, datetimes for days, lists for lists.

    Raises PipelineError where a table is missing or has another schema version.
    """
    folder = Path(out) / "tables"
    return Tables(**{name: read_table(folder / f"{name}.parquet", name) for name in TABLES})


def read_table(path: Path, name: str) -> pd.DataFrame:
    """Read one table."""
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; build the tables first: coopfacts build {path.parent.parent}")
    table = pq.read_table(path)
    version = (table.schema.metadata or {}).get(VERSION_KEY, b"none").decode()
    if version != SCHEMA_VERSION:
        raise PipelineError(f"{path}: schema version {version} found, {SCHEMA_VERSION} expected; build the tables anew")
    return conform(name, table.to_pandas(date_as_object=False))


def to_csv(frame: pd.DataFrame, *, header: bool = True) -> str:
    """Give a table as CSV for spreadsheets: lists joined by "; ", no cell that a spreadsheet takes for a formula."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    if header:
        writer.writerow(frame.columns)
    columns = [[cell_of(value) for value in frame[name]] for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return file.getvalue()


def cell_of(value: Any) -> str:
    """Give a value as a cell of a spreadsheet.

    >>> cell_of(["a", "b"]), cell_of("=cmd()"), cell_of(None), cell_of(0.5)
    ('a; b', "'=cmd()", '', '0.5')
    """
    text = text_of(value)
    return defuse(text) if isinstance(value, str | list | np.ndarray) else text


def text_of(value: Any) -> str:
    """Give a value as a text: a list joined by "; ", a day in ISO form, "" for what isn't told."""
    if isinstance(value, list | np.ndarray):
        return "; ".join(str(v) for v in value)
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, pd.Timestamp):
        return str(value).removesuffix(" 00:00:00")
    return str(value)


def defuse(text: str) -> str:
    """Give a text with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if FORMULA.match(text) else text
