"""Who speaks: each rule with an example and a counter-example."""

import pytest
import spacy

from pipeline.components.sentences import Sentences
from pipeline.components.speech import find_quotations, find_speakers, forms_of_roles, is_speech
from pipeline.schema import Mention, Person, Role


def speakers(text, *people):
    """people: "Name", or ("Name", "role"); further forms of a name after a slash."""
    doc = Sentences()(spacy.blank("en")(text))
    for n, person in enumerate(people, 1):
        names, role = (person, None) if isinstance(person, str) else person
        mentions = sorted((m for name in names.split("/") for m in mentions_of(text, name)), key=lambda m: m.start)
        at = text.find(role) if role else -1
        roles = [Role(role, None, at, at + len(role), 0.9, "test")] if role else []
        doc._.people = [*doc._.people, Person(f"p{n}", names.split("/")[0], mentions, roles, 0.9)]
    return find_speakers(doc)


def mentions_of(text, name):
    at = text.find(name)
    while at >= 0:
        yield Mention(name, at, at + len(name))
        at = text.find(name, at + 1)


NAMED = [  # text, people, speaker of the last sentence
    ("Fees will not rise, said Ada Moss.", ["Ada Moss"], "p1"),
    ("Ada Moss, in turn, thanked Bo Lind for the boats.", ["Ada Moss", "Bo Lind"], "p1"),
    ("Ada Moss, the dean, said Bo Lind would send boats.", ["Ada Moss", "Bo Lind"], "p1"),
    ("According to Ada Moss, boats will come.", ["Ada Moss"], "p1"),
    ("According to the plan, boats will come to Ada Moss.", ["Ada Moss"], None),
    ("During talks with Bo Lind the parties noted the weather.", ["Bo Lind"], None),
    ("After talks with Bo Lind, Ada Moss proposed a regatta.", ["Ada Moss", "Bo Lind"], "p1"),
    ("Ada Moss's boat was praised.", ["Ada Moss"], None),
    ("Ada Moss floats the idea of a regatta.", ["Ada Moss"], "p1"),
    ("Some member states are far from Ada Moss.", ["Ada Moss"], None),
    ("The talks were opened by Ada Moss, who thanked the crews.", ["Ada Moss"], "p1"),
    ("Bo Lind spoke first. A regatta may follow, Ada Moss added.", ["Ada Moss", "Bo Lind"], "p1"),
]


@pytest.mark.parametrize("text, people, speaker", NAMED)
def test_the_subject_of_the_words_speaks(text, people, speaker):
    found = speakers(text, *people)
    assert found.get(max(found, default=0)) == speaker


def test_a_pronoun_goes_on_with_the_speaker_in_the_next_paragraph_and_no_pronoun_does_not():
    assert speakers("Ada Moss said boats come.\n\nShe hoped for a regatta.", "Ada Moss") == {0: "p1", 1: "p1"}
    assert speakers("Ada Moss said boats come.\n\nThe harbour is old.", "Ada Moss") == {0: "p1"}


def test_a_pronoun_means_whom_it_can_mean():
    text = "Ms Moss met Mr Lind in Turku. He {} a regatta."
    assert speakers(text.format("proposed"), "Ms Moss", "Mr Lind")[1] == "p2"
    assert speakers(text.replace("He", "She").format("proposed"), "Ms Moss", "Mr Lind")[1] == "p1"


def test_according_to_him_means_the_one_before():
    assert speakers("Bo Lind brought the keys. According to him, boats will come.", "Bo Lind")[1] == "p1"
    assert 1 not in speakers("Bo Lind brought the keys. According to her office, boats will come.", "Bo Lind")


def test_an_office_stands_for_its_holder():
    text = "Rector Ada Moss met Bo Lind. The Rector proposed a regatta."
    assert speakers(text, ("Ada Moss", "Rector"), "Bo Lind")[1] == "p1"
    assert 1 not in speakers("Rector Ada Moss met Bo Lind. The harbour proposed a regatta.", ("Ada Moss", "Rector"), "Bo Lind")


def test_a_deputy_is_not_called_by_the_office_alone():
    assert forms_of_roles(["Vice-Rector for Research"]) == {"vice rector for research", "vice rector"}
    assert "director" in forms_of_roles(["Managing Director"])


def test_a_quotation_of_several_sentences_is_his_who_is_named_behind_it():
    text = 'Ada Moss said boats come. "We wait. The harbour is old," said Bo Lind.'
    assert speakers(text, "Ada Moss", "Bo Lind") == {0: "p1", 1: "p2", 2: "p2"}


def test_a_quotation_that_is_over_stays_with_its_speaker():
    text = 'Ada Moss said: "Boats will come to the harbour." Bo Lind praised the crews.'
    assert speakers(text, "Ada Moss", "Bo Lind") == {0: "p1", 1: "p2"}


def test_a_quotation_goes_on_in_the_next_paragraph():
    text = 'Ada Moss said: "Boats will come.\n\n"They are made of wood.\n\nThe harbour is old.'
    assert speakers(text, "Ada Moss") == {0: "p1", 1: "p1"}


def test_a_dash_opens_a_quotation():
    text = "– We have waited long. The boats come in May, says {}."
    assert speakers(text.format("Ada Moss"), "Ada Moss") == {0: "p1", 1: "p1"}
    assert speakers(text[2:].format("Ada Moss"), "Ada Moss") == {1: "p1"}


def test_the_label_of_a_transcript_holds_until_the_next():
    text = "ADA MOSS: Boats come.\n\nThey are made of wood.\n\nPRESS: How many?\n\nThe room laughed."
    assert speakers(text, "ADA MOSS") == {0: "p1", 1: "p1"}


def test_answers_of_an_interview_are_the_guest_s():
    text = "We met Ada Moss.\n\n**Why boats?**\n\nThey float.\n\n**Which ones?**\n\nThose of wood.\n\n**And now?**\n\nWe race together."
    found = speakers(text, "Ada Moss")
    assert found[max(found)] == "p1"
    assert speakers(text.replace("?**", ".**"), "Ada Moss").get(max(found)) is None


def test_a_name_that_ends_a_clause_later_takes_the_floor():
    text = "Ada Moss thanked the crews, and Bo Lind promised a pier. He said it would be long."
    assert speakers(text, "Ada Moss", "Bo Lind") == {0: "p1", 1: "p2"}


def test_quotations_end_with_their_marks_or_their_paragraph():
    text = 'He has a 5" pipe. "Open\n\nnext “shut” «out»'
    assert [text[a:b] for a, b in find_quotations(text)] == ['"Open', "“shut”", "«out»"]
    text = 'a "type 7" boat "x"'
    assert [text[a:b] for a, b in find_quotations(text)] == ['"type 7"', '"x"']


@pytest.mark.parametrize("quotation, speech", [("“cloud boats”", False), ("“Yes!”", True), ("“they come and they go”", True)])
def test_a_title_is_no_speech(quotation, speech):
    assert is_speech(quotation) is speech
