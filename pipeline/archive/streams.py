"""Byte streams that keep their limits and report their faults as ArchiveError."""

from __future__ import annotations

import gzip
import io
import shutil
import signal
import tarfile
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO

from pipeline.archive.items import ReadOptions
from pipeline.errors import ArchiveError, ArticleError

SIDECAR_BYTES = 1 << 20  # of a file with the metadata of another
SPOOL_BYTES = 32 * 2**20  # what must be sought in is held in memory up to here, then in a nameless file


class BombError(ArchiveError):
    """An archive unpacks to more than it may: nothing more of it is read."""


class TooLongError(BaseException):
    """Raised into a parser that takes too long; no Exception, which parsers catch."""


@contextmanager
def time_limit(limit_s: float | None) -> Iterator[None]:
    """End what is done inside after some seconds, with an ArticleError; in the main thread of systems that have alarms."""
    if limit_s is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise TooLongError

    begun = time.monotonic()
    handler = signal.signal(signal.SIGALRM, stop)
    left_s, _ = signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    except TooLongError:
        raise ArticleError(f"took longer than {limit_s:g} s to parse (raise the article timeout where it needs more)") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, max(left_s - (time.monotonic() - begun), 0.001) if left_s else 0)
        signal.signal(signal.SIGALRM, handler)


@contextmanager
def archive_errors() -> Iterator[None]:
    """Turn what the unpackers raise into ArchiveError."""
    try:
        yield
    except ArchiveError:
        raise
    except PermissionError:
        raise ArchiveError("no permission to read it") from None
    except EOFError:
        raise ArchiveError("truncated: the compressed data ends too early") from None
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error) as error:
        raise ArchiveError(f"damaged archive: {error or type(error).__name__}") from None
    except NotImplementedError as error:
        raise ArchiveError(f"a compression that can't be read: {error}") from None
    except RuntimeError as error:  # zipfile's word for a password
        raise ArchiveError(f"can't be unpacked: {error}") from None
    except (OSError, ValueError) as error:
        raise ArchiveError(f"can't be read: {getattr(error, 'strerror', None) or error}") from None
    # damaged bytes come out of the unpackers as anything: ZstdError, IndexError, struct.error …
    except Exception as error:
        raise ArchiveError(f"damaged archive: {type(error).__name__}: {error}") from None


@dataclass(slots=True)
class Budget:
    """How much one archive may unpack to, all its members and archives in it together."""

    packed_bytes: int | None
    options: ReadOptions
    unpacked_bytes: int = 0
    is_spent: bool = False

    def spend(self, count: int) -> None:
        """Count unpacked bytes; BombError where they are too many for the archive's size."""
        self.unpacked_bytes += count
        if self.packed_bytes is None or self.unpacked_bytes <= self.options.free_bytes:
            return
        if self.unpacked_bytes > self.options.max_total_ratio * max(self.packed_bytes, 1):
            self.is_spent = True
            raise BombError(
                f"{self.packed_bytes:,} bytes unpack to {self.unpacked_bytes:,} or more, over"
                f" {self.options.max_total_ratio:g} times as many: taken for a zip bomb, the rest is not read"
                " (raise max_total_ratio where it is none)"
            )


class GuardedStream(io.RawIOBase):
    """A stream of bytes; faults are ArchiveErrors, and bytes unpacked are counted against the limits."""

    def __init__(self, inner: IO[bytes], *, budget: Budget | None = None, below: IO[bytes] | None = None) -> None:
        self.inner = inner
        self.below = below
        # read1: what was unpacked before a fault is given before the fault is raised
        self.read_some = getattr(inner, "read1", inner.read)
        self.budget = budget
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with archive_errors():
            data = self.read_some(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        if self.budget is not None:
            self.budget.spend(len(data))
            if self.count > self.budget.options.max_member_bytes:
                raise ArchiveError(f"unpacks to more than {self.budget.options.max_member_bytes:,} bytes")
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self.inner.close()
            if self.below is not None:
                self.below.close()
        super().close()


def guard(inner: IO[bytes], budget: Budget | None = None, *, below: IO[bytes] | None = None) -> io.BufferedReader:
    """Give a buffered stream over another one. below: what is closed with it."""
    return io.BufferedReader(GuardedStream(inner, budget=budget, below=below), 1 << 16)


def read_all(stream: BinaryIO, max_bytes: int) -> bytes:
    """Read a stream to its end; ArchiveError where it is longer than max_bytes."""
    data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ArchiveError(f"found more than {max_bytes:,} bytes, expected {max_bytes:,} at most")
    return data


@contextmanager
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give a stream that can be sought in: a file as it is, anything else copied to a nameless temporary file."""
    inner = getattr(getattr(stream, "raw", None), "inner", None)
    if isinstance(inner, io.FileIO | io.BufferedReader) and inner.seekable():
        with archive_errors():
            inner.seek(0)
        yield inner
        return
    with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as copy:
        shutil.copyfileobj(stream, copy, 1 << 20)
        copy.seek(0)
        yield copy  # type: ignore[misc]
