"""Tables of archives that don't fit in memory: the same bytes, however little of them is gone through at a time."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from conftest import ROOT

from pipeline import building, duplicates
from pipeline.building import build_tables
from pipeline.tables import read_tables


def write_archive(out: Path) -> None:
    """Gold documents, each twice: as it is, and a few words shorter from another site, as a near-copy; in no order, some replaced."""
    lines = (ROOT / "data" / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    documents = [{"events": [], **json.loads(line)} for line in lines]
    copies = [
        {**d, "doc_id": f"copy of {d['doc_id']}", "text": d["text"] + " Read more on our pages.", "url": f"https://site{n % 3}.example/{n}"}
        for n, d in enumerate(documents)
    ]
    former = [{**d, "text": "What it was before.", "partnerships": [], "areas": []} for d in documents[:5]]
    lines = [json.dumps(d) + "\n" for d in (*documents, *copies)]
    random.Random(5).shuffle(lines)
    out.mkdir()
    (out / "documents.jsonl").write_text("".join([*(json.dumps(d) + "\n" for d in former), *lines]), encoding="utf-8")


def read_bytes(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / "tables").iterdir())}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose tables were built in one piece."""
    out = tmp_path_factory.mktemp("whole") / "out"
    write_archive(out)
    build_tables(out, chunk_rows=10**9)
    return out


def test_a_few_rows_at_a_time_give_the_bytes_of_all_at_once(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, few in (
        (building, "RECORDS_AT_A_TIME", 7), (building, "CHUNK_ROWS", 11), (duplicates, "ARTICLES_AT_A_TIME", 5),
        (duplicates, "PAIRS_AT_A_TIME", 3),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, few)
    write_archive(tmp_path / "out")
    build_tables(tmp_path / "out", chunk_rows=60)
    assert read_bytes(tmp_path / "out") == read_bytes(whole)


def test_the_tables_are_of_substance_and_nothing_else_stays(whole: Path) -> None:
    tables = read_tables(whole)
    assert min(len(tables.partnerships), len(tables.facts), len(tables.affiliations), len(tables.links)) > 5
    assert tables.documents["duplicate_of"].notna().sum() >= len(tables.documents) / 2
    assert sorted(path.name for path in (whole / ".work").iterdir()) == ["lock"]


def test_what_a_killed_build_left_is_cleared(whole: Path, tmp_path: Path) -> None:
    write_archive(tmp_path / "out")
    (tmp_path / "out" / ".work" / "rows").mkdir(parents=True)
    (tmp_path / "out" / ".work" / "rows" / "duckdb_temp_block.tmp").write_bytes(b"left")
    build_tables(tmp_path / "out")
    assert read_bytes(tmp_path / "out") == read_bytes(whole)
    assert not (tmp_path / "out" / ".work" / "rows").exists()
