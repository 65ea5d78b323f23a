"""Resources: each is told of, and each can be read."""

from __future__ import annotations

import json
import re

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PipelineError, ResourceError
from pipeline.lexicons import parse_lexicon, read_lexicon, read_pairs

RESOURCES = ROOT / "pipeline" / "resources"
FILES = sorted(path.name for path in RESOURCES.iterdir() if path.is_file() and path.name not in ("README.md", "__init__.py"))


def test_the_readme_lists_every_resource_and_nothing_else():
    text = (RESOURCES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| ([\w.]+\.(?:jsonl|tsv|txt|html|css|js)(?:, [\w.]+)*) \|", text)
    assert sorted(name for row in rows for name in row.split(", ")) == FILES


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".jsonl", ".tsv"))])
def test_every_lexicon_is_sound(name):
    assert read_lexicon(name) if name.endswith(".jsonl") else list(read_pairs(name))


@pytest.mark.parametrize("line", ['{"id": ["a"]}', '{"id": {"a": 1}}', '{"id": null}', "[]", "{", "{}"])
def test_a_line_that_is_no_entry_is_told_with_its_place(line):
    with pytest.raises(ResourceError, match=r"^mine\.jsonl:2: "):
        parse_lexicon(f'{{"id": "a"}}\n{line}\n', "mine.jsonl")


VALUES = st.none() | st.text(max_size=3) | st.lists(st.none(), max_size=2)
ROWS = st.lists(st.text(max_size=20) | st.dictionaries(st.just("id") | st.text(max_size=3), VALUES))


@settings(deadline=None)
@given(ROWS)
def test_any_lexicon_is_read_or_refused(rows):
    try:
        parse_lexicon("\n".join(map(json.dumps, rows)), "mine.jsonl")
    except PipelineError as error:
        assert str(error).startswith("mine.jsonl:")
