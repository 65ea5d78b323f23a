"""Articles -> records: offsets hold, nothing crashes, neighbours don't matter."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, save_rules_model
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from promises import check_record, read_at_random
from spacy.language import Language

import pipeline
from pipeline.archive import Article, ReadFault, ReadSkip, make_doc_id
from pipeline.errors import ResourceError
from pipeline.extraction import ExtractStep, digest_code, extract, make_maker

SEED = (
    "Liaoning University of Technology held talks with Woosong University of South Korea\n\n"
    "In the morning on January 12, Wang Qi, President of Liaoning University of Technology (LUT), met Gan Ruiyuan, Vice President of"
    " Woosong University. Both sides signed a memorandum on the exchange of students and teachers and on joint degrees."
    " Gan Ruiyuan proposed mutual recognition of credits and a joint laboratory in 2023.\n"
)
NAMES = ["Liaoning University of Technology", "Woosong University", "Siemens AG", "the Ministry of Education of Ghana", "École d’Été № 5"]
PEOPLE = ["President Wang Qi", "Dr. José Ñandú-O’Brien", "Vice President Gan Ruiyuan", "Ms. Ιωάννα Παπά"]
WORDS = ["signed", "will exchange students and teachers", "a memorandum", "on January 12", "since May 2019", "joint laboratory"]
INVISIBLE = ["\u200b", "\u202e", "\x00", "\ufeff", "\u2028", "\u00a0", "\t\t", "\n\n", "-\n"]
STRANGE = ["🤝🏽", "e\u0301", "…", "((((", "“3+1”", "<b>", "&amp;", "𝔘𝔫𝔦", "ﬁ", "İ", "ßßß", ". ", ", ", " and "]
PARTS = st.one_of(st.sampled_from(NAMES + PEOPLE + WORDS), st.sampled_from(INVISIBLE + STRANGE), st.text(max_size=12))
HOSTILE = st.builds(lambda parts, glue: glue.join(parts), st.lists(PARTS, min_size=1, max_size=40), st.sampled_from(["", " "]))


def make_article(text: str, **about: Any) -> Article:
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return Article(make_doc_id(text), text, "a test", **about)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=HOSTILE, published=st.sampled_from([None, "2022-01-13", "2022-01", "2022"]))
def test_every_offset_holds_in_hostile_text(nlp: Language, text: str, published: str | None) -> None:
    article = make_article(text, published=published)
    faults: list[ReadFault] = []
    for record in extract([article], nlp=nlp, on_fault=faults.append):
        check_record(record, article.text)
    assert faults == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=HOSTILE | st.just(SEED), seed=st.integers(0, 2**32), published=st.sampled_from([None, "2022-01-13", "2022"]))
@example(text="They agreed on exchange.\nOf students they spoke. " * 5, seed=7, published=None)
def test_every_offset_holds_whatever_the_network_says(nlp: Language, text: str, seed: int, published: str | None) -> None:
    article = make_article(text or "-", published=published)
    check_record(read_at_random(nlp, article, random.Random(seed)), article.text)


def test_every_offset_holds_in_a_release(nlp: Language) -> None:
    (record,) = extract([make_article(SEED, published="2022-01-13")], nlp=nlp)
    check_record(record, SEED)
    assert [org["name"] for org in record["orgs"]][:1] == ["Liaoning University of Technology"]
    assert "2022-01-12" in [date["value"] for date in record["dates"]]


def test_a_record_does_not_depend_on_its_neighbours(nlp: Language) -> None:
    articles = [make_article(f"{SEED}\nRelease number {n}.") for n in range(5)]
    together = list(extract(articles, nlp=nlp))
    alone = [record for article in reversed(articles) for record in extract([article], nlp=nlp)]
    assert together == alone[::-1]


def test_what_is_left_out_is_not_read(nlp: Language) -> None:
    (record,) = extract([make_article(f"Home > News > Siemens AG\n\n{SEED}")], nlp=nlp)
    assert [span["kind"] for span in record["boilerplate"]] == ["navigation"]
    assert not [m for org in record["orgs"] for m in org["mentions"] if m["start"] < record["boilerplate"][0]["end"]]


def test_a_failing_article_is_a_fault_and_the_others_go_on(trap_model: Path) -> None:
    faults: list[ReadFault] = []
    articles = [make_article("One."), make_article("Please raise an error."), make_article("Two.")]
    records = list(extract(articles, nlp=pipeline.load(trap_model), on_fault=faults.append))
    assert [record["text"] for record in records] == ["One.", "Two."]
    assert faults == [ReadFault("a test", "nlp", "RuntimeError", "a component stumbled")]


def test_faults_of_reading_are_handed_on_and_skips_passed_over(rules_model: Path) -> None:
    faults: list[ReadFault] = []
    broken = ReadFault("b", "read", "ArticleError", "empty")
    given_ = [broken, ReadSkip("c", "language", language="de"), make_article("One.")]
    assert len(list(extract(given_, nlp=pipeline.load(rules_model), on_fault=faults.append))) == 1
    assert faults == [broken]


def test_articles_are_taken_as_they_are_needed(rules_model: Path) -> None:
    taken: list[int] = []
    records = extract((taken.append(n) or make_article(f"Number {n}.") for n in range(1000)), nlp=pipeline.load(rules_model))
    assert next(records)["text"] == "Number 0."
    assert len(taken) < 100


def test_the_maker_tells_models_versions_and_settings_apart(rules_model: Path, newer_model: Path, trap_model: Path) -> None:
    makers = [make_maker(pipeline.load(path)).model for path in (rules_model, rules_model, newer_model, trap_model)]
    assert makers[0] == makers[1] and len(set(makers)) == 3
    assert makers[0].startswith("rules-1.0.0+") and makers[2].startswith("rules-2.0.0+")


def test_the_maker_is_the_same_in_every_process(rules_model: Path) -> None:
    code = f"import pipeline; from pipeline.extraction import make_maker; print(make_maker(pipeline.load({str(rules_model)!r})).model)"
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == make_maker(pipeline.load(rules_model)).model
    assert len(digest_code()) == 64


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="can't be loaded"):
        ExtractStep(str(tmp_path)).prepare()


def test_a_model_saved_and_loaded_gives_the_same_records(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "copy")
    article = make_article(SEED)
    assert list(extract([article], nlp=pipeline.load(tmp_path / "copy"))) == list(extract([article], nlp=nlp))


def test_strings_of_articles_do_not_stay_in_memory(tmp_path: Path) -> None:
    step = ExtractStep(str(save_rules_model(tmp_path / "rules")))
    step.prepare()
    from pipeline.extraction import load_once

    strings = load_once(step.model)[0].vocab.strings
    before = len(strings)
    for n in range(20):
        step([make_article(" ".join(f"word{n}x{k}" for k in range(50)))])
    assert len(strings) <= before + 5
