"""What `coopfacts gold` does: every action gives the lines to print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import MarkupError, UsageError
from pipeline.gold.agreement import agreement, format_agreement
from pipeline.gold.building import build_splits, read_gold, write_gold
from pipeline.gold.checking import check_files
from pipeline.gold.statistics import format_statistics, name_overlap, statistics

FOLDER = Path("data/gold")


def build_corpus(folder: Path = FOLDER) -> str:
    """Write SPLIT.jsonl of every split from its sources."""
    return ", ".join(f"{folder / name}.jsonl: {number} documents" for name, number in build_splits(folder).items())


def check_corpus(paths: Sequence[Path] = ()) -> str:
    """Check files, folders, or the whole corpus; MarkupError lists every fault."""
    files = [file for path in paths or [FOLDER] for file in find_files(path)]
    documents, faults = check_files([file for file in files if file.suffix == ".txt"])
    built, more = check_files([file for file in files if file.suffix != ".txt"])
    if faults or more:
        raise MarkupError("\n".join([*faults, *more, f"{len(faults) + len(more)} faults in {documents + built} documents"]))
    return f"{documents + built} documents in {len(files)} files, no faults"


def find_files(path: Path) -> list[Path]:
    """Gold files in a folder, or the file itself."""
    if path.is_file():
        return [path]
    found = sorted([*path.rglob("*.txt"), *path.glob("*.jsonl")])
    if not found:
        raise UsageError(f"{path}: no gold files; *.txt or *.jsonl expected")
    return found


def show_statistics(paths: Sequence[Path] = (), *, as_json: bool = False) -> str:
    """Statistics of gold files or of folders of sources, a column each; by default of all splits of the corpus."""
    given = list(paths) or sorted(path for path in (FOLDER / "source").glob("*") if any(path.glob("*.txt")))
    splits = {path.stem: read_gold(path) for path in given}
    if not splits:
        raise UsageError(f"{FOLDER / 'source'}: no splits; name gold files or folders of sources")
    if as_json:
        tables = {name: statistics(documents) for name, documents in splits.items()}
        return json.dumps({"splits": tables, "overlap": name_overlap(splits)}, ensure_ascii=False)
    return format_statistics(splits)


def show_agreement(first: Path, second: Path, *, as_json: bool = False) -> str:
    """Agreement of two annotations: gold files or folders of sources."""
    found = agreement(read_gold(first), read_gold(second))
    return json.dumps(found.as_json()) if as_json else format_agreement(found)


def import_gold(path: Path, tool: str, out: Path) -> str:
    """Read a tool's file; write gold documents to OUT.jsonl, or their source, to be finished by hand, to OUT.txt."""
    from pipeline.interchange.files import import_file, import_sources

    if out.suffix == ".txt":
        sources = import_sources(path, tool)
        out.write_text("\n".join(sources), encoding="utf-8", newline="\n")
        _, faults = check_files([out])
        return f"{len(sources)} documents in {out}" + (f"; {len(faults)} faults to mend, see coopfacts gold check {out}" if faults else "")
    documents = import_file(path, tool)
    return f"{write_gold(out, documents)} documents in {out}"


def export_gold(path: Path, to: str, out: Path) -> str:
    """Write gold documents for a tool."""
    from pipeline.interchange.files import export_file

    return f"{export_file(read_gold(path), to, out)} documents in {out}"
