"""Questions to the tables."""

from __future__ import annotations

import json

import pytest
from records import BEIHAI, SADO, make_area, make_event, make_org, make_pair, make_record

from pipeline.building import build, build_tables
from pipeline.errors import PipelineError
from pipeline.queries import diff, evidence, find_org, network, partners_of, query, roll_up, timeline, why
from pipeline.tables import Tables

TEXT = "Sado and Beihai signed. They agreed on joint research of <sensors> at sea."
AREA = make_area("joint research of <sensors>", start=39) | {"sentence": [24, len(TEXT)]}
SCHOOL = make_org("o3", "School of Navigation", type="unit", parent="o2")
KVARKEN = make_org("o2", "Kvarken University of Applied Sciences", country="FI")


@pytest.fixture
def records():
    return [
        make_record(
            "a",
            "2019-05-01",
            text=TEXT,
            areas=(AREA,),
            events=(make_event(date="2019-04-12") | {"sentence": [0, 23], "start": 16, "end": 22},),
        ),
        make_record("b", "2021-02-01", orgs=(SADO, KVARKEN)),
        make_record(
            "c",
            "2022-02-01",
            orgs=(make_org("o1", "Sado University", country="PT"), BEIHAI, SCHOOL),
            partnerships=[make_pair("o1", "o3", "ongoing")],
        ),
    ]


@pytest.fixture
def tables(records) -> Tables:
    return build(records)


@pytest.fixture
def out(records, tmp_path):
    (tmp_path / "documents.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    build_tables(tmp_path)
    return tmp_path


def test_partners_of_an_organization_by_any_of_its_names(tables):
    for name in ("University of Sado", "sado university", find_org(tables, "University of Sado")):
        assert sorted(partners_of(tables, name)["partner"]) == [
            "Beihai University of Marine Technology",
            "Kvarken University of Applied Sciences",
            "School of Navigation",
        ]
    assert partners_of(tables, "BUMT")["partner"].tolist() == ["University of Sado"]


def test_an_unknown_name_tells_what_is_like_it(tables):
    with pytest.raises(PipelineError, match="no organisation is called 'Kvarken'; like it: Kvarken University of Applied Sciences"):
        partners_of(tables, "Kvarken")


def test_an_ambiguous_name_asks_for_the_id():
    one, other = (make_org("o1", "Trinity Harbour College", country=c) for c in ("IE", "US"))
    tables = build([make_record(d, orgs=(o, BEIHAI)) for d, o in zip("abcd", (one, one, other, other), strict=True)])
    with pytest.raises(PipelineError, match="org_id"):
        partners_of(tables, "Trinity Harbour College")


def test_a_timeline_is_in_order_and_of_the_pair_only(tables):
    rows = timeline(tables, ("University of Sado", "BUMT"))
    assert rows["what"].tolist() == ["event", "fact", "report"]
    assert rows["detail"].tolist() == ["signing", "joint research of <sensors> (agreed)", "agreed"]
    assert len(timeline(tables, "University of Sado")) == 5


def test_units_are_rolled_up_to_their_organizations_and_to_countries(tables):
    assert len(tables.partnerships) == 3
    rolled = roll_up(tables, "organization").partnerships
    assert len(rolled) == 2
    merged = rolled[
        (rolled["name_a"] == "Beihai University of Marine Technology") | (rolled["name_b"] == "Beihai University of Marine Technology")
    ].iloc[0]
    assert (merged["n_documents"], merged["status"]) == (2, "ongoing")
    assert roll_up(tables, "country").partnerships[["org_a", "org_b", "n_documents"]].values.tolist() == [["CN", "PT", 2], ["FI", "PT", 1]]
    with pytest.raises(PipelineError, match="unit, organization, country expected"):
        roll_up(tables, "planet")


def test_a_network_has_a_node_a_party_and_an_edge_a_pair(tables):
    pytest.importorskip("networkx")
    graph = network(tables, level="organization")
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (3, 2)
    assert network(tables, level="country", since="2021-06-01").number_of_edges() == 1
    assert {data["name"] for _, data in graph.nodes(data=True)} >= {"University of Sado"}


def test_evidence_is_the_sentence_with_the_words_marked(tables, records, out):
    for documents in (records, out, out / "documents.jsonl"):
        found = evidence(tables, tables.facts.iloc[0], documents)
        assert found[0].text[found[0].start : found[0].end] == "joint research of <sensors>"
        assert found[0].text == TEXT[24:]
    html = found._repr_html_()
    assert "<mark" in html and "&lt;sensors&gt;" in html and "<sensors>" not in html


def test_evidence_of_a_pair_an_id_and_without_documents(tables):
    fact_id = tables.facts["fact_id"].iloc[0]
    assert len(evidence(tables, ("BUMT", "University of Sado"))) == 2
    assert evidence(tables, fact_id).to_frame()["doc_id"].tolist() == ["a"]
    pair = next(row for row in tables.partnerships.itertuples() if row.n_facts)
    assert len(evidence(tables, pair)) == 2


def test_a_diff_tells_what_came_went_and_changed(tables, records):
    assert diff(tables, tables).empty
    changes = diff(build(records[:2]), tables)
    assert set(changes["change"]) == {"added"}
    later = [*records, make_record("d", "2023-01-01", partnerships=[make_pair(status="ended")])]
    changed = diff(tables, build(later)).query("column == 'status'").iloc[0]
    assert (changed["old"], changed["new"]) == ("agreed", "ended")


def test_why_gives_the_reasons_of_each_merge(tables, out):
    for where in (tables, out):
        rows = why(where, "University of Sado")
        assert rows["verdict"].tolist() == ["linked"]
        assert rows["reasons"].iloc[0][0].startswith("same_words")
        assert {rows["left"].iloc[0], rows["right"].iloc[0]} == {"Sado University [PT]", "University of Sado [PT]"}


def test_sql_answers_from_the_tables_and_from_nothing_else(out):
    pytest.importorskip("duckdb")
    assert query(out, "select count(*) as n from partnerships where status = 'agreed'")["n"].tolist() == [2]
    for sql in ("select * from read_csv('/etc/passwd')", "copy facts to '/tmp/stolen.csv'", "set enable_external_access = true"):
        with pytest.raises(PipelineError, match="query failed"):
            query(out, sql)
