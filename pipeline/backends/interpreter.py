"""Worker processes in interpreters of their own, for a process that can't fork them: it has threads and is a daemon, as Dask's workers."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from pipeline.backends import Step
from pipeline.backends.local import Start, limit_threads, work

try:
    import resource
except ImportError:  # Windows: no limit
    resource = None  # type: ignore[assignment]


class Interpreter:
    """A process as a pool takes it (see pipeline.backends.local.Process)."""

    def __init__(self, popen: "subprocess.Popen[bytes]") -> None:
        self.popen = popen

    @property
    def exitcode(self) -> int | None:
        return self.popen.poll()

    def is_alive(self) -> bool:
        return self.exitcode is None

    def join(self, timeout: float | None = None) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout)

    def kill(self) -> None:
        self.popen.kill()

    def close(self) -> None:
        self.join()


def limited(memory_bytes: int) -> Start:
    """Give what starts processes of which none has more memory than that; 0: no limit. What doesn't fit is a MemoryError in them."""
    return partial(start_interpreter, memory_bytes)


def start_interpreter(memory_bytes: int, step: Step[Any, Any], others: Sequence[Connection]) -> tuple[Interpreter, Connection]:
    """Start work() in a new interpreter; gives it with the pipe to it."""
    ours, theirs = multiprocessing.Pipe()
    with theirs:
        command = [sys.executable, "-m", __name__, str(theirs.fileno()), str(memory_bytes)]
        # a session of its own: Ctrl-C in a terminal is not for it
        popen = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True)
    with suppress(OSError):  # where it is dead, receive() tells
        ours.send(step)
    return Interpreter(popen), ours


def main(descriptor: int, memory_bytes: int) -> None:
    limit_threads()
    if memory_bytes and resource is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    connection = Connection(descriptor)
    work(connection.recv(), connection, ())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
