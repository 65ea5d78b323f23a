"""Counts, states and confidence of the tables, from records made by hand."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import BEIHAI, SADO, make_area, make_event, make_org, make_pair, make_person, make_record

from pipeline.building import build
from pipeline.queries import roll_up
from pipeline.tables import to_arrow

LONG = " ".join(f"word{n} of the release that both publish about their cooperation" for n in range(40))
PAIR = ["org_a", "org_b"]


def reports(*statuses):
    """Articles of successive years on one pair."""
    return [make_record(f"d{n}", f"{2015 + n}-05-01", partnerships=[make_pair(status=s)]) for n, s in enumerate(statuses)]


STATES = [  # what the articles say, one a year; what the pair has come to
    (("proposed", "agreed", "ongoing"), "ongoing", False),
    (("ongoing", "proposed"), "ongoing", False),  # a new plan doesn't undo what runs
    (("agreed", "completed"), "completed", False),
    (("completed", "proposed"), "proposed", False),  # a new beginning
    (("ongoing", "ended"), "ended", False),
    (("ended", "agreed", "ongoing"), "ongoing", False),
    (("ended", "ongoing"), "ongoing", True),  # who is right?
    (("ended", "ended"), "ended", False),
]


@pytest.mark.parametrize("statuses, state, contradiction", STATES)
def test_status_goes_onwards_with_the_reports(statuses, state, contradiction):
    row = build(reports(*statuses)).partnerships.iloc[0]
    assert (row["status"], row["contradiction"]) == (state, contradiction)


def test_history_tells_each_step_with_its_article():
    history = build(reports("proposed", "agreed", "proposed", "ended")).history
    assert history["state"].tolist() == ["proposed", "agreed", "agreed", "ended"]
    assert history["doc_id"].tolist() == ["d0", "d1", "d2", "d3"]
    assert history["date"].dt.year.tolist() == [2015, 2016, 2017, 2018]


def test_an_article_without_a_date_overrules_none():
    tables = build([*reports("agreed", "ongoing"), make_record("x", None, partnerships=[make_pair(status="ended")])])
    assert tables.partnerships["status"].tolist() == ["ongoing"]


def test_near_copies_count_as_documents_but_as_one_source():
    records = [
        make_record(d, day, text=f"{head} {LONG}")
        for d, day, head in (("a", "2020-01-02", "Sado,"), ("b", "2020-01-01", "Beihai:"), ("c", "2020-02-01", ""))
    ]
    tables = build([*records, make_record("z", "2021-01-01")])
    row = tables.partnerships.iloc[0]
    assert (row["n_documents"], row["n_sources"]) == (4, 2)
    assert tables.documents.set_index("doc_id")["duplicate_of"].dropna().to_dict() == {"a": "b", "c": "b"}


def test_sources_that_are_a_party_are_not_independent():
    tables = build(
        [
            make_record("a", "2020-01-01", url="https://www.bumt.example/news/1"),
            make_record("b", "2020-01-02", issuer="University of Sado"),
            make_record("c", "2020-01-03", url="https://gazette.example/1"),
            make_record("d", "2020-01-04"),
        ]
    )
    row = tables.partnerships.iloc[0]
    assert (row["n_sources"], row["n_independent"]) == (4, 2)
    assert sorted(tables.history["issued_by"].astype(str)) == ["a", "b", "other", "other"]


def test_confidence_grows_with_other_voices_only():
    one = build([make_record("a", url="https://www.bumt.example/1")]).partnerships["confidence"].iloc[0]
    same_voice = build([make_record(d, url=f"https://www.bumt.example/{d}") for d in "ab"]).partnerships["confidence"].iloc[0]
    two_voices = (
        build([make_record("a", url="https://www.bumt.example/1"), make_record("b", url="https://gazette.example/1")])
        .partnerships["confidence"]
        .iloc[0]
    )
    assert (one, same_voice, two_voices) == (0.8, 0.8, 0.96)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0.05, 0.95)), min_size=1, max_size=5), st.floats(0.05, 0.95))
def test_confidence_never_falls_and_grows_with_another_voice(voices, more):
    """voices: site and confidence of articles that report one pair."""

    def confidence_of(items):
        pairs = [(site, round(c, 3)) for site, c in items]
        records = [
            make_record(f"d{n}", url=f"https://{site}.example/{n}", partnerships=[make_pair(confidence=c)])
            for n, (site, c) in enumerate(pairs)
        ]
        return build(records).partnerships["confidence"].iloc[0]

    before = confidence_of(voices)
    assert confidence_of([*voices, (voices[0][0], more)]) >= before  # the same voice again
    assert confidence_of([*voices, ("e", more)]) > before or before == 1


def test_a_near_copy_elsewhere_is_no_other_voice():
    records = [make_record(d, text=LONG, url=f"https://{d}.example/1") for d in "ab"]
    row = build(records).partnerships.iloc[0]
    assert (row["n_documents"], row["n_sources"], row["confidence"]) == (2, 1, 0.8)


def test_instruments_have_their_terms():
    """Signed on a day that an event tells; valid until what the latest report says; each instrument its own."""
    mou = make_pair(instruments=("mou",), valid_until="2023")
    renewed = make_pair(instruments=("agreement", "mou"))
    signing = make_event("signing", "2018-03-02", instrument="mou")
    tables = build(
        [
            make_record("a", "2018-03-03", partnerships=[mou], events=(signing, make_event("visit", "2017", instrument="mou", start=50))),
            make_record("b", "2021-06-01", partnerships=[renewed], events=(make_event("signing", "2021-05", instrument="agreement"),)),
            make_record("c", "2022-06-01", partnerships=[make_pair(instruments=("mou", "plan"), valid_until="2027-06")]),
        ]
    )
    row = tables.partnerships.iloc[0]
    assert dict(zip(row["instruments"], row["instrument_terms"], strict=True)) == {
        "agreement": "2021-05/",
        "mou": "2018-03-02/2027-06",
        "plan": "/2027-06",
    }


def test_instruments_without_terms_say_so():
    row = build([make_record("a", partnerships=[make_pair(instruments=("contract",))])]).partnerships.iloc[0]
    assert (row["instruments"], row["instrument_terms"]) == (["contract"], [""])


CONTRADICTIONS = [  # day and status of reports; which of them contradict
    ([("2020-01-01", "ended"), ("2020-01-01", "ongoing")], ["ended", "ongoing"]),
    ([("2019-01-01", "ended"), ("2020-01-01", "completed")], ["completed"]),
    ([("2019-01-01", "ended"), ("2020-01-01", "proposed"), ("2021-01-01", "ongoing")], []),
    ([("2019-01-01", "ongoing"), ("2020-01-01", "ended")], []),
]


@pytest.mark.parametrize("reported, expected", CONTRADICTIONS)
def test_reports_that_cant_be_true_together_are_flagged(reported, expected):
    tables = build([make_record(f"d{n}", day, partnerships=[make_pair(status=s)]) for n, (day, s) in enumerate(reported)])
    flagged = tables.history[tables.history["contradiction"]]
    assert sorted(flagged["status"].astype(str)) == sorted(expected)
    assert tables.partnerships["contradiction"].tolist() == [bool(expected)]


def test_facts_are_of_pairs_that_are_partnerships_and_parties_of_the_area():
    third = make_org("o3", "Kvarken University of Applied Sciences", country="FI")
    record = make_record(
        "a",
        orgs=(SADO, BEIHAI, third),
        partnerships=[make_pair("o1", "o2"), make_pair("o1", "o3")],
        areas=(make_area("joint research", parties=("o1", "o2", "o3")), make_area("summer school", parties=("o2", "o3"), start=40)),
    )
    facts = build([record]).facts
    assert facts["area"].tolist() == ["joint research"] * 2
    assert (facts["org_a"] < facts["org_b"]).all()


def test_a_unit_that_is_a_party_stands_for_its_parent_in_facts():
    school = make_org("o3", "School of Navigation", type="unit", parent="o2")
    record = make_record("a", orgs=(SADO, BEIHAI, school), areas=(make_area("student exchange", parties=("o1", "o3")),))
    assert len(build([record]).facts) == 1


def test_the_same_area_of_the_same_words_is_one_fact():
    area = make_area("joint research")
    assert len(build([make_record("a", areas=(area, area))]).facts) == 1


def test_people_of_a_partnership_hold_an_office_on_one_side_and_speak_or_act_in_it():
    people = (
        make_person("p1", "Teresa Falcão", ("Rector", "o1")),
        make_person("p2", "Ann Otherwise", ("Editor", None)),
        make_person("p3", "Wei Chunhua", ("Director", "o2")),
    )
    record = make_record("a", people=people, areas=(make_area("joint research", speaker="p1"),), events=(make_event(people=("p2", "p3")),))
    tables = build([record])
    names = tables.people.set_index("person_id")["name"]
    assert sorted(names[p] for p in tables.partnerships["people"].iloc[0]) == ["Teresa Falcão", "Wei Chunhua"]


def test_an_event_told_of_a_partnership_and_of_the_article_is_one_row():
    event = make_event("signing", "2020-05-04", instrument="mou")
    tables = build([make_record("a", events=(event,), partnerships=[make_pair(events=(event,))])])
    assert tables.events[["type", "plover", "date"]].astype(str).values.tolist() == [["signing", "AGREE sign", "2020-05-04"]]
    assert tables.events["date_start"].iloc[0] == pd.Timestamp("2020-05-04")


def test_first_date_is_the_first_event_and_events_after_publication_dont_count():
    record = make_record("a", "2020-06-01", events=(make_event("visit", "2006/.."), make_event("signing", "2031-01-01")))
    row = build([record]).partnerships.iloc[0]
    assert (row["first_date"].year, row["last_date"]) == (2006, pd.Timestamp("2020-06-01"))


def test_gold_documents_build_tables_too():
    gold = {
        "doc_id": "g",
        "title": "t",
        "published": "2022-01-13",
        "kind": "university",
        "text": "Sado and Beihai plan mutual recognition of credits.",
        "orgs": [
            {"id": "o1", "name": "Sado", "mentions": ["Sado"], "type": "university", "country": "PT", "parent": None},
            {"id": "o2", "name": "Beihai", "mentions": ["Beihai"], "type": "university", "country": "CN", "parent": None},
        ],
        "people": [],
        "dates": [],
        "areas": [
            {
                "text": "mutual recognition of credits",
                "category": "credit_recognition",
                "status": "proposed",
                "parties": ["o1", "o2"],
                "speaker": None,
            }
        ],
        "partnerships": [
            {"a": "o1", "b": "o2", "status": "proposed", "instruments": [], "events": [{"type": "meeting", "date": "2022-01-12"}]}
        ],
    }
    tables = build([gold])
    assert (len(tables.facts), len(tables.events), len(tables.partnerships)) == (1, 1, 1)
    assert tables.facts["start"].iloc[0] == gold["text"].index("mutual")


def test_no_records_give_empty_tables():
    assert all(frame.empty for _, frame in build([]).items())


STATUSES = ["proposed", "agreed", "ongoing", "completed", "ended"]
ORGS = [
    ("University of Sado", "PT"),
    ("Universidade do Sado", "PT"),
    ("Beihai University of Marine Technology", "CN"),
    ("BUMT", "CN"),
    ("Hafenlogik GmbH", "DE"),
    ("Kvarken UAS", None),
]


@st.composite
def archives(draw):
    """Small archives with variants of names, copies, undated articles."""
    records = []
    for n in range(draw(st.integers(1, 6))):
        chosen = draw(st.lists(st.sampled_from(ORGS), min_size=2, max_size=4, unique_by=lambda o: o[0]))
        orgs = tuple(make_org(f"o{i}", name, country=country) for i, (name, country) in enumerate(chosen, 1))
        ids = [o["id"] for o in orgs]
        pairs = [make_pair(a, b, draw(st.sampled_from(STATUSES))) for a, b in combinations(ids, 2) if draw(st.booleans())]
        areas = [
            make_area(
                f"area {k}",
                draw(st.sampled_from(STATUSES)),
                parties=tuple(draw(st.lists(st.sampled_from(ids), min_size=2, max_size=3, unique=True))),
                start=10 * k,
                category=draw(st.sampled_from(["joint_research", "energy"])),
            )
            for k in range(draw(st.integers(0, 3)))
        ]
        events = [
            make_event("visit", draw(st.sampled_from([None, "2019-04-01", "2018"])), orgs=tuple(ids), start=5 * k)
            for k in range(draw(st.integers(0, 2)))
        ]
        people = (make_person("p1", draw(st.sampled_from(["Wang Lei", "Teresa Falcão"])), ("Rector", ids[0])),)
        text = draw(st.sampled_from([None, LONG]))
        records.append(
            make_record(
                f"d{n}",
                draw(st.sampled_from([None, "2019-05-01", "2020"])),
                orgs=orgs,
                people=people,
                partnerships=pairs,
                areas=tuple(areas),
                events=tuple(events),
                text=text,
            )
        )
    return records


@settings(max_examples=40, deadline=None)
@given(archives(), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(records, random):
    shuffled = records[:]
    random.shuffle(shuffled)
    for (name, one), (_, other) in zip(build(records).items(), build(shuffled).items(), strict=True):
        assert to_arrow(name, one).equals(to_arrow(name, other), check_metadata=True), name


@settings(max_examples=40, deadline=None)
@given(archives(), st.sampled_from(["unit", "organization", "country"]))
def test_every_count_can_be_had_with_a_groupby(records, level):
    tables = roll_up(build(records), level)
    pairs = tables.partnerships.set_index(PAIR).sort_index()
    assert not pairs.index.duplicated().any()
    history = tables.history.merge(tables.documents[["doc_id", "duplicate_of"]], on="doc_id")
    source = history["duplicate_of"].fillna(history["doc_id"])
    expected = (
        pd.DataFrame(
            {
                "n_documents": history.groupby(PAIR)["doc_id"].nunique(),
                "n_sources": source.groupby([history["org_a"], history["org_b"]]).nunique(),
                "n_independent": independent(history.assign(source=source)),
                "n_facts": tables.facts.groupby(PAIR)["fact_id"].count(),
                "n_events": events_by_pair(tables).groupby(PAIR)["event_id"].count() if len(tables.events) else 0,
            }
        )
        .reindex(pairs.index)
        .fillna(0)
        .astype("int64")
    )
    pd.testing.assert_frame_equal(pairs[list(expected)], expected, check_names=False)
    for pair, row in pairs.iterrows():
        mine = tables.facts[(tables.facts["org_a"] == pair[0]) & (tables.facts["org_b"] == pair[1])]
        assert dict(zip(row["categories"], row["category_counts"], strict=True)) == mine["category"].astype(str).value_counts().to_dict()
        assert list(row["category_counts"]) == sorted(row["category_counts"], reverse=True)


def independent(history):
    """Sources of which neither side issued a copy."""
    own = history.assign(own=history["issued_by"] != "other").groupby([*PAIR, "source"])["own"].any()
    return (~own).groupby(PAIR).sum()


def events_by_pair(tables):
    """An event counts for each partnership of its article whose two sides took part."""
    rows = tables.events[["event_id", "doc_id", "org_ids"]]
    both = rows.explode("org_ids").merge(rows.explode("org_ids"), on=["event_id", "doc_id"])
    both = both[both["org_ids_x"] < both["org_ids_y"]].rename(columns={"org_ids_x": "org_a", "org_ids_y": "org_b"})
    return both.merge(tables.history[[*PAIR, "doc_id"]], on=[*PAIR, "doc_id"])
