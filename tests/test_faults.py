"""What goes wrong around a run: kills in any stage, archives that change while they are read, a full disk, two at once, Ctrl-C."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from test_run import PROSE, in_process, make_archive, make_text, results

from pipeline import cli
from pipeline.archive import Article, ReadFault, read_archive
from pipeline.building import build_tables
from pipeline.errors import OutputBusyError, PipelineError
from pipeline.report import write_report
from pipeline.run import run_extraction
from pipeline.writing import Lock


def test_killed_in_any_stage_and_given_again_every_file_is_the_same(tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(40))
    given = ["--kills", "3", "--archive", str(folder), "--model", str(rules_model), "--seed", "3"]
    done = subprocess.run([sys.executable, "benchmarks/faults.py", *given], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "equal those of an unbroken run" in done.stdout


# -- archives that change while they are read


def test_a_table_that_is_cut_while_it_is_read_gives_what_was_whole_and_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "text": make_text(n, PROSE.format(day=1, n=n) * 8)}) + "\n" for n in range(200)))
    items = read_archive([path])
    assert isinstance(next(items), Article)
    os.truncate(path, path.stat().st_size * 3 // 5)
    *rest, last = items
    assert 100 < len(rest) < 199 and all(isinstance(item, Article) for item in rest)
    assert isinstance(last, ReadFault)


def test_a_zip_that_is_cut_while_it_is_read_gives_what_was_whole_and_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for n in range(200):
            packed.writestr(f"{n:04}.txt", make_text(n, PROSE.format(day=1, n=n) * 8))
    items = read_archive([path])
    assert isinstance(next(items), Article)
    os.truncate(path, path.stat().st_size * 3 // 5)
    rest = list(items)
    kinds = [type(item) for item in rest]
    assert set(kinds) == {Article, ReadFault} and kinds == sorted(kinds, key=lambda kind: kind is ReadFault)


def test_a_folder_that_vanishes_while_it_is_read_is_a_fault(tmp_path: Path) -> None:
    make_archive(tmp_path / "archive" / "a", range(2))
    make_archive(tmp_path / "archive" / "b", range(2, 4))
    items = read_archive([tmp_path / "archive"])
    assert isinstance(next(items), Article)
    shutil.rmtree(tmp_path / "archive" / "b")
    *rest, last = items
    assert [item.source for item in (*rest, last)] == ["a/0001.txt", "b"]
    assert isinstance(last, ReadFault) and last.message == "the folder can't be read: No such file or directory"


def test_what_changed_during_a_run_the_next_run_finds(tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(40))

    def change(done: int, estimate: float | None) -> None:
        if done == 8:
            make_archive(folder, [1, 39], "Something was added.")
            (folder / "0038.txt").unlink()

    ledger = run_extraction([folder], tmp_path / "out", model=rules_model, on_progress=change)
    assert ledger.read == 40 == ledger.written + ledger.failed
    run_extraction([folder], tmp_path / "out", model=rules_model)
    run_extraction([folder], tmp_path / "fresh", model=rules_model)
    assert results(tmp_path / "out") == results(tmp_path / "fresh")


# -- after extraction


@pytest.fixture
def out(tmp_path: Path, rules_model: Path) -> Path:
    """What a run left, without the tables."""
    run_extraction([make_archive(tmp_path / "archive", range(10))], tmp_path / "out", model=rules_model)
    return tmp_path / "out"


def test_tables_and_report_wait_for_no_other_run(out: Path) -> None:
    build_tables(out)

    def try_both() -> None:
        for work in (build_tables, write_report):
            with pytest.raises(OutputBusyError, match=f"process {os.getppid()} on .* since 20"):
                work(out)

    with Lock(out):
        assert in_process(try_both) == 0
    write_report(out)


def test_a_disk_that_fills_up_while_tables_are_written_is_one_message_and_the_old_ones_stay(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_tables(out)
    before = (out / "tables" / "partnerships.parquet").read_bytes()

    def fill(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.tables.pq.ParquetWriter.write_table", fill)
        with pytest.raises(PipelineError, match="no space left"):
            build_tables(out)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fill)
        with pytest.raises(PipelineError, match="no space left"):
            write_report(out)
    assert (out / "tables" / "partnerships.parquet").read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="no such folder"):
        write_report(tmp_path / "nowhere")


def test_ctrl_c_while_tables_are_built_says_what_is_kept_and_how_to_go_on(
    tmp_path: Path, rules_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_archive(tmp_path / "archive", range(10))

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    given = ["run", str(folder), "--out", str(tmp_path / "out"), "--model", str(rules_model)]
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.building.write_built", stop)
        assert cli.main(given) == 130
    told = capsys.readouterr().err
    assert told.startswith("coopfacts: stopped; 10 articles are done and kept") and "\n  coopfacts run " in told
    assert cli.main(given) == 0
    assert "(10 of them done before)" in capsys.readouterr().out
