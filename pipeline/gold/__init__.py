"""The gold corpus: source files -> JSONL, checks, statistics, agreement between annotators."""

from pipeline.gold.agreement import Agreement, agreement
from pipeline.gold.building import build, build_splits, read_gold, write_gold
from pipeline.gold.checking import check_document, check_files
from pipeline.gold.statistics import name_overlap, statistics

__all__ = [
    "Agreement",
    "agreement",
    "build",
    "build_splits",
    "check_document",
    "check_files",
    "name_overlap",
    "read_gold",
    "statistics",
    "write_gold",
]
