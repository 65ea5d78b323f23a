"""Archives in object stores, which fsspec's store in memory stands for here."""

from __future__ import annotations

import gzip
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.archive import ReadFault, read_archive
from pipeline.errors import MissingExtraError, UsageError
from pipeline.run import run_extraction

fsspec = pytest.importorskip("fsspec")
RELEASE = "The University of Lusaka and the Institute of Technology in Turku signed a memorandum on {day} May 2021.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive of many kinds, with sidecars, hidden files and archives in archives."""
    root = tmp_path / "archive"
    (root / "a").mkdir(parents=True)
    (root / "a" / "2.txt").write_text(RELEASE.format(day=2))
    (root / "a" / "2.meta.json").write_text('{"title": "Two", "date": "2021-05-02"}')
    (root / "a.txt").write_text(RELEASE.format(day=3))
    (root / ".hidden").write_text("x")
    (root / "empty.txt").touch()
    (root / "rows.jsonl.gz").write_bytes(gzip.compress(b'{"id": "r", "text": "%s"}\n' % RELEASE.format(day=4).strip().encode()))
    with zipfile.ZipFile(root / "z.zip", "w") as packed:
        packed.writestr("in/5.txt", RELEASE.format(day=5))
    return root


@pytest.fixture
def store(folder: Path) -> Iterator[str]:
    """The address of a copy of it."""
    memory = fsspec.filesystem("memory")
    for path in folder.rglob("*"):
        if path.is_file():
            memory.pipe(f"/bucket/{path.relative_to(folder)}", path.read_bytes())
    yield "memory://bucket"
    memory.rm("/bucket", recursive=True)


def test_a_store_reads_as_the_folder_does(folder: Path, store: str) -> None:
    assert list(read_archive([store])) == list(read_archive([folder]))
    assert list(read_archive([f"file://{folder}"])) == list(read_archive([folder]))


def test_one_file_of_a_store_is_an_archive_too(folder: Path, store: str) -> None:
    assert list(read_archive([f"{store}/z.zip"])) == list(read_archive([folder / "z.zip"]))


def test_a_run_over_a_store_leaves_the_same_bytes(folder: Path, store: str, tmp_path: Path, rules_model: Path) -> None:
    run_extraction([folder], tmp_path / "one", model=rules_model)
    ledger = run_extraction([store], tmp_path / "two", model=rules_model)
    again = run_extraction([store], tmp_path / "two", model=rules_model)
    for name in ("documents.jsonl", "errors.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert (ledger.written, again.reused, again.dropped) == (4, 4, 0)


def test_what_can_not_be_read_is_told(store: str, tmp_path: Path, rules_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no such file or folder: memory://nowhere"):
        read_archive(["memory://nowhere"])
    with pytest.raises(UsageError, match="frobnicate"):
        read_archive(["frobnicate://bucket"])
    with pytest.raises(UsageError, match="isn't on this machine"):
        run_extraction([store], Path("s3://bucket/out"), model=rules_model)

    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "connection lost")

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFileSystem._open", fail)
    faults = [found for found in read_archive([store]) if isinstance(found, ReadFault)]
    assert {fault.source for fault in faults} >= {"a.txt", "a/2.txt", "empty.txt", "rows.jsonl.gz", "z.zip"}
    assert {fault.message for fault in faults} == {"can't be read: connection lost"}
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'coopfacts\[dask\]'"):
        read_archive([store])


def test_a_store_whose_package_is_missing_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingExtraError, match="s3fs"):
        read_archive(["s3://bucket/releases"])
