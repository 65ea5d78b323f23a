"""Articles -> records, through nlp."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language

from pipeline.archive import Article, ReadFault, ReadSkip
from pipeline.clean import find_boilerplate
from pipeline.errors import ResourceError
from pipeline.nlp import load
from pipeline.records import FIELDS, dump_record, make_record
from pipeline.taxonomy import Taxonomy
from pipeline.version import find_version

Json = dict[str, Any]
PACKAGE = Path(__file__).resolve().parent
BATCH_ARTICLES = 16
log = logging.getLogger(__name__)


class Maker(NamedTuple):
    """What makes records: the model with its version and a digest of all that decides what it finds, and the program's version."""

    model: str
    version: str


class Row(NamedTuple):
    """What comes out of one article: its record as a line of JSON and the lengths of its lists in the order of FIELDS, or a fault."""

    line: str | None
    counts: tuple[int, ...] = ()
    fault: ReadFault | None = None


def extract(
    articles: Iterable[Article | ReadFault | ReadSkip],
    *,
    nlp: Language | None = None,
    on_fault: Callable[[ReadFault], object] | None = None,
) -> Iterator[Json]:
    """Give the record of every article, in their order.

    Takes what read_archive gives; nlp: a pipeline of load(), by default the shipped one. An article that can't be processed gives
    no record: on_fault is called with what went wrong (by default it is logged), and the others go on. So it is with what couldn't
    be read; what was skipped is passed over.
    """
    nlp = nlp if nlp is not None else load_once(None)[0]
    maker = make_maker(nlp)
    report = on_fault or (lambda fault: log.warning("%s: %s: %s", fault.source, fault.error, fault.message))
    stream = iter(articles)
    while batch := list(islice(stream, BATCH_ARTICLES)):
        found: list[Json | ReadFault] = []
        with nlp.memory_zone():  # only plain values may leave it
            for article in batch:
                if isinstance(article, Article):
                    found.append(extract_one(nlp, article, maker))
                elif isinstance(article, ReadFault):
                    found.append(article)
        for result in found:
            if isinstance(result, ReadFault):
                report(result)
            else:
                yield result


def extract_one(nlp: Language, article: Article, maker: Maker) -> Json | ReadFault:
    """Give the record of one article, or the fault that kept it from having one."""
    try:
        boilerplate = find_boilerplate(article.text)
        doc = nlp.make_doc(article.text)
        doc._.published, doc._.title, doc._.url = article.published, article.title, article.url
        doc._.left_out = [(span.start, span.end) for span in boilerplate if not span.extract]
        doc = nlp(doc)
        return make_record(doc, article, boilerplate, model=maker.model, version=maker.version)
    except Exception as error:  # whatever a component stumbles over: one article's fault, told in errors.jsonl
        return make_fault(article, error)


def make_fault(article: Article, error: Exception | str, kind: str = "ArticleError") -> ReadFault:
    """Give the fault of an article at stage "nlp"; an exception brings its own class name."""
    if isinstance(error, Exception):
        kind = type(error).__name__
    message = " ".join(str(error).split())[:500]
    return ReadFault(article.source, "nlp", kind, message or "no message")


class ExtractStep:
    """Extraction as a step of an engine (see pipeline.backends): articles in, rows out, one for each.

    model: the path of a model; None: the shipped one. taxonomy: categories of areas to add, see pipeline.nlp.load. The model is loaded
    once a process, by prepare().
    """

    def __init__(self, model: str | None = None, taxonomy: Taxonomy = ()) -> None:
        self.model = model
        self.taxonomy = taxonomy

    def prepare(self) -> Maker:
        """Load the model and read a sentence with it, so that forked workers find everything in place."""
        nlp, maker = load_once(self.model, self.taxonomy)
        with nlp.memory_zone():
            extract_one(nlp, Article("-", "The University of Lusaka and Aalto University signed an agreement on 3 May 2021.", "-"), maker)
        return maker

    def __call__(self, articles: Sequence[Article]) -> list[Row]:
        nlp, maker = load_once(self.model, self.taxonomy)
        with nlp.memory_zone():  # only plain values may leave it
            return [make_row(extract_one(nlp, article, maker)) for article in articles]

    def lost(self, article: Article, reason: str) -> Row:
        """Give the row of an article that ended the process it was read in."""
        return Row(None, fault=make_fault(article, reason, "WorkerLost"))


def make_row(result: Json | ReadFault) -> Row:
    if isinstance(result, ReadFault):
        return Row(None, fault=result)
    return Row(dump_record(result), tuple(len(result[key]) for key in FIELDS))


@cache
def load_once(model: str | None, taxonomy: Taxonomy = ()) -> tuple[Language, Maker]:
    try:
        nlp = load(model, taxonomy=taxonomy)
    except OSError as error:
        raise ResourceError(f"{model or 'the shipped model'} can't be loaded: {' '.join(str(error).split())}") from None
    return nlp, make_maker(nlp)


def make_maker(nlp: Language) -> Maker:
    """Give the name under which records say what made them, e.g. "coop_en-0.1.0+3f2a9c1b": name and version of the model, and a
    digest of its weights and settings, of the lexicons, of the taxonomy and of the code of extraction. Records of equal makers are
    interchangeable.
    """
    digest = hashlib.blake2b(digest_code(), digest_size=4)
    digest.update(nlp.config.to_str(interpolate=False).encode())
    for name in nlp.pipe_names:
        pipe = nlp.get_pipe(name)
        digest.update(name.encode())
        if hasattr(pipe, "to_bytes"):
            digest.update(pipe.to_bytes())
    name, version = nlp.meta.get("name") or "unnamed", nlp.meta.get("version") or "0.0.0"
    return Maker(f"{name}-{version}+{digest.hexdigest()}", find_version())


@cache
def digest_code() -> bytes:
    """Give a digest of the lexicons and of the modules that this one imports, near or far: what they find depends on all of them."""
    waiting, seen = [Path(__file__).resolve()], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for match in re.finditer(r"^(?:from|import) (pipeline[\w.]*)(?: import (.*))?", path.read_text(encoding="utf-8"), re.M):
            folder = PACKAGE.parent.joinpath(*match[1].split("."))
            # names imported from a package may be its modules
            names = re.findall(r"\w+", match[2] or "")
            candidates = [folder.with_suffix(".py"), folder / "__init__.py", *(folder / f"{name}.py" for name in names)]
            waiting += [found for found in candidates if found.is_file() and found != PACKAGE / "__init__.py"]
    files = [*seen, *(path for path in (PACKAGE / "resources").rglob("*") if path.suffix in (".jsonl", ".tsv", ".json"))]
    digest = hashlib.blake2b()
    for path in sorted(files):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.digest()
