"""The command line: one thin command a step. Each parses, calls one function, and prints what came out and where."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import PipelineError, UsageError

if TYPE_CHECKING:  # heavy imports are late: --help is quick
    from pipeline.archive import ReadOptions
    from pipeline.ledger import Ledger
    from pipeline.run import Progress

DONE, NOTHING_DONE, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
DESCRIPTION = "Cooperation facts from news: press releases go in, a partnership knowledge table comes out."
ARTICLE_TIMEOUT_S = 600.0
LIMITS = {  # of ReadOptions
    "max_article_chars": "characters of one article",
    "max_line_chars": "characters of one line of a table or of one JSON value",
    "max_page_bytes": "bytes of one HTML page",
    "max_word_bytes": "bytes of one Word file, unpacked",
    "max_member_bytes": "bytes of one file in an archive, unpacked",
    "max_total_ratio": "times its size that an archive may unpack to, beyond 256 MB",
    "max_nesting": "archives in archives",
}


class Command(NamedTuple):
    """A command of the table at the end. needs: the module that does the work; the command is listed where that exists."""

    name: str
    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], object]
    run: Callable[[argparse.Namespace], int]
    needs: str
    examples: str = ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status: 0 done, 1 nothing could be done, 2 wrong usage, 130 stopped by Ctrl-C."""
    given = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal may lack letters that a release has
    args = make_parser().parse_args(given)
    args.again = shlex.join(["coopfacts", *given])
    try:
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except UsageError as error:
        return complain(error, WRONG_USAGE)
    except PipelineError as error:
        return complain(error, NOTHING_DONE)
    except BrokenPipeError:  # what reads our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt as stop:
        return complain(stop.args[0] if stop.args else "stopped", INTERRUPTED)


def complain(message: object, status: int) -> int:
    print(f"coopfacts: {message}", file=sys.stderr)
    return status


def make_parser() -> argparse.ArgumentParser:
    listed = [command for command in COMMANDS if is_there(command.needs)]
    width = max(len(command.name) for command in listed)
    table = "\n".join(f"  {command.name:<{width}}  {command.summary}" for command in listed)
    parser = argparse.ArgumentParser(
        prog="coopfacts",
        usage="coopfacts COMMAND …",
        description=f"{DESCRIPTION}\n\ncommands:\n{table}",
        epilog="examples:\n  coopfacts run releases/ --out out\n  coopfacts show release.html --why\n\n"
        "coopfacts COMMAND --help tells more about each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=ShowVersion)
    commands = parser.add_subparsers(prog="coopfacts", metavar="COMMAND", required=True, help=argparse.SUPPRESS)
    for command in listed:
        mine = commands.add_parser(
            command.name,
            description=command.summary[0].upper() + command.summary[1:] + ".",
            epilog=f"examples:\n{command.examples}" if command.examples else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(mine)
        mine.set_defaults(run=command.run)
    return parser


def is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def late(module: str, name: str) -> Any:
    """Give a function of a module that a command needs, imported now."""
    return getattr(import_module(module), name)


class ShowVersion(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from pipeline.version import find_version

        print(f"coopfacts {find_version()}")
        parser.exit()


# -- arguments that several commands take


def add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder that coopfacts run wrote to")


def add_archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "archives",
        metavar="ARCHIVE",
        nargs="+",
        help="folders, files or - for standard input: .txt .md .html .jsonl .json .csv .tsv .parquet .pdf .docx .warc,"
        " also in .zip .tar.gz .gz .zst",
    )
    add = parser.add_argument
    add("--out", metavar="OUT", type=Path, required=True, help="folder for what comes out; given again, only what is new is done")
    add("--workers", metavar="N", type=whole_number, default=count_cores(), help="processes that work at once (here: %(default)s)")
    add("--dask", metavar="ADDRESS", help='work on a Dask cluster: its scheduler\'s address, or "local" for one with --workers N here')
    add("--limit", metavar="N", type=whole_number, help="stop after so many articles, to try things out")
    add("--article-timeout", metavar="S", type=seconds, default=ARTICLE_TIMEOUT_S, help="seconds for one article (%(default)g)")
    add_model(parser)
    add_taxonomy(parser)
    fields = parser.add_argument_group("tables and JSON", "which columns or keys to take, where their names don't tell")
    for name in ("text", "title", "date", "id", "url"):
        fields.add_argument(f"--{name}-field", metavar="NAME", help=f"the one that holds the {name}")
    fields.add_argument("--encoding", metavar="NAME", help="of text files and tables (detected by default)")
    order = fields.add_mutually_exclusive_group()
    order.add_argument("--day-first", action="store_true", default=None, dest="day_first", help="03/04/2018 is the 3rd of April")
    order.add_argument("--month-first", action="store_false", default=None, dest="day_first", help="03/04/2018 is the 4th of March")
    limits = parser.add_argument_group("limits", "beyond which something is damaged or hostile, and a line of errors.jsonl")
    from pipeline.archive.items import ReadOptions

    for name, what in LIMITS.items():
        default = getattr(ReadOptions(), name)
        limits.add_argument(f"--{name.replace('_', '-')}", metavar="N", type=whole_number, default=default, help=f"{what} ({default:,})")


def add_level(parser: argparse.ArgumentParser) -> None:
    told = "partnerships of units, of the organizations above them, or of countries (%(default)s)"
    parser.add_argument("--level", choices=("unit", "organization", "country"), default="unit", help=told)


def add_out_and_level(parser: argparse.ArgumentParser) -> None:
    add_out(parser)
    add_level(parser)


def add_resolving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--registry", metavar="FILE", type=Path, help="known organizations, to which names are matched")
    parser.add_argument("--decisions", metavar="FILE", type=Path, help="what people decided on which names are the same")


def add_run(parser: argparse.ArgumentParser) -> None:
    add_archive(parser)
    add_resolving(parser)


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="PATH", type=Path, help="a trained model instead of the shipped one")


def add_taxonomy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--taxonomy", metavar="FILE.jsonl", type=Path, help="categories of areas beside the shipped ones")


def add_info(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    add_taxonomy(parser)


def whole_number(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} found, a number from 1 on expected")
    return value


def seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} found, seconds above 0 expected")
    return value


def count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_options(args: argparse.Namespace) -> "ReadOptions":
    from pipeline.archive import ReadOptions

    names = ("text_field", "title_field", "date_field", "id_field", "url_field", "encoding", "day_first")
    return ReadOptions(**{name: getattr(args, name) for name in (*names, *LIMITS)}, max_parse_s=args.article_timeout)


@contextmanager
def progress() -> Iterator["Progress"]:
    """Give what shows progress on standard error: articles, rate and time left; nothing where that is no terminal."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread beside the one that forks
    with tqdm(disable=None, unit=" articles", smoothing=0.05, dynamic_ncols=True, file=sys.stderr) as bar:

        def show(done: int, estimate: float | None) -> None:
            bar.total = max(done, round(estimate)) if estimate else None
            bar.update(done - bar.n)

        yield show


@contextmanager
def stops_cleanly(args: argparse.Namespace) -> Iterator[None]:
    """Turn Ctrl-C and a polite kill into a message that says what is kept and how to go on."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        done = read_json(args.out / "run.json").get("written", 0)
        raise Stopped(f"stopped; {done:,} articles are done and kept in {args.out}. To go on:\n  {args.again}") from None
    finally:
        signal.signal(signal.SIGTERM, before)


class Stopped(KeyboardInterrupt):
    """Ctrl-C, with what to tell about it."""


def read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


# -- the commands


def run_all(args: argparse.Namespace) -> int:
    with stops_cleanly(args):
        ledger = extract_archives(args)
        made = [str(args.out / "documents.jsonl")]
        if is_there("pipeline.building"):
            late("pipeline.building", "build_tables")(args.out, decisions=args.decisions, registry=args.registry)
            made.append(str(args.out / "tables"))
        if is_there("pipeline.report"):
            made.append(str(late("pipeline.report", "write_report")(args.out)))
    print_summary(ledger, args.out, made, count_rows(args.out) if len(made) > 1 else None)
    return DONE


def run_extract(args: argparse.Namespace) -> int:
    with stops_cleanly(args):
        ledger = extract_archives(args)
    print_summary(ledger, args.out, [str(args.out / "documents.jsonl")], None)
    return DONE


def extract_archives(args: argparse.Namespace) -> "Ledger":
    from pipeline.backends.local import limit_threads

    limit_threads()
    from pipeline.run import run_extraction

    options = make_options(args)
    with progress() as on_progress:
        return run_extraction(
            args.archives,
            args.out,
            options=options,
            workers=args.workers,
            model=args.model,
            taxonomy=args.taxonomy,
            limit=args.limit,
            article_timeout_s=args.article_timeout,
            dask=args.dask,
            on_progress=on_progress,
        )


def count_rows(out: Path) -> dict[str, int]:
    """Give the rows of the tables that the summary tells."""
    from pyarrow import parquet

    return {name: parquet.read_metadata(out / "tables" / f"{name}.parquet").num_rows for name in ("organizations", "facts", "partnerships")}


def tell_rows(rows: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {name}" for name, n in rows.items())


def print_summary(ledger: "Ledger", out: Path, made: Sequence[str], rows: dict[str, int] | None) -> None:
    skipped = ", ".join(f"{count} {reason.replace(':', ' ')}" for reason, count in sorted(ledger.skipped.items()))
    told = [f"{ledger.read:,} articles read: {ledger.written:,} written"]
    if ledger.reused:
        told[0] += f" ({ledger.reused:,} of them done before)"
    told.append(f"{sum(ledger.skipped.values()):,} skipped" + (f" ({skipped})" if skipped else ""))
    told.append(f"{ledger.failed:,} failed" + (f" (see {out / 'errors.jsonl'})" if ledger.failed else ""))
    print(", ".join(told))
    if ledger.dropped:
        print(f"{ledger.dropped:,} records dropped: their articles are no longer in the archive")
    if ledger.total["articles"] != ledger.written:
        print(f"{ledger.total['articles']:,} articles in all, with those of other archives")
    if rows is not None:
        print(tell_rows(rows))
    else:
        names = {"orgs": "organizations", "areas": "areas", "partnerships": "partnerships"}
        print(f"{tell_rows({name: ledger.total[key] for key, name in names.items()})}, counted article by article")
    print(f"in {', '.join(made)}; the ledger is {out / 'run.json'}")


def add_build(parser: argparse.ArgumentParser) -> None:
    add_out_and_level(parser)
    add_resolving(parser)


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a press release in any format that run reads; - for standard input")
    parser.add_argument("--published", metavar="DATE", help="the day it was published, where the file doesn't say: 2022-01-13")
    parser.add_argument("--why", action="store_true", help="tell the words that each fact was read from, with offsets, confidence, source")
    parser.add_argument("--html", metavar="FILE.html", type=Path, help="write a page with everything marked in the text")
    add_model(parser)
    add_taxonomy(parser)


def run_show(args: argparse.Namespace) -> int:
    from pipeline.backends.local import limit_threads

    limit_threads()
    from pipeline.archive import Article, ReadOptions, ReadSkip, read_archive
    from pipeline.archive.days import read_date
    from pipeline.display import render_page, show_record
    from pipeline.extraction import extract, load_once
    from pipeline.taxonomy import read_taxonomy

    published = None
    if args.published is not None:
        try:
            published = read_date(args.published, day_first=None)
        except ValueError as error:
            raise UsageError(f"--published: {error}") from None
    found = list(read_archive([args.file], options=ReadOptions(languages=())))
    articles = [article for article in found if isinstance(article, Article)]
    for other in found:
        if not isinstance(other, Article):
            reason = f"skipped: {other.reason} {other.detail}" if isinstance(other, ReadSkip) else other.message
            print(f"coopfacts: {other.source}: {reason.strip()}", file=sys.stderr)
    if args.html and len(articles) > 1:
        raise UsageError(f"--html shows one article; {args.file} has {len(articles)}")
    if published is not None:
        from dataclasses import replace

        articles = [replace(article, published=published) for article in articles]
    nlp, _ = load_once(str(args.model) if args.model else None, read_taxonomy(args.taxonomy) if args.taxonomy else ())
    shown = 0
    for record in extract(articles, nlp=nlp, on_fault=lambda fault: print(f"coopfacts: {fault.source}: {fault.message}", file=sys.stderr)):
        print("\n" * bool(shown) + show_record(record, why=args.why))
        shown += 1
        if args.html:
            args.html.write_text(render_page(record), encoding="utf-8", errors="replace")
            print(f"\npage: {args.html}")
    return DONE if shown else NOTHING_DONE


def run_info(args: argparse.Namespace) -> int:
    from pipeline.ledger import find_versions
    from pipeline.version import find_version

    print(f"coopfacts {find_version()}, {', '.join(f'{name} {version}' for name, version in find_versions().items())}")
    resources = Path(__file__).resolve().parent / "resources"
    print(f"resources in {resources}:")
    for path in sorted(resources.iterdir()):
        if path.suffix in (".jsonl", ".tsv"):
            with open(path, encoding="utf-8") as file:
                print(f"  {path.name}: {sum(1 for line in file if line.strip()):,} entries")
    print_taxonomy(args.taxonomy)
    print_model(args.model)
    return DONE


def print_taxonomy(path: Path | None) -> None:
    from pipeline.taxonomy import read_taxonomy, shipped_taxonomy

    for where, categories in (("taxonomy", shipped_taxonomy()), (str(path), read_taxonomy(path) if path else ())):
        if categories:
            print(f"{where}: {len(categories)} {'category' if len(categories) == 1 else 'categories'} of areas")
        for category in categories:
            print(f"  {category.id}: {category.name} ({category.kind}, {len(category.examples)} examples)")


def print_model(path: Path | None) -> None:
    from pipeline.nlp import model_path

    folder = path or model_path()
    meta = read_json(folder / "meta.json")
    if not meta:
        raise PipelineError(f"{folder}: no model: meta.json is missing or damaged")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"model {meta.get('name')} {meta.get('version')}, {meta.get('license') or 'no licence told'}, {size / 2**20:.1f} MB, in {folder}")
    scores = {name: value for name, value in (meta.get("performance") or {}).items() if isinstance(value, int | float)}
    for name, value in scores.items():
        print(f"  {name}: {value:.3f}")
    if not scores:
        print("  no scores in its meta.json")


def run_build(args: argparse.Namespace) -> int:
    late("pipeline.building", "build_tables")(args.out, decisions=args.decisions, registry=args.registry)
    print(f"{tell_rows(count_rows(args.out))} in {args.out / 'tables'}")
    if args.level != "unit":
        folder = late("pipeline.queries", "write_level")(args.out, args.level)
        print(f"{tell_rows(count_rows(folder))} by {args.level} in {folder / 'tables'}")
    return DONE


def run_report(args: argparse.Namespace) -> int:
    write_report = late("pipeline.report", "write_report")
    print(f"report: {write_report(args.out, level=args.level)}")
    return DONE


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("gold", metavar="GOLD.jsonl", nargs="+", type=Path, help="annotated documents, one a line")
    parser.add_argument("--pred", metavar="OUT", type=Path, help="records to score (by default the pipeline reads the gold texts)")
    parser.add_argument("--against", metavar="OUT", type=Path, help="records of another run to compare with")
    parser.add_argument("--errors", metavar="FIELD", help="list what was missed or wrong in a field, e.g. area")
    parser.add_argument("--by", metavar="NAME", action="append", default=[], help="break the scores down, e.g. by kind or confidence")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_evaluate(args: argparse.Namespace) -> int:
    report_evaluation = late("pipeline.evaluate", "report_evaluation")
    print(report_evaluation(args.gold, pred=args.pred, against=args.against, errors=args.errors, by=args.by, as_json=args.json))
    return DONE


def add_export(parser: argparse.ArgumentParser) -> None:
    add_out_and_level(parser)
    parser.add_argument("--to", metavar="FORMAT", required=True, help="graphml, gexf, jsonld, ftm, csv or datapackage")


def run_export(args: argparse.Namespace) -> int:
    export_tables = late("pipeline.export", "export_tables")
    print(f"exported: {', '.join(map(str, export_tables(args.out, args.to, level=args.level)))}")
    return DONE


def add_query(parser: argparse.ArgumentParser) -> None:
    add_out_and_level(parser)
    parser.add_argument("sql", metavar="SQL", help='such as "select name_a, name_b, status from partnerships"')


def run_query(args: argparse.Namespace) -> int:
    answer = late("pipeline.queries", "query")(args.out, args.sql, level=args.level)
    print(late("pipeline.display", "show_table")(answer))
    return DONE


def add_why(parser: argparse.ArgumentParser) -> None:
    add_out(parser)
    parser.add_argument("org", metavar="ORG", help="name or org_id of an organization, or name or person_id of a person")


def run_why(args: argparse.Namespace) -> int:
    links = late("pipeline.queries", "why")(args.out, args.org)
    print(late("pipeline.display", "show_links")(links) if len(links) else f"{args.org}: no other name was taken, or nearly taken, for it")
    return DONE


def add_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="OUT1", type=Path, help="the folder of the earlier run")
    parser.add_argument("after", metavar="OUT2", type=Path, help="the folder of the later run")


def run_diff(args: argparse.Namespace) -> int:
    read_tables = late("pipeline.tables", "read_tables")
    changes = late("pipeline.queries", "diff")(read_tables(args.before), read_tables(args.after))
    print(late("pipeline.display", "show_table")(changes) if len(changes) else "the partnerships are the same")
    return DONE


def add_gold(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    build = actions.add_parser("build", help="write SPLIT.jsonl from FOLDER/source/SPLIT/*.txt")
    build.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, default=Path("data/gold"), help="(%(default)s)")
    check = actions.add_parser("check", help="name every fault with its file and line")
    check.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="gold files, sources or folders (data/gold)")
    stats = actions.add_parser("stats", help="count everything, and what splits share")
    stats.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="gold files or folders of sources (all splits)")
    agreement = actions.add_parser("agreement", help="tell how far two annotations of the same texts agree")
    agreement.add_argument("first", metavar="GOLD1", type=Path)
    agreement.add_argument("second", metavar="GOLD2", type=Path)
    for action in (stats, agreement):
        action.add_argument("--json", action="store_true", help="print JSON")
    for name, option, told in (("import", "--from", "read what a tool of annotators wrote"), ("export", "--to", "write for such a tool")):
        action = actions.add_parser(name, help=told)
        action.add_argument("file", metavar="FILE", type=Path)
        formats = "label-studio, doccano, prodigy" + (", spacy, source" if name == "export" else "")
        action.add_argument(option, metavar="FORMAT", dest="format", required=True, help=formats)
        action.add_argument("--out", metavar="FILE", type=Path, required=True, help="*.jsonl, or *.txt for a source to finish by hand")


def run_gold(args: argparse.Namespace) -> int:
    from pipeline.gold import commands

    actions: dict[str, Callable[[], str]] = {
        "build": lambda: commands.build_corpus(args.folder),
        "check": lambda: commands.check_corpus(args.paths),
        "stats": lambda: commands.show_statistics(args.paths, as_json=args.json),
        "agreement": lambda: commands.show_agreement(args.first, args.second, as_json=args.json),
        "import": lambda: commands.import_gold(args.file, args.format, args.out),
        "export": lambda: commands.export_gold(args.file, args.format, args.out),
    }
    print(actions[args.action]())
    return DONE


# The one place where a command is added. A command is listed as soon as the module in its last but one column exists; that module
# has the function that run_… above calls, and prints nothing itself.
COMMANDS = (
    Command(
        "run", "read archives and build the tables: the main job", add_run, run_all, "pipeline.run",
        "  coopfacts run releases/ --out out\n"
        "  coopfacts run 2021.zip 2022.zip more.csv --out out --workers 8\n"
        "  coopfacts run dump.csv --out out --text-field story --date-field day\n"
        "  coopfacts run releases/ --out out --taxonomy mine.jsonl\n"
        "  zcat dump.jsonl.gz | coopfacts run - --out out\n"
        "  coopfacts run s3://bucket/releases/ --out out --dask tcp://scheduler:8786",
    ),
    Command(
        "extract", "read archives and write one record an article, without building tables", add_archive, run_extract, "pipeline.run",
        "  coopfacts extract releases/ --out out\n  coopfacts extract releases/ --out trial --limit 100",
    ),
    Command(
        "build", "build the tables anew from the records in OUT", add_build, run_build, "pipeline.building",
        "  coopfacts build out\n  coopfacts build out --level organization",
    ),
    Command(
        "report", "write a page to read about what is in OUT", add_out_and_level, run_report, "pipeline.report",
        "  coopfacts report out\n  coopfacts report out --level organization",
    ),
    Command(
        "show", "show the facts in one press release", add_show, run_show, "pipeline.extraction",
        "  coopfacts show release.txt --published 2022-01-13\n  coopfacts show release.html --why --html marked.html\n"
        "  pbpaste | coopfacts show -",
    ),
    Command(
        "query", "ask the tables in SQL", add_query, run_query, "pipeline.queries",
        '  coopfacts query out "select name_a, name_b, status from partnerships where country_a = \'KZ\'"\n'
        '  coopfacts query out "select partner, first_date, categories, evidence from partners where name = \'University of Sado\'"',
    ),
    Command(
        "why", "tell why names were taken for one organization or person, or were not", add_why, run_why, "pipeline.queries",
        '  coopfacts why out "LUT"',
    ),
    Command("diff", "tell what differs between two outputs", add_diff, run_diff, "pipeline.queries", "  coopfacts diff out-may out-june"),
    Command("export", "write the tables in other formats", add_export, run_export, "pipeline.export", "  coopfacts export out --to gexf"),
    Command(
        "evaluate", "score the pipeline, or records, by annotated documents", add_evaluate, run_evaluate, "pipeline.evaluate",
        "  coopfacts evaluate gold.jsonl\n  coopfacts evaluate gold.jsonl --pred out --errors area --by kind",
    ),
    Command(
        "gold", "build, check and count the gold corpus; exchange it with annotation tools", add_gold, run_gold, "pipeline.gold",
        "  coopfacts gold build\n  coopfacts gold check data/gold/source/dev\n  coopfacts gold agreement writer.jsonl reader.jsonl\n"
        "  coopfacts gold export data/gold/dev.jsonl --to label-studio --out tasks.json\n"
        "  coopfacts gold import tasks.json --from label-studio --out dev-02.txt",
    ),
    Command(
        "info", "tell versions, the lexicons, the categories of areas, and the model with its scores", add_info, run_info, "pipeline.nlp",
        "  coopfacts info\n  coopfacts info --taxonomy mine.jsonl",
    ),
)  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
