"""Archives -> OUT/documents.jsonl, errors.jsonl and run.json."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.archive import Article, ReadFault, ReadOptions, ReadSkip, is_address, read_archive
from pipeline.archive.reading import Seen
from pipeline.backends import local
from pipeline.errors import PipelineError, UsageError
from pipeline.extraction import ExtractStep, Row
from pipeline.index import make_doc_key, make_key, name_maker
from pipeline.ledger import Ledger, find_versions
from pipeline.output import Line, Output
from pipeline.taxonomy import read_taxonomy
from pipeline.volume import STANDARD_INPUT, Volume

Json = dict[str, Any]
Progress = Callable[[int, float | None], object]
Engine = Callable[..., Generator[list[Row], None, None]]
PART_ARTICLES = 8
PART_CHARS = 40_000
KEPT_AT_A_TIME = 500


class Todo(NamedTuple):
    """An article to be worked on, and where its record goes."""

    article: Article
    key: bytes
    place: int
    root: int


@dataclass(slots=True)
class Part:
    """Articles to be worked on together, with the faults of reading that come between them, in the order of the archive."""

    entries: list[Todo | tuple[int, ReadFault]] = field(default_factory=list)
    n_articles: int = 0
    n_chars: int = 0

    def add(self, todo: Todo) -> None:
        self.entries.append(todo)
        self.n_articles += 1
        self.n_chars += len(todo.article.text)

    @property
    def is_full(self) -> bool:
        return self.n_articles >= PART_ARTICLES or self.n_chars >= PART_CHARS

    def articles(self) -> list[Article]:
        return [entry.article for entry in self.entries if isinstance(entry, Todo)]


def run_extraction(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    options: ReadOptions | None = None,
    workers: int = 1,
    model: str | Path | None = None,
    taxonomy: str | Path | None = None,
    limit: int | None = None,
    article_timeout_s: float | None = None,
    dask: str | None = None,
    on_progress: Progress | None = None,
) -> Ledger:
    """Read archives and write their records to a folder; gives the ledger, which is also in OUT/run.json.

    Only articles are worked on that are new, changed, or whose records another model, version or taxonomy has made (see pipeline.ledger
    for what a second run does). The bytes of documents.jsonl and errors.jsonl depend on archives, settings and model alone: not on
    the number of workers, nor on stops in between. taxonomy: a file of categories to add, see pipeline.nlp.load. workers: processes;
    0: this one. limit: articles to read at most.
    dask: address of a scheduler, whose cluster does the work; "local": a cluster on this machine, of so many workers.
    on_progress: called with articles done and an estimate of how many there are.

    Raises UsageError for what makes no sense, OutputBusyError where another run has the folder, PipelineError where nothing can be
    read or written. KeyboardInterrupt passes through; what is done then is kept.
    """
    begun = time.monotonic()
    folder = Path(out)
    check_places(paths, folder)
    options = options or ReadOptions()
    streams = [read_archive([path], options=options) for path in paths]  # a path that isn't there is told before anything is done
    engine = find_engine(dask)
    step = ExtractStep(os.path.abspath(model) if model is not None else None, read_taxonomy(taxonomy) if taxonomy is not None else ())
    maker = step.prepare()
    told = {"taxonomy": str(taxonomy) if taxonomy is not None else None, "workers": workers, "dask": dask, "limit": limit}
    settings = {**asdict(options), **told, "article_timeout_s": article_timeout_s}
    with Output(folder, name_maker(maker.model, maker.version)) as output:
        ledger = Ledger("running", [str(path) for path in paths], str(folder), maker.model, maker.version, settings)
        ledger.versions = find_versions()
        ledger.timings["start_s"] = round(time.monotonic() - begun, 3)
        ledger.write()
        job = Job(paths, streams, output, ledger, limit, Volume(paths) if on_progress else None)
        try:
            with closing(engine(step, job.make_parts(), workers=workers, item_timeout_s=article_timeout_s)) as done:
                for rows in done:
                    job.take(rows)
                    if on_progress is not None:
                        on_progress(ledger.written + ledger.failed + sum(ledger.skipped.values()), job.estimate())
            job.finish()
            ledger.state = "done"
        except KeyboardInterrupt:
            ledger.state = "interrupted"
            raise
        except BaseException:
            ledger.state = "failed"
            raise
        finally:
            ledger.timings["total_s"] = round(time.monotonic() - begun, 3)
            write_last(ledger)
    return ledger


def find_engine(dask: str | None) -> Engine:
    """Give what runs the step: run of a module of pipeline.backends."""
    if dask is None:
        return local.run
    from pipeline.backends import dask as cluster  # needs an extra

    return partial(cluster.run, address=dask)


def write_last(ledger: Ledger) -> None:
    """Write run.json at the end; where the disk is full, the error that ended the run says enough."""
    try:
        ledger.write()
    except PipelineError:
        if ledger.state == "done":
            raise


def check_places(paths: Sequence[str | Path], out: Path) -> None:
    """Raise UsageError where the output is no folder here, or lies in an archive: the next run would read it."""
    if not paths:
        raise UsageError("no archive given: name files or folders, or - for standard input")
    if is_address(out):
        raise UsageError(f"the output folder {out} isn't on this machine: lines are appended to its files, which a store can't do")
    inside = os.path.realpath(out)
    for path in paths:
        place = find_place(path)
        if os.path.isabs(place) and os.path.commonpath([inside, place]) == place:
            raise UsageError(f"the output folder {out} lies in the archive {path}, and would be read with it; choose one outside")


def find_place(path: str | Path) -> str:
    """Give the name of an archive that is the same wherever a run begins: an absolute path, an address, or that of standard input."""
    return str(path) if str(path) == STANDARD_INPUT or is_address(path) else os.path.realpath(path)


class Job:
    """One run between reading and writing: which articles are to be worked on, and what becomes of everything read."""

    def __init__(
        self,
        paths: Sequence[str | Path],
        streams: Sequence[Iterator[Article | ReadFault | ReadSkip]],
        output: Output,
        ledger: Ledger,
        limit: int | None,
        volume: Volume | None,
    ) -> None:
        self.output = output
        self.ledger = ledger
        self.limit = limit
        self.volume = volume
        self.streams = streams
        self.roots = [output.find_root(find_place(path)) for path in paths]
        self.names = [str(path) for path in paths]
        self.complete: list[int] = []  # archives read to their end, of which nothing else stays
        self.under_way: deque[Part] = deque()
        self.part = Part()
        self.kept: list[tuple[bytes, int, int]] = []
        self.n_articles = 0
        self.seen = Seen() if len(paths) > 1 else None  # each archive looks after its own
        output.begin_faults(self.roots)

    # -- what goes to the engine

    def make_parts(self) -> Iterator[list[Article]]:
        """Give what has to be worked on: new and changed articles, then the records that another model made of archives not read now."""
        for number, (root, stream) in enumerate(zip(self.roots, self.streams, strict=True)):
            for found in stream:
                self.read(number, root, found)
                if self.part.is_full:
                    yield self.send()
                if self.limit is not None and self.n_articles >= self.limit:
                    break
            else:
                if self.names[number] != STANDARD_INPUT:
                    self.complete.append(root)
                continue
            break
        self.keep()
        if self.volume is not None:
            self.volume.is_read = True
        yield from self.flush()
        if self.ledger.written or self.under_way:
            yield from self.renew()

    def flush(self) -> Iterator[list[Article]]:
        if self.part.n_articles:
            yield self.send()
        self.write_faults_at_once()

    def send(self) -> list[Article]:
        part, self.part = self.part, Part()
        self.under_way.append(part)
        return part.articles()

    def read(self, number: int, root: int, found: Article | ReadFault | ReadSkip) -> None:
        """Note one thing that was read: count it, and put it in the part at hand where there is work to do."""
        if self.volume is not None:
            self.volume.pass_by(number, found)
        if isinstance(found, Article) and self.seen is not None:
            found = self.seen.add(found.doc_id, found.text, f"{self.names[number]}: {found.source}") or found
        if isinstance(found, ReadSkip):
            self.ledger.skip(found)
            return
        self.ledger.read += 1
        if isinstance(found, ReadFault):
            self.part.entries.append((root, found))
            self.write_faults_at_once()
            return
        self.n_articles += 1
        place = self.output.first_place + self.n_articles
        key = make_key(describe(found), self.output.made_by)
        if self.output.has(key):
            self.ledger.written += 1
            self.ledger.reused += 1
            self.kept.append((key, place, root))
            if len(self.kept) >= KEPT_AT_A_TIME:
                self.keep()
        else:
            self.part.add(Todo(found, key, place, root))

    def write_faults_at_once(self) -> None:
        """Write the faults of the part at hand where nothing before them is still being worked on."""
        if not self.under_way and not self.part.n_articles:
            for entry in self.part.entries:
                assert not isinstance(entry, Todo)
                self.fail(*entry)
            self.part = Part()

    def keep(self) -> None:
        self.output.keep(self.kept)
        self.kept = []

    def renew(self) -> Iterator[list[Article]]:
        """Give the articles of records from other archives that something else has made; not counted as read."""
        for stale in self.output.find_stale(self.complete):
            record = stale.record
            article = Article(*(record[key] for key in ("doc_id", "text", "source", "title", "published", "url", "issuer", "language")))
            key = make_key(record, self.output.made_by)
            if self.output.has(key):
                self.kept.append((key, stale.place, stale.root))
            else:
                self.part.add(Todo(article, key, stale.place, stale.root))
            if self.part.is_full:
                yield self.send()
        self.keep()
        yield from self.flush()

    # -- what comes back

    def take(self, rows: Sequence[Row]) -> None:
        """Write the rows of the part that was sent first."""
        part = self.under_way.popleft()
        lines: list[Line] = []
        results = iter(rows)
        for entry in part.entries:
            if isinstance(entry, Todo):
                row = next(results)
                is_read = entry.place >= self.output.first_place
                if row.fault is None:
                    assert row.line is not None
                    lines.append(Line(entry.key, make_doc_key(entry.article.doc_id), entry.place, entry.root, row.line, row.counts))
                    self.ledger.written += is_read
                else:
                    self.fail(entry.root, row.fault, is_read)
            else:
                self.fail(*entry)
        self.output.append(lines)
        self.write_faults_at_once()

    def fail(self, root: int, fault: ReadFault, is_read: bool = True) -> None:
        self.output.add_fault(root, fault)
        self.ledger.failed += is_read

    def finish(self) -> None:
        """Put the output in order, and close the ledger."""
        ledger = self.ledger
        ledger.check()
        if not ledger.written:
            names = ", ".join(self.names)
            hint = f"; see {self.output.out / 'errors.jsonl'}" if ledger.failed else ""
            raise PipelineError(f"{names}: no article could be read ({ledger.failed} failed, {sum(ledger.skipped.values())} skipped){hint}")
        begun = time.monotonic()
        ledger.dropped = self.output.finish(self.complete)
        ledger.total = self.output.count()
        ledger.timings["finish_s"] = round(time.monotonic() - begun, 3)

    def estimate(self) -> float | None:
        return self.volume.estimate(self.ledger.read) if self.volume is not None else None


def describe(article: Article) -> Json:
    """Give the part of a record that comes from its article."""
    names = ("doc_id", "source", "url", "title", "published", "issuer", "text")
    return {**{name: getattr(article, name) for name in names}, "language": article.language or "en"}
