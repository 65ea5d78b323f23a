"""Tables in files."""

from __future__ import annotations

import csv
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest
from records import BEIHAI, make_area, make_event, make_org, make_pair, make_person, make_record

from pipeline.building import build, build_tables
from pipeline.errors import PipelineError
from pipeline.schema import SCHEMA_VERSION, TABLES
from pipeline.tables import ARROW_TYPES, VERSION_KEY, arrow_schema, cell_of, read_tables, write_tables


@pytest.fixture
def tables():
    record = make_record(
        "a",
        "2020-05-01",
        people=(make_person("p1", "Teresa Falcão", ("Rector", "o1")),),
        areas=(make_area("joint research", speaker="p1", date="2021"),),
        events=(make_event(date="2020-04-12", people=("p1",)),),
        partnerships=[make_pair(instruments=("mou", "plan"))],
    )
    return build([record, make_record("b", "2020", orgs=(make_org("o1", "Universidade do Sado", country="PT"), BEIHAI))])


def test_tables_survive_parquet(tables, tmp_path):
    write_tables(tables, tmp_path)
    again = read_tables(tmp_path)
    for (name, one), (_, other) in zip(tables.items(), again.items(), strict=True):
        pd.testing.assert_frame_equal(one, other, obj=name)


def test_the_same_tables_are_the_same_bytes(tables, tmp_path):
    first = {path.name: path.read_bytes() for path in write_tables(tables, tmp_path / "one")}
    second = {path.name: path.read_bytes() for path in write_tables(read_tables(tmp_path / "one"), tmp_path / "two")}
    assert first == second


def test_types_and_schema_version_are_those_declared(tables, tmp_path):
    write_tables(tables, tmp_path)
    for name, columns in TABLES.items():
        schema = pq.read_schema(tmp_path / "tables" / f"{name}.parquet")
        assert schema.metadata[VERSION_KEY].decode() == SCHEMA_VERSION
        assert [(field.name, field.type) for field in schema] == [(c.name, ARROW_TYPES[c.type]) for c in columns]
        assert arrow_schema(name).equals(schema)


def test_codes_are_categories_days_are_datetimes_lists_are_lists(tables, tmp_path):
    write_tables(tables, tmp_path)
    read = read_tables(tmp_path)
    assert isinstance(read.partnerships["status"].dtype, pd.CategoricalDtype)
    assert read.facts["date_end"].tolist() == [pd.Timestamp("2021-12-31")]
    assert read.partnerships["instruments"].tolist() == [["mou", "plan"]]
    assert not any(isinstance(value, dict) for _, frame in read.items() for column in frame for value in frame[column])


def test_another_schema_version_is_refused_with_what_to_do(tables, tmp_path):
    write_tables(tables, tmp_path)
    path = tmp_path / "tables" / "facts.parquet"
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({VERSION_KEY: b"0"}), path)
    with pytest.raises(PipelineError, match=r"facts\.parquet: schema version 0 found, .* expected; build the tables anew"):
        read_tables(tmp_path)


def test_missing_tables_tell_what_to_do(tmp_path):
    with pytest.raises(PipelineError, match="coopfacts build"):
        read_tables(tmp_path)
    with pytest.raises(PipelineError, match="coopfacts extract"):
        build_tables(tmp_path)


def test_the_csv_opens_in_a_spreadsheet(tmp_path):
    evil = make_org("o1", '=HYPERLINK("http://x")', country="PT")
    tables = build([make_record("a", "2020-05-01", orgs=(evil, BEIHAI), partnerships=[make_pair(instruments=("mou", "plan"))])])
    write_tables(tables, tmp_path)
    data = (tmp_path / "tables" / "partnerships.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    row = next(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert '\'=HYPERLINK("http://x")' in (row["name_a"], row["name_b"])
    assert (row["instruments"], row["first_date"], row["contradiction"]) == ("mou; plan", "2020-05-01", "false")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", " =1+1", "\u00a0@x", "\uff1d1+1"])
def test_no_cell_begins_as_a_formula(text):
    assert cell_of(text) == f"'{text}" and cell_of([text, "b"]).startswith("'")
    assert cell_of(-1) == "-1"


def test_building_reads_records_and_the_decisions_beside_them(tmp_path):
    records = [make_record("a"), make_record("b", orgs=(make_org("o1", "Sado Polytechnic Institute", country="PT"), BEIHAI))]
    (tmp_path / "documents.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    build_tables(tmp_path)
    assert len(read_tables(tmp_path).organizations) == 3
    (tmp_path / "decisions.csv").write_text(
        "left,right,verdict,note\nUniversity of Sado,Sado Polytechnic Institute,same,merged\n", encoding="utf-8"
    )
    build_tables(tmp_path)
    assert len(read_tables(tmp_path).organizations) == 2


def test_of_two_records_of_one_article_the_last_counts():
    tables = build([make_record("a", "2019-01-01"), make_record("a", "2020-01-01")])
    assert tables.documents["published"].tolist() == ["2020-01-01"]
