"""Steps run on a Dask cluster, by processes beside its workers.

Items go from here to a worker and rows come back without passing through the scheduler, which sees keys alone. A worker hands its parts
to a process of its own (pipeline.backends.interpreter), so that what ends or hangs, ends or hangs that: the worker lives on, and an
item has the row that it has on one machine. Where a worker is lost, what it had is sent once more, from here.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from pipeline.backends import Step
from pipeline.backends.interpreter import limited
from pipeline.backends.local import AHEAD, Pool
from pipeline.errors import MissingExtraError, PipelineError

try:
    from dask.base import tokenize
    from distributed import Client, Future, KilledWorker, LocalCluster, get_worker
    from distributed.client import FutureCancelledError
except ImportError:
    raise MissingExtraError("--dask needs Dask, which isn't installed: pip install 'coopfacts[dask]'") from None

Item = TypeVar("Item")
Row = TypeVar("Row")
LOCAL = "local"
ANSWER_S = 10.0
LOOK_S = 2.0  # how often the number of workers is asked for
PATIENCE_S = 300.0  # how long there may be no worker
MAX_LOSSES = 3  # workers that one part, or one item, may take with it


def run(
    step: Step[Item, Row],
    parts: Iterable[Sequence[Item]],
    *,
    address: str,
    workers: int = 1,
    item_timeout_s: float | None = None,
) -> Generator[list[Row], None, None]:
    """Give the rows of each part, in the order of the parts, whatever the cluster; the promise is that of pipeline.backends.local.

    address: of a scheduler, e.g. "tcp://scheduler:8786", or "local" for a cluster on this machine with so many workers.
    At most AHEAD parts a thread of the cluster are taken from parts before their rows are given.
    Raises PipelineError where there is no scheduler or no worker, or where a worker has another model or version.
    """
    step = Same(step, step.prepare())
    with connect(address, workers) as client:
        check_imports(client)
        yield from Flight(client, step, item_timeout_s).map(parts)


@contextmanager
def connect(address: str, workers: int) -> Iterator[Client]:
    """Give a client of a cluster."""
    if address == LOCAL:
        with passed_by_ctrl_c():
            cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL)
        with cluster, Client(cluster, direct_to_workers=True, set_as_default=False) as client:
            yield client
        return
    try:
        client = Client(address, timeout=ANSWER_S, direct_to_workers=True, set_as_default=False)
    except (OSError, ValueError) as error:
        raise PipelineError(f"no scheduler answers at {address} ({error}); dask scheduler starts one") from None
    with client:
        yield client


@contextmanager
def passed_by_ctrl_c() -> Iterator[None]:
    """Start processes that don't hear Ctrl-C, which reaches all processes of a terminal: this one hears it, and ends them."""
    if threading.current_thread() is not threading.main_thread():  # others can't set signals
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited by what starts meanwhile
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def check_imports(client: Client) -> None:
    """Raise PipelineError where the scheduler or a worker can't import this module, as it has to."""

    def is_there() -> bool:  # a nested function goes by value
        from importlib.util import find_spec

        try:
            return find_spec("pipeline.backends.dask") is not None
        except ImportError:
            return False

    for name, answer in (("the scheduler", client.run_on_scheduler(is_there)), *client.run(is_there).items()):
        if not answer:
            raise PipelineError(f"{name} has no coopfacts, or an older one: install the same on the scheduler, the workers and here")


class Same(Generic[Item, Row]):
    """A step that begins only where it finds what the run began with: the same model, lexicons and version."""

    def __init__(self, step: Step[Item, Row], expected: object) -> None:
        self.step = step
        self.expected = expected

    def prepare(self) -> None:
        found = self.step.prepare()
        if found != self.expected:
            raise PipelineError(f"it has {found}, where the run began has {self.expected}: both need the same coopfacts and the same model")

    def __call__(self, items: Sequence[Item], /) -> list[Row]:
        return self.step(items)

    def lost(self, item: Item, reason: str, /) -> Row:
        return self.step.lost(item, reason)


@dataclass(slots=True)
class Sent(Generic[Item]):
    """A part on its way. data: the part, held by a worker; rows: what the worker makes of it; losses: workers that were lost with it."""

    items: Sequence[Item]
    data: "Future[Any]"
    rows: "Future[Any]"
    losses: int = 0


class Order(NamedTuple):
    """What workers do with every part of a run; equal keys, equal orders."""

    key: str
    step: Step[Any, Any]
    item_timeout_s: float | None


class Flight(Generic[Item, Row]):
    """What a cluster has in work."""

    def __init__(self, client: Client, step: Step[Item, Row], item_timeout_s: float | None) -> None:
        self.client = client
        self.step = step
        self.order = Order(tokenize(type(step).__qualname__, vars(step), item_timeout_s), step, item_timeout_s)
        self.address = client.scheduler_info()["address"]
        self.n_threads = 0
        self.looked = self.seen = time.monotonic()
        self.look()

    def map(self, parts: Iterable[Sequence[Item]]) -> Iterator[list[Row]]:
        stream = iter(parts)
        under_way: deque[Sent[Item]] = deque()
        is_read = False
        while True:
            while not is_read and len(under_way) < AHEAD * self.look():
                part = next(stream, None)
                is_read = part is None
                if part is not None:
                    under_way.append(self.send(part))
            if not under_way:
                return
            yield self.rows_of(under_way.popleft())

    def look(self) -> int:
        """Give how many threads the cluster has, at least 1. Raises PipelineError where it has been away for too long."""
        now = time.monotonic()
        if not self.n_threads or now - self.looked > LOOK_S:
            if self.client.status != "running":
                raise PipelineError(f"the scheduler at {self.address} is gone; what was done is kept: give the same command to go on")
            self.n_threads = sum(self.client.nthreads().values())
            self.looked = now
        if self.n_threads:
            self.seen = now
        elif now - self.seen > PATIENCE_S:
            raise PipelineError(
                f"the cluster at {self.address} has no workers; dask worker {self.address} starts one, and logs why it can't"
            )
        return self.n_threads or 1

    def send(self, items: Sequence[Item], losses: int = 0) -> Sent[Item]:
        """Send a part to one of the workers."""
        while True:
            self.look()
            try:
                [data] = self.client.sync(self.scatter, items)
                break
            except OSError:  # a worker that has just gone or doesn't answer, or none at all
                time.sleep(0.1)
        return Sent(items, data, self.client.submit(work, self.order, data, pure=False), losses)

    async def scatter(self, items: Sequence[Item]) -> list["Future[Any]"]:
        async with asyncio.timeout(ANSWER_S):
            return await self.client.scatter([items], direct=True, hash=False, asynchronous=True)  # type: ignore[no-any-return]

    def rows_of(self, sent: Sent[Item]) -> list[Row]:
        """Wait for the rows of a part. A part that took some workers with it is done item by item, an item that did is lost."""
        while True:
            try:
                return sent.rows.result(timeout=ANSWER_S)  # type: ignore[no-any-return]
            except TimeoutError:
                self.look()
            except (FutureCancelledError, KilledWorker):
                break
        self.look()
        if sent.losses + 1 < MAX_LOSSES:
            return self.rows_of(self.send(sent.items, sent.losses + 1))
        if len(sent.items) > 1:
            return [row for item in sent.items for row in self.rows_of(self.send([item]))]
        return [self.step.lost(sent.items[0], f"{MAX_LOSSES} workers of the cluster ended that had it in work")]


# -- in the workers

IDLE: dict[str, list[Pool[Any, Any]]] = {}  # processes without work, by the order that they take
GUARD = threading.Lock()


def work(order: "Order", items: Sequence[Any]) -> list[Any]:
    """Give the rows of a part: what a thread of a worker does. The process that does it is kept for the next part and the next run."""
    with GUARD:
        kept = IDLE.get(order.key)
        pool = kept.pop() if kept else None
        if pool is None:
            for other in [other for pools in IDLE.values() for other in pools]:  # of runs with another model, or long over
                other.close()
            IDLE.clear()
    try:
        if pool is None:
            pool = Pool(order.step, 1, order.item_timeout_s, limited(find_memory()))
        [rows] = pool.map([items])
    except (PipelineError, OSError) as error:  # it can't begin, or there is no room for a process
        if pool is not None:
            pool.close()
        raise PipelineError(f"{get_worker().address}: {error}") from None
    with GUARD:
        IDLE.setdefault(order.key, []).append(pool)
    return rows


def find_memory() -> int:
    """Give the bytes that the worker may use (dask worker --memory-limit), a thread; 0: no limit."""
    worker = get_worker()
    return int((worker.memory_manager.memory_limit or 0) // worker.state.nthreads)
