"""Exports, each read by a reader that is not ours."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from records import SADO, make_area, make_event, make_org, make_pair, make_person, make_record

from pipeline.building import build
from pipeline.errors import UsageError
from pipeline.export import FORMATS, export_tables
from pipeline.records import dump_record
from pipeline.tables import Tables, write_tables

TEXT = "The University of Sado 😀 and <BUMT> & partners agreed on joint research on harbour siltation. They signed a memorandum."
PHRASE = "joint research on harbour siltation"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with what formats stumble over: control characters, markup, a formula, a unit, odd ids, no dates, half a surrogate pair."""
    out = tmp_path_factory.mktemp("out")
    area = {**make_area(PHRASE, start=TEXT.index(PHRASE), speaker="p1", date="2015-06"), "sentence": [0, TEXT.index(" They")]}
    signing = make_event(date="2015-04-20", people=("p1",), instrument="mou", start=TEXT.index("signed"))
    signing["sentence"] = [TEXT.index("They"), len(TEXT)]
    aliases = ("BUMT", "=HYPERLINK(1)", 'Bei"hai;\x0b\ud83d<&>')
    beihai = make_org("o2", "Beihai University of Marine Technology", names=aliases, country="CN")
    faculty = make_org("o3", "Faculty of Marine Sciences", type="unit", country="PT", parent="o1")
    orgs = (SADO, beihai, faculty, make_org("o4", "Nameless & Sons\x01 Ltd", type="company"))
    rector = make_person("p1", "Ana Prado", ("Rector", "o1"), ("Guest", None))
    pairs = (make_pair(), make_pair("o2", "o3", "proposed"), make_pair("o2", "o4"))
    first = make_record("d1", "2015-04-24", text=TEXT, orgs=orgs, people=(rector,), areas=(area,), events=(signing,), partnerships=pairs)
    first["url"] = "https://example.org/a?b=1"
    exchange = make_area("student exchange", category="student_exchange")
    records = [first, make_record("a b/ü#1", None, url="not an address", areas=(exchange,))]
    (out / "documents.jsonl").write_text("".join(dump_record(r) + "\n" for r in records), encoding="utf-8", errors="replace")
    write_tables(build(json.loads(line) for line in (out / "documents.jsonl").read_text(encoding="utf-8").splitlines()), out)
    return out


@pytest.fixture(scope="module")
def tables(out: Path) -> Tables:
    from pipeline.tables import read_tables

    return read_tables(out)


@pytest.mark.parametrize("to", FORMATS)
def test_export_is_the_same_each_time_and_leaves_nothing_half_written(out: Path, to: str) -> None:
    first = {path: path.read_bytes() for path in export_tables(out, to)}
    assert first == {path: path.read_bytes() for path in export_tables(out, to)}
    assert not list(out.rglob("*.part"))


def test_unknown_format_names_those_there_are(out: Path) -> None:
    with pytest.raises(UsageError, match="'xls' found; graphml, gexf, jsonld, ftm, csv, datapackage expected"):
        export_tables(out, "xls")


@pytest.mark.parametrize("to", ["graphml", "gexf"])
def test_graph_is_read_by_networkx(out: Path, tables: Tables, to: str) -> None:
    nx = pytest.importorskip("networkx")
    (path,) = export_tables(out, to)
    graph = {"graphml": nx.read_graphml, "gexf": nx.read_gexf}[to](path)
    pairs = tables.partnerships
    assert {frozenset(edge) for edge in graph.edges} == {frozenset(pair) for pair in zip(pairs["org_a"], pairs["org_b"])}
    names = dict(zip(tables.organizations["org_id"], tables.organizations["name"]))
    for org_id, values in graph.nodes(data=True):
        assert values["label"] == names[org_id].replace("\x01", "?")
    first = pairs.iloc[0]
    edge = graph.edges[first["org_a"], first["org_b"]]
    assert (edge["status"], edge["n_documents"]) == (first["status"], first["n_documents"])
    assert edge["confidence"] == pytest.approx(first["confidence"])


def test_linked_data_is_read_by_rdflib(out: Path, tables: Tables) -> None:
    rdflib = pytest.importorskip("rdflib")
    (path,) = export_tables(out, "jsonld")
    graph = rdflib.Graph().parse(path, format="json-ld")
    org, oa, schema = (rdflib.Namespace(n) for n in ("http://www.w3.org/ns/org#", "http://www.w3.org/ns/oa#", "https://schema.org/"))
    wanted = {org.Organization, org.OrganizationalUnit, org.Membership, oa.Annotation, schema.CollegeOrUniversity, schema.Person}
    assert wanted <= set(graph.objects(None, rdflib.RDF.type))
    assert len(set(graph.subjects(rdflib.RDF.type, oa.Annotation))) == len(tables.facts) + len(tables.events)
    assert len(list(graph.subject_objects(org.linkedTo))) == 2 * len(tables.partnerships)
    assert len(list(graph.subject_objects(org.subOrganizationOf))) == 1
    assert {str(url) for url in graph.objects(None, schema.url)} == {"https://example.org/a?b=1"}
    fact = tables.facts.set_index("area").loc[PHRASE, "fact_id"]
    (target,) = graph.objects(rdflib.URIRef(f"urn:coopfacts:{fact}/evidence"), oa.hasTarget)
    assert list(graph.objects(target, oa.hasSource)) == [rdflib.URIRef("urn:coopfacts:doc_d1")]
    selectors = graph.objects(target, oa.hasSelector)
    values = {p: o.toPython() for selector in selectors for p, o in graph.predicate_objects(selector)}
    assert TEXT[values[oa.start] : values[oa.end]] == values[oa.exact] == PHRASE
    assert values[oa.prefix] + values[oa.exact] + values[oa.suffix] in TEXT
    for subject in graph.all_nodes():
        assert not isinstance(subject, rdflib.URIRef) or " " not in subject


def test_entities_are_what_followthemoney_takes(out: Path, tables: Tables) -> None:
    model = pytest.importorskip("followthemoney").model
    (path,) = export_tables(out, "ftm")
    entities = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        proxy = model.get_proxy(data, cleaned=False)  # drops what isn't valid
        proxy.schema.validate(data)
        told = {name: sorted(values) for name, values in data["properties"].items() if name not in ("name", "alias")}  # evens white space
        assert {name: sorted(proxy.get(name)) for name in told} == told
        assert proxy.id not in entities
        entities[proxy.id] = proxy
    count: dict[str, int] = {}
    for proxy in entities.values():
        count[proxy.schema.name] = count.get(proxy.schema.name, 0) + 1
        for prop, value in proxy.itervalues():
            if prop.type.name == "entity":
                assert entities[value].schema.is_a(prop.range), f"{proxy.id} {prop.name}"
    ones = dict.fromkeys(("Company", "Person", "Membership", "Employment", "Event"), 1)
    assert count == {"Organization": 3, "Article": 2, "UnknownLink": 3, **ones}
    (rector,) = (p for p in entities.values() if p.schema.name == "Employment")
    assert rector.get("role") == ["Rector"]


def test_csv_is_read_by_pandas_and_holds_no_formulas(out: Path, tables: Tables) -> None:
    import pandas as pd

    paths = export_tables(out, "csv")
    assert [path.stem for path in paths] == [name for name, _ in tables.items()]
    for path, (_, table) in zip(paths, tables.items()):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert list(frame.columns) == list(table.columns)
        assert len(frame) == len(table)
        with open(path, encoding="utf-8-sig", newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_data_package_is_valid_to_frictionless(out: Path, tables: Tables) -> None:
    frictionless = pytest.importorskip("frictionless")
    path, *_ = export_tables(out, "datapackage")
    report = frictionless.Package(str(path)).validate()
    assert report.valid, report.flatten(["name", "type", "note"])
    package: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    described = {r["name"]: [f["name"] for f in r["schema"]["fields"]] for r in package["resources"]}
    assert described == {name: list(table.columns) for name, table in tables.items()}
    (pairs,) = (r["schema"]["fields"] for r in package["resources"] if r["name"] == "partnerships")
    types = {field["name"]: field["type"] for field in pairs}
    assert [types[n] for n in ("first_date", "n_documents", "confidence", "contradiction")] == ["date", "integer", "number", "boolean"]


def test_no_partnerships_give_empty_exports(tmp_path: Path) -> None:
    write_tables(build([]), tmp_path)
    for to in FORMATS:
        assert all(path.is_file() for path in export_tables(tmp_path, to))
