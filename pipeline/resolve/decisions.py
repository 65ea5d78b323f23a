"""Decisions of people on pairs of names: same, different or unsure."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.grouping import Groups
from pipeline.naming import key_of
from pipeline.resolve.files import open_table
from pipeline.tables import FORMULA

VERDICTS = ("same", "different", "unsure")
COLUMNS = ("left", "right", "verdict", "note")
LABEL = re.compile(r"^(?P<name>.*?)(?: \[(?P<country>[A-Z]{2})\])?(?P<rest> [<(@].*)?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's verdict on two names; left and right are labels of links, or names, which then mean all entities of that name."""

    left: str
    right: str
    verdict: str
    note: str
    where: str


def read_decisions(path: Path | None) -> list[Decision]:
    """Read decisions.csv (left, right, verdict, note); PipelineError lists every faulty line."""
    if path is None:
        return []
    if not Path(path).is_file():
        raise PipelineError(f"{path}: no such file; decisions are a CSV file with the columns {', '.join(COLUMNS)}")
    with open_table(path) as file:
        reader = csv.DictReader(file)
        missing = [c for c in COLUMNS[:3] if c not in (reader.fieldnames or [])]
        if missing:
            raise PipelineError(f"{path}: columns {', '.join(reader.fieldnames or ['none'])} found, {', '.join(missing)} missing")
        decisions, faults = [], []
        for row in reader:
            where = f"{path}:{reader.line_num}"
            left, right = (undefuse((row[c] or "").strip()) for c in ("left", "right"))
            verdict = (row["verdict"] or "").strip().casefold()
            if not left or not right:
                faults.append(f"{where}: left and right have to be filled")
            elif verdict not in VERDICTS:
                faults.append(f"{where}: verdict {verdict!r} found; same, different or unsure expected")
            else:
                decisions.append(Decision(left, right, verdict, (row.get("note") or "").strip(), where))
    if faults:
        raise PipelineError("\n".join(faults))
    return decisions


def undefuse(text: str) -> str:
    """Give a cell without the apostrophe that kept a spreadsheet from running it."""
    return text[1:] if text.startswith("'") and FORMULA.match(text, 1) else text


def decide_pairs(decisions: Sequence[Decision], labels: Sequence[str]) -> dict[tuple[int, int], Decision]:
    """Give the decision of each pair of entities, by their indices; the last line on a pair counts.

    Raises PipelineError where verdicts on a chain of names can't be true together.
    """
    if not decisions:
        return {}
    index = _index(labels)
    decided: dict[tuple[int, int], Decision] = {}
    for decision in decisions:
        for i in _find(decision.left, labels, index):
            for j in _find(decision.right, labels, index):
                if i != j:
                    decided[min(i, j), max(i, j)] = decision
    groups = Groups(len(labels))
    for (i, j), decision in decided.items():
        if decision.verdict == "same":
            groups.join(i, j)
    for (i, j), decision in decided.items():
        if decision.verdict == "different" and groups.root(i) == groups.root(j):
            raise PipelineError(
                f"{decision.where}: {labels[i]!r} and {labels[j]!r} are different here, "
                "but other lines make them the same; remove one of these lines"
            )
    return decided


def _index(labels: Sequence[str]) -> Mapping[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for i, label in enumerate(labels):
        index[label].append(i)
        match = LABEL.match(label)
        if match:
            index["\0" + key_of(match["name"])].append(i)
    return index


def _find(wanted: str, labels: Sequence[str], index: Mapping[str, list[int]]) -> list[int]:
    if wanted in index:
        return index[wanted]
    match = LABEL.match(wanted)
    if match is None or match["rest"]:
        return []
    found = index.get("\0" + key_of(match["name"]), [])
    return [i for i in found if match["country"] is None or f"[{match['country']}]" in labels[i]]
