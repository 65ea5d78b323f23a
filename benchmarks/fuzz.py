"""Hostile inputs by the million: no crash, no hang, no offset violated.

usage: python benchmarks/fuzz.py [--inputs 1000000] [--seed 1] [--target NAME …] [--only N] [--findings FILE]

Each input is made from the seed, the target and its number alone, so that a finding is repeated by the line that it prints.
Targets take turns by their weights; an input that takes longer than --limit seconds of CPU is a hang. Exit status 1: something was found.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"))

import argparse
import gzip
import io
import json
import random
import signal
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from promises import check_record, read_at_random

from pipeline.archive import Article, ReadFault, ReadOptions, ReadSkip, make_doc_id, read_archive
from pipeline.clean import find_boilerplate
from pipeline.dates import bounds, find_expressions, resolve
from pipeline.display import render_page, show_record
from pipeline.errors import PipelineError
from pipeline.extraction import Maker, extract_one
from pipeline.geography import country_of_domain, country_of_name, find_country
from pipeline.lexicons import parse_lexicon
from pipeline.markup.reading import parse as parse_markup
from pipeline.naming import is_acronym, is_generic, is_short_form, key_of, spells, without_legal_form
from pipeline.nlp import load
from pipeline.records import read_records
from pipeline.resolve.decisions import read_decisions
from pipeline.resolve.forms import form_of
from pipeline.resolve.registry import read_registry
from pipeline.tables import cell_of

Rng = random.Random
ROOT = Path(__file__).resolve().parent.parent
PIECES = [
    "\n", "\n\n", " ", "  ", "\t", "\x00", "\x0b", "\x1b[31m", "\u200b", "\u200d", "\u202e", "\u2028", "\xa0", "\xad", "\ufeff", "\ufffd",
    "\ud83d", "🤝🏽", "👩\u200d👩\u200d👧", "e\u0301", "ﬁ", "İ", "ß", "𝔘𝔫𝔦", "Ⅻ", "①", "٣",
    "中文大学", "東京", "ﷺ", "…", "((((", "))))", "[[[",
    "“",
    "”", "'", "’s", "\"", "<b>", "</script>", "<!--", "&amp;", "&#x110000;", "{{script}}", "]{o1}", "\\]", "=cmd()", "@", "://",
    "http://a.b/", "www.a.ac.uk", "---", "--", "–", "—", "...", ". ", "., ", ", ", "; ", ": ", " and ", " or ", " of ", " the ", " at ",
    " in ", " with ", "/", "|", " > ", "#", "*", "- ", "•", "University of ", "Ministry of ", "Institute", "Faculty of ", "Inc.", "Ltd",
    "GmbH", "(LUT)", "UN", "U.S.", "President ", "Vice ", "Dr. ", "Prof. ", "Mr. ", "Ms. ", "Wang Qi", "José Ñandú-O’Brien",
    "Singapore's ", "Georgia", "Turkey", "Jordan", "Chad", "signed", "said", "memorandum of understanding", "joint laboratory", "1", "12",
    "2021", "31 February", "29 February 2023", "12/01/2022", "2022-01-12", "from ", "until ", "since ", "last ", "Monday", "Q1", "1990s",
    "21st century", "Address:", "Tel: +1 23456789", "Share this:", "©", "About Us", "Related news", "-30-", "A" * 50, "x" * 500, "9" * 30,
    "." * 40, " " * 80,
]  # fmt: skip
PUBLISHED = [None, None, "2022-01-13", "2022-01", "2022", "0001-01-01", "9999-12-31", "x", ""]
EXTENSIONS = [
    "txt", "md", "html", "json", "jsonl", "csv", "tsv", "zip", "tar", "tar.gz", "gz", "zst", "parquet", "warc", "warc.gz", "docx", "pdf",
]  # fmt: skip
SLOW_S = 2.0


class Hang(BaseException):
    """An input took longer than it may."""


# -- inputs


@cache
def seeds() -> list[str]:
    """Give texts to start from: gold documents and the sample archive."""
    texts = [json.loads(line)["text"] for line in (ROOT / "data" / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    texts += [item.text for item in read_archive([ROOT / "data" / "archive"]) if isinstance(item, Article)]
    return texts


@cache
def seed_files() -> dict[str, list[bytes]]:
    """Give whole files of every type to start from."""
    files: dict[str, list[bytes]] = {extension: [b""] for extension in EXTENSIONS}
    for path in sorted((ROOT / "data" / "archive").rglob("*")):
        extension = next((e for e in EXTENSIONS if path.name.endswith("." + e)), None)
        if path.is_file() and extension:
            files[extension].append(path.read_bytes())
    texts = seeds()[:3]
    rows = [{"text": text, "title": "T", "id": str(n), "date": "2022-01-13"} for n, text in enumerate(texts)]
    files["jsonl"].append("\n".join(map(json.dumps, rows)).encode())
    files["json"] += [json.dumps(rows).encode(), json.dumps({"articles": rows}).encode()]
    files["csv"].append(b"id,text,date\r\n1,\"a \"\"b\"\" c\",2022\r\n2,d,\r\n")
    files["tsv"].append(b"id\ttext\n1\tabc def\n")
    packed, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, tarfile.open(fileobj=tarred, mode="w") as tar:
        for n, text in enumerate(texts):
            archive.writestr(f"a/{n}.txt", text)
            info = tarfile.TarInfo(f"a/{n}.txt")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    files["zip"].append(packed.getvalue())
    files["tar"].append(tarred.getvalue())
    files["tar.gz"].append(gzip.compress(tarred.getvalue()))
    files["gz"].append(gzip.compress(texts[0].encode()))
    page = f"<html><body><article><h1>T</h1><p>{texts[0]}</p></article></body></html>"
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    length = len((head + page).encode())
    record = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.b/\r\nContent-Length: {length}\r\n\r\n{head}{page}\r\n\r\n"
    files["warc"].append(record.encode())
    files["warc.gz"].append(gzip.compress(record.encode()))
    import docx
    import pyarrow
    import zstandard
    from pyarrow import parquet

    files["zst"].append(zstandard.compress(texts[0].encode()))
    parquet.write_table(pyarrow.table({"text": texts, "id": ["a", "b", "c"]}), columns := io.BytesIO())
    files["parquet"].append(columns.getvalue())
    document = docx.Document()
    document.add_paragraph(texts[0][:300])
    document.save(word := io.BytesIO())
    files["docx"].append(word.getvalue())
    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(printed := io.BytesIO())
    files["pdf"].append(printed.getvalue())
    return files


def make_text(rng: Rng, max_chars: int = 1200) -> str:
    """Give a slice of a release with hostile pieces in it, or pieces alone, some of them many times."""
    kind = rng.random()
    if kind < 0.25:
        parts = [rng.choice(PIECES) for _ in range(rng.randint(0, 40))]
        return rng.choice(["", " "]).join(parts)[:max_chars]
    if kind < 0.3:
        planes = (128, 0x3000, 0x110000)
        return "".join(chr(rng.randrange(rng.choice(planes))) for _ in range(rng.randint(0, 120)))
    text = rng.choice(seeds())
    start = rng.randrange(len(text))
    text = text[start : start + rng.randint(0, max_chars)]
    for _ in range(rng.choice([0, 1, 2, 5, 20])):
        at, to = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        change = rng.random()
        if change < 0.5:
            piece = rng.choice(PIECES) * rng.choice([1, 1, 1, 2, 30])
            text = text[:at] + piece + text[at:]
        elif change < 0.65:
            text = text[:at] + text[min(to, at + 40) :]
        elif change < 0.8:
            text = text[:at] + text[at : at + 40] * rng.choice([2, 3, 20]) + text[at:]
        elif change < 0.9:
            text = text[:at] + text[at:to].swapcase() + text[to:]
        else:
            text = text[at:] + text[:at]
    return text[: 3 * max_chars]


def make_bytes(rng: Rng, extension: str) -> bytes:
    """Give the bytes of a file of some type with damage here and there, or bytes of no type."""
    kind = rng.random()
    if kind < 0.1:
        return rng.randbytes(rng.randint(0, 300))
    if kind < 0.25:
        return make_text(rng).encode("utf-8", "surrogatepass")
    if kind < 0.4 and extension in ("json", "jsonl"):
        values = [json.dumps(make_value(rng, 4)) for _ in range(rng.randint(1, 4))]
        return ("\n".join(values) if extension == "jsonl" or rng.random() < 0.5 else f"[{','.join(values)}]").encode()
    data = bytearray(rng.choice(seed_files()[extension]))
    if len(data) > 20_000 and extension in ("jsonl", "csv", "html", "txt", "json"):
        data = data[: rng.randint(1, 20_000)]
    for _ in range(rng.choice([0, 1, 1, 2, 8, 40])):
        at = rng.randint(0, len(data))
        change = rng.random()
        if change < 0.35 and at < len(data):
            data[at] = rng.choice([0, 255, 0x22, 0x3C, 0x0A, 0x2C, data[at] ^ 1, data[at] ^ 128, rng.randrange(256)])
        elif change < 0.5:
            del data[at : at + rng.choice([1, 2, 4, 100])]
        elif change < 0.65:
            data[at:at] = data[at : at + rng.choice([1, 8, 64])] * rng.choice([1, 3, 50])
        elif change < 0.8:
            data[at:at] = rng.choice(PIECES).encode("utf-8", "surrogatepass")
        elif change < 0.9:
            data[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\x00\x00\x00\x00", b"\xff\xff\xff\x7f"])
        else:
            del data[at:]
    return bytes(data)


def make_value(rng: Rng, depth: int) -> Any:
    """Give a JSON value whose keys are often those that mean something."""
    kind = rng.random()
    if depth == 0 or kind < 0.3:
        return rng.choice([None, True, 0, -1, 1e308, 10**30, 2022, 1642032000, "", "2022-01-13", make_text(rng, 200)])
    if kind < 0.45:
        return [make_value(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    keys = ["text", "id", "title", "date", "url", "articles", "language", "issuer", rng.choice(PIECES)]
    return {rng.choice(keys): make_value(rng, depth - 1) for _ in range(rng.randint(0, 5))}


# -- targets: each reads one input and raises where a promise is broken


@cache
def folder() -> Path:
    where = "/dev/shm" if os.path.isdir("/dev/shm") else None
    made = tempfile.TemporaryDirectory(prefix="coopfacts-fuzz-", dir=where)
    folder.kept = made  # type: ignore[attr-defined]  # until the end of the process
    return Path(made.name)


def write(name: str, data: bytes) -> Path:
    path = folder() / name
    path.write_bytes(data)
    return path


def readers(rng: Rng) -> None:
    extension = rng.choice(EXTENSIONS)
    path = write(f"a.{extension}", make_bytes(rng, extension))
    for item in read_archive([path], options=ReadOptions(languages=() if rng.random() < 0.7 else ("en",))):
        assert isinstance(item, Article | ReadFault | ReadSkip)
        assert item.source.startswith(path.name) and "\n" not in item.source
        if isinstance(item, Article):
            assert item.text.strip() and "\r" not in item.text
            for said in (item.text, item.doc_id, item.title or "", item.url or "", item.issuer or "", *item.meta.values()):
                said.encode()
        elif isinstance(item, ReadFault):
            assert item.stage == "read" and item.message and "\n" not in item.message
    path.unlink()


def cleaner(rng: Rng) -> None:
    text = make_text(rng, 3000)
    end = 0
    for span in find_boilerplate(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


def dates(rng: Rng) -> None:
    text = make_text(rng)
    mentions = resolve(find_expressions(text), text, rng.choice(PUBLISHED))
    for mention in mentions:
        assert text[mention.start : mention.end] == mention.text != ""
        assert (mention.earliest, mention.latest) == bounds(mention.value)
    assert all(one.end <= other.start for one, other in pairwise(mentions))


def whole(rng: Rng) -> str:
    """Give a text as the readers hand it on: line ends and whole characters only."""
    text = make_text(rng, 500)
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode() or " "


@cache
def model() -> Any:
    return load()


def sentences(rng: Rng) -> None:
    nlp = model()
    text = whole(rng)
    with nlp.memory_zone():
        doc = nlp.get_pipe("sentences")(nlp.make_doc(text))
        assert doc.text == text
        spans = [(sent.start_char, sent.end_char) for sent in doc.sents]
    assert all(one[1] <= other[0] for one, other in pairwise(spans)) and all(start < end for start, end in spans)


def names(rng: Rng) -> None:
    one, other = make_text(rng, 80), make_text(rng, 80)
    for text in (one, other):
        key_of(text), is_acronym(text), is_generic(text), without_legal_form(text), form_of(text)
        country_of_name(text), find_country(text), country_of_domain(text)
        assert not cell_of(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    spells(one, other), is_short_form(one, other)


def files(rng: Rng) -> None:
    """Lexicons, decisions, registries, records and gold sources: a PipelineError or none."""
    rows = [make_value(rng, 2) for _ in range(rng.randint(0, 4))]
    lines = "\n".join(json.dumps(row) for row in rows) if rng.random() < 0.6 else make_text(rng)
    table = rng.choice(["left,right,verdict,note\n", "id,name,aliases,country\n", ""]) + make_text(rng, 200)
    data = table.encode("utf-8", "surrogatepass")
    for read in (
        lambda: parse_lexicon(lines, "a.jsonl", required=("text",)),
        lambda: read_decisions(write("a.csv", data)),
        lambda: read_registry(write("b.csv", data)),
        lambda: read_registry(write("b.jsonl", lines.encode("utf-8", "surrogatepass"))),
        lambda: list(read_records(write("c.jsonl", lines.encode("utf-8", "surrogatepass")))),
        lambda: parse_markup(make_text(rng)),
    ):
        try:
            read()
        except PipelineError as error:
            assert str(error)


def components(rng: Rng) -> None:
    """All components behind the network, over what a network at its worst might say."""
    nlp, text = model(), whole(rng)
    article = Article(make_doc_id(text), text, "-", published=rng.choice([None, "2022-01-13", "2022"]), url=rng.choice([None, "http://a.ac.uk"]))
    record = read_at_random(nlp, article, rng)
    check_record(record, text)
    show_record(record, why=True)
    assert "<script" not in render_page(record)


def extraction(rng: Rng) -> None:
    """The whole pipeline as it is shipped."""
    nlp, text = model(), whole(rng)
    with nlp.memory_zone():
        article = Article(make_doc_id(text), text, "-", published=rng.choice([None, "2022-01-13"]))
        record = extract_one(nlp, article, Maker("-", "-"))
    if isinstance(record, ReadFault):
        raise AssertionError(f"{record.error}: {record.message}")
    check_record(record, text)


TARGETS: dict[Callable[[Rng], None], int] = {  # inputs of each in a hundred
    readers: 18, cleaner: 24, dates: 24, sentences: 10, names: 14, files: 4, components: 5, extraction: 1,
}  # fmt: skip


# -- the loop


def schedule(chosen: dict[str, Callable[[Rng], None]]) -> Iterator[Callable[[Rng], None]]:
    turns = [target for target, weight in TARGETS.items() if target.__name__ in chosen for _ in range(weight)]
    random.Random(0).shuffle(turns)
    return cycle(turns)


def stop(*_: object) -> None:
    raise Hang


def try_one(target: Callable[[Rng], None], seed: int, number: int, limit_s: float) -> tuple[str, str] | None:
    """Give what was found, and where, if anything was."""
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        target(random.Random(f"{seed}-{target.__name__}-{number}"))
    except (Exception, Hang) as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        frames = traceback.extract_tb(error.__traceback__)
        frames = [f for f in frames if f.filename.startswith(str(ROOT))] or frames  # type: ignore[assignment]
        return f"{type(error).__name__}: {error}"[:300], " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames[::-1][:6])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - begun
    return (f"slow: {took:.1f} s", "") if took > SLOW_S else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    by_name = {target.__name__: target for target in TARGETS}
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", choices=by_name, help="one of the targets; all by default")
    parser.add_argument("--only", type=int, help="repeat the input of this number")
    parser.add_argument("--limit", type=float, default=30, help="CPU seconds for one input")
    parser.add_argument("--findings", type=Path, help="file to which findings are added, one a line")
    args = parser.parse_args()
    chosen = {name: by_name[name] for name in args.target or by_name}
    signal.signal(signal.SIGPROF, stop)
    if args.only is not None:
        for target in chosen.values():
            target(random.Random(f"{args.seed}-{target.__name__}-{args.only}"))
        return 0
    for prepare in (seeds, seed_files, model):
        prepare()
    done: Counter[str] = Counter()
    known: Counter[tuple[str, str]] = Counter()
    begun = time.monotonic()
    try:
        for number, target in enumerate(islice(schedule(chosen), args.first, args.first + args.inputs), args.first):
            name = target.__name__
            done[name] += 1
            if (found := try_one(target, args.seed, number, args.limit)) is not None:
                what, where = found
                known[name, where] += 1
                if known[name, where] == 1:
                    line = f"--target {name} --seed {args.seed} --only {number}: {what} at {where}"
                    print(line, flush=True)
                    if args.findings:
                        with open(args.findings, "a", encoding="utf-8", errors="replace") as file:
                            file.write(line + "\n")
            if sum(done.values()) % 20_000 == 0:
                print(f"{sum(done.values()):,} inputs, {len(known)} findings, {time.monotonic() - begun:,.0f} s", flush=True)
    except KeyboardInterrupt:
        pass
    told = ", ".join(f"{count:,} {name}" for name, count in done.items())
    print(f"{sum(done.values()):,} inputs ({told}) in {time.monotonic() - begun:,.0f} s: {len(known)} findings")
    return 1 if known else 0


if __name__ == "__main__":
    raise SystemExit(main())
