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

MAX_RIVALS = 40  # looked at for one name
MARGIN = 0.1  # a name that fits two which aren't one joins the better where it fits that much better, else none


@dataclass(frozen=True, slots=True)
class Link:
    """What was found about two entities, by their indices."""

    left: int
    right: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Clusters:
    """leaders[i]: the lowest index of the cluster of entity i; links: those made, forbidden by a rule, for a person to decide."""

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
    set_ambiguous_apart(pairs, forbids, order)
    members: dict[int, list[int]] = {}  # of the clusters of two or more
    leaders = list(range(count))

    @cache
    def obstacle(i: int, j: int) -> str | None:
        decision = decided.get((i, j))
        if decision is not None:
            return f"decided to be different ({decision.where})" if decision.verdict == "different" else None
        return forbids(i, j)

    def between(a: int, b: int) -> tuple[int, int, str] | None:
        for i in members.get(a, [a]):
            for j in members.get(b, [b]):
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
                joined = members.pop(high, [high])
                for k in joined:
                    leaders[k] = low
                members.setdefault(low, [low]).extend(joined)
        if (
            judgement.verdict in ("linked", "unsure")
            or judgement.by == "decision"
            or (judgement.verdict != "apart" and judgement.score >= UNSURE)
        ):
            links.append(Link(i, j, judgement))
    return Clusters(leaders, leave_questions(links, leaders, forbids))


def leave_questions(links: Iterable[Link], leaders: Sequence[int], forbids: Callable[[int, int], str | None]) -> list[Link]:
    """Give links without the unsure ones that nobody has to decide: within a cluster, where likelier ones join both sides to others,
    or where a likelier one asks for the same side and can't be true beside it.

    links: surest first. A person who has answered one gets the next at the next run.
    """
    out: list[Link] = []
    asked: dict[int, list[int]] = defaultdict(list)
    for link in links:
        if link.judgement.verdict == "unsure" and link.judgement.by != "decision":
            a, b = leaders[link.left], leaders[link.right]
            rivals = [(k, link.right) for k in asked[a]] + [(k, link.left) for k in asked[b]]
            if a == b or (asked[a] and asked[b]) or any(forbids(min(pair), max(pair)) for pair in rivals[:MAX_RIVALS]):
                continue
            asked[a].append(link.right)
            asked[b].append(link.left)
        out.append(link)
    return out


def decision_judgement(decision: Decision, judged: Judgement | None) -> Judgement:
    """Give a person's verdict in the place of the score's."""
    verdict = {"same": "linked", "different": "forbidden", "unsure": "unsure"}[decision.verdict]
    note = f": {decision.note}" if decision.note else ""
    return Judgement(
        judged.score if judged else 0.0, verdict, "decision", (f"decided in {decision.where}{note}", *(judged.reasons if judged else ()))
    )


def set_ambiguous_apart(pairs: dict[tuple[int, int], Judgement], forbids: Callable[[int, int], str | None], order: Sequence[str]) -> None:
    """Set apart, in pairs, what links one entity to two that can't be one, unless it fits the one clearly better; the likeliest is unsure.

    "MTU" may be the Mangystau Technical University or the Maritime Trade Union; "National Bank" without a country any.
    """
    partners: dict[int, list[tuple[int, Judgement]]] = defaultdict(list)
    for (i, j), judgement in pairs.items():
        if judgement.verdict == "linked" and judgement.by != "decision":
            partners[i].append((j, judgement))
            partners[j].append((i, judgement))
    told: dict[tuple[int, int], str] = {}
    asked: set[tuple[int, int]] = set()
    for i, linked in partners.items():
        linked.sort(key=lambda x: (-x[1].score, order[x[0]]))
        question = None
        for at, (j, judgement) in enumerate(linked):
            rivals = [
                (k, other) for n, (k, other) in enumerate(linked[:MAX_RIVALS])
                if n != at and other.score > judgement.score - MARGIN and forbids(min(j, k), max(j, k))
            ]  # fmt: skip
            if rivals:
                names = " or ".join(sorted({order[k] for k, _ in rivals})[:2])
                pair = (min(i, j), max(i, j))
                told.setdefault(pair, f"{order[i]} could as well be {names}")
                question = question or pair
        if question:
            asked.add(question)
    for pair, reason in told.items():
        verdict = "unsure" if pair in asked else "apart"
        out = pairs[pair]
        pairs[pair] = replace(out, verdict=verdict, by="ambiguity", reasons=(reason, *out.reasons))


def id_of(prefix: str, parts: Iterable[str]) -> str:
    """Give an id made from content: the same parts always give the same id."""
    return f"{prefix}_{blake2b(chr(31).join(parts).encode(), digest_size=8).hexdigest()}"
