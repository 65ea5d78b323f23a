"""Sentence boundaries."""

import pytest
import spacy

from pipeline.components.sentences import Sentences, find_soft_line_ends, read_bounds

CASES = [
    ("Engr. Obi met Smt. Rao. Qingtan Pte. Ltd. pays.", ["Engr. Obi met Smt. Rao.", "Qingtan Pte. Ltd. pays."]),
    ("Present was Ag. Dean Ann Roe. She spoke.", ["Present was Ag. Dean Ann Roe.", "She spoke."]),
    ("It was signed with Hafenlogik AG. Work begins.", ["It was signed with Hafenlogik AG.", "Work begins."]),
    ("Dr. Wang met Prof. Li. They talked.", ["Dr. Wang met Prof. Li.", "They talked."]),
    ("It was signed on Jan. 12 in the U.S. capital. All were glad.", ["It was signed on Jan. 12 in the U.S. capital.", "All were glad."]),
    ("“We agreed.” He left.", ["“We agreed.”", "He left."]),
    ("MoU signed in Hue\nLeaders of both sides met.", ["MoU signed in Hue", "Leaders of both sides met."]),
    ("- joint research\n- exchange of staff", ["- joint research", "- exchange of staff"]),
    ("Really? Yes! Good.", ["Really?", "Yes!", "Good."]),
    ("J. Ozols and K. Berzins signed.", ["J. Ozols and K. Berzins signed."]),
]


@pytest.mark.parametrize("text, expected", CASES)
def test_a_sentence_ends_at_its_mark_or_at_the_end_of_its_line(text, expected):
    doc = Sentences()(spacy.blank("en")(text))
    assert [sent.text.strip() for sent in doc.sents] == expected


def test_a_wrapped_paragraph_is_no_list_of_lines():
    text = (
        "The two universities agreed last week that they will open a joint\n"
        "laboratory for the study of coastal waters and that they will send\n"
        "students to each other every year from now on."
    )
    assert len(list(find_soft_line_ends(text))) == 2
    assert len(list(Sentences()(spacy.blank("en")(text)).sents)) == 1


def test_a_label_below_a_caption_begins_a_line_of_its_own():
    text = "The mayors shake hands on the new pier, in front of the City of Ropeford\nSource: Office of the Mayor of Ropeford, Press"
    assert not list(find_soft_line_ends(text))


def test_an_empty_text_has_no_sentences():
    assert list(Sentences()(spacy.blank("en")("")).sents) == []


@pytest.mark.parametrize("text", ["", "One.", *(text for text, _ in CASES)])
def test_bounds_are_those_of_the_sentences(text):
    doc = Sentences()(spacy.blank("en")(text))
    bounds = read_bounds(doc)
    assert bounds.tokens == [sent.start for sent in doc.sents]
    assert list(zip(bounds.starts, bounds.ends)) == [(sent.start_char, sent.end_char) for sent in doc.sents]
