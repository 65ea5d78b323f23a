"""Records <-> JSONL."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT
from records import make_record

from pipeline.errors import RecordError, UsageError
from pipeline.records import dump_record, read_json_lines, read_records


def test_records_survive_jsonl(tmp_path):
    made = [make_record("a", "2019-05-01", text="“Zażółć”\u2028next line"), make_record("b")]
    path = tmp_path / "documents.jsonl"
    path.write_text("\n\n".join(map(dump_record, made)) + "\n", encoding="utf-8")
    assert list(read_records(path)) == made


@pytest.mark.parametrize(
    "line, message",
    [
        (b"{", r"2: no JSON \(.*a record of coopfacts expected"),
        (b"[]", "2: no record of coopfacts: doc_id, text, orgs, people, dates, areas, events, partnerships missing"),
        (b"null", "2: no record of coopfacts"),
        (b'{"doc_id": "\xff"}', "2: .*utf-8"),
    ],
)
def test_a_line_that_is_no_record_is_named(line, message, tmp_path):
    path = tmp_path / "documents.jsonl"
    path.write_bytes(dump_record(make_record("a")).encode() + b"\n" + line + b"\n")
    with pytest.raises(RecordError, match=rf"documents\.jsonl:{message}"):
        list(read_records(path))


def test_gold_documents_need_no_more_than_an_id(tmp_path):
    (tmp_path / "gold.jsonl").write_text('{"doc_id":"a"}\n', encoding="utf-8")
    assert list(read_json_lines(tmp_path / "gold.jsonl")) == [{"doc_id": "a"}]
    with pytest.raises(UsageError, match="no such file"):
        list(read_json_lines(tmp_path / "none.jsonl"))


def test_tables_are_built_without_spacy():
    code = "import sys, pipeline.building; print('spacy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
