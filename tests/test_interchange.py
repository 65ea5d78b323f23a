"""Gold documents <-> annotation tools and DocBin: the same document comes back, and what annotators add finds its place."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.training import Example

from pipeline.components.encoder import ENT_LABELS as ENCODER_LABELS
from pipeline.components.scorers import ENT_LABELS, GOLD_LAYERS, make_spans_scorer
from pipeline.errors import MarkupError, RecordError, UsageError
from pipeline.gold import check_document
from pipeline.interchange import TOOLS, export_file, import_file, make_docbin, make_gold_doc, take_regions
from pipeline.interchange.files import import_sources
from pipeline.interchange.label_studio import LABEL_CONFIG
from pipeline.interchange.regions import LABELS, locate
from pipeline.markup import parse, read_source
from pipeline.tokenization import make_blank

Json = dict[str, Any]
HERE = Path(__file__).resolve().parents[1]
GOLD = list(read_source(sorted((HERE / "data/gold/source/train").glob("*.txt"))))

SOURCE = """### emoji-and-brackets
kind: ngo
published: 2021-02-03
title: \U0001f600 Two clubs meet
---
\U0001f600 Two clubs meet

[Riga Club]{o1} (see [1]) and [Serbia]{o2} [met]{e1} on [May 13]{=2020-05-13}, and [Riga Club]{o1} danced.

They want [[exchange of dancers]{a1} and singers]{a2}, said [Head]{r p1 o1} [Ana Ruiz]{p1}, who signed a [memorandum]{i mou}.
===
o1 | ngo | LV
o2 | country | RS
a1 | language_culture | proposed | o1 o2 | p1
a2 | language_culture | proposed | o1 o2 | p1 | exchange of singers
e1 | meeting | 2020-05-13
o1 + o2 | proposed | mou | e1
"""


@pytest.fixture
def document() -> Json:
    return copy.deepcopy(parse(SOURCE)[0])


def through(tool: str, rows: list[Json], folder: Path) -> list[Json]:
    """What comes back from a file with these rows."""
    path = folder / "tool.json"
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_text(lines if TOOLS[tool].lines else json.dumps(rows), encoding="utf-8")
    return import_file(path, tool)


def find(text: str, words: str) -> dict[str, int]:
    start = text.index(words)
    return {"start": start, "end": start + len(words)}


# -- the same document comes back


@pytest.mark.parametrize("tool", TOOLS)
def test_corpus_comes_back(tool: str, tmp_path: Path) -> None:
    documents = [*random.Random(0).sample(GOLD, 60), *parse(SOURCE)]
    documents[0] = {**documents[0], "url": "https://example.org/a", "licence": "CC BY 4.0"}
    assert export_file(documents, tool, tmp_path / "out.json") == len(documents)
    assert import_file(tmp_path / "out.json", tool) == documents


def test_source_comes_back(tmp_path: Path) -> None:
    export_file(GOLD[:20], "source", tmp_path / "out.txt")
    assert list(read_source([tmp_path / "out.txt"])) == GOLD[:20]


def test_doccano_needs_no_tags(document: Json, tmp_path: Path) -> None:
    """doccano renumbers entities and keeps metadata, and nothing else."""
    row = TOOLS["doccano"].write(take_regions(document))
    renumber = {entity["id"]: 700 - entity["id"] for entity in row["entities"]}
    entities = [{**entity, "id": renumber[entity["id"]]} for entity in reversed(row["entities"])]
    relations = [{**r, "from_id": renumber[r["from_id"]], "to_id": renumber[r["to_id"]]} for r in row["relations"]]
    back = {"id": 12, "text": row["text"], "entities": entities, "relations": relations, "Comments": [], "coopfacts": row["coopfacts"]}
    assert through("doccano", [back], tmp_path) == [document]
    labels = [[e["start_offset"], e["end_offset"], e["label"]] for e in entities]
    assert through("doccano", [{"id": 12, "text": row["text"], "label": labels, "coopfacts": row["coopfacts"]}], tmp_path) == [document]


def test_label_studio_offsets_in_utf16_units_are_understood(document: Json, tmp_path: Path) -> None:
    task = TOOLS["label-studio"].write(take_regions(document))
    for item in task["annotations"][0]["result"]:
        if "value" in item:
            item["value"]["start"] += 1  # the emoji is two units
            item["value"]["end"] += 1
    assert through("label-studio", [task], tmp_path) == [document]
    assert locate("\U0001f600 ab", 3, 5, "ab") == (2, 4)
    with pytest.raises(MarkupError, match="was the text changed"):
        locate("some text", 0, 4, "another")


def test_label_studio_knows_every_label_and_link(document: Json) -> None:
    task = TOOLS["label-studio"].write(take_regions(document))
    result = task["annotations"][0]["result"]
    used = {label for item in result for holder in (item, item.get("value", {})) for label in holder.get("labels", ())}
    assert {"SAME", "OF", "AT", "PARTY", "SPEAKER", "PARTNER", *LABELS} <= used
    assert all(f'value="{label}"' in LABEL_CONFIG for label in used)


def test_cancelled_and_rejected_annotations_are_left_out(document: Json, tmp_path: Path) -> None:
    task = TOOLS["label-studio"].write(take_regions(document))
    task["annotations"].append({"was_cancelled": True, "result": []})
    assert through("label-studio", [task], tmp_path) == [document]
    row = TOOLS["prodigy"].write(take_regions(document))
    assert through("prodigy", [{**row, "answer": "reject"}, row, {**row, "answer": "ignore"}], tmp_path) == [document]


def test_prodigy_tokens_end_where_spans_do(document: Json) -> None:
    document["dates"][0].update(find(document["text"], "ay 1"), text="ay 1")
    row = TOOLS["prodigy"].write(take_regions(document))
    tokens = row["tokens"]
    assert "".join(document["text"][t["start"] : t["end"]] for t in tokens) == "".join(t["text"] for t in tokens)
    assert [t["id"] for t in tokens] == list(range(len(tokens)))
    for span in row["spans"]:
        assert (tokens[span["token_start"]]["start"], tokens[span["token_end"]]["end"]) == (span["start"], span["end"])


# -- what annotators add and take away


def prodigy_row(document: Json) -> Json:
    row = TOOLS["prodigy"].write(take_regions(document))
    return {**row, "relations": []}


def test_new_mention_with_known_words_joins_its_organisation(document: Json, tmp_path: Path) -> None:
    row = prodigy_row(document)
    row["spans"] = [s for s in row["spans"] if s["tag"] != "o1" or s["start"] < 40]
    row["spans"].append({"start": document["text"].rindex("Riga Club"), "end": document["text"].rindex("Riga Club") + 9, "label": "ORG"})
    row["coopfacts"]["marks"] = []
    assert through("prodigy", [row], tmp_path) == [document]


def test_new_spans_become_definitions_to_finish(document: Json, tmp_path: Path) -> None:
    row = prodigy_row(document)
    text = document["text"]
    role, person = ({**find(text, words), "label": label} for words, label in (("who", "ROLE"), ("They", "PER")))
    area = {**find(text, "danced"), "label": "AREA"}
    club = next(s for s in row["spans"] if s["tag"] == "o1")
    row["spans"] += [role, person, area, {**find(text, "Two clubs"), "label": "ORG"}, {**find(text, "want"), "label": "EVENT"}]
    row["spans"] += [{**find(text, "see"), "label": "DATE"}, {**find(text, "signed"), "label": "INST"}]
    for head, child, label in ((role, person, "OF"), (role, club, "AT"), (area, club, "PARTY"), (area, person, "SPEAKER")):
        row["relations"].append({"head_span": head, "child_span": child, "label": label})
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (source,) = import_sources(tmp_path / "a.jsonl", "prodigy")
    for line in ("o3 | ? | -", "a3 | ? | ? | o1 | p2", "e2 | ? | -"):
        assert line in source
    for mark in ("[Two clubs]{o3}", "[They]{p2}", "[who]{r p2 o1}", "[see]{=?}", "[signed]{i unknown}", "[want]{e2}"):
        assert mark in source
    (draft,) = parse(source)
    assert {"'?'", "'unknown'"} <= {word.strip(";:,") for fault in check_document(draft) for word in fault.split()}


def test_entity_without_regions_is_dropped_and_what_points_to_it_is_told(document: Json, tmp_path: Path) -> None:
    row = prodigy_row(document)
    row["spans"] = [s for s in row["spans"] if s["tag"] != "o2"]
    with pytest.raises(MarkupError, match="o2 is nowhere marked"):
        through("prodigy", [row], tmp_path)


def test_role_without_person_and_crossing_spans_are_told(document: Json, tmp_path: Path) -> None:
    row = prodigy_row(document)
    with pytest.raises(MarkupError, match=r"role 'who' at .* has no link OF"):
        through("prodigy", [{**row, "spans": [*row["spans"], {**find(document["text"], "who"), "label": "ROLE"}]}], tmp_path)
    with pytest.raises(MarkupError, match="marks cross"):
        through("prodigy", [{**row, "spans": [*row["spans"], {**find(document["text"], "Club (see"), "label": "AREA"}]}], tmp_path)


def test_text_without_notes_gets_a_header(tmp_path: Path) -> None:
    (found,) = through("doccano", [{"text": "Riga\nOslo", "label": [[0, 4, "STATE"]]}], tmp_path)
    assert (found["doc_id"], found["title"], found["published"]) == ("imported-1", "Riga", None)
    assert found["orgs"][0]["type"] == "country"


BROKEN = [("nothing", "JSON expected"), ('[{"data": {}}]', "document 1: not as label-studio writes it")]


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_file_that_is_none_of_a_tools_is_named(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=message):
        import_file(tmp_path / "a.json", "label-studio")


def test_unknown_format_and_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one of label-studio, doccano, prodigy"):
        export_file(GOLD[:1], "brat", tmp_path / "a")
    with pytest.raises(UsageError, match="No such file"):
        import_file(tmp_path / "a.json", "doccano")


# -- DocBin and spacy evaluate


def test_docbin_has_layers_and_entities(document: Json, tmp_path: Path) -> None:
    export_file([document], "spacy", tmp_path / "gold.spacy")
    (doc,) = DocBin().from_disk(tmp_path / "gold.spacy").get_docs(spacy.blank("en").vocab)
    assert set(doc.spans) == set(GOLD_LAYERS)
    layers = {layer: [span.text for span in doc.spans[layer]] for layer in GOLD_LAYERS}
    assert layers == {
        "ORG": ["Riga Club", "Riga Club"],
        "PER": ["Ana Ruiz"],
        "DATE": ["May 13"],
        "ROLE": ["Head"],
        "AREA": ["exchange of dancers", "singers"],
        "STATE": ["Serbia"],
        "EVENT": ["met"],
        "INST": ["memorandum"],
    }
    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        ("Riga Club", "ORG"), ("May 13", "DATE"), ("Riga Club", "ORG"), ("Ana Ruiz", "PERSON"),
    ]  # fmt: skip
    assert (doc._.published, doc.user_data["doc_id"]) == ("2021-02-03", "emoji-and-brackets")


def test_corpus_fits_the_tokens() -> None:
    """Gold spans that end inside of a token can't be found exactly: there are few."""
    nlp = make_blank()
    total = loose = 0
    for document in GOLD[:100]:
        doc = make_gold_doc(document, nlp)
        bounds = {(m["start"], m["end"]) for org in document["orgs"] if org["type"] != "country" for m in org["mentions"]}
        total += len(bounds)
        loose += len(bounds - {(s.start_char, s.end_char) for s in doc.spans["ORG"]})
    assert loose < 0.02 * total


def test_scorer_counts_exact_spans_of_the_layers_that_gold_has(document: Json) -> None:
    nlp = make_blank()
    gold = make_gold_doc(document, nlp)
    predicted = make_gold_doc(document, nlp)
    predicted.spans["ORG"] = SpanGroup(predicted, name="ORG", spans=list(predicted.spans["ORG"])[:1])
    predicted.spans["LOC"] = SpanGroup(predicted, name="LOC", spans=[Span(predicted, 0, 1, label="LOC")])
    predicted.set_ents([*predicted.ents, Span(predicted, 0, 1, label="GPE")])
    scores = make_spans_scorer()([Example(predicted, gold)])
    assert (scores["spans_ORG_p"], scores["spans_ORG_r"]) == (1.0, 0.5)
    assert scores["spans_AREA_f"] == scores["ents_f"] == 1.0
    assert scores["spans_LOC_f"] is None and set(scores["ents_per_type"]) == {"ORG", "PERSON", "DATE"}


def test_scorer_counts_what_the_prediction_lacks(document: Json) -> None:
    nlp = make_blank()
    gold = make_gold_doc(document, nlp)
    scores = make_spans_scorer()([Example(nlp.make_doc(gold.text), gold)])
    assert scores["spans_ORG_r"] == scores["spans_ROLE_f"] == scores["ents_f"] == 0.0
    assert make_spans_scorer()([])["ents_f"] is None


def test_scorer_is_known_by_name() -> None:
    assert spacy.registry.scorers.get("coop_spans_scorer.v1") is make_spans_scorer


def test_entity_labels_are_the_encoders() -> None:
    assert ENT_LABELS == ENCODER_LABELS


def test_docbin_can_take_other_tokens() -> None:
    doc: Doc = next(iter(make_docbin(parse(SOURCE), spacy.blank("xx")).get_docs(spacy.blank("xx").vocab)))
    assert [span.text for span in doc.spans["PER"]] == ["Ana Ruiz"]
