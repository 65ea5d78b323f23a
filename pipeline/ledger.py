"""The folder that a run writes to: what is done already, how it goes on after a stop, what stays when archives change.

    OUT/documents.jsonl   one record a line; lines are appended while a run goes on, and put in order when it is done
    OUT/errors.jsonl      one fault a line: source, stage, error, message
    OUT/run.json          the ledger of the latest run
    OUT/.work/            index.sqlite (what documents.jsonl holds), lock; not needed to read the results

A line of documents.jsonl is known by its key: a hash of the article as it was read and of what made the record. Work whose key is
in the index is not done again. The index is told of lines before they are written, so that after a kill at any moment it says
where the last whole line ends; where file and index disagree in another way, the index is made anew from the file.

A finished run leaves, of the archives it read, what they hold now, in their order: changed articles are replaced, vanished ones
dropped. Before them, as they were, stand the records from archives that it did not read. Until then (after a stop) documents.jsonl
may hold two lines of one doc_id, of which the last counts.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from pipeline.archive import ReadFault
from pipeline.errors import OutputBusyError, PipelineError

try:
    import fcntl
except ImportError:  # Windows: no lock
    fcntl = None  # type: ignore[assignment]

Json = dict[str, Any]
COUNTED = ("orgs", "people", "dates", "areas", "events", "partnerships")
ARTICLE_KEYS = ("doc_id", "source", "url", "title", "published", "language", "issuer", "text")
STANDARD_INPUT = "-"
UNKNOWN_ROOT = "?"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SCHEMA_NUMBER = 1
SCHEMA = f"""
create table meta (name text primary key, value text) without rowid;
create table roots (id integer primary key, path text unique);
create table lines (
    key blob primary key, doc blob, made_by text, root integer, run integer, place integer, start integer, length integer,
    {", ".join(f"{name} integer" for name in COUNTED)}
) without rowid;
create index lines_by_doc on lines (doc);
create table faults (root integer, line text);
"""


class Line(NamedTuple):
    """A record to append. key: of make_key; place: its place among all lines; counts: lengths of its lists in the order of COUNTED."""

    key: bytes
    doc: bytes
    place: int
    root: int
    text: str
    counts: Sequence[int]


class Stale(NamedTuple):
    """A record that was made by another model or version, of an archive that isn't read this time."""

    place: int
    root: int
    record: Json


def hash16(*parts: str) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()


def make_key(article: Json, made_by: str) -> bytes:
    """Give the key of a record: equal for equal articles and makers. article: a record, or what of it comes from the article."""
    return hash16(made_by, json.dumps([article.get(key) for key in ARTICLE_KEYS], ensure_ascii=False))


def make_doc_key(doc_id: str) -> bytes:
    return hash16(doc_id)


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
        # no text layer: the descriptor is closed in forked workers
        self.descriptor = os.open(out / ".work" / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        if fcntl is None:
            return
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self.descriptor, 1000, 0).decode("utf-8", "replace").strip()
            os.close(self.descriptor)
            raise OutputBusyError(f"{out} is in use by another run ({holder or 'just started'}); wait for it, or choose another --out") from None
        since = time.strftime("%Y-%m-%d %H:%M:%S %z")
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"process {os.getpid()} on {socket.gethostname()}, since {since}\n".encode(), 0)
        HELD.append(self.descriptor)

    def release(self) -> None:
        if self.descriptor in HELD:
            HELD.remove(self.descriptor)
        os.close(self.descriptor)


HELD: list[int] = []


def leave_locks() -> None:
    """Close the locks in a forked process: a worker that outlives its run for a moment holds nothing."""
    while HELD:
        os.close(HELD.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=leave_locks)


class Output:
    """An output folder, open for one run: a context manager. made_by: what makes records this time.

    Raises OutputBusyError where another run has it, and PipelineError where it can't be written.
    """

    def __init__(self, out: Path, made_by: str) -> None:
        self.out = out
        self.made_by = made_by
        self.work = out / ".work"
        self.path = out / "documents.jsonl"
        self.errors: IO[bytes] | None = None
        with disk_errors(out):
            try:
                self.work.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                raise PipelineError(f"{out} is a file; --out names a folder") from None
            self.lock = Lock(out)
        try:
            with disk_errors(out):
                self.open_files()
        except BaseException:
            self.lock.release()
            raise

    def open_files(self) -> None:
        self.file: IO[bytes] = open(self.path, "ab", buffering=0)  # noqa: SIM115  # closed by close()
        self.size = os.fstat(self.file.fileno()).st_size
        self.database = open_index(self.work / "index.sqlite")
        if not self.recover():
            self.rebuild()
        self.run = int(self.get_meta("run") or 0) + 1
        self.set_meta("run", str(self.run))
        (last,) = self.database.execute("select coalesce(max(place), 0) from lines").fetchone()
        self.first_place = last + 1  # of what this run reads: behind all that stays as it was

    def __enter__(self) -> "Output":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.file.close()
        if self.errors is not None:
            self.errors.close()
        self.database.close()
        self.lock.release()

    # -- the index

    def get_meta(self, name: str) -> str | None:
        row = self.database.execute("select value from meta where name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set_meta(self, name: str, value: str) -> None:
        self.database.execute("insert or replace into meta values (?, ?)", (name, value))

    def recover(self) -> bool:
        """Take back what was announced and not written whole, after a kill; False where the index doesn't fit the file."""
        if self.get_meta("rewriting") is not None:
            return False
        whole, torn = self.database.execute(
            "select coalesce(sum(length) filter (where start + length <= ?1), 0), count(*) filter (where start + length > ?1) from lines",
            (self.size,),
        ).fetchone()
        if torn == 0:
            return bool(whole == self.size)
        # lines are written in the order of the index: what is behind the last whole one is the beginning of the next
        (end,) = self.database.execute("select coalesce(max(start + length), 0) from lines where start + length <= ?", (self.size,)).fetchone()
        if end != whole:
            return False
        self.database.execute("delete from lines where start + length > ?", (self.size,))
        self.cut(end)
        return True

    def cut(self, size: int) -> None:
        os.ftruncate(self.file.fileno(), size)
        self.size = size

    def rebuild(self) -> None:
        """Make the index from the file; a last line without its end is cut, lines that are no records go when the run is done.

        From which archive a line came, the old index tells where it knows the line; else the line stays until its doc_id is read.
        """
        self.begin()
        self.database.execute("create temp table old as select key, root from lines")
        self.database.execute("create unique index temp.old_by_key on old (key)")
        self.database.execute("delete from lines")
        unknown = self.find_root(UNKNOWN_ROOT)
        start = place = 0
        with open(self.path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                place += 1
                try:
                    record = json.loads(line)
                    counts = [len(record[key]) for key in COUNTED]
                    made_by = name_maker(record["model"], record["version"])
                    key, doc = make_key(record, made_by), make_doc_key(record["doc_id"])
                except (ValueError, KeyError, TypeError):
                    key, doc, made_by, counts = os.urandom(16), b"", "", [0] * len(COUNTED)
                row = self.database.execute("select root from old where key = ?", (key,)).fetchone()
                earlier = self.database.execute("select 1 from lines where key = ?", (key,)).fetchone()
                if earlier:  # the same line twice: the first one stands, the other goes
                    key, doc = os.urandom(16), b""
                values = (key, doc, made_by, row[0] if row else unknown, 0, place, start, len(line), *counts)
                self.insert(values)
                start += len(line)
        self.database.execute("drop table old")
        self.database.execute("delete from meta where name = 'rewriting'")
        self.database.execute("commit")
        self.cut(start)

    def begin(self) -> None:
        self.database.execute("begin immediate")

    def insert(self, values: Sequence[object]) -> None:
        self.database.execute(f"insert into lines values ({', '.join('?' * len(values))})", values)

    def find_root(self, path: str) -> int:
        """Give the number of an archive, by its absolute path."""
        self.database.execute("insert or ignore into roots (path) values (?)", (path,))
        return int(self.database.execute("select id from roots where path = ?", (path,)).fetchone()[0])

    # -- while a run goes on

    def has(self, key: bytes) -> bool:
        """Tell whether a record is there already."""
        return self.database.execute("select 1 from lines where key = ?", (key,)).fetchone() is not None

    def keep(self, found: Iterable[tuple[bytes, int, int]]) -> None:
        """Take records that are there into this run; found: key, place, root of each."""
        with disk_errors(self.out):
            self.begin()
            self.database.executemany(
                "update lines set run = ?, place = ?, root = ? where key = ?",
                [(self.run, place, root, key) for key, place, root in found],
            )
            self.database.execute("commit")

    def append(self, lines: Sequence[Line]) -> None:
        """Write records, all or none of them."""
        start = self.size
        data = []
        with disk_errors(self.out):
            try:
                self.begin()
                for line in lines:
                    data.append(line.text.encode("utf-8", "surrogatepass") + b"\n")
                    values = (line.key, line.doc, self.made_by, line.root, self.run, line.place, start, len(data[-1]), *line.counts)
                    self.insert(values)
                    start += len(data[-1])
                self.database.execute("commit")
                write_all(self.file, b"".join(data))
            except (OSError, sqlite3.OperationalError):
                self.take_back()
                raise
        self.size = start

    def take_back(self) -> None:
        """Undo what was begun, as far as a full disk lets it be undone here; the next run does the rest."""
        self.cut(self.size)
        try:
            if self.database.in_transaction:
                self.database.execute("rollback")
            self.database.execute("delete from lines where start >= ?", (self.size,))
        except sqlite3.OperationalError:
            pass

    def find_stale(self, roots: Sequence[int]) -> Iterator[Stale]:
        """Give records of other archives than those read that something else has made: their articles are in them."""
        self.put_aside(roots)
        self.database.execute("drop table if exists stale")
        self.database.execute(
            "create temp table stale as select l.place, l.root, l.start, l.length from lines l"
            " join others o on o.doc = l.doc and o.start = l.start where made_by != ? order by l.place",
            (self.made_by,),
        )
        done = 0
        with open(self.path, "rb") as file:
            while rows := self.database.execute(
                "select rowid, place, root, start, length from stale where rowid > ? order by rowid limit 1000", (done,)
            ).fetchall():
                for done, place, root, start, length in rows:  # noqa: B007
                    file.seek(start)
                    yield Stale(place, root, json.loads(file.read(length)))

    def put_aside(self, roots: Sequence[int]) -> None:
        """List the lines that stay though this run doesn't read them: one for each doc_id, the latest.

        roots: archives that were read to their end, whose other lines go.
        """
        gone = ", ".join(str(root) for root in roots) or "-1"
        self.database.execute("drop table if exists others")
        self.database.execute(
            "create temp table others as select doc, max(start) as start from lines where run < ?1 and doc != x''"
            f" and root not in ({gone}) and doc not in (select doc from lines where run = ?1) group by doc",
            (self.run,),
        )
        self.database.execute("create unique index temp.others_by_doc on others (doc)")

    # -- faults

    def begin_faults(self, roots: Sequence[int]) -> None:
        """Begin errors.jsonl anew: with the faults of other archives, which stay as they were."""
        self.roots_read = tuple(roots)
        read = ", ".join(map(str, roots)) or "-1"
        with disk_errors(self.out):
            self.database.execute("create temp table new_faults (root integer, line text)")
            temporary = self.work / "errors.jsonl"
            with open(temporary, "wb") as file:
                for (line,) in self.database.execute(f"select line from faults where root not in ({read}) order by rowid"):
                    file.write(line.encode() + b"\n")
            os.replace(temporary, self.out / "errors.jsonl")
            self.errors = open(self.out / "errors.jsonl", "ab", buffering=0)  # noqa: SIM115

    def add_fault(self, root: int, fault: ReadFault) -> None:
        """Write a line of errors.jsonl."""
        assert self.errors is not None  # begin_faults comes first
        line = json.dumps(asdict(fault), ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
        with disk_errors(self.out):
            self.database.execute("insert into new_faults values (?, ?)", (root, line))
            write_all(self.errors, line.encode() + b"\n")

    # -- the end of a run

    def finish(self, roots: Sequence[int]) -> int:
        """Put documents.jsonl in order, and give how many doc_ids went with it: those of vanished articles.

        roots: archives that were read to their end. The file is replaced as a whole, or stays as it is where it is in order.
        """
        with disk_errors(self.out):
            self.put_aside(roots)
            (dropped,) = self.database.execute(
                "select count(distinct doc) from lines where run < ?1 and doc != x'' and doc not in (select doc from others)"
                " and doc not in (select doc from lines where run = ?1)",
                (self.run,),
            ).fetchone()
            self.set_meta("rewriting", "")
            self.begin()
            try:
                self.finish_index()
                self.database.execute("delete from meta where name = 'rewriting'")
                self.database.execute("commit")
            except BaseException:
                self.database.execute("rollback")  # the mark stays: what of it is on the disk, the next run finds out
                raise
        return int(dropped)

    def finish_index(self) -> None:
        self.database.execute(
            "delete from lines where run < ? and not exists (select 1 from others o where o.doc = lines.doc and o.start = lines.start)",
            (self.run,),
        )
        read = ", ".join(map(str, self.roots_read)) or "-1"
        self.database.execute(f"delete from faults where root in ({read})")
        self.database.execute("insert into faults select root, line from new_faults")
        if not self.is_in_order():
            self.rewrite()
        os.fsync(self.file.fileno())

    def in_order(self) -> Iterator[tuple[bytes, int, int]]:
        """Give key, start and length of all lines, in the order that they have to have."""
        yield from self.database.execute("select key, start, length from lines order by place, start")

    def is_in_order(self) -> bool:
        end = 0
        for _, start, length in self.in_order():
            if start != end:
                return False
            end += length
        return end == self.size

    def rewrite(self) -> None:
        """Write the lines in their order to a new file, and put it in the place of the old one."""
        temporary = self.work / "documents.jsonl"
        self.database.execute("create temp table moved (key blob primary key, start integer) without rowid")
        try:
            with open(self.path, "rb") as old, open(temporary, "wb") as new:
                end = 0
                for key, start, length in self.in_order():
                    old.seek(start)
                    new.write(old.read(length))
                    self.database.execute("insert into moved values (?, ?)", (key, end))
                    end += length
                new.flush()
                os.fsync(new.fileno())
            self.database.execute("update lines set start = (select start from moved where moved.key = lines.key)")
            os.replace(temporary, self.path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self.file.close()
        self.file = open(self.path, "ab", buffering=0)  # noqa: SIM115
        self.size = end

    def count(self) -> Json:
        """Give how many records documents.jsonl holds, and how much is in them."""
        sums = ", ".join(f"coalesce(sum({name}), 0)" for name in COUNTED)
        row = self.database.execute(f"select count(*), {sums} from lines").fetchone()
        return dict(zip(("articles", *COUNTED), row, strict=True))


def open_index(path: Path) -> sqlite3.Connection:
    """Open the index, a new one where there is none or where it is damaged."""
    for attempt in range(2):
        database = sqlite3.connect(path, isolation_level=None)
        try:
            # a process that dies loses nothing so; a machine that dies may, and then the index is made anew from documents.jsonl
            database.execute("pragma synchronous = off")
            database.execute("pragma journal_mode = truncate")
            database.execute("pragma locking_mode = exclusive")
            version = database.execute("pragma user_version").fetchone()[0]
            if version == SCHEMA_NUMBER and database.execute("pragma quick_check(1)").fetchone()[0] == "ok":
                return database
            if version == 0 and not database.execute("select 1 from sqlite_master").fetchone():
                database.executescript(f"begin; {SCHEMA} pragma user_version = {SCHEMA_NUMBER}; commit;")
                return database
        except sqlite3.DatabaseError as error:
            if attempt or isinstance(error, sqlite3.OperationalError):
                database.close()
                raise
        database.close()
        path.unlink()
        path.with_name(path.name + "-journal").unlink(missing_ok=True)
    raise PipelineError(f"{path}: can't be made")


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of some bytes to a raw file."""
    view = memoryview(data)
    while len(view):
        view = view[file.write(view) :]


def name_maker(model: str, version: str) -> str:
    """Give what the index calls the maker of a record."""
    return f"{model} / {version}"


def write_json(path: Path, value: Json) -> None:
    """Write a JSON file, as a whole or not at all."""
    temporary = path.parent / ".work" / path.name
    with disk_errors(path.parent):
        temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, path)
