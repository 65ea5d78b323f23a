"""Organisations across articles."""

from __future__ import annotations

import csv

import pytest
from records import BEIHAI, SADO, make_org, make_pair, make_record

from pipeline.building import build
from pipeline.errors import PipelineError
from pipeline.resolve.decisions import Decision, read_decisions
from pipeline.resolve.registry import read_registry

DECIDED = Decision("University of Sado [PT]", "Sado Polytechnic Institute [PT]", "same", "merged in 2020", "decisions.csv:2")


def ids_of(tables, doc_id=None):
    """Give name or alias -> org_id."""
    table = tables.organizations
    return {name: row.org_id for row in table.itertuples() for name in (row.name, *row.aliases)}


def build_names(*orgs, **options):
    """Give the ids of organisations that each stand in an article of their own."""
    return ids_of(build([make_record(f"d{n}", orgs=(org,), partnerships=()) for n, org in enumerate(orgs)], **options))


def test_variants_of_one_name_are_one_organization():
    ids = build_names(
        SADO,
        make_org("o1", "Universidade do Sado", country="PT"),
        make_org("o1", "SADO UNIVERSITY", country="PT"),
        make_org("o1", "Sado University of Portugal"),
    )
    assert len(set(ids.values())) == 1


def test_an_acronym_joins_the_name_to_which_an_article_gives_it():
    ids = build_names(BEIHAI, make_org("o1", "BUMT", country="CN"))
    assert ids["BUMT"] == ids["Beihai University of Marine Technology"]


def test_an_acronym_of_two_organizations_joins_neither():
    ids = build_names(
        make_org("o1", "Mangystau Technical University", names=("MTU",), country="KZ"),
        make_org("o1", "Maritime Trade Union", names=("MTU",), type="ngo", country="DE"),
        make_org("o1", "MTU"),
    )
    table = build([make_record("a", orgs=(make_org("o1", "MTU"),), partnerships=())]).organizations
    assert len({ids["Mangystau Technical University"], ids["Maritime Trade Union"]}) == 2
    assert table["name"].tolist() == ["MTU"]


def test_a_name_without_country_that_two_countries_have_stays_apart_and_is_listed():
    one, other, bare = (make_org("o1", "Trinity Harbour College", country=c) for c in ("IE", "US", None))
    tables = build([make_record(f"d{n}", orgs=(o,), partnerships=()) for n, o in enumerate((one, one, other, other, bare))])
    assert len(tables.organizations) == 3
    assert (tables.links["by"] == "ambiguity").sum() == 1  # one question, whose reason names the other


def test_units_of_the_same_name_stay_with_their_parents():
    records = [
        make_record("a", orgs=(SADO, make_org("o2", "School of Law", type="unit", parent="o1")), partnerships=()),
        make_record("b", orgs=(BEIHAI | {"id": "o1"}, make_org("o2", "School of Law", type="unit", parent="o1")), partnerships=()),
        make_record(
            "c",
            orgs=(
                SADO,
                make_org("o2", "Faculdade de Direito", type="unit", parent="o1"),
                make_org("o3", "Law School", type="unit", parent="o1"),
            ),
            partnerships=(),
        ),
    ]
    units = build(records).organizations.query("type == 'unit'")
    assert sorted(units["name"]) == ["Faculdade de Direito", "School of Law", "School of Law"]
    assert units["parent_id"].nunique() == 2


def test_a_generic_name_without_parent_is_another_in_each_article():
    tables = build(
        [make_record(d, orgs=(make_org("o1", "International Office", type="unit", country="CN"),), partnerships=()) for d in "abc"]
    )
    assert len(tables.organizations) == 3


def test_no_chain_leads_across_a_country():
    ids = build_names(
        make_org("o1", "Harbour Energy Systems", country="GB", type="company"),
        make_org("o1", "Harbour Energy Systems Ltd", type="company"),
        make_org("o1", "Harbour Energy Systems Inc.", country="US", type="company"),
        make_org("o1", "Harbor Energy Systems", country="US", type="company"),
    )
    assert ids["Harbour Energy Systems"] != ids["Harbour Energy Systems Inc."]


def test_a_misread_country_doesnt_split_an_organization():
    """One article of ten says JP."""
    orgs = [*[SADO] * 9, make_org("o1", "University of Sado", country="NL")]
    tables = build([make_record(f"d{n}", orgs=(o,), partnerships=()) for n, o in enumerate(orgs)])
    assert tables.organizations[["name", "country"]].values.tolist() == [["University of Sado", "PT"]]


def test_a_daughter_says_nothing_of_the_country_of_its_parent():
    mother = make_org("o1", "Tern Lines AB", type="company", country="SE")
    daughter = make_org("o1", "Tern Lines Ghana", type="company", country="GH")
    tables = build([make_record(f"d{n}", orgs=(o,), partnerships=()) for n, o in enumerate((mother, daughter, daughter))])
    assert dict(tables.organizations[["name", "country"]].values.tolist()) == {"Tern Lines AB": "SE", "Tern Lines Ghana": "GH"}


def test_decisions_outrank_scores_and_rules():
    polytechnic = make_org("o1", "Sado Polytechnic Institute", country="PT")
    assert len(set(build_names(SADO, polytechnic).values())) == 2
    assert len(set(build_names(SADO, polytechnic, decisions=[DECIDED]).values())) == 1
    apart = Decision("University of Sado", "Universidade do Sado", "different", "", "decisions.csv:3")
    assert len(set(build_names(SADO, make_org("o1", "Universidade do Sado", country="PT"), decisions=[apart]).values())) == 2


def test_decided_differences_hold_through_chains():
    apart = Decision("University of Sado", "Universidade do Sado", "different", "", "decisions.csv:3")
    ids = build_names(
        SADO, make_org("o1", "Universidade do Sado", country="PT"), make_org("o1", "Sado University", country="PT"), decisions=[apart]
    )
    assert ids["University of Sado"] != ids["Universidade do Sado"]


def test_decisions_that_contradict_each_other_are_refused_with_their_lines():
    lines = [
        Decision("University of Sado", "Sado University", "same", "", "decisions.csv:2"),
        Decision("Sado University", "Sado Polytechnic", "same", "", "decisions.csv:3"),
        Decision("University of Sado", "Sado Polytechnic", "different", "", "decisions.csv:4"),
    ]
    with pytest.raises(PipelineError, match=r"decisions\.csv:4.*different"):
        build_names(
            SADO, make_org("o1", "Sado University", country="PT"), make_org("o1", "Sado Polytechnic", country="PT"), decisions=lines
        )


def test_every_decided_pair_is_among_the_links_with_its_note():
    tables = build(
        [make_record("a"), make_record("b", orgs=(make_org("o1", "Sado Polytechnic Institute", country="PT"),), partnerships=())],
        decisions=[DECIDED],
    )
    row = tables.links[tables.links["by"] == "decision"].iloc[0]
    assert row["verdict"] == "linked" and "merged in 2020" in row["reasons"][0]


def test_a_link_keeps_what_each_feature_added():
    tables = build([make_record("a"), make_record("b", orgs=(make_org("o1", "Universidade do Sado", country="PT"), BEIHAI))])
    row = tables.links.query("verdict == 'linked'").iloc[0]
    added = [float(reason.split()[1].rstrip(":")) for reason in row["reasons"]]
    assert sum(added) == pytest.approx(row["score"]) and row["reasons"][0].startswith("same_words +0.92: The same words")


def test_a_registry_gives_its_ids_and_joins_its_aliases(tmp_path):
    path = tmp_path / "registry.csv"
    path.write_text(
        "id,name,aliases,country\nror:1,University of Sado,USado; Universidade do Sado,PT\nror:2,Nowhere College,,PT\n", encoding="utf-8"
    )
    tables = build(
        [make_record("a", orgs=(make_org("o1", "Universidade do Sado"), BEIHAI)), make_record("b")], registry=read_registry(path)
    )
    assert tables.organizations.set_index("name")["registry_id"].dropna().tolist() == ["ror:1"]
    assert len(tables.organizations) == 2


def test_faults_of_a_registry_and_of_decisions_are_all_told(tmp_path):
    registry, decisions = tmp_path / "registry.csv", tmp_path / "decisions.csv"
    registry.write_text("id,name\nx,One\nx,Two\n,Three\n", encoding="utf-8")
    decisions.write_text("left,right,verdict,note\nA,B,equal,\n,B,same,\n", encoding="utf-8")
    with pytest.raises(PipelineError, match=r"(?s)registry\.csv:3.*registry\.csv:4"):
        read_registry(registry)
    with pytest.raises(PipelineError, match=r"(?s)decisions\.csv:2.*'equal'.*decisions\.csv:3"):
        read_decisions(decisions)


def test_ids_stay_when_later_articles_come():
    before = [
        make_record("a", "2020-01-01"),
        make_record("b", "2021-01-01", orgs=(make_org("o1", "Universidade do Sado", country="PT"), BEIHAI)),
    ]
    after = [
        *before,
        make_record("c", "2022-01-01", orgs=(make_org("o1", "Sado University"), BEIHAI)),
        make_record("e", None, orgs=(make_org("o1", "SADO UNIVERSITY"), BEIHAI)),
    ]
    old, new = build(before), build(after)
    assert set(old.organizations["org_id"]) == set(new.organizations["org_id"])


def test_a_country_as_a_party_is_one_organization_however_it_is_named():
    names = [make_org("o1", n, type="country", country="GH") for n in ("Ghana", "Government of Ghana", "Republic of Ghana")]
    tables = build([make_record(f"d{n}", orgs=(o,), partnerships=()) for n, o in enumerate(names)])
    assert len(tables.organizations) == 1


def test_a_ministry_is_one_with_and_without_its_country():
    ids = build_names(
        make_org("o1", "Ministry of Energy", type="government", country="GH"),
        make_org("o1", "Ghana's Ministry of Energy", type="government", country="GH"),
        make_org("o1", "Ministry of Energy of Kazakhstan", type="government"),
        make_org("o1", "Energy Ministry", type="government", country="KZ"),
    )
    assert len(set(ids.values())) == 2


def test_pairs_of_one_article_join_under_the_ids(tmp_path):
    first = make_record("a", partnerships=[make_pair()])
    second = make_record(
        "b", orgs=(make_org("o1", "BUMT", country="CN"), make_org("o2", "Sado University", country="PT")), partnerships=[make_pair()]
    )
    assert len(build([first, second]).partnerships) == 1


@pytest.mark.parametrize("read", [read_decisions, read_registry])
@pytest.mark.parametrize("row", [b"\xed\xa0\xbd,b,c,d,same\n", b'"' + b"a" * 200_000])
def test_a_table_of_people_that_cannot_be_read_is_one_clear_line(tmp_path, read, row):
    csv.field_size_limit(10_000_000)  # as the reader of archives does, for the whole process
    path = tmp_path / "table.csv"
    path.write_bytes(b"id,name,left,right,verdict\n" + row)
    with pytest.raises(PipelineError, match=r"table\.csv: (byte 0xed found at offset \d+, UTF-8 expected|no CSV: field larger)"):
        read(path)
