"""Writing to an output folder: whole or not at all, one run at a time, and with clear words where the disk is full."""

from __future__ import annotations

import errno
import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pipeline.errors import OutputBusyError, PipelineError

try:
    import fcntl
except ImportError:  # Windows: no lock
    fcntl = None  # type: ignore[assignment]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def disk_errors(out: Path) -> Iterator[None]:
    """Turn the errors of a full disk and of a folder that can't be written to into one message."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" not in str(error) and "disk I/O" not in str(error):
            raise
        raise PipelineError(explain_full(out)) from error
    except OSError as error:
        if error.errno in FULL:
            raise PipelineError(explain_full(out)) from error
        if isinstance(error, PermissionError) or error.errno in (errno.EROFS, errno.EIO):
            raise PipelineError(f"{error.filename or out}: can't be written: {error.strerror}") from error
        raise


def explain_full(out: Path) -> str:
    return f"{out}: no space left to write to; all that was done before is kept: make space and give the same command again to go on"


class Lock:
    """OUT/.work/lock, held by one process at a time; released by the system when that process ends, however it ends."""

    def __init__(self, out: Path) -> None:
        if not out.is_dir():
            raise PipelineError(f"{out}: no such folder")
        with disk_errors(out):
            (out / ".work").mkdir(exist_ok=True)
            # no text layer: the descriptor is closed in forked workers
            self.descriptor = os.open(out / ".work" / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        if fcntl is None:
            return
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self.descriptor, 1000, 0).decode("utf-8", "replace").strip()
            os.close(self.descriptor)
            message = f"{out} is in use by another run ({holder or 'just started'}); wait for it, or choose another --out"
            raise OutputBusyError(message) from None
        since = time.strftime("%Y-%m-%d %H:%M:%S %z")
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"process {os.getpid()} on {socket.gethostname()}, since {since}\n".encode(), 0)
        HELD.append(self.descriptor)

    def release(self) -> None:
        if self.descriptor in HELD:
            HELD.remove(self.descriptor)
        os.close(self.descriptor)

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


HELD: list[int] = []


def leave_locks() -> None:
    """Close the locks in a forked process: a worker that outlives its run for a moment holds nothing."""
    while HELD:
        os.close(HELD.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=leave_locks)


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of some bytes to a raw file."""
    view = memoryview(data)
    while len(view):
        view = view[file.write(view) :]


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON file, as a whole or not at all."""
    temporary = path.parent / ".work" / path.name
    with disk_errors(path.parent):
        temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, path)
