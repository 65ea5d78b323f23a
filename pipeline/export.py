"""Tables -> the formats of other tools: graphs, linked data, FollowTheMoney, CSV."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.errors import UsageError
from pipeline.queries import network, read_level
from pipeline.records import read_records
from pipeline.schema import SCHEMA_VERSION, TABLES
from pipeline.tables import Tables, to_csv
from pipeline.version import find_version

if TYPE_CHECKING:
    import networkx as nx

Json = dict[str, Any]
Quote = tuple[str, str, str]  # before, exact, after
MAX_QUOTE_CONTEXT = 32  # characters before and after a quote
XML = '<?xml version="1.0" encoding="utf-8"?>\n'
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LOOSE_SURROGATE = re.compile("[\ud800-\udfff]")

# -- where each column points to, for the data package
KEYS: Mapping[str, tuple[str, ...]] = {
    "documents": ("doc_id",),
    "organizations": ("org_id",),
    "people": ("person_id",),
    "facts": ("fact_id",),
    "events": ("event_id",),
    "partnerships": ("org_a", "org_b"),
    "history": ("org_a", "org_b", "doc_id"),
}
POINTS_TO: Mapping[str, tuple[str, str]] = {
    "doc_id": ("documents", "doc_id"),
    "org_id": ("organizations", "org_id"),
    "org_a": ("organizations", "org_id"),
    "org_b": ("organizations", "org_id"),
    "parent_id": ("organizations", "org_id"),
    "issuer": ("organizations", "org_id"),
    "person_id": ("people", "person_id"),
    "speaker_id": ("people", "person_id"),
}
FIELD_TYPES = {"int64": "integer", "float64": "number", "bool": "boolean", "date32": "date"}

# -- linked data: schema.org, the W3C organization ontology, W3C Web Annotation; what none of them has is ours
CONTEXT: Json = {
    "schema": "https://schema.org/",
    "org": "http://www.w3.org/ns/org#",
    "oa": "http://www.w3.org/ns/oa#",
    "coop": "urn:coopfacts:vocabulary#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "cf": "urn:coopfacts:",
    "name": "schema:name",
    "alternateName": "schema:alternateName",
    "identifier": "schema:identifier",
    "headline": "schema:headline",
    "datePublished": "schema:datePublished",
    "inLanguage": "schema:inLanguage",
    "url": {"@id": "schema:url", "@type": "@id"},
    "isBasedOn": {"@id": "schema:isBasedOn", "@type": "@id"},
    "publisher": {"@id": "schema:publisher", "@type": "@id"},
    "attendee": {"@id": "schema:attendee", "@type": "@id"},
    "subjectOf": {"@id": "schema:subjectOf", "@type": "@id"},
    "startDate": {"@id": "schema:startDate", "@type": "xsd:date"},
    "endDate": {"@id": "schema:endDate", "@type": "xsd:date"},
    "roleName": "schema:roleName",
    "address": "schema:address",
    "addressCountry": "schema:addressCountry",
    "subOrganizationOf": {"@id": "org:subOrganizationOf", "@type": "@id"},
    "linkedTo": {"@id": "org:linkedTo", "@type": "@id"},
    "member": {"@id": "org:member", "@type": "@id"},
    "organization": {"@id": "org:organization", "@type": "@id"},
    "hasBody": {"@id": "oa:hasBody", "@type": "@id"},
    "hasTarget": {"@id": "oa:hasTarget"},
    "hasSource": {"@id": "oa:hasSource", "@type": "@id"},
    "hasSelector": {"@id": "oa:hasSelector"},
    "motivatedBy": {"@id": "oa:motivatedBy", "@type": "@id"},
    "start": {"@id": "oa:start", "@type": "xsd:nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": "xsd:nonNegativeInteger"},
    "exact": "oa:exact",
    "prefix": "oa:prefix",
    "suffix": "oa:suffix",
    "party": {"@id": "coop:party", "@type": "@id"},
    "partnership": {"@id": "coop:partnership", "@type": "@id"},
    "speaker": {"@id": "coop:speaker", "@type": "@id"},
    "status": "coop:status",
    "category": "coop:category",
    "area": "coop:area",
    "date": "coop:date",
    "eventType": "coop:eventType",
    "instrument": "coop:instrument",
    "validUntil": "coop:validUntil",
    "instrumentTerm": "coop:instrumentTerm",
    "confidence": {"@id": "coop:confidence", "@type": "xsd:double"},
}
SCHEMA_ORG_TYPES = {
    "university": "schema:CollegeOrUniversity",
    "school": "schema:School",
    "company": "schema:Corporation",
    "government": "schema:GovernmentOrganization",
    "research": "schema:ResearchOrganization",
    "hospital": "schema:Hospital",
    "ngo": "schema:NGO",
    "media": "schema:NewsMediaOrganization",
    "country": "schema:Country",
}
FTM_LANGUAGES = {"en": "eng"}  # ISO 639-3; articles in others are not read
FTM_SCHEMATA = {"company": "Company", "government": "PublicBody", "country": "PublicBody"}  # all others: Organization


def export_tables(out: str | Path, to: str, *, level: str = "unit") -> list[Path]:
    """Write the tables of a run in another format to OUT/export and give the paths; the same tables give the same bytes.

    to: graphml or gexf (the network of partnerships), jsonld, ftm (FollowTheMoney entities, a line each), csv, datapackage.
    level: unit, organization or country; of the latter two to OUT/export/LEVEL.
    Raises UsageError for another format, MissingExtraError where networkx is missing, PipelineError where tables are.
    """
    if to not in FORMATS:
        raise UsageError(f"format {to!r} found; {', '.join(FORMATS)} expected")
    out = Path(out)
    return FORMATS[to](read_level(out, level), out, out / "export" / ("" if level == "unit" else level))


def write_text(path: Path, parts: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with open(partial, "w", encoding="utf-8", errors="replace", newline="") as file:
        file.writelines(parts)
    partial.replace(path)
    return path


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    yield from frame.itertuples(index=False)


def text_of(value: Any) -> str | None:
    """Give a cell as text, None where there is none; half a surrogate pair, which no format can hold, becomes "?"."""
    return LOOSE_SURROGATE.sub("?", value) if isinstance(value, str) else None


def day_of(value: Any) -> str | None:
    return None if pd.isna(value) else str(value.date().isoformat())


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def hash_of(*parts: str | None) -> str:
    return hashlib.sha256(dump(parts).encode()).hexdigest()[:16]


# -- graphs


def make_graph(tables: Tables) -> "nx.Graph[str]":
    """Give the network of partnerships with a label for each node, and no character that XML can't hold."""
    graph = network(tables, level="unit")
    for _, values in graph.nodes(data=True):
        values["label"] = values["name"]
    for _, values in [*graph.nodes(data=True), *((pair, values) for *pair, values in graph.edges(data=True))]:
        values.update({key: NO_XML.sub("?", value) for key, value in values.items() if isinstance(value, str)})
    return graph


def write_graphml(tables: Tables, out: Path, folder: Path) -> list[Path]:
    graph = make_graph(tables)
    import networkx as nx

    return [write_text(folder / "partnerships.graphml", (XML, "\n".join(nx.generate_graphml(graph)), "\n"))]


def write_gexf(tables: Tables, out: Path, folder: Path) -> list[Path]:
    graph = make_graph(tables)
    import networkx as nx

    text = re.sub(r' lastmodifieddate="[^"]*"', "", "\n".join(nx.generate_gexf(graph)), count=1)  # the day of the export is no fact
    return [write_text(folder / "partnerships.gexf", (XML, text, "\n"))]


# -- linked data


def write_jsonld(tables: Tables, out: Path, folder: Path) -> list[Path]:
    """Write one JSON-LD document, a node a line."""

    def lines() -> Iterator[str]:
        yield f'{{"@context":{dump(CONTEXT)},\n"@graph":[\n'
        for n, node in enumerate(jsonld_nodes(tables, read_quotes(tables, out / "documents.jsonl"))):
            yield (",\n" if n else "") + dump({key: value for key, value in node.items() if value not in (None, [], "")})
        yield "\n]}\n"

    return [write_text(folder / "coopfacts.jsonld", lines())]


def jsonld_nodes(tables: Tables, quotes: Mapping[tuple[str, int, int], Quote]) -> Iterator[Json]:
    partners: dict[str, list[str]] = {}
    for r in rows_of(tables.partnerships):
        partners.setdefault(r.org_a, []).append(iri(r.org_b))
        partners.setdefault(r.org_b, []).append(iri(r.org_a))
    for r in rows_of(tables.organizations):
        kind = "org:OrganizationalUnit" if r.type == "unit" else "org:Organization"
        yield {
            "@id": iri(r.org_id), "@type": [SCHEMA_ORG_TYPES.get(r.type, "schema:Organization"), kind],
            "name": text_of(r.name), "alternateName": [text_of(a) for a in r.aliases], "identifier": text_of(r.registry_id),
            "address": {"@type": "schema:PostalAddress", "addressCountry": r.country} if text_of(r.country) else None,
            "subOrganizationOf": iri(r.parent_id), "linkedTo": sorted(partners.get(r.org_id, ())),
        }  # fmt: skip
    for r in rows_of(tables.people):
        yield {"@id": iri(r.person_id), "@type": "schema:Person", "name": text_of(r.name), "alternateName": [text_of(a) for a in r.aliases]}
    for r in rows_of(tables.affiliations):
        if text_of(r.org_id):
            yield {
                "@id": iri(f"membership_{hash_of(r.person_id, r.org_id, text_of(r.role))}"), "@type": "org:Membership",
                "member": iri(r.person_id), "organization": iri(r.org_id), "roleName": text_of(r.role), "subjectOf": doc_iris(r.doc_ids),
            }  # fmt: skip
    for r in rows_of(tables.documents):
        yield {
            "@id": iri(doc_name(r.doc_id)), "@type": "schema:NewsArticle", "identifier": text_of(r.doc_id), "headline": text_of(r.title),
            "datePublished": text_of(r.published), "inLanguage": text_of(r.language), "url": web_address(r.url),
            "publisher": iri(r.issuer), "isBasedOn": doc_iris([r.duplicate_of] if text_of(r.duplicate_of) else []),
        }  # fmt: skip
    for r in rows_of(tables.partnerships):
        yield {
            "@id": iri(pair_name(r.org_a, r.org_b)), "@type": "coop:Partnership", "party": [iri(r.org_a), iri(r.org_b)],
            "status": text_of(r.status), "startDate": day_of(r.first_date), "endDate": day_of(r.last_date),
            "validUntil": text_of(r.valid_until), "category": list(r.categories), "instrument": list(r.instruments),
            "instrumentTerm": [f"{code} {term}" for code, term in zip(r.instruments, r.instrument_terms) if term],
            "confidence": r.confidence, "subjectOf": doc_iris(r.doc_ids),
        }  # fmt: skip
    for r in rows_of(tables.facts):
        yield {
            "@id": iri(r.fact_id), "@type": "coop:Fact", "partnership": iri(pair_name(r.org_a, r.org_b)),
            "party": [iri(r.org_a), iri(r.org_b)], "area": text_of(r.area), "category": text_of(r.category),
            "status": text_of(r.status), "date": text_of(r.date), "speaker": iri(r.speaker_id), "confidence": r.confidence,
        }  # fmt: skip
        yield annotation(r.fact_id, r, quotes)
    for r in rows_of(tables.events):
        yield {
            "@id": iri(r.event_id), "@type": "schema:Event", "name": text_of(r.type), "eventType": text_of(r.type), "date": text_of(r.date),
            "startDate": day_of(r.date_start), "endDate": day_of(r.date_end), "instrument": text_of(r.instrument),
            "attendee": [iri(i) for i in (*r.org_ids, *r.person_ids)],
        }  # fmt: skip
        yield annotation(r.event_id, r, quotes)


def annotation(of: str, row: Any, quotes: Mapping[tuple[str, int, int], Quote]) -> Json:
    """Give the evidence of a row as a Web Annotation: the article, and where in its text, by position and by quote."""
    selectors: list[Json] = []
    if row.end > row.start:
        selectors.append({"@type": "oa:TextPositionSelector", "start": int(row.start), "end": int(row.end)})
    quote = quotes.get((row.doc_id, row.start, row.end)) or ("", text_of(row.evidence) or "", "")
    parts = {"exact": quote[1], "prefix": quote[0], "suffix": quote[2]}
    selectors.append({"@type": "oa:TextQuoteSelector", **{key: value for key, value in parts.items() if value}})
    target = {"@type": "oa:SpecificResource", "hasSource": iri(doc_name(row.doc_id)), "hasSelector": selectors}
    head = {"@id": iri(f"{of}/evidence"), "@type": "oa:Annotation", "motivatedBy": "oa:identifying"}
    return {**head, "hasBody": iri(of), "hasTarget": target}


def read_quotes(tables: Tables, path: Path) -> dict[tuple[str, int, int], Quote]:
    """Give the words of each fact and event as the article has them, what stands before and after; nothing without documents.jsonl."""
    wanted: dict[str, set[tuple[int, int]]] = {}
    for frame in (tables.facts, tables.events):
        for doc_id, start, end in zip(frame["doc_id"], frame["start"], frame["end"], strict=True):
            if end > start:
                wanted.setdefault(doc_id, set()).add((int(start), int(end)))
    quotes = {}
    for record in read_records(path) if path.is_file() else ():
        doc_id, text = str(record["doc_id"]), LOOSE_SURROGATE.sub("?", record["text"])
        for start, end in wanted.get(doc_id, ()):
            before, after = text[max(0, start - MAX_QUOTE_CONTEXT) : start], text[end : end + MAX_QUOTE_CONTEXT]
            quotes[doc_id, start, end] = before, text[start:end], after
    return quotes


def iri(id: Any) -> str:
    """Give the compact IRI of an id of ours; empty where there is none."""
    return f"cf:{id}" if isinstance(id, str) else ""


def doc_iris(doc_ids: Iterable[str]) -> list[str]:
    return [iri(doc_name(doc_id)) for doc_id in doc_ids]


def doc_name(doc_id: str) -> str:
    """Give the name of an article; an id of the input's own may hold anything, so it is hashed where it isn't plain."""
    plain = re.fullmatch(r"[0-9A-Za-z]+(-[0-9A-Za-z]+)*", doc_id)
    return f"doc_{doc_id if plain else hashlib.sha256(doc_id.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def pair_name(org_a: str, org_b: str) -> str:
    return f"{org_a}+{org_b}"


def web_address(url: Any) -> str | None:
    """Give a web address that can stand as an IRI; else None."""
    return url if isinstance(url, str) and re.fullmatch(r'https?://[^\s<>"{}|\\^`\x00-\x20\ud800-\udfff]+', url, re.IGNORECASE) else None


# -- FollowTheMoney


def write_ftm(tables: Tables, out: Path, folder: Path) -> list[Path]:
    """Write entities of the FollowTheMoney model, a line each."""
    return [write_text(folder / "entities.ftm.json", (dump(entity) + "\n" for entity in ftm_entities(tables)))]


def ftm_entity(id: str, schema: str, **properties: Any) -> Json:
    """Give an entity: every property a list of texts, each once, without empty ones."""
    listed = {name: value if isinstance(value, list) else [value] for name, value in properties.items()}
    kept = {name: [v for v in dict.fromkeys(values) if v] for name, values in listed.items()}
    return {"id": ftm_id(id), "schema": schema, "properties": {name: values for name, values in kept.items() if values}}


def ftm_id(id: str) -> str:
    """Give an id of ours in the letters that FollowTheMoney allows."""
    return id.replace("_", "-").replace("+", ".")


def ftm_entities(tables: Tables) -> Iterator[Json]:
    yield from ftm_organizations(tables)
    for r in rows_of(tables.people):
        yield ftm_entity(r.person_id, "Person", name=text_of(r.name), alias=[text_of(a) for a in r.aliases])
    yield from ftm_documents(tables)
    for r in rows_of(tables.affiliations):
        if text_of(r.org_id):
            yield ftm_entity(
                f"employment_{hash_of(r.person_id, r.org_id, text_of(r.role))}", "Employment", employee=ftm_id(r.person_id),
                employer=ftm_id(r.org_id), role=text_of(r.role), date=[day_of(r.first_seen), day_of(r.last_seen)],
                proof=ftm_proof(r.doc_ids),
            )  # fmt: skip
    yield from ftm_partnerships(tables)
    for r in rows_of(tables.events):
        instrument = text_of(r.instrument)
        yield ftm_entity(
            r.event_id, "Event", name=f"{r.type} ({instrument.replace('_', ' ')})" if instrument else r.type, date=day_of(r.date_start),
            involved=[ftm_id(i) for i in (*r.org_ids, *r.person_ids)], summary=text_of(r.evidence), proof=ftm_proof([r.doc_id]),
        )  # fmt: skip


def ftm_organizations(tables: Tables) -> Iterator[Json]:
    for r in rows_of(tables.organizations):
        yield ftm_entity(
            r.org_id, FTM_SCHEMATA.get(r.type, "Organization"), name=text_of(r.name), alias=[text_of(a) for a in r.aliases],
            country=(text_of(r.country) or "").lower(), classification=text_of(r.type), idNumber=text_of(r.registry_id),
        )  # fmt: skip
        if text_of(r.parent_id):
            yield ftm_entity(f"unit_{r.org_id}", "Membership", member=ftm_id(r.org_id), organization=ftm_id(r.parent_id), role="unit")


def ftm_documents(tables: Tables) -> Iterator[Json]:
    for r in rows_of(tables.documents):
        yield ftm_entity(
            doc_name(r.doc_id), "Article", title=text_of(r.title) or text_of(r.source), fileName=text_of(r.source),
            publishedAt=day_of(r.day), sourceUrl=web_address(r.url), language=FTM_LANGUAGES.get(text_of(r.language) or ""),
        )  # fmt: skip


def ftm_partnerships(tables: Tables) -> Iterator[Json]:
    told: dict[tuple[str, str], set[str]] = {}
    for org_a, org_b, area in zip(tables.facts["org_a"], tables.facts["org_b"], tables.facts["area"], strict=True):
        told.setdefault((org_a, org_b), set()).add(area)
    for r in rows_of(tables.partnerships):
        yield ftm_entity(
            pair_name(r.org_a, r.org_b), "UnknownLink", subject=ftm_id(r.org_a), object=ftm_id(r.org_b), role="cooperation",
            status=text_of(r.status), date=[day_of(r.first_date), day_of(r.last_date)], summary=[c.replace("_", " ") for c in r.categories],
            description=[text_of(a) for a in sorted(told.get((r.org_a, r.org_b), ()))], proof=ftm_proof(r.doc_ids),
        )  # fmt: skip


def ftm_proof(doc_ids: Iterable[str]) -> list[str]:
    return [ftm_id(doc_name(doc_id)) for doc_id in doc_ids]


# -- CSV


def write_csv(tables: Tables, out: Path, folder: Path) -> list[Path]:
    """Write every table as CSV for spreadsheets: UTF-8 with a byte order mark, lists joined by "; ", no formulas."""
    return [write_text(folder / "csv" / f"{name}.csv", ("\ufeff", to_csv(frame))) for name, frame in tables.items()]


def write_datapackage(tables: Tables, out: Path, folder: Path) -> list[Path]:
    """Write every table as CSV, and datapackage.json, which describes them."""
    folder = folder / "datapackage"
    paths = [write_text(folder / f"{name}.csv", (to_csv(frame),)) for name, frame in tables.items()]
    package = {
        "$schema": "https://datapackage.org/profiles/1.0/datapackage.json",
        "profile": "tabular-data-package",
        "name": "coopfacts",
        "title": "Cooperation facts from news",
        "version": find_version(),
        "coopfacts_schema_version": SCHEMA_VERSION,
        "description": "Lists are joined by '; '. An apostrophe stands before a text that a spreadsheet would run as a formula.",
        "resources": [describe_resource(path, name, frame) for path, (name, frame) in zip(paths, tables.items(), strict=True)],
    }
    return [write_text(folder / "datapackage.json", (json.dumps(package, ensure_ascii=False, indent=2), "\n")), *paths]


def describe_resource(path: Path, name: str, frame: pd.DataFrame) -> Json:
    """Give a tabular data resource: the columns as schema.TABLES declares them, its key, and what its ids point to."""
    data = path.read_bytes()
    fields: list[Json] = []
    for column in TABLES[name]:
        field: Json = {"name": column.name, "type": FIELD_TYPES.get(column.type, "string"), "description": column.meaning}
        if column.type == "category" and len(frame[column.name].cat.categories):
            field["constraints"] = {"enum": list(frame[column.name].cat.categories)}
        fields.append(field)
    keys = KEYS.get(name)
    points = [(c.name, POINTS_TO[c.name]) for c in TABLES[name] if c.name in POINTS_TO and keys != (c.name,)]
    schema = {
        "fields": fields,
        "missingValues": [""],
        "foreignKeys": [{"fields": c, "reference": {"resource": "" if t == name else t, "fields": key}} for c, (t, key) in points],
    }
    return {
        "name": name, "path": path.name, "profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
        "bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": schema | ({"primaryKey": list(keys)} if keys else {}),
    }  # fmt: skip


FORMATS: Mapping[str, Callable[[Tables, Path, Path], list[Path]]] = {
    "graphml": write_graphml,
    "gexf": write_gexf,
    "jsonld": write_jsonld,
    "ftm": write_ftm,
    "csv": write_csv,
    "datapackage": write_datapackage,
}
