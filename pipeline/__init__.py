"""Cooperation facts from news: press releases go in, a partnership knowledge table comes out.

    nlp = pipeline.load()                                  a spaCy Language
    for record in pipeline.extract(articles): ...          articles of pipeline.read_archive([...])
    tables = pipeline.build(records)                       tables.partnerships is a pandas DataFrame
    tables = pipeline.read_tables("out")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.archive import Article, ReadOptions, read_archive
    from pipeline.building import build
    from pipeline.extraction import extract
    from pipeline.nlp import load
    from pipeline.run import run_extraction
    from pipeline.tables import read_tables

    __version__: str

# name -> the module that has it; imported at first use, so that `import pipeline` is quick
OFFERED = {
    "load": "pipeline.nlp",
    "extract": "pipeline.extraction",
    "build": "pipeline.building",
    "read_tables": "pipeline.tables",
    "read_archive": "pipeline.archive",
    "run_extraction": "pipeline.run",
    "Article": "pipeline.archive",
    "ReadOptions": "pipeline.archive",
}
__all__ = [  # noqa: RUF022
    "load", "extract", "build", "read_tables", "read_archive", "run_extraction", "Article", "ReadOptions", "__version__",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "__version__":
        from pipeline.version import find_version

        value: Any = find_version()
    elif name in OFFERED:
        value = getattr(import_module(OFFERED[name]), name)
    else:
        raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
