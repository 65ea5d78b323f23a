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

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from pipeline.archive import ReadFault
from pipeline.errors import PipelineError
from pipeline.index import open_index, read_line
from pipeline.records import FIELDS as COUNTED
from pipeline.writing import Lock, disk_errors, write_all

Json = dict[str, Any]
UNKNOWN_ROOT = "?"


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
        whole, end = self.database.execute(
            "select coalesce(sum(length), 0), coalesce(max(start + length), 0) from lines where start + length <= ?", (self.size,)
        ).fetchone()
        (torn,) = self.database.execute("select count(*) from lines where start + length > ?", (self.size,)).fetchone()
        # lines are written in the order of the index: what is behind the last whole one is the beginning of the next
        if whole != end or (end != self.size and not torn) or not self.fits_last_line(end):
            return False
        if torn:
            self.database.execute("delete from lines where start + length > ?", (self.size,))
            self.cut(end)
        return True

    def fits_last_line(self, end: int) -> bool:
        """Tell whether the last whole line is the one that the index means: it isn't where somebody changed lines before it."""
        row = self.database.execute("select key, start from lines where start + length = ?", (end,)).fetchone()
        if row is None:
            return end == 0
        with open(self.path, "rb") as file:
            file.seek(row[1])
            found = read_line(file.read(end - row[1]))
        return found is not None and found[0] == row[0]

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
                found = read_line(line)
                if found is None or self.has(found[0]):  # no record, or the same line twice
                    found = os.urandom(16), b"", "", [0] * len(COUNTED)
                key, doc, made_by, counts = found
                row = self.database.execute("select root from old where key = ?", (key,)).fetchone()
                self.insert((key, doc, made_by, row[0] if row else unknown, 0, place, start, len(line), *counts))
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
