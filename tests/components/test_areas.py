"""Areas: words left out in lists, and who speaks."""

import pytest
import spacy

from pipeline.components.areas import restore, shared_head, shared_tail
from pipeline.components.sentences import Sentences
from pipeline.components.speech import find_speakers
from pipeline.labels import SPAN_TASKS
from pipeline.schema import Mention, Person

KINDS = SPAN_TASKS["ellipsis"]


def wordings(text, *items):
    doc = Sentences()(spacy.blank("en")(text))
    spans, kinds, at = [], [], 0
    for item, kind in items:
        at = text.index(item, at)
        spans.append(doc.char_span(at, at + len(item)))
        kinds.append(KINDS.index(kind))
        at += len(item)
    return [wording for _, wording in restore(doc, spans, kinds)]


def test_an_item_takes_the_head_of_the_list():
    text = "They agreed on exchange of students and teachers."
    assert wordings(text, ("exchange of students", "full"), ("teachers", "prefix")) == ["exchange of students", "exchange of teachers"]


def test_an_item_takes_the_end_of_the_list():
    text = "It covers student and staff exchange."
    assert wordings(text, ("student", "suffix"), ("staff exchange", "full")) == ["student exchange", "staff exchange"]


def test_a_chain_hands_its_head_on():
    text = "development of courses, textbooks and tests"
    items = [("development of courses", "full"), ("textbooks", "prefix"), ("tests", "prefix")]
    assert wordings(text, *items)[1:] == ["development of textbooks", "development of tests"]


def test_nothing_is_taken_from_another_sentence():
    text = "They agreed on exchange of students. Teachers came."
    assert wordings(text, ("exchange of students", "full"), ("Teachers", "prefix"))[1] == "Teachers"


@pytest.mark.parametrize(
    "full, item, head",
    [
        ("exchange of students", "teachers", "exchange of"),
        ("joint research", "teaching", "joint"),
        ("cooperation in science", "in sport", "cooperation"),
    ],
)
def test_what_a_list_shares_at_its_head(full, item, head):
    assert shared_head(full, item) == head


@pytest.mark.parametrize("item, full, tail", [("student", "staff exchange", "exchange"), ("develop", "commercialize new drugs", "drugs")])
def test_what_a_list_shares_at_its_end(item, full, tail):
    assert shared_tail(item, full) == tail


def speakers(text, *names):
    doc = Sentences()(spacy.blank("en")(text))
    for n, name in enumerate(names, 1):
        mentions, at = [], text.find(name)
        while at >= 0:
            mentions.append(Mention(name, at, at + len(name)))
            at = text.find(name, at + 1)
        doc._.people = [*doc._.people, Person(f"p{n}", name, mentions, [], 0.9)]
    return find_speakers(doc)


def test_indirect_speech_goes_on_with_a_pronoun():
    text = "Gan Ruiyuan said that she was pleased. She hoped for online courses. She said that credits would be recognised."
    assert speakers(text, "Gan Ruiyuan") == {0: "p1", 1: "p1", 2: "p1"}


def test_a_quotation_belongs_to_the_person_named_behind_it():
    text = "“We will build a laboratory. It opens in May,” said Hanne Tollerud. The paper was signed by others in Oslo."
    found = speakers(text, "Hanne Tollerud")
    assert found[0] == "p1" and found[1] == "p1"


def test_another_person_ends_the_speech():
    text = "Wang Qi said that talks went well. Li Na visited the library. The library has many books. Dinner followed."
    found = speakers(text, "Wang Qi", "Li Na")
    assert found.get(0) == "p1" and found.get(1) != "p1" and 3 not in found


def test_a_text_without_people_has_no_speakers():
    assert speakers("It was said that nobody spoke.") == {}
