"""Judged pairs -> clusters, in which no two members are forbidden to be one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from typing import Any

from pipeline.resolve.compare import UNSURE, Judgement
from pipeline.resolve.decisions import Decision

MARGIN = 0.1  # a name that fits two which aren't one joins the better where it fits that much better, else none


@dataclass(frozen=True, slots=True)
class Link:
    """What was found about two entities, by their indices."""

    left: int
    right: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Clusters:
    """leaders[i]: the lowest index of the cluster of entity i; links: all that were linked, unsure or nearly linked."""

    leaders: list[int]
    links: list[Link]

    def rows(self, kind: str, labels: Sequence[str], ids: Mapping[int, str]) -> Iterator[dict[str, Any]]:
        """Give the rows of the table of links, in their order; ids: leader -> canonical id."""
        for link in self.links:
            left, right = sorted((link.left, link.right), key=lambda i: labels[i])
            yield {
                "kind": kind,
                "left": labels[left],
                "right": labels[right],
                "left_id": ids[self.leaders[left]],
                "right_id": ids[self.leaders[right]],
                "score": link.judgement.score,
                "verdict": link.judgement.verdict,
                "by": link.judgement.by,
                "reasons": list(link.judgement.reasons),
            }


def make_clusters(
    count: int,
    judged: Mapping[tuple[int, int], Judgement],
    decided: Mapping[tuple[int, int], Decision],
    forbids: Callable[[int, int], str | None],
    order: Sequence[str],
) -> Clusters:
    """Join linked pairs, surest first, unless a pair of members across the two clusters is forbidden or decided to be different.

    Decisions come first and outrank rules. order: labels, by which pairs of one score are taken; so the order of the input doesn't matter.
    """
    pairs = {**judged, **{pair: decision_judgement(d, judged.get(pair)) for pair, d in decided.items()}}
    pairs = set_ambiguous_apart(pairs, forbids, order)
    members: dict[int, list[int]] = {i: [i] for i in range(count)}
    leaders = list(range(count))

    @cache
    def obstacle(i: int, j: int) -> str | None:
        decision = decided.get((i, j))
        if decision is not None:
            return f"decided to be different ({decision.where})" if decision.verdict == "different" else None
        return forbids(i, j)

    def between(a: int, b: int) -> tuple[int, int, str] | None:
        for i in members[a]:
            for j in members[b]:
                reason = obstacle(min(i, j), max(i, j))
                if reason:
                    return i, j, reason
        return None

    links: list[Link] = []
    ranked = sorted(
        pairs.items(), key=lambda x: (x[1].by != "decision", -x[1].score, order[x[0][0]], order[x[0][1]]),
    )  # fmt: skip
    for (i, j), judgement in ranked:
        if judgement.verdict == "linked":
            a, b = leaders[i], leaders[j]
            barrier = None if a == b or judgement.by == "decision" else between(a, b)
            if barrier:
                k, m, reason = barrier
                why = f"not joined, for {order[k]!r} and {order[m]!r} would be one: {reason}"
                judgement = replace(judgement, verdict="unsure", by="cluster", reasons=(why, *judgement.reasons))
            elif a != b:
                low, high = min(a, b), max(a, b)
                for k in members[high]:
                    leaders[k] = low
                members[low] += members.pop(high)
        if judgement.verdict in ("linked", "unsure") or judgement.by == "decision" or judgement.score >= UNSURE:
            links.append(Link(i, j, judgement))
    return Clusters(leaders, links)


def decision_judgement(decision: Decision, judged: Judgement | None) -> Judgement:
    """Give a person's verdict in the place of the score's."""
    verdict = {"same": "linked", "different": "forbidden", "unsure": "unsure"}[decision.verdict]
    note = f": {decision.note}" if decision.note else ""
    return Judgement(
        judged.score if judged else 0.0, verdict, "decision", (f"decided in {decision.where}{note}", *(judged.reasons if judged else ()))
    )


def set_ambiguous_apart(
    pairs: Mapping[tuple[int, int], Judgement], forbids: Callable[[int, int], str | None], order: Sequence[str]
) -> dict[tuple[int, int], Judgement]:
    """Make unsure what links one entity to two that can't be one, unless it fits the one clearly better.

    "MTU" may be the Mangystau Technical University or the Maritime Trade Union; "National Bank" without a country any.
    """
    partners: dict[int, list[tuple[int, Judgement]]] = defaultdict(list)
    for (i, j), judgement in pairs.items():
        if judgement.verdict == "linked" and judgement.by != "decision":
            partners[i].append((j, judgement))
            partners[j].append((i, judgement))
    out = dict(pairs)
    for i, linked in partners.items():
        linked.sort(key=lambda x: (-x[1].score, x[0]))
        for at, (j, judgement) in enumerate(linked):
            rivals = [
                (k, other) for n, (k, other) in enumerate(linked[:40])
                if n != at and other.score > judgement.score - MARGIN and forbids(min(j, k), max(j, k))
            ]  # fmt: skip
            if rivals:
                names = " or ".join(sorted({order[k] for k, _ in rivals})[:2])
                reason = f"{order[i]} could as well be {names}"
                out[min(i, j), max(i, j)] = replace(judgement, verdict="unsure", by="ambiguity", reasons=(reason, *judgement.reasons))
    return out


def id_of(prefix: str, parts: Iterable[str]) -> str:
    """Give an id made from content: the same parts always give the same id."""
    return f"{prefix}_{blake2b(chr(31).join(parts).encode(), digest_size=8).hexdigest()}"
