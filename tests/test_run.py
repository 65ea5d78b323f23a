"""Archives -> OUT: order, resume, faults, locks; whatever the workers and whenever it is killed."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

import pipeline.output
from pipeline.archive import ReadOptions
from pipeline.backends import local
from pipeline.errors import OutputBusyError, PipelineError, UsageError
from pipeline.ledger import Ledger
from pipeline.output import Output
from pipeline.run import run_extraction

Json = dict[str, Any]
PROSE = (
    "The University of Lusaka and the Institute of Technology in Turku signed a memorandum on {day} May 2021."
    " They will exchange students and teachers from next year on, release number {n}."
)


def make_text(n: int, extra: str = "") -> str:
    return f"Release {n}\n\n{PROSE.format(day=n % 28 + 1, n=n)} {extra}\n"


def make_archive(folder: Path, numbers: Sequence[int], extra: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for n in numbers:
        (folder / f"{n:04}.txt").write_text(make_text(n, extra), encoding="utf-8")
    return folder


def read_records(out: Path) -> list[Json]:
    return [json.loads(line) for line in (out / "documents.jsonl").read_text(encoding="utf-8").splitlines()]


def read_sources(out: Path) -> list[str]:
    return [record["source"] for record in read_records(out)]


def read_errors(out: Path) -> list[Json]:
    return [json.loads(line) for line in (out / "errors.jsonl").read_text(encoding="utf-8").splitlines()]


def results(out: Path) -> tuple[bytes, bytes]:
    return (out / "documents.jsonl").read_bytes(), (out / "errors.jsonl").read_bytes()


def in_process(work: Callable[[], object]) -> int | None:
    """Do something in a process of its own, and give the exit status of that."""

    def quietly() -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        work()

    process = multiprocessing.get_context("fork").Process(target=quietly)
    process.start()
    process.join(60)
    assert not process.is_alive()
    return process.exitcode


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Forty releases and some trouble."""
    folder = make_archive(tmp_path / "archive", range(40))
    (folder / "0007.txt").write_bytes(b"")
    (folder / "0013.txt").write_text("Die Universität Turku und die Universität Lusaka haben eine Vereinbarung unterzeichnet. " * 3)
    shutil.copy(folder / "0020.txt", folder / "0021.txt")
    rows = [json.dumps({"id": f"row-{n}", "text": make_text(100 + n), "date": "2021-06-01"}) for n in range(9)]
    (folder / "rows.jsonl").write_text("\n".join([*rows[:4], '{"text": "broken', *rows[4:]]) + "\n")
    (folder / "unknown.xyz").write_bytes(b"?")
    return folder


@pytest.fixture
def whole(archive: Path, tmp_path: Path, rules_model: Path) -> tuple[bytes, bytes]:
    """What an unbroken run makes of the archive."""
    run_extraction([archive], tmp_path / "whole", model=rules_model, workers=0)
    return results(tmp_path / "whole")


# -- one run


def test_records_are_in_the_order_of_the_archive_and_the_ledger_adds_up(archive: Path, tmp_path: Path, rules_model: Path) -> None:
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model, workers=2)
    sources = read_sources(tmp_path / "out")
    assert sources == sorted(sources, key=lambda s: (s.split("#")[0], int(s.partition("#")[2] or 0)))
    assert (ledger.written, ledger.failed, ledger.skipped) == (len(sources), 2, {"language:de": 1, "duplicate": 1, "file type": 1})
    assert ledger.read == ledger.written + ledger.failed + sum(ledger.skipped.values()) == 51
    assert [error["source"] for error in read_errors(tmp_path / "out")] == ["0007.txt", "rows.jsonl#5"]
    written = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (written["state"], written["read"], written["total"]["dates"], written["settings"]["workers"]) == ("done", 51, 46 + 9, 2)
    assert written["model"].startswith("rules-1.0.0+")


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_bytes_do_not_depend_on_the_number_of_workers(
    archive: Path, whole: tuple[bytes, bytes], tmp_path: Path, rules_model: Path, workers: int
) -> None:
    run_extraction([archive], tmp_path / "out", model=rules_model, workers=workers)
    assert results(tmp_path / "out") == whole


def test_a_record_keeps_the_whole_text_and_says_what_made_it(archive: Path, tmp_path: Path, rules_model: Path) -> None:
    run_extraction([archive], tmp_path / "out", model=rules_model)
    first = read_records(tmp_path / "out")[0]
    assert first["text"] == make_text(0)
    assert [date["text"] for date in first["dates"]] == ["1 May 2021"]
    assert first["model"].startswith("rules-1.0.0+") and first["version"]


def test_articles_that_raise_kill_or_hang_become_faults_and_the_others_go_on(tmp_path: Path, trap_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(30))
    for n, trouble in ((3, "raise an error"), (11, "kill the worker"), (12, "kill the worker"), (20, "hang for ever")):
        (folder / f"{n:04}.txt").write_text(make_text(n, trouble))
    ledger = run_extraction([folder], tmp_path / "out", model=trap_model, workers=2, article_timeout_s=0.5)
    assert [(error["source"], error["stage"], error["error"], error["message"]) for error in read_errors(tmp_path / "out")] == [
        ("0003.txt", "nlp", "RuntimeError", "a component stumbled"),
        ("0011.txt", "nlp", "WorkerLost", "the worker process was ended by SIGKILL"),
        ("0012.txt", "nlp", "WorkerLost", "the worker process was ended by SIGKILL"),
        ("0020.txt", "nlp", "WorkerLost", "took longer than 0.5 s"),
    ]
    assert (ledger.read, ledger.written, ledger.failed) == (30, 26, 4)
    assert read_sources(tmp_path / "out") == [f"{n:04}.txt" for n in range(30) if n not in (3, 11, 12, 20)]


def test_nothing_to_read_is_an_error_and_leaves_what_was_there(tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(3))
    run_extraction([folder], tmp_path / "out", model=rules_model)
    before = (tmp_path / "out" / "documents.jsonl").read_bytes()
    for n in range(3):
        (folder / f"{n:04}.txt").write_bytes(b"")
    with pytest.raises(PipelineError, match="no article could be read"):
        run_extraction([folder], tmp_path / "out", model=rules_model)
    assert (tmp_path / "out" / "documents.jsonl").read_bytes() == before


def test_an_output_inside_the_archive_is_refused(archive: Path, rules_model: Path) -> None:
    with pytest.raises(UsageError, match="lies in the archive"):
        run_extraction([archive], archive / "out", model=rules_model)
    with pytest.raises(UsageError, match="lies in the archive"):
        run_extraction([archive.parent], archive / "out", model=rules_model)


def test_a_missing_archive_is_told_before_anything_is_done(archive: Path, tmp_path: Path, rules_model: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        run_extraction([archive, tmp_path / "nothing"], tmp_path / "out", model=rules_model)
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_a_file_is_told(archive: Path, tmp_path: Path, rules_model: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(PipelineError, match="is a file"):
        run_extraction([archive], tmp_path / "out", model=rules_model)


def test_a_limit_ends_reading_early(archive: Path, tmp_path: Path, rules_model: Path, whole: tuple[bytes, bytes]) -> None:
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model, limit=10)
    assert ledger.written == 10
    assert whole[0].startswith((tmp_path / "out" / "documents.jsonl").read_bytes())
    run_extraction([archive], tmp_path / "out", model=rules_model)
    assert results(tmp_path / "out") == whole


def test_progress_ends_at_what_was_read(archive: Path, tmp_path: Path, rules_model: Path) -> None:
    told: list[tuple[int, float | None]] = []
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model, on_progress=lambda *values: told.append(values))
    assert told[-1] == (ledger.read, ledger.read)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


# -- a second run


def test_a_second_run_does_nothing_anew_and_changes_no_byte(
    archive: Path, tmp_path: Path, rules_model: Path, whole: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_extraction([archive], tmp_path / "out", model=rules_model)
    inode = (tmp_path / "out" / "documents.jsonl").stat().st_ino
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model, workers=2)
    assert ledger.reused == ledger.written
    assert results(tmp_path / "out") == whole
    assert (tmp_path / "out" / "documents.jsonl").stat().st_ino == inode


def test_new_changed_and_vanished_articles_leave_what_a_run_from_the_start_would(archive: Path, tmp_path: Path, rules_model: Path) -> None:
    run_extraction([archive], tmp_path / "out", model=rules_model)
    make_archive(archive, [5], "Something was added.")  # changed; its id is made from its content
    (archive / "rows.jsonl").write_text(json.dumps({"id": "row-2", "text": make_text(500), "date": "2021-06-02"}))  # changed; its own id
    (archive / "0030.txt").unlink()
    make_archive(archive / "0002-more", [77])
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model, workers=2)
    run_extraction([archive], tmp_path / "fresh", model=rules_model)
    assert results(tmp_path / "out") == results(tmp_path / "fresh")
    assert ledger.written - ledger.reused == 3
    assert ledger.dropped == 1 + 1 + 8  # the old text of 0005.txt, 0030.txt, eight rows


def test_records_of_other_archives_are_kept_in_front(tmp_path: Path, rules_model: Path) -> None:
    may, june = make_archive(tmp_path / "may", range(5)), make_archive(tmp_path / "june", range(50, 55))
    (may / "empty.txt").touch()
    run_extraction([may], tmp_path / "out", model=rules_model)
    ledger = run_extraction([june], tmp_path / "out", model=rules_model)
    assert (ledger.read, ledger.written, ledger.total["articles"]) == (5, 5, 10)
    assert read_sources(tmp_path / "out") == [f"{n:04}.txt" for n in (*range(5), *range(50, 55))]
    assert [error["source"] for error in read_errors(tmp_path / "out")] == ["empty.txt"]
    run_extraction([may, june], tmp_path / "both", model=rules_model)
    assert results(tmp_path / "out") == results(tmp_path / "both")


def test_an_article_of_two_archives_is_one_record(tmp_path: Path, rules_model: Path) -> None:
    may, june = make_archive(tmp_path / "may", range(5)), make_archive(tmp_path / "june", range(3, 8))
    together = run_extraction([may, june], tmp_path / "both", model=rules_model)
    assert together.skipped == {"duplicate": 2}
    run_extraction([may], tmp_path / "out", model=rules_model)
    run_extraction([june], tmp_path / "out", model=rules_model)
    assert sorted(r["doc_id"] for r in read_records(tmp_path / "out")) == sorted(r["doc_id"] for r in read_records(tmp_path / "both"))


def test_another_model_makes_all_records_anew(tmp_path: Path, rules_model: Path, newer_model: Path) -> None:
    may, june = make_archive(tmp_path / "may", range(20)), make_archive(tmp_path / "june", range(50, 55))
    run_extraction([may], tmp_path / "out", model=rules_model)
    ledger = run_extraction([june], tmp_path / "out", model=newer_model, workers=2)
    assert (ledger.read, ledger.written, ledger.reused) == (5, 5, 0)
    assert {record["model"].split("+")[0] for record in read_records(tmp_path / "out")} == {"rules-2.0.0"}
    run_extraction([may, june], tmp_path / "fresh", model=newer_model)
    assert results(tmp_path / "out") == results(tmp_path / "fresh")


def test_other_settings_of_reading_count_where_they_change_an_article(tmp_path: Path, rules_model: Path) -> None:
    rows = "\n".join(f"{n},{make_text(n).split(chr(10))[2]!r},{'03/04/2021' if n < 2 else '2021-06-01'}" for n in range(5))
    (tmp_path / "rows.csv").write_text(f"id,text,date\n{rows}\n".replace("'", '"'))
    run_extraction([tmp_path / "rows.csv"], tmp_path / "out", model=rules_model)
    ledger = run_extraction([tmp_path / "rows.csv"], tmp_path / "out", model=rules_model, options=ReadOptions(day_first=True))
    assert (ledger.written, ledger.reused) == (5, 3)
    assert [record["published"] for record in read_records(tmp_path / "out")][:2] == ["2021-04-03"] * 2


def test_results_of_one_article_do_not_depend_on_its_neighbours(tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(20))
    run_extraction([folder], tmp_path / "out", model=rules_model)
    files = sorted(folder.iterdir())
    random.Random(1).shuffle(files)
    run_extraction(files, tmp_path / "shuffled", model=rules_model)
    by_id = {record["doc_id"]: record for record in read_records(tmp_path / "out")}
    assert {record["doc_id"]: record for record in read_records(tmp_path / "shuffled")} == by_id


# -- stops


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_torn_output_is_completed_to_the_same_bytes(
    archive: Path, tmp_path: Path, rules_model: Path, whole: tuple[bytes, bytes], share: float
) -> None:
    run_extraction([archive], tmp_path / "out", model=rules_model)
    path = tmp_path / "out" / "documents.jsonl"
    os.truncate(path, int(path.stat().st_size * share))
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model, workers=2)
    assert results(tmp_path / "out") == whole
    assert share < 0.1 or 0 < ledger.reused < ledger.written


@pytest.mark.parametrize("damage", ["missing", "noise", "older", "emptied"])
def test_a_lost_or_damaged_index_is_made_anew(
    archive: Path, tmp_path: Path, rules_model: Path, whole: tuple[bytes, bytes], damage: str
) -> None:
    run_extraction([archive], tmp_path / "out", model=rules_model, limit=10)
    index = tmp_path / "out" / ".work" / "index.sqlite"
    older = index.read_bytes()
    run_extraction([archive], tmp_path / "out", model=rules_model)
    if damage == "missing":
        shutil.rmtree(index.parent)
    elif damage == "noise":
        index.write_bytes(os.urandom(5000))
    elif damage == "older":
        index.write_bytes(older)
    else:
        with sqlite3.connect(index) as database:
            database.execute("delete from lines")
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model)
    assert results(tmp_path / "out") == whole
    assert ledger.reused == ledger.written


def test_lines_that_are_no_records_go_and_are_replaced(
    archive: Path, tmp_path: Path, rules_model: Path, whole: tuple[bytes, bytes]
) -> None:
    run_extraction([archive], tmp_path / "out", model=rules_model)
    path = tmp_path / "out" / "documents.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"no record\n", lines[3][:50] + b"\n", *lines[4:]]))
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model)
    assert results(tmp_path / "out") == whole
    assert ledger.written - ledger.reused == 1


KILLED = -signal.SIGKILL


def kill_at_call(n: int, torn: float) -> Callable[[Any, bytes], None]:
    """A write_all whose n-th call writes a part of its data and dies."""
    calls = iter(range(1, n + 1))

    def write(file: Any, data: bytes) -> None:
        if next(calls) == n:
            file.write(data[: int(len(data) * torn)])
            os.kill(os.getpid(), signal.SIGKILL)
        file.write(data)

    return write


@pytest.mark.parametrize("n, torn", [(1, 0.0), (1, 0.7), (2, 1.0), (3, 0.3), (5, 0.0), (6, 0.99)])
def test_killed_while_it_writes_it_is_completed_to_the_same_bytes(
    archive: Path, tmp_path: Path, rules_model: Path, whole: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch, n: int, torn: float
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.output, "write_all", kill_at_call(n, torn))
        assert in_process(lambda: run_extraction([archive], out, model=rules_model, workers=1)) == KILLED
    assert json.loads((out / "run.json").read_text())["state"] == "running"
    run_extraction([archive], out, model=rules_model, workers=2)
    assert results(out) == whole


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_it_puts_the_output_in_order_it_is_completed_to_the_same_bytes(
    archive: Path, tmp_path: Path, rules_model: Path, whole: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    out = tmp_path / "out"
    hidden = archive / "0000.txt"
    hidden.rename(tmp_path / "0000.txt")
    run_extraction([archive], out, model=rules_model)
    (tmp_path / "0000.txt").rename(hidden)

    def replace(old: str, new: str, really: Callable[[str, str], None] = os.replace) -> None:
        is_documents = Path(new).name == "documents.jsonl"
        if is_documents and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        really(old, new)
        if is_documents:
            os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.output.os, "replace", replace)
        assert in_process(lambda: run_extraction([archive], out, model=rules_model, workers=1)) == KILLED
    ledger = run_extraction([archive], out, model=rules_model)
    assert results(out) == whole
    assert ledger.reused == ledger.written


def test_killed_again_and_again_at_any_moment_it_ends_at_the_same_bytes(tmp_path: Path, trap_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(60), "take a moment")
    run_extraction([folder], tmp_path / "whole", model=trap_model, workers=2)
    chance = random.Random(7)
    kills = 0
    for _ in range(40):
        process = multiprocessing.get_context("fork").Process(
            target=run_extraction, args=([folder], tmp_path / "out"), kwargs={"model": trap_model, "workers": 2}
        )
        process.start()
        process.join(chance.uniform(0.02, 0.35))
        if not process.is_alive():
            break
        process.kill()
        process.join()
        kills += 1
    run_extraction([folder], tmp_path / "out", model=trap_model)
    assert results(tmp_path / "out") == results(tmp_path / "whole")
    assert kills >= 2


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "pipeline", *map(str, arguments)]


def wait_for(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def has_child(pid: int) -> bool:
    return any(f"\nPPid:\t{pid}\n" in status_of(p) for p in Path("/proc").iterdir() if p.name.isdigit())


def status_of(process: Path) -> str:
    try:
        return (process / "status").read_text()
    except OSError:
        return ""


@pytest.mark.parametrize("share", [0.05, 0.6])
def test_the_command_killed_and_given_again_ends_at_the_same_bytes(tmp_path: Path, rules_model: Path, share: float) -> None:
    folder = make_archive(tmp_path / "archive", range(600))
    arguments = ("extract", folder, "--model", rules_model, "--workers", 2, "--out")
    run_extraction([folder], tmp_path / "whole", model=rules_model, workers=0)
    path = tmp_path / "out" / "documents.jsonl"
    with subprocess.Popen(command(*arguments, tmp_path / "out"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_for(lambda: size_of(path) > share * size_of(tmp_path / "whole" / "documents.jsonl"))
        process.kill()
    assert size_of(path) < size_of(tmp_path / "whole" / "documents.jsonl")
    done = subprocess.run(command(*arguments, tmp_path / "out"), cwd=ROOT, capture_output=True, text=True, check=True)
    assert "done before" in done.stdout and done.stderr == ""
    assert results(tmp_path / "out") == results(tmp_path / "whole")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_end_with_the_run_that_is_killed(tmp_path: Path, trap_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(5), "hang for ever")
    process = multiprocessing.get_context("fork").Process(
        target=run_extraction, args=([folder], tmp_path / "out"), kwargs={"model": trap_model, "workers": 2}
    )
    process.start()
    wait_for(lambda: has_child(process.pid or 0))
    children = [p for p in Path("/proc").iterdir() if p.name.isdigit() and f"\nPPid:\t{process.pid}\n" in status_of(p)]
    time.sleep(0.1)
    process.kill()
    process.join()
    wait_for(lambda: all("State:\tZ" in status_of(p) or not status_of(p) for p in children), 5)
    (folder / "0000.txt").write_text(make_text(0))
    run_extraction([folder], tmp_path / "out", model=trap_model, limit=1)  # nobody holds it any more


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(600))
    given = command("extract", folder, "--model", rules_model, "--workers", 2, "--out", tmp_path / "out")
    path = tmp_path / "out" / "documents.jsonl"
    with subprocess.Popen(given, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        wait_for(lambda: size_of(path) > 20_000)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the command
        printed, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert printed == "" and "Traceback" not in told
    assert told.startswith("coopfacts: stopped; ") and f"coopfacts extract {folder} --model {rules_model} --workers 2 --out" in told
    ledger = json.loads((tmp_path / "out" / "run.json").read_text())
    assert ledger["state"] == "interrupted" and 0 < ledger["written"] <= len(read_records(tmp_path / "out"))
    done = run_extraction([folder], tmp_path / "out", model=rules_model)
    assert done.reused >= ledger["written"] and done.written == 600


# -- a full disk


class FullAfter:
    """A write_all of a disk with so many bytes left: a write that doesn't fit is torn."""

    def __init__(self, n_bytes: int) -> None:
        self.left = n_bytes

    def __call__(self, file: Any, data: bytes) -> None:
        file.write(data[: self.left])
        if len(data) > self.left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.left -= len(data)


def test_a_full_disk_ends_the_run_with_one_message_and_keeps_what_was_done(
    archive: Path, tmp_path: Path, rules_model: Path, whole: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.output, "write_all", FullAfter(12_000))
        with pytest.raises(PipelineError, match="no space left"):
            run_extraction([archive], tmp_path / "out", model=rules_model)
    kept = (tmp_path / "out" / "documents.jsonl").read_bytes()
    assert kept and kept.endswith(b"\n") and whole[0].startswith(kept)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["state"] == "failed"
    ledger = run_extraction([archive], tmp_path / "out", model=rules_model)
    assert results(tmp_path / "out") == whole
    assert ledger.reused == kept.count(b"\n")


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))  # the system itself refuses to write more, to any file
from pipeline.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_write_that_the_system_refuses_gives_exit_status_1_and_one_line(tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(100))
    given = ["extract", str(folder), "--model", str(rules_model), "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", LIMITED, *given], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and "no space left" in done.stderr
    ledger = run_extraction([folder], tmp_path / "out", model=rules_model)
    assert ledger.reused > 0 and ledger.written == 100


# -- two runs at once


def test_the_second_of_two_runs_is_told_who_holds_the_folder(archive: Path, tmp_path: Path, rules_model: Path) -> None:
    with Output(tmp_path / "out", "a model"):
        code = in_process(lambda: sys.exit(expect_busy(archive, tmp_path / "out", rules_model)))
        assert code == 0
    run_extraction([archive], tmp_path / "out", model=rules_model)


def expect_busy(archive: Path, out: Path, model: Path) -> int:
    try:
        run_extraction([archive], out, model=model)
    except OutputBusyError as error:
        return 0 if f"process {os.getppid()} on " in str(error) and "since 20" in str(error) else 2
    return 1


# -- the engine


class Square:
    """A step for the tests: squares, and trouble where a number asks for it."""

    def prepare(self) -> None: ...

    def __call__(self, items: Sequence[int]) -> list[object]:
        if 13 in items:
            os._exit(3)
        if 17 in items:
            raise ValueError("seventeen")
        return [item * item for item in items]

    def lost(self, item: int, reason: str) -> object:
        return f"{item} lost: {reason}"


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_rows_come_in_the_order_of_the_parts(workers: int) -> None:
    parts = [[n, n + 1] for n in range(20, 220, 2)]
    assert list(local.run(Square(), parts, workers=workers)) == [[n * n, (n + 1) ** 2] for n in range(20, 220, 2)]


@pytest.mark.parametrize("workers", [1, 3])
def test_an_item_that_ends_its_worker_is_lost_alone(workers: int) -> None:
    rows = [row for part in local.run(Square(), [[11, 12, 13], [14], [13], [15, 16, 17], [18]], workers=workers) for row in part]
    gone = "13 lost: the worker process ended by itself (exit code 3)"
    assert rows == [121, 144, gone, 196, gone, 225, 256, "17 lost: ValueError: seventeen", 324]


def test_parts_are_taken_no_further_ahead_than_workers_need() -> None:
    taken = 0

    def parts() -> Iterator[list[int]]:
        nonlocal taken
        for taken in range(100, 1100):
            yield [taken]

    rows = local.run(Square(), parts(), workers=2)
    for given, _ in enumerate(rows, 1):
        assert taken - 99 - given <= local.AHEAD * 2
    assert given == 1000


def test_no_parts_give_no_rows() -> None:
    assert list(local.run(Square(), [], workers=2)) == []


def test_the_ledger_refuses_to_lose_articles() -> None:
    with pytest.raises(AssertionError, match="does not add up"):
        Ledger("done", [], "", "", "", {}, read=3, written=1, failed=1).check()
