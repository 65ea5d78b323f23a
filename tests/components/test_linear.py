"""Linear models over named features."""

import math

import pytest

from pipeline.components import linear


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(linear, "weights", lambda name: {"near": 2.0, "far": -1.0})


def test_the_option_of_the_highest_sum_is_chosen_with_its_probability(told):
    best, sure = linear.choose("any", [{"far": 1.0}, {"near": 1.0, "unknown": 9.0}])
    assert best == 1
    assert sure == pytest.approx(1 / (1 + math.exp(-3)))


def test_of_equal_options_the_first_is_chosen(told):
    assert linear.choose("any", [{"near": 1.0}, {"near": 1.0}]) == (0, pytest.approx(0.5))


def test_a_yes_is_the_logistic_of_the_sum(told):
    assert linear.probability("any", {"near": 0.5, "far": 1.0}) == pytest.approx(0.5)


def test_the_reason_is_the_feature_that_adds_most(told):
    assert linear.reason("any", {"far": 1.0, "near": 0.1}) == "near"


@pytest.mark.parametrize("name", ["seat", "country", "status", "area", "pair"])
def test_every_model_has_its_weights(name):
    assert linear.weights(name)


def test_the_label_of_the_highest_sum_is_chosen(monkeypatch):
    monkeypatch.setattr(linear, "weights", lambda name: {"near": 2.0, "red|a": 1.0, "red|b": -1.0, "any|b": 0.5})
    linear.clue_weights.cache_clear()
    labelling = linear.Labelling(("a", "b"), {"near": [0.1, 0.3], "unknown": [9.0, 0.0]}, ["any", "red", "blue"])
    assert linear.choose_label("any", labelling) == "a"
    assert linear.choose_label("any", labelling._replace(clues=["any", "blue"])) == "b"
    assert labelling.options() == [
        {"near": 0.1, "unknown": 9.0, "any|a": 1.0, "red|a": 1.0, "blue|a": 1.0},
        {"near": 0.3, "unknown": 0.0, "any|b": 1.0, "red|b": 1.0, "blue|b": 1.0},
    ]
    for options in (labelling.options(), labelling._replace(clues=["any"]).options()):
        best, _ = linear.choose("any", options)  # features spelled out weigh the same
        clues = [feature.split("|")[0] for feature in options[0] if "|" in feature]
        assert labelling.labels[best] == linear.choose_label("any", labelling._replace(clues=clues))
    linear.clue_weights.cache_clear()
