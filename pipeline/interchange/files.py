"""Gold documents <-> files of annotation tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pipeline.errors import MarkupError, RecordError, UsageError
from pipeline.interchange import doccano, label_studio, prodigy
from pipeline.interchange.regions import Annotated, put_together, take_regions, to_document
from pipeline.markup import write_markup

Json = dict[str, Any]
T = TypeVar("T")


class Tool(NamedTuple):
    """How a tool writes its documents; lines: one JSON value a line, else one list for the whole file."""

    write: Callable[[Annotated], Json]
    read: Callable[[Json, int], Annotated]
    lines: bool
    takes: Callable[[Json], bool] = lambda row: True


TOOLS = {
    "label-studio": Tool(label_studio.to_task, label_studio.from_task, lines=False),
    "doccano": Tool(doccano.to_row, doccano.from_row, lines=True),
    "prodigy": Tool(prodigy.to_task, prodigy.from_task, lines=True, takes=prodigy.is_accepted),
}
FORMATS = (*TOOLS, "spacy", "source")


def export_file(documents: Sequence[Json], to: str, path: Path) -> int:
    """Write gold documents in one of FORMATS; give their number."""
    if to == "spacy":
        from pipeline.interchange.docbin import make_docbin

        make_docbin(documents).to_disk(path)
    elif to == "source":
        path.write_text("\n".join(write_markup(document) for document in documents), encoding="utf-8", newline="\n")
    else:
        tool = find_tool(to)
        rows = [tool.write(take_regions(document)) for document in documents]
        path.write_text(dump_rows(rows, lines=tool.lines), encoding="utf-8", newline="\n")
    return len(documents)


def dump_rows(rows: Iterable[Json], *, lines: bool) -> str:
    if lines:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n"


def find_tool(name: str) -> Tool:
    if name not in TOOLS:
        raise UsageError(f"no format {name!r}; one of {', '.join(FORMATS)} expected")
    return TOOLS[name]


def read_annotated(path: Path, tool: str) -> Iterator[Annotated]:
    """Documents of a tool's file; those that the annotator rejected are passed over. RecordError names what can't be read."""
    for number, row in enumerate(read_rows(path, lines=find_tool(tool).lines), 1):
        if not find_tool(tool).takes(row):
            continue
        try:
            yield find_tool(tool).read(row, number)
        except MarkupError as error:
            raise RecordError(f"{path}: document {number}: {error}") from None
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise RecordError(f"{path}: document {number}: not as {tool} writes it ({type(error).__name__}: {error})") from None


def read_rows(path: Path, *, lines: bool) -> Iterator[Json]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = [json.loads(line) for line in text.split("\n") if line.strip()] if lines else json.loads(text)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise RecordError(f"{path}: {'JSONL' if lines else 'JSON'} expected: {error}") from None
    yield from rows if isinstance(rows, list) else [rows]


def import_file(path: Path, tool: str) -> list[Json]:
    """Gold documents of a tool's file; all faults of all documents in one MarkupError: what is missing is easier told in the source."""
    return collect(to_document, read_annotated(path, tool))


def import_sources(path: Path, tool: str) -> list[str]:
    """Sources of the documents of a tool's file, each as good as it is: "?" stands where something is still to be told."""
    return collect(put_together, read_annotated(path, tool))


def collect(make: Callable[[Annotated], T], documents: Iterable[Annotated]) -> list[T]:
    faults: list[str] = []
    made: list[T] = []
    for annotated in documents:
        try:
            made.append(make(annotated))
        except MarkupError as error:
            faults.append(str(error))
    if faults:
        raise MarkupError("\n".join(faults))
    return made
