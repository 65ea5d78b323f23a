"""Records, tables and closed vocabularies, declared here once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]
SCHEMA_VERSION = "1"


class Status(StrEnum):
    """What a text says of a cooperation. The order of STATUS_STRENGTH decides what a pair's status is."""

    ENDED = "ended"
    ONGOING = "ongoing"
    AGREED = "agreed"
    COMPLETED = "completed"
    PROPOSED = "proposed"


STATUS_STRENGTH = (Status.ENDED, Status.ONGOING, Status.AGREED, Status.COMPLETED, Status.PROPOSED)
ORG_TYPES = ("university", "school", "company", "government", "research", "hospital", "ngo", "igo", "media", "unit", "country", "other")
EVENT_TYPES = ("meeting", "visit", "signing", "launch", "conference", "statement", "award", "other")
INSTRUMENTS = ("mou", "agreement", "contract", "letter_of_intent", "joint_venture", "declaration", "protocol", "grant", "plan")
DATE_BASES = ("stated", "relative", "year_from_published", "year_from_context", "unknown_year")
KINDS = ("university", "company", "government", "ngo", "news")

# PLOVER's event and mode codes (Open Event Data Alliance, PLOVER manual), so that rows sit beside political event data
PLOVER_EVENTS: Mapping[str, tuple[str, str]] = {
    "meeting": ("CONSULT", "meet"),
    "visit": ("CONSULT", "visit"),
    "signing": ("AGREE", "sign"),
    "launch": ("COOPERATE", "launch"),
    "conference": ("CONSULT", "multilateral"),
    "statement": ("SUPPORT", "statement"),
    "award": ("SUPPORT", "award"),
    "other": ("COOPERATE", ""),
}
PLOVER_STATUSES: Mapping[Status, tuple[str, str]] = {
    Status.PROPOSED: ("CONSULT", "propose"),
    Status.AGREED: ("AGREE", "agree"),
    Status.ONGOING: ("COOPERATE", "ongoing"),
    Status.COMPLETED: ("COOPERATE", "completed"),
    Status.ENDED: ("REJECT", "terminate"),
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the text: text[start:end] of the article, end exclusive."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class Organization:
    """An organisation of one article; id is o1, o2, … in the order of first mention; parent is such an id or None."""

    id: str
    name: str
    mentions: list[Mention]
    type: str
    country: str | None
    parent: str | None
    confidence: float
    source: str


@dataclass(slots=True)
class Role:
    """What a person is, as printed, and the organisation where (None: the text does not tell)."""

    role: str
    org: str | None
    start: int
    end: int
    confidence: float
    source: str


@dataclass(slots=True)
class Person:
    """A person of one article; id is p1, p2, … in the order of first mention."""

    id: str
    name: str
    mentions: list[Mention]
    roles: list[Role]
    confidence: float


@dataclass(slots=True)
class DateMention:
    """A calendar expression; value in EDTF; earliest, latest: ISO days or None; basis: one of DATE_BASES."""

    text: str
    start: int
    end: int
    value: str
    earliest: str | None
    latest: str | None
    basis: str


@dataclass(slots=True)
class Area:
    """One thing that parties do, agree or propose to do together.

    text is the wording (words left out in a list are restored); start, end, sentence: offsets of what was printed. parties: ids of
    organisations, sorted. cue: the words that decided the status, where words did. date: EDTF of the fact, where told.
    """

    text: str
    start: int
    end: int
    sentence: tuple[int, int]
    category: str
    status: str
    parties: list[str]
    speaker: str | None
    date: str | None
    confidence: float
    source: str
    cue: Mention | None = None


@dataclass(slots=True)
class Event:
    """Something that happened between parties; date in EDTF or None; orgs, people: ids; instrument: a code or None."""

    type: str
    date: str | None
    start: int
    end: int
    sentence: tuple[int, int]
    orgs: list[str]
    people: list[str]
    instrument: str | None
    confidence: float
    source: str


@dataclass(slots=True)
class Partnership:
    """A pair of parties of one article; a comes before b in the order of ids; valid_until: EDTF of the term's end, where told."""

    a: str
    b: str
    status: str
    instruments: list[str]
    events: list[Event]
    valid_until: str | None
    confidence: float
    source: str
    evidence: list[Mention] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: name, Arrow type by name (string, int64, float64, date32, list<string>, bool, category), meaning."""

    name: str
    type: str
    meaning: str


TABLES: Mapping[str, tuple[Column, ...]] = {
    "documents": (
        Column("doc_id", "string", "the input's own id, else a hash of the content"),
        Column("title", "string", "headline"),
        Column("source", "string", "path inside the archive"),
        Column("url", "string", "address"),
        Column("published", "string", "day of publication, EDTF"),
        Column("day", "date32", "first day that published can mean"),
        Column("language", "category", "ISO 639-1"),
        Column("issuer", "string", "org_id of the organisation that published it, where metadata or the address tell"),
        Column("duplicate_of", "string", "doc_id of the first article of which this is a near-copy"),
        Column("n_orgs", "int64", "organisations named"),
        Column("n_facts", "int64", "rows of facts read from it"),
    ),
    "organizations": (
        Column("org_id", "string", "stable id"),
        Column("name", "string", "the most frequent full name"),
        Column("type", "category", "type of organisation"),
        Column("country", "category", "ISO 3166-1 alpha-2"),
        Column("parent_id", "string", "org_id of the organisation that it is a unit of"),
        Column("aliases", "list<string>", "other surface forms, sorted"),
        Column("registry_id", "string", "id in the registry file that was supplied"),
        Column("n_documents", "int64", "articles that name it"),
        Column("first_seen", "date32", "earliest publication"),
        Column("last_seen", "date32", "latest publication"),
    ),
    "people": (
        Column("person_id", "string", "stable id"),
        Column("name", "string", "the most frequent full name"),
        Column("aliases", "list<string>", "other surface forms, sorted"),
        Column("n_documents", "int64", "articles that name the person"),
    ),
    "affiliations": (
        Column("person_id", "string", "the person"),
        Column("org_id", "string", "the organisation, where told"),
        Column("role", "string", "the role as printed"),
        Column("first_seen", "date32", "earliest publication that says so"),
        Column("last_seen", "date32", "latest publication that says so"),
        Column("doc_ids", "list<string>", "articles that say so, sorted"),
    ),
    "facts": (
        Column("fact_id", "string", "stable id"),
        Column("doc_id", "string", "the article"),
        Column("org_a", "string", "org_id; org_a < org_b"),
        Column("org_b", "string", "org_id"),
        Column("area", "string", "the wording of the cooperation area"),
        Column("category", "category", "code of the taxonomy"),
        Column("status", "category", "proposed, agreed, ongoing, completed, ended"),
        Column("date", "string", "when, EDTF, where told"),
        Column("date_start", "date32", "earliest day that date can mean"),
        Column("date_end", "date32", "latest day that date can mean"),
        Column("speaker_id", "string", "person_id to whom the text attributes it"),
        Column("evidence", "string", "the sentence"),
        Column("start", "int64", "offset of the area in the article's text"),
        Column("end", "int64", "its end, exclusive"),
        Column("confidence", "float64", "0 to 1"),
    ),
    "events": (
        Column("event_id", "string", "stable id"),
        Column("doc_id", "string", "the article"),
        Column("type", "category", "meeting, visit, signing, launch, conference, statement, award, other"),
        Column("plover", "category", "PLOVER event and mode"),
        Column("date", "string", "EDTF, where told"),
        Column("date_start", "date32", "earliest day that date can mean"),
        Column("date_end", "date32", "latest day that date can mean"),
        Column("org_ids", "list<string>", "parties, sorted"),
        Column("person_ids", "list<string>", "people who took part, sorted"),
        Column("instrument", "category", "mou, agreement, …"),
        Column("evidence", "string", "the sentence"),
        Column("start", "int64", "offset of the trigger in the article's text"),
        Column("end", "int64", "its end, exclusive"),
    ),
    "partnerships": (
        Column("org_a", "string", "org_id; org_a < org_b"),
        Column("org_b", "string", "org_id"),
        Column("name_a", "string", "name of org_a"),
        Column("name_b", "string", "name of org_b"),
        Column("country_a", "category", "country of org_a"),
        Column("country_b", "category", "country of org_b"),
        Column("status", "category", "the latest status"),
        Column("first_date", "date32", "earliest publication or event"),
        Column("last_date", "date32", "latest publication or event"),
        Column("valid_until", "string", "end of the term, EDTF, where told"),
        Column("n_documents", "int64", "articles that report it"),
        Column("n_sources", "int64", "near-duplicate articles counted once"),
        Column("n_independent", "int64", "sources that are not a party themselves"),
        Column("n_facts", "int64", "rows of facts"),
        Column("n_events", "int64", "rows of events"),
        Column("categories", "list<string>", "codes of the taxonomy, most frequent first"),
        Column("category_counts", "list<int64>", "rows of facts of each of categories, in their order"),
        Column("instruments", "list<string>", "codes, sorted"),
        Column("instrument_terms", "list<string>", "day of signing/end of the term of each of instruments, EDTF; empty: not told"),
        Column("people", "list<string>", "person_ids of affiliates who act or speak in it, sorted"),
        Column("doc_ids", "list<string>", "articles, sorted"),
        Column(
            "confidence",
            "float64",
            "1 - product over voices of (1 - c): c is the highest confidence of a voice's articles in history; a voice is an issuer, "
            "else a site, else an article with its near-copies; grows with independent evidence; ranks, is no frequency",
        ),
        Column("contradiction", "bool", "reports disagree: see history"),
    ),
    "history": (
        Column("org_a", "string", "org_id; org_a < org_b"),
        Column("org_b", "string", "org_id"),
        Column("date", "date32", "day of the report: publication, else the latest day it tells of"),
        Column("doc_id", "string", "the article"),
        Column("status", "category", "what the article says of the pair"),
        Column("state", "category", "what the pair has come to with this article; empty where it is a near-copy"),
        Column("contradiction", "bool", "can't be true together with the report before it"),
        Column("issued_by", "category", "a, b (a side or a unit of it), other"),
        Column("source", "string", "doc_id of the first of the near-copies to which the article belongs"),
        Column("instruments", "list<string>", "codes, sorted"),
        Column("valid_until", "string", "end of the term, EDTF, where told"),
        Column("confidence", "float64", "0 to 1, of this article alone"),
    ),
    "links": (
        Column("kind", "category", "organization or person"),
        Column("left", "string", "label of a name: Name [country] < parent; decisions.csv takes it as it is"),
        Column("right", "string", "label of the other name; left < right"),
        Column("left_id", "string", "org_id or person_id that left got"),
        Column("right_id", "string", "org_id or person_id that right got"),
        Column("score", "float64", "sum of what the features add, 0 to 1"),
        Column("verdict", "category", "linked, unsure, forbidden"),
        Column("by", "category", "score, rule, decision, registry, ambiguity, cluster"),
        Column("reasons", "list<string>", "what each feature added, or the rule that forbids"),
    ),
}
