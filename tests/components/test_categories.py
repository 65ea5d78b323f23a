"""Categories of a user's taxonomy: which areas they take, and what a pipeline with them promises."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import save_rules_model
from spacy.language import Language

import pipeline
from pipeline.archive import Article
from pipeline.components.categories import Categories, Examples, Seen, choose_code, find_likeness, share_stems
from pipeline.errors import ResourceError
from pipeline.extraction import extract, load_once, make_maker
from pipeline.taxonomy import Category, read_taxonomy

TEXT = "The University of Lusaka and Aalto University signed an agreement on solar power, student exchange and desalination of sea water."
WATER = {
    "id": "water",
    "name": "Water",
    "kind": "field",
    "description": "Drinking water, sewage, desalination.",
    "examples": ["desalination of sea water", "drinking water", "sewage treatment", "water supply", "wells", "waste water"],
}


def category(code: str, within: tuple[str, ...] = (), replaces: tuple[str, ...] = ()) -> Category:
    return Category(code, code, code, (code,), within=within, replaces=replaces)


CASES = [  # taxonomy, likeness of the area to each, code: the network says "energy", which it is like by .5
    ([category("a")], {"a": 0.65}, "a"),
    ([category("a")], {"a": 0.45}, "energy"),
    ([category("a")], {"a": 0.55, "health": 0.6}, "energy"),  # of all the likest is another shipped one
    ([category("a"), category("b")], {"a": 0.7, "b": 0.8}, "b"),
    ([category("a", within=("energy",))], {"a": 0.8}, "a"),
    ([category("a", within=("health",))], {"a": 0.8}, "energy"),
    ([category("a", replaces=("energy",))], {"a": -0.9}, "a"),
    ([category("a", replaces=("energy",)), category("b", replaces=("energy",))], {"a": -0.9, "b": -0.8}, "b"),
    ([category("a", replaces=("health",))], {"a": 0.9}, "energy"),  # it takes from nothing else
    ([category("a", replaces=("energy",)), category("b")], {"a": 0.1, "b": 0.65}, "b"),
    ([category("a", replaces=("health",), within=("energy",))], {"a": 0.9}, "a"),
    ([category("energy")], {}, "energy"),
    ([category("health")], {"health": 0.65}, "health"),  # better examples of a shipped category
]


@pytest.mark.parametrize("taxonomy, alike, code", CASES)
def test_an_area_goes_to_what_it_is_more_like(taxonomy: list[Category], alike: dict[str, float], code: str) -> None:
    assert choose_code("energy", {"energy": 0.5, **alike}, tuple(taxonomy)) == code


def test_likeness_is_the_mean_of_three_cosines_with_the_nearest_examples() -> None:
    axes = np.eye(3, dtype=np.float32)
    zero = np.zeros(3, dtype=np.float32)
    stems = [frozenset({"solar", "power"}), frozenset({"wind"}), frozenset({"water"}), frozenset({"power"})]
    theirs = Seen(axes[[0, 1, 2, 0]], axes[[0, 1, 2, 0]], stems)
    examples = Examples(("a", "a", "a", "b"), theirs, (zero, zero))
    (found,) = find_likeness(Seen(axes[:1] * 5, axes[:1], [frozenset({"solar", "power"})]), examples)
    assert found == pytest.approx({"a": 1 / 3, "b": (2 + 0.5**0.5) / 3})
    assert list(find_likeness(Seen(axes[:0], axes[:0], []), examples)) == []


def test_phrases_without_words_share_none() -> None:
    assert share_stems([frozenset(), frozenset({"a"})], [frozenset()]).tolist() == [[0.0], [0.0]]


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("taxonomy") / "mine.jsonl"
    path.write_text(json.dumps(WATER) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def with_water(model_dir: Path, mine: Path) -> Language:
    return pipeline.load(model_dir, taxonomy=mine)


def read(nlp: Language, text: str = TEXT) -> dict[str, str]:
    (record,) = extract([Article("d1", text, "a test")], nlp=nlp)
    return {area["text"]: area["category"] for area in record["areas"]}


def test_a_new_category_is_found_without_training_and_the_others_stay(nlp: Language, with_water: Language) -> None:
    before, after = read(nlp), read(with_water)
    assert before.keys() == after.keys()
    assert {text for text, code in after.items() if code == "water"} == {"desalination of sea water"}
    assert all(code in ("water", before[text]) for text, code in after.items())


def test_examples_are_read_once_and_before_the_first_area(mine: Path, model_dir: Path) -> None:
    nlp = pipeline.load(model_dir, taxonomy=mine)
    pipe = nlp.get_pipe("area_categories")
    assert isinstance(pipe, Categories)
    nlp("Nothing was agreed.")
    examples = pipe._examples
    assert examples is not None and examples.codes.count("water") == 6
    nlp(TEXT)
    assert pipe._examples is examples


def test_a_saved_pipeline_brings_its_taxonomy(with_water: Language, tmp_path: Path) -> None:
    with_water.to_disk(tmp_path / "model")
    again = pipeline.load(tmp_path / "model")
    assert read(again) == read(with_water) and make_maker(again) == make_maker(with_water)


def test_the_pipeline_says_truly_what_it_needs(with_water: Language) -> None:
    assert not any(with_water.analyze_pipes()["problems"].values())


def test_records_tell_the_taxonomy_by_what_it_says_and_not_by_its_place(
    nlp: Language, with_water: Language, model_dir: Path, mine: Path, tmp_path: Path
) -> None:
    (tmp_path / "copy.jsonl").write_bytes(mine.read_bytes())
    copied = load_once(str(model_dir), read_taxonomy(tmp_path / "copy.jsonl"))[1]
    assert make_maker(nlp).model != make_maker(with_water).model == copied.model


def test_another_taxonomy_takes_the_place_of_the_first(model_dir: Path, mine: Path) -> None:
    nlp = pipeline.load(model_dir, taxonomy=mine)
    pipeline.nlp.add_taxonomy(nlp, [category("mobility", replaces=("student_exchange",))])
    found = read(nlp)
    assert "mobility" in found.values() and not {"water", "student_exchange"} & set(found.values())


def test_a_model_that_finds_no_areas_takes_no_taxonomy(tmp_path: Path, mine: Path) -> None:
    with pytest.raises(ResourceError, match="finds no areas"):
        pipeline.load(save_rules_model(tmp_path / "rules"), taxonomy=mine)
