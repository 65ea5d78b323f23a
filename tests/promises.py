"""What a record promises whatever its text, and whatever the network says: for the tests and for benchmarks/fuzz.py."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.archive import Article
from pipeline.clean import find_boilerplate
from pipeline.labels import LAYERS
from pipeline.records import dump_record, make_record

Json = dict[str, Any]
SPANS_AT_MOST = 12  # a layer


def read_at_random(nlp: Language, article: Article, rng: random.Random) -> Json:
    """The record of an article that the network reads without sense: any spans of any layers, states that mean nothing."""
    encoder: Any = nlp.get_pipe("coop_encoder")
    with nlp.memory_zone():
        doc = nlp.make_doc(article.text)
        doc._.published, doc._.title, doc._.url = article.published, article.title, article.url
        nlp.get_pipe("sentences")(doc)
        tensor = np.random.default_rng(rng.randrange(2**32)).standard_normal((len(doc), encoder.width), dtype=np.float32)
        encoder.set_annotations(doc, tensor * rng.choice([0.1, 1, 10]), {layer: find_spans(doc, rng) for layer in LAYERS})
        for name in nlp.pipe_names[nlp.pipe_names.index("coop_encoder") + 1 :]:
            doc = nlp.get_pipe(name)(doc)
        return make_record(doc, article, find_boilerplate(article.text), model="-", version="-")


def find_spans(doc: Doc, rng: random.Random) -> list[tuple[int, int, float]]:
    """Spans as the network gives them, at random: in text order, none overlapping, none of white space alone."""
    cuts = sorted(rng.sample(range(len(doc) + 1), k=min(len(doc) + 1, 2 * rng.randint(0, SPANS_AT_MOST))))
    spans = [(start, min(end, start + rng.choice([1, 2, 4, 9]))) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    return [(start, end, rng.random()) for start, end in spans if not all(token.is_space for token in doc[start:end])]


def find_quotes(record: Json) -> Iterator[tuple[str, Json]]:
    """All that says of itself where in the text it stands, word for word."""
    for item in [*record["orgs"], *record["people"]]:
        for mention in item["mentions"]:
            yield "mention", mention
    for name in ("dates",):
        for item in record[name]:
            yield name, item
    for area in record["areas"]:
        if area["cue"]:
            yield "cue", area["cue"]
    for partnership in record["partnerships"]:
        for mention in partnership["evidence"]:
            yield "evidence", mention


def check_record(record: Json, text: str) -> None:
    """Fail where a record breaks a promise of DESIGN.md, whatever the text."""
    assert record["text"] == text
    for kind, item in find_quotes(record):
        assert text[item["start"] : item["end"]] == item["text"] != "", kind
    roles = [role for person in record["people"] for role in person["roles"]]
    events = [event for partnership in record["partnerships"] for event in partnership["events"]]
    for item in [*roles, *record["areas"], *record["events"], *events]:
        assert 0 <= item["start"] < item["end"] <= len(text)
        assert 0 <= item["confidence"] <= 1
    for item in [*record["areas"], *record["events"], *events]:
        first, last = item["sentence"]
        assert 0 <= first <= item["start"] and item["end"] <= last <= len(text)
    for span in record["boilerplate"]:
        assert 0 <= span["start"] < span["end"] <= len(text)
    orgs, people = {org["id"] for org in record["orgs"]}, {person["id"] for person in record["people"]}
    assert {org["parent"] for org in record["orgs"]} <= {None, *orgs}
    assert {role["org"] for role in roles} <= {None, *orgs}
    for area in record["areas"]:
        assert set(area["parties"]) <= orgs and area["speaker"] in {None, *people}
    for event in [*record["events"], *events]:
        assert set(event["orgs"]) <= orgs and set(event["people"]) <= people
    for partnership in record["partnerships"]:
        assert {partnership["a"], partnership["b"]} <= orgs and partnership["a"] != partnership["b"]
    assert json.loads(dump_record(record)) == json.loads(json.dumps(record))
    assert "\n" not in dump_record(record)
