"""Archives -> OUT on a Dask cluster: a real scheduler and workers, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from test_run import command, make_archive, read_errors, read_records, read_sources, results, size_of, wait_for

pytest.importorskip("distributed")

from pipeline.backends import dask
from pipeline.errors import PipelineError
from pipeline.extraction import ExtractStep, Maker
from pipeline.run import run_extraction

DASK = "from dask.__main__ import main; main()"


class Cluster:
    """A scheduler and two workers on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # processes outside the tests find the component "trap" as those of a plugin: by its entry point
        (folder / "traps-1.dist-info").mkdir()
        (folder / "traps-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: traps\nVersion: 1\n")
        (folder / "traps-1.dist-info" / "entry_points.txt").write_text("[spacy_factories]\ntrap = traps:trap\n")
        self.env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, (folder, ROOT, ROOT / "tests"))),
            "DASK_LOGGING__DISTRIBUTED": "critical",
            "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s",  # a worker that says nothing for so long is given up; by default 5 minutes
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        told = folder / "scheduler.json"
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show", "--scheduler-file", told)
        wait_for(lambda: told.exists() and told.read_text().rstrip().endswith("}"), 120)  # it is there before it is written
        self.address = json.loads(told.read_text())["address"]
        self.workers = [self.start_worker(n) for n in range(2)]

    def start(self, *arguments: object) -> "subprocess.Popen[bytes]":
        given = [sys.executable, "-c", DASK, *map(str, arguments)]
        process = subprocess.Popen(given, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def start_worker(self, n: int) -> "subprocess.Popen[bytes]":
        options = ("--nthreads", 1, "--memory-limit", "1.5GB", "--no-dashboard", "--no-nanny", "--name", f"worker-{n}")
        return self.start("worker", self.address, *options)

    def mend(self) -> None:
        """Start the workers anew that a test has ended."""
        self.workers = [worker if worker.poll() is None else self.start_worker(n) for n, worker in enumerate(self.workers)]
        with dask.connect(self.address, 0) as client:
            client.wait_for_workers(2, timeout=60)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(started: Cluster) -> Cluster:
    started.mend()
    return started


class When:
    """An on_progress that does something once, when so many articles are done."""

    def __init__(self, n_done: int, act: Callable[[], object]) -> None:
        self.n_done, self.act, self.has_acted = n_done, act, False

    def __call__(self, done: int, estimate: float | None) -> None:
        if not self.has_acted and done >= self.n_done:
            self.has_acted = True
            self.act()


def test_bytes_and_ledger_are_those_of_one_machine(cluster: Cluster, tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(120))
    (folder / "0007.txt").write_bytes(b"")
    (folder / "0013.txt").write_text("Die Universität Turku und die Universität Lusaka haben eine Vereinbarung unterzeichnet. " * 3)
    one = run_extraction([folder], tmp_path / "one", model=rules_model)
    told: list[tuple[int, float | None]] = []
    many = run_extraction([folder], tmp_path / "out", model=rules_model, dask=cluster.address, on_progress=lambda *t: told.append(t))
    assert results(tmp_path / "out") == results(tmp_path / "one")
    assert (many.read, many.written, many.failed, many.skipped, many.total) == (one.read, one.written, one.failed, one.skipped, one.total)
    assert told[-1] == (120, 120) and [done for done, _ in told] == sorted(done for done, _ in told)
    again = run_extraction([folder], tmp_path / "out", model=rules_model, dask=cluster.address)
    assert again.reused == again.written == 118
    assert results(tmp_path / "out") == results(tmp_path / "one")


def test_a_run_begun_on_one_machine_goes_on_on_a_cluster(cluster: Cluster, tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(60))
    run_extraction([folder], tmp_path / "one", model=rules_model)
    run_extraction([folder], tmp_path / "out", model=rules_model, limit=20)
    ledger = run_extraction([folder], tmp_path / "out", model=rules_model, dask=cluster.address)
    assert (ledger.written, ledger.reused) == (60, 20)
    assert results(tmp_path / "out") == results(tmp_path / "one")


def test_articles_that_raise_kill_hang_or_eat_memory_become_faults_and_the_workers_live(
    cluster: Cluster, tmp_path: Path, trap_model: Path
) -> None:
    folder = make_archive(tmp_path / "archive", range(30))
    troubles = {3: "raise an error", 11: "kill the worker", 12: "kill the worker", 20: "hang for ever", 25: "eat all memory"}
    for n, trouble in troubles.items():
        make_archive(folder, [n], trouble)
    ledger = run_extraction([folder], tmp_path / "out", model=trap_model, dask=cluster.address, article_timeout_s=8)
    assert [(error["source"], error["stage"], error["error"], error["message"]) for error in read_errors(tmp_path / "out")] == [
        ("0003.txt", "nlp", "RuntimeError", "a component stumbled"),
        ("0011.txt", "nlp", "WorkerLost", "the worker process was ended by SIGKILL"),
        ("0012.txt", "nlp", "WorkerLost", "the worker process was ended by SIGKILL"),
        ("0020.txt", "nlp", "WorkerLost", "took longer than 8 s"),
        ("0025.txt", "nlp", "MemoryError", "no message"),
    ]
    assert (ledger.read, ledger.written, ledger.failed) == (30, 25, 5)
    assert read_sources(tmp_path / "out") == [f"{n:04}.txt" for n in range(30) if n not in troubles]
    assert all(worker.poll() is None for worker in cluster.workers)


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(cluster: Cluster, tmp_path: Path, trap_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(200), "take a moment")
    run_extraction([folder], tmp_path / "one", model=trap_model, workers=2)
    kill = When(40, cluster.workers[0].kill)
    ledger = run_extraction([folder], tmp_path / "out", model=trap_model, dask=cluster.address, on_progress=kill)
    assert cluster.workers[0].wait(5) == -signal.SIGKILL
    assert (ledger.read, ledger.written, ledger.failed) == (200, 200, 0)
    assert results(tmp_path / "out") == results(tmp_path / "one")


def test_a_worker_that_freezes_is_given_up(cluster: Cluster, tmp_path: Path, trap_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "ANSWER_S", 2.0)
    folder = make_archive(tmp_path / "archive", range(80), "take a moment")
    run_extraction([folder], tmp_path / "one", model=trap_model)
    freeze = When(16, lambda: cluster.workers[0].send_signal(signal.SIGSTOP))
    run_extraction([folder], tmp_path / "out", model=trap_model, dask=cluster.address, on_progress=freeze)
    cluster.workers[0].kill()
    cluster.workers[0].wait()
    assert results(tmp_path / "out") == results(tmp_path / "one")


def test_all_workers_killed_and_others_started_lose_and_double_nothing(cluster: Cluster, tmp_path: Path, trap_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(120), "take a moment")
    run_extraction([folder], tmp_path / "one", model=trap_model, workers=2)

    def kill_all() -> None:
        for n, worker in enumerate(cluster.workers):
            worker.kill()
            worker.wait()
            cluster.workers[n] = cluster.start_worker(n)

    run_extraction([folder], tmp_path / "out", model=trap_model, dask=cluster.address, on_progress=When(30, kill_all))
    assert results(tmp_path / "out") == results(tmp_path / "one")


def test_an_article_that_takes_workers_along_is_lost_alone(
    cluster: Cluster, tmp_path: Path, trap_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "MAX_LOSSES", 2)
    folder = make_archive(tmp_path / "archive", range(20))
    make_archive(folder, [9], "take the machine along")
    mending = threading.Event()

    def mend() -> None:
        while not mending.wait(0.1):
            cluster.workers = [w if w.poll() is None else cluster.start_worker(n) for n, w in enumerate(cluster.workers)]

    mender = threading.Thread(target=mend)
    mender.start()
    try:
        ledger = run_extraction([folder], tmp_path / "out", model=trap_model, dask=cluster.address)
    finally:
        mending.set()
        mender.join()
    assert [(error["source"], error["error"]) for error in read_errors(tmp_path / "out")] == [("0009.txt", "WorkerLost")]
    assert (ledger.read, ledger.written, ledger.failed) == (20, 19, 1)


def test_ctrl_c_leaves_a_cluster_on_this_machine_without_a_word_of_it(tmp_path: Path, rules_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(800))
    given = command("extract", folder, "--model", rules_model, "--dask", "local", "--workers", 1, "--out", tmp_path / "out")
    with subprocess.Popen(given, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        wait_for(lambda: size_of(tmp_path / "out" / "documents.jsonl") > 20_000, 120)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the command
        printed, told = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, "")
    assert told.startswith("coopfacts: stopped; ") and told.count("\n") == 2
    ledger = json.loads((tmp_path / "out" / "run.json").read_text())
    assert ledger["state"] == "interrupted" and 0 < ledger["written"] <= len(read_records(tmp_path / "out"))


def test_texts_do_not_pass_through_the_scheduler(cluster: Cluster, tmp_path: Path, trap_model: Path) -> None:
    folder = make_archive(tmp_path / "archive", range(40), "take a moment " + "and say it again " * 500)
    sizes: list[int] = []

    def look() -> None:
        with dask.connect(cluster.address, 0) as client:
            sizes.extend(client.run_on_scheduler(find_sizes))

    run_extraction([folder], tmp_path / "out", model=trap_model, dask=cluster.address, on_progress=When(8, look))
    assert sizes and max(sizes) < 2_000


def find_sizes(dask_scheduler: object) -> list[int]:
    """Give the bytes of each task that a scheduler holds."""
    import pickle  # noqa: TID251  # to measure with

    return [len(pickle.dumps(task.run_spec)) for task in dask_scheduler.tasks.values() if task.run_spec is not None]  # type: ignore[attr-defined]


def test_another_model_on_a_worker_is_an_error(cluster: Cluster, tmp_path: Path, rules_model: Path) -> None:
    step = dask.Same(ExtractStep(str(rules_model)), Maker("another model", "9"))
    with dask.connect(cluster.address, 0) as client, pytest.raises(PipelineError, match=r"tcp://.*both need the same coopfacts"):
        list(dask.Flight(client, step, None).map([[]]))


def test_without_a_scheduler_the_error_says_how_to_start_one(tmp_path: Path, rules_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "ANSWER_S", 0.5)
    with pytest.raises(PipelineError, match=r"no scheduler answers at tcp://127.0.0.1:1 .*dask scheduler starts one"):
        run_extraction([make_archive(tmp_path / "a", [1])], tmp_path / "out", model=rules_model, dask="tcp://127.0.0.1:1")


def test_without_dask_the_error_names_the_extra(tmp_path: Path, rules_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pipeline.backends.dask")
    monkeypatch.delattr("pipeline.backends.dask")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PipelineError, match=r"pip install 'coopfacts\[dask\]'"):
        run_extraction([make_archive(tmp_path / "a", [1])], tmp_path / "out", model=rules_model, dask="local")
