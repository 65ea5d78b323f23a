"""Clusters."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.resolve.cluster import id_of, make_clusters
from pipeline.resolve.compare import Judgement

LINKED = Judgement(0.9, "linked", "score", ())
EDGES = st.dictionaries(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda p: p[0] < p[1]), st.floats(0.8, 1.0), max_size=15)
BANS = st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda p: p[0] < p[1]), max_size=8)


@settings(deadline=None)
@given(EDGES, BANS, st.permutations(range(9)))
def test_no_cluster_holds_a_forbidden_pair_and_order_changes_nothing(edges, bans, order):
    def clusters(names):
        place = {name: i for i, name in enumerate(names)}
        key = lambda a, b: (min(place[a], place[b]), max(place[a], place[b]))  # noqa: E731
        judged = {key(a, b): Judgement(score, "linked", "score", ()) for (a, b), score in edges.items()}
        forbidden = {key(a, b) for a, b in bans}
        found = make_clusters(9, judged, {}, lambda i, j: "no" if (i, j) in forbidden else None, [f"n{name}" for name in names])
        return {frozenset(names[i] for i in range(9) if found.leaders[i] == leader) for leader in set(found.leaders)}

    found = clusters(list(range(9)))
    assert not any({a, b} <= members for members in found for a, b in bans)
    # labels, not positions, decide
    assert clusters(sorted(range(9))) == found


def test_a_link_that_would_break_a_rule_is_listed_with_the_pair_that_forbids():
    judged = {(0, 1): Judgement(0.95, "linked", "score", ()), (1, 2): Judgement(0.81, "linked", "score", ())}
    found = make_clusters(3, judged, {}, lambda i, j: "countries differ" if (i, j) == (0, 2) else None, ["a", "b", "c"])
    assert found.leaders == [0, 0, 2]
    barred = next(link for link in found.links if link.judgement.verdict == "unsure")
    assert barred.judgement.reasons


def test_only_questions_that_a_person_has_to_answer_are_left():
    unsure, sure = Judgement(0.7, "unsure", "score", ()), Judgement(0.95, "linked", "score", ())
    judged = {(0, 1): sure, (0, 2): unsure, (1, 2): unsure, (0, 3): unsure}

    def questions(judged, forbidden=()):
        found = make_clusters(4, judged, {}, lambda i, j: "no" if (i, j) in forbidden else None, list("abcd"))
        return [(link.left, link.right) for link in found.links if link.judgement.verdict == "unsure"]

    assert questions(judged) == [(0, 2), (0, 3)]  # not (1, 2), for 0 and 1 are one
    assert questions({**judged, (2, 3): unsure}) == [(0, 2), (0, 3)]  # the two answers tell about (2, 3)
    assert questions(judged, {(2, 3)}) == [(0, 2)]  # 3 is an alternative to 2


def test_a_name_that_fits_two_is_asked_about_once():
    judged = {(0, 1): Judgement(0.95, "linked", "score", ()), (0, 2): Judgement(0.9, "linked", "score", ())}
    found = make_clusters(3, judged, {}, lambda i, j: "no" if (i, j) == (1, 2) else None, list("abc"))
    assert [(link.left, link.right, link.judgement.verdict) for link in found.links] == [(0, 1, "unsure")]
    assert found.leaders == [0, 1, 2]


def test_ids_come_from_content():
    assert id_of("org", ("sado", "PT", "")) == id_of("org", ["sado", "PT", ""]) != id_of("org", ("sado", "", "PT"))
