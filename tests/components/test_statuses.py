"""How firm an area is: cues and the line that introduces a list."""

import pytest

from pipeline.components.statuses import find_cues, find_intro
from pipeline.lexicons import read_lexicon

ENTRIES = read_lexicon("status_cues.jsonl", required=("status", "pattern", "example", "not"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e["id"])
def test_a_cue_is_found_in_its_example_and_not_in_its_counter_example(entry):
    assert entry["status"] in {cue.status for cue in find_cues(entry["example"])}
    assert entry["status"] not in {cue.status for cue in find_cues(entry["not"])}


def intro(text, item):
    cues = find_cues(text)
    found = find_intro(text, text.index(item), cues, [cue.start for cue in cues])
    return found and (text[found.start : found.end], found.status)


def test_the_line_before_a_list_tells_for_its_items():
    text = "The two harbours will work together on:\n- pilot training\n- shore power\n"
    assert intro(text, "shore power") == ("will", "agreed")


def test_running_text_is_introduced_by_nothing():
    assert intro("They discussed many things: tides.\nPilot training went on.", "Pilot") is None


def test_cues_are_found_in_capitals_behind_letters_whose_small_form_is_longer():
    text = "İzmir İnşaat SIGNED the papers."
    assert [(text[cue.start : cue.end], cue.status) for cue in find_cues(text)] == [("SIGNED", "agreed")]
