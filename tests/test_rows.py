"""Rows on disk."""

from __future__ import annotations

import random
from datetime import date

import duckdb
import pandas as pd
import pytest

from pipeline.rows import RowStore, batched

TYPES = {
    "key": "string", "number": "int64", "day": "date32", "share": "float64", "is_so": "bool", "words": "list<string>", "data": "binary",
}  # fmt: skip
ROWS = [
    ("b", 1, date(2020, 5, 1), 0.5, True, ["x", "y"], b"\x00\xff"),
    (None, None, None, None, None, [], None),
    ("a", 2**40, date(1850, 1, 1), 1.0, False, ["ü"], b""),
]


def make_frame(rows):
    return pd.DataFrame(rows, columns=list(TYPES), dtype=object).assign(day=lambda f: pd.to_datetime(f["day"]).astype("datetime64[s]"))


@pytest.fixture
def store(tmp_path):
    with RowStore(tmp_path / "rows") as store:
        store.make("things", TYPES)
        store.add("things", make_frame(ROWS[:1]), TYPES)
        store.add("things", make_frame(ROWS[1:]), TYPES)
        yield store


def test_rows_come_back_as_they_were_put_in(store):
    found = store.read("select * from things")
    assert found["key"].tolist() == ["b", None, "a"] and found["words"].tolist() == [["x", "y"], [], ["ü"]]
    assert found["day"].tolist() == [pd.Timestamp("2020-05-01"), pd.NaT, pd.Timestamp("1850-01-01")]
    assert found["number"].tolist() == [1, None, 2**40] and found["data"].tolist() == [b"\x00\xff", None, b""]
    whole = store.read("select number, is_so from things where key is not null")
    assert whole.dtypes.astype(str).tolist() == ["int64", "bool"]
    assert store.read("select key from things where number = ?", (1,))["key"].tolist() == ["b"]


def test_without_rows_there_is_one_chunk_with_all_columns(store):
    store.make("none", TYPES)
    assert [(len(chunk), list(chunk)) for chunk in store.read_chunks("none", 10)] == [(0, list(TYPES))]


@pytest.mark.parametrize("size", [1, 3, 10, 1000])
def test_a_key_is_in_one_chunk_and_its_rows_keep_their_order(store, size):
    rng = random.Random(size)
    types = {"key": "string", "number": "int64"}
    rows = [(rng.choice("abcdefg"), n) for n in range(60)]
    for name, part in (("left", rows[:40]), ("right", rows[40:])):
        store.make(f"{name}_rows", types)
        store.add(f"{name}_rows", pd.DataFrame(part, columns=list(types)), types)
    chunks = store.cut(["key"], size, ["left_rows", "right_rows"])
    seen: list[set[str]] = []
    for name, part in (("left", rows[:40]), ("right", rows[40:])):
        parts = [store.read_chunk(f"{name}_rows", chunk) for chunk in chunks]
        assert [tuple(row) for frame in parts for row in frame.itertuples(index=False)] == sorted(part, key=lambda row: row[0])
        seen.append({(key, chunk) for chunk, frame in zip(chunks, parts, strict=True) for key in frame["key"]})
    assert len({key for key, _ in set.union(*seen)}) == len(set.union(*seen)) == 7
    assert len(chunks) == {1: 7, 1000: 1}.get(size, len(chunks))


def fill(store):
    """Put in some 60 MB."""
    rng = random.Random(1)
    types = {"key": "string", "number": "int64"}
    store.make("many", types)
    keys = [rng.randbytes(100).hex() for _ in range(300_000)]
    for some in batched(enumerate(keys), 20_000):
        store.add("many", pd.DataFrame({"key": [key for _, key in some], "number": [n for n, _ in some]}), types)
    return keys


def test_what_memory_does_not_hold_is_sorted_on_disk(tmp_path):
    with RowStore(tmp_path / "rows", memory_mb=48) as store:
        keys = fill(store)
        store.sort("many", "select * from many order by key")
        assert [key for frame in store.read_chunks("many", 30_000) for key in frame["key"]] == sorted(keys)
        assert any((tmp_path / "rows").iterdir())
    assert not (tmp_path / "rows").exists()


def test_a_full_disk_is_told_as_the_system_tells_it(tmp_path):
    with RowStore(tmp_path / "rows", memory_mb=48) as store:
        store.run("set max_temp_directory_size = '1MB'")
        with pytest.raises(OSError, match="No space left"):
            fill(store)


def test_another_fault_is_not_taken_for_a_full_disk(store):
    with pytest.raises(duckdb.Error):
        store.run("select * from nowhere")
