"""Gold source (bracketed spans, data/gold/FORMAT.md) <-> gold documents with exact offsets."""

from pipeline.markup.marks import Mark, join_body, split_body
from pipeline.markup.reading import parse, parse_each, read_source
from pipeline.markup.writing import take_apart, write_markup, write_parts

__all__ = ["Mark", "join_body", "parse", "parse_each", "read_source", "split_body", "take_apart", "write_markup", "write_parts"]
