"""Events: their dates, and what is one event."""

import pytest
import spacy

from pipeline.components.events import event_date, instrument_of, merge_events
from pipeline.schema import DateMention, Event


def event(kind, date, start, people=(), instrument=None):
    return Event(kind, date, start, start + 4, (start, start + 20), [], list(people), instrument, 0.9, "test")


def test_an_event_told_twice_is_one():
    merged = merge_events([event("signing", "2020-05-03", 10, ["p1"]), event("signing", "2020-05-03", 90, ["p2"], "mou")])
    assert [(e.start, e.people, e.instrument) for e in merged] == [(10, ["p1", "p2"], "mou")]


def test_events_of_two_days_are_two():
    assert len(merge_events([event("signing", "2020-05-03", 10), event("signing", "2020-05-04", 90)])) == 2


def test_an_undated_mention_is_the_dated_event_of_its_type():
    merged = merge_events([event("signing", None, 0), event("visit", "2020-05-03", 40), event("signing", "2020-05-04", 90)])
    assert [(e.type, e.date) for e in merged] == [("visit", "2020-05-03"), ("signing", "2020-05-04")]


def test_an_undated_event_happened_when_what_was_told_before_it_did():
    merged = merge_events([event("visit", "2020-05-03/2020-05-05", 10), event("signing", None, 90)])
    assert [(e.type, e.date) for e in merged] == [("visit", "2020-05-03/2020-05-05"), ("signing", "2020-05-03/2020-05-05")]


def test_nothing_dates_an_event_that_stands_before_all_dates():
    merged = merge_events([event("signing", None, 0), event("visit", "2020-05-03", 40)])
    assert [(e.type, e.date) for e in merged] == [("signing", None), ("visit", "2020-05-03")]


def dated(text, *dates):
    doc = spacy.blank("en")(text)
    at = {words: text.index(words) for words, _ in dates}
    doc._.dates = [DateMention(words, at[words], at[words] + len(words), value, None, None, "stated") for words, value in dates]
    return doc


def test_the_nearest_day_of_the_sentence_counts():
    text = "On 3 May they came to see the boats, on 5 May they signed, for 2024."
    doc = dated(text, ("3 May", "2021-05-03"), ("5 May", "2021-05-05"), ("2024", "2024"))
    assert event_date(doc, 0, len(text), text.index("signed")) == "2021-05-05"
    assert event_date(doc, 0, len(text), text.index("came")) == "2021-05-03"


@pytest.mark.parametrize("told, date", [("Today Moss Boats announced that it has", None), ("Today Moss Boats has", "2021-05-03")])
def test_the_day_of_an_announcement_is_not_the_day_of_the_event(told, date):
    text = f"{told} signed a contract."
    assert event_date(dated(text, ("Today", "2021-05-03")), 0, len(text), text.index("signed")) == date


def test_since_when_something_runs_dates_no_event():
    text = "Partners since 2006, they signed."
    assert event_date(dated(text, ("since 2006", "2006/..")), 0, len(text), text.index("signed")) is None


@pytest.mark.parametrize(
    "words, code",
    [
        ("addendum to the charter party", "agreement"),
        ("adding up", None),
        ("Plan", "plan"),
        ("they plan to sail", None),
        ("Memoranda of Understanding", "mou"),
        ("memory", None),
    ],
)
def test_instruments_are_told_by_their_words(words, code):
    assert instrument_of(words) == code


def test_an_event_told_again_and_again_has_the_people_of_all_its_mentions_in_order():
    merged = merge_events([event("signing", "2020-05-03", 10 * n, [f"p{9 - n}"]) for n in range(1, 6)])
    assert [e.people for e in merged] == [["p4", "p5", "p6", "p7", "p8"]]
