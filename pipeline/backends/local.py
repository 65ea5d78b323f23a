"""Steps run in processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from pipeline.backends import Step
from pipeline.errors import PipelineError

Item = TypeVar("Item")
Row = TypeVar("Row")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
QUEUED = 2  # parts a worker has: one in work, one at hand, so that it never waits
AHEAD = 4  # parts in flight or waiting for an earlier one, a worker: memory stays flat
STOP_S = 5.0
MAX_FAILED_STARTS = 3


def run(
    step: Step[Item, Row],
    parts: Iterable[Sequence[Item]],
    *,
    workers: int = 1,
    item_timeout_s: float | None = None,
) -> Generator[list[Row], None, None]:
    """Give the rows of each part, in the order of the parts, whatever the number of workers.

    workers: processes beside this one; 0: work is done in this one, and nothing below holds. A worker that dies, or that works on a
    part for longer than item_timeout_s, is replaced, and its part is done once more, item by item: an item that ends a worker by
    itself gets the row of step.lost. At most AHEAD parts a worker are taken from parts before their rows are given.
    """
    step.prepare()
    if workers <= 0:
        for part in parts:
            yield step(part)
        return
    pool = Pool(step, workers, item_timeout_s)
    try:
        yield from pool.map(parts)
    finally:
        pool.close()


def limit_threads() -> None:
    """Keep numerical libraries to one thread a process: to be called before they are imported."""
    for name in THREADS:
        os.environ.setdefault(name, "1")


class Task(NamedTuple, Generic[Item]):
    number: int
    items: Sequence[Item]


class Failed(NamedTuple):
    """Sent by a worker in place of rows: a step raised what it should have turned into a row."""

    reason: str


class Died(Exception):
    """A worker ended, or was ended, before it gave its rows."""


def work(step: Step[Any, Any], connection: Connection, inherited: Sequence[Connection]) -> None:
    """Do tasks until the other end closes: the main function of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the main process decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:  # or the others would not see it when the main process dies
        other.close()
    limit_threads()
    tasks: queue.SimpleQueue[Sequence[Any]] = queue.SimpleQueue()

    def receive() -> None:
        try:
            while True:
                tasks.put(connection.recv())
        except (EOFError, OSError):
            os._exit(0)  # the main process is gone, or through: whatever is in work has no reader

    threading.Thread(target=receive, daemon=True).start()
    try:
        try:
            step.prepare()
        except PipelineError as error:
            connection.send(Failed(str(error)))
            return
        connection.send(None)  # ready
        while True:
            items = tasks.get()
            try:
                result: Any = step(items)
            except Exception as error:
                result = Failed(f"{type(error).__name__}: {error}")
            connection.send(result)
    except (BrokenPipeError, ConnectionError):
        os._exit(0)


class Process(Protocol):
    """What a pool asks of a process: a part of multiprocessing.Process."""

    @property
    def exitcode(self) -> int | None: ...
    def is_alive(self) -> bool: ...
    def join(self, timeout: float | None = None) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


def start_process(step: Step[Any, Any], others: Sequence[Connection]) -> tuple[Process, Connection]:
    """Start work() in a process of multiprocessing, by fork where there is one; gives it with the pipe to it. others: pipes to others."""
    forks = "fork" in multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    ours, theirs = multiprocessing.Pipe()
    process = context.Process(target=work, args=(step, theirs, [ours, *others] if forks else []), daemon=True)
    with warnings.catch_warnings():
        # threads of this process (if any) are those of libraries that the workers don't use
        warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
        process.start()
    theirs.close()
    return process, ours


Start = Callable[[Step[Any, Any], Sequence[Connection]], tuple[Process, Connection]]


class Worker(Generic[Item, Row]):
    """A process, the pipe to it, and the tasks that it has."""

    def __init__(self, start: Start, step: Step[Item, Row], others: Sequence["Worker[Item, Row]"]) -> None:
        self.process: Process
        self.connection: Connection
        self.process, self.connection = start(step, [other.connection for other in others])
        self.tasks: deque[Task[Item]] = deque()
        self.since = time.monotonic()
        self.is_ready = False

    def send(self, task: Task[Item]) -> None:
        if not self.tasks:
            self.since = time.monotonic()
        self.tasks.append(task)
        with suppress(OSError):  # where it is dead, receive() tells
            self.connection.send(task.items)

    def receive(self) -> list[Row] | Failed | None:
        """Give what the worker sent: rows of its first task, or None where it says that it is ready.

        Raises Died, and PipelineError where it can't begin.
        """
        try:
            got: list[Row] | Failed | None = self.connection.recv()
        except (EOFError, OSError):
            raise Died(self.explain_end()) from None
        self.since = time.monotonic()
        if not self.is_ready and isinstance(got, Failed):
            raise PipelineError(got.reason)
        if got is None:
            self.is_ready = True
        return got

    def explain_end(self) -> str:
        self.process.join(STOP_S)
        code = self.process.exitcode
        if code is not None and code < 0:
            try:
                return f"the worker process was ended by {signal.Signals(-code).name}"
            except ValueError:
                return f"the worker process was ended by signal {-code}"
        return f"the worker process ended by itself (exit code {code})"

    def stop(self, *, at_once: bool = True) -> None:
        self.connection.close()
        if at_once:
            self.process.kill()
        self.process.join(STOP_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


class Pool(Generic[Item, Row]):
    """Workers, and what they are doing. start: how their processes are started."""

    def __init__(self, step: Step[Item, Row], workers: int, item_timeout_s: float | None, start: Start = start_process) -> None:
        self.start = start
        self.step = step
        self.item_timeout_s = item_timeout_s
        self.failed_starts = 0
        self.workers: list[Worker[Item, Row]] = []
        for _ in range(workers):
            self.workers.append(Worker(self.start, step, self.workers))

    def close(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.workers = []

    def map(self, parts: Iterable[Sequence[Item]]) -> Iterator[list[Row]]:
        stream = enumerate(parts)
        again: deque[Task[Item]] = deque()  # at hand of a worker that died
        done: dict[int, list[Row]] = {}
        given, taken, is_read = 0, 0, False
        while True:
            while given in done:
                yield done.pop(given)
                given += 1
            worker = min(self.workers, key=lambda w: len(w.tasks))
            if len(worker.tasks) < QUEUED and (again or (not is_read and taken - given < AHEAD * len(self.workers))):
                task = again.popleft() if again else None
                if task is None:
                    number, items = next(stream, (-1, ()))
                    is_read = number < 0
                    if not is_read:
                        task = Task(number, items)
                        taken += 1
                if task is not None:
                    worker.send(task)
                self.collect(done, again, timeout_s=0)
            elif given < taken:
                self.collect(done, again, timeout_s=None)
            elif is_read:
                return

    def collect(self, done: dict[int, list[Row]], again: deque[Task[Item]], *, timeout_s: float | None) -> None:
        """Take what workers have sent; with a timeout of None wait until one has sent something, died or worked for too long."""
        by_connection = {worker.connection: worker for worker in self.workers}
        ready = wait(list(by_connection), self.time_left() if timeout_s is None else timeout_s)
        for connection in ready:
            worker = by_connection[connection]  # type: ignore[index]
            try:
                got = worker.receive()
            except Died as death:
                self.bury(worker, str(death), done, again)
                continue
            if got is None:
                continue
            task = worker.tasks.popleft()
            done[task.number] = self.do_one_by_one(task, got.reason) if isinstance(got, Failed) else got
        for worker in self.workers:
            if worker.connection not in ready and self.is_late(worker):
                self.bury(worker, self.explain_late(), done, again)

    def is_late(self, worker: Worker[Item, Row]) -> bool:
        return (
            self.item_timeout_s is not None
            and worker.is_ready
            and bool(worker.tasks)
            and time.monotonic() - worker.since > self.item_timeout_s
        )

    def explain_late(self) -> str:
        return f"took longer than {self.item_timeout_s:g} s"

    def time_left(self) -> float | None:
        if self.item_timeout_s is None:
            return None
        busy = [worker.since for worker in self.workers if worker.tasks]
        return max(0.0, min(busy, default=time.monotonic()) + self.item_timeout_s - time.monotonic()) + 0.01

    def bury(self, worker: Worker[Item, Row], reason: str, done: dict[int, list[Row]], again: deque[Task[Item]]) -> None:
        """Replace a worker; its task in work is done again item by item, the one at hand as it is."""
        was_ready, tasks = worker.is_ready, list(worker.tasks)
        self.replace(worker)
        self.failed_starts = 0 if was_ready else self.failed_starts + 1
        if self.failed_starts >= MAX_FAILED_STARTS:
            raise PipelineError(f"worker processes end before they can begin: {reason}")
        if not was_ready:
            again.extend(tasks)
        elif tasks:
            again.extend(tasks[1:])
            done[tasks[0].number] = self.do_one_by_one(tasks[0], reason)

    def replace(self, worker: Worker[Item, Row]) -> None:
        worker.stop()
        place = self.workers.index(worker)
        others = self.workers[:place] + self.workers[place + 1 :]
        self.workers[place] = Worker(self.start, self.step, others)

    def do_one_by_one(self, task: Task[Item], reason: str) -> list[Row]:
        """Do the items of a task that ended its worker, each alone, in a worker of its own; the other workers go on meanwhile."""
        rows: list[Row] = []
        worker: Worker[Item, Row] | None = None
        try:
            for item in task.items:
                if worker is None:
                    worker = Worker(self.start, self.step, self.workers)
                    self.expect(worker)
                worker.send(Task(0, [item]))
                try:
                    got = self.expect(worker)
                    worker.tasks.clear()
                except Died as death:
                    rows.append(self.step.lost(item, str(death)))
                    worker.stop()
                    worker = None
                    continue
                rows.append(self.step.lost(item, got.reason) if isinstance(got, Failed) else got[0])
        finally:
            if worker is not None:
                worker.stop()
        return rows

    def expect(self, worker: Worker[Item, Row]) -> Any:
        """Give what one worker sends next; Died where it dies or is late."""
        timeout_s = self.item_timeout_s if worker.is_ready else None
        if not worker.connection.poll(timeout_s):
            raise Died(self.explain_late())
        return worker.receive()
