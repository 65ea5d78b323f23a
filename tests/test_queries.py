"""Questions to the tables."""

from __future__ import annotations

import json

import pytest
from records import BEIHAI, SADO, make_area, make_event, make_org, make_pair, make_record

from pipeline.building import build, build_tables
from pipeline.cli import main
from pipeline.errors import PipelineError
from pipeline.queries import diff, evidence, find_org, network, partners_of, query, roll_up, timeline, why, write_level
from pipeline.report import write_report
from pipeline.tables import Tables, read_tables

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
    assert query(out, "select count(*) as n from partnerships where status = 'agreed'")["n"].tolist() == [2]
    for sql in ("select * from read_csv('/etc/passwd')", "copy facts to '/tmp/stolen.csv'", "set enable_external_access = true"):
        with pytest.raises(PipelineError, match="query failed"):
            query(out, sql)


def test_who_since_when_in_what_and_how_do_you_know_is_one_line(tables, out):
    """In pandas and in SQL, with the same answer."""
    columns = ["partner", "first_date", "status", "categories", "evidence"]
    answer = partners_of(tables, "BUMT")[columns]
    assert answer["partner"].tolist() == ["University of Sado"]
    assert answer["first_date"].dt.date.astype(str).tolist() == ["2019-04-12"]
    assert answer["categories"].tolist() == [["joint_research"]]
    assert answer["evidence"].tolist() == [TEXT[24:]]
    rows = query(out, f"select {', '.join(columns)} from partners where name = 'Beihai University of Marine Technology'")
    assert rows["partner"].tolist() == answer["partner"].tolist()
    assert rows["evidence"].tolist() == answer["evidence"].tolist()
    assert len(query(out, "select * from partners")) == 2 * len(tables.partnerships)


def test_a_partner_without_facts_has_the_sentence_of_an_event_or_none(tables):
    row = partners_of(tables, "Kvarken University of Applied Sciences").iloc[0]
    assert (row["n_facts"], row["evidence"]) == (0, None)


@pytest.mark.parametrize("level, rows", [("unit", 3), ("organization", 2), ("country", 2)])
def test_every_command_takes_the_level(out, capsys, level, rows):
    assert main(["query", str(out), "select count(*) as n from partnerships", "--level", level]) == 0
    assert str(rows) in capsys.readouterr().out.split()
    assert main(["build", str(out), "--level", level]) == 0
    folder = out if level == "unit" else out / level
    assert len(read_tables(folder).partnerships) == rows
    assert main(["report", str(out), "--level", level]) == 0
    assert (out / ("report.html" if level == "unit" else f"report-{level}.html")).is_file()
    assert main(["export", str(out), "--to", "datapackage", "--level", level]) == 0


def test_ids_of_rolled_up_tables_point_to_their_organizations(tables, out):
    for level in ("organization", "country"):
        rolled = read_tables(write_level(out, level))
        known = set(rolled.organizations["org_id"])
        assert known >= {*rolled.partnerships["org_a"], *rolled.partnerships["org_b"], *rolled.facts["org_a"], *rolled.facts["org_b"]}
        assert known >= {i for ids in rolled.events["org_ids"] for i in ids}
        assert known >= {*rolled.affiliations["org_id"].dropna(), *rolled.documents["issuer"].dropna()}
        assert rolled.documents["n_facts"].sum() == len(rolled.facts)
    names = read_tables(out / "country").organizations.set_index("org_id")["name"]
    assert names.to_dict() == {"CN": "China", "FI": "Finland", "PT": "Portugal"}


def test_an_article_on_a_unit_and_its_organization_is_one_report_that_keeps_all_it_tells():
    pairs = [
        make_pair("o1", "o2", "ongoing", instruments=("mou",), valid_until="2025"),
        make_pair("o1", "o3", "agreed", instruments=("agreement",), confidence=0.9),
    ]
    tables = roll_up(build([make_record("a", "2020-01-01", orgs=(SADO, BEIHAI, SCHOOL), partnerships=pairs)]), "organization")
    (report,) = tables.history.itertuples()
    assert (report.status, report.instruments, report.valid_until, report.confidence) == ("ongoing", ["agreement", "mou"], "2025", 0.9)


def test_a_report_can_be_made_of_every_level(out):
    for level in ("organization", "country"):
        assert "joint research of" in write_report(out, level=level).read_text(encoding="utf-8")
