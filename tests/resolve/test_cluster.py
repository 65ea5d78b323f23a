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


def test_ids_come_from_content():
    assert id_of("org", ("sado", "PT", "")) == id_of("org", ["sado", "PT", ""]) != id_of("org", ("sado", "", "PT"))
