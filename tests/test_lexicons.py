"""Resources: each is told of, and each can be read."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from pipeline.lexicons import read_lexicon, read_pairs

RESOURCES = ROOT / "pipeline" / "resources"
FILES = sorted(path.name for path in RESOURCES.iterdir() if path.is_file() and path.name not in ("README.md", "__init__.py"))


def test_the_readme_lists_every_resource_and_nothing_else():
    rows = re.findall(r"(?m)^\| (.+?) \|", (RESOURCES / "README.md").read_text(encoding="utf-8"))[2:]
    assert sorted(name for row in rows for name in row.split(", ")) == FILES


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".jsonl", ".tsv"))])
def test_every_lexicon_is_sound(name):
    assert read_lexicon(name) if name.endswith(".jsonl") else list(read_pairs(name))
