"""How firm an area is: what the encoder says of each status and the words around it, weighed."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.linear import choose
from pipeline.labels import STATUSES
from pipeline.lexicons import read_lexicon
from pipeline.schema import Area, Mention

LIST_CHARS = 500  # how far before a bullet the line that introduces the list may stand
BULLET = re.compile(r"\s*(?:[-*•·–▪◦✔✓]|\(?[0-9a-zA-Z]{1,3}[.)])\s")


class Cue(NamedTuple):
    """Words that tell a status, and where they stand."""

    start: int
    end: int
    status: str


@cache
def cue_pattern() -> re.Pattern[str]:
    """One pattern with a group for each entry of status_cues.jsonl."""
    entries = read_lexicon("status_cues.jsonl", required=("status", "pattern"))
    groups = "|".join(f"(?P<{e['id'].replace('-', '_')}>{e['pattern']})" for e in entries)
    return re.compile(rf"\b(?:{groups})\b", re.IGNORECASE)


@cache
def status_of_cue() -> dict[str, str]:
    return {e["id"].replace("-", "_"): e["status"] for e in read_lexicon("status_cues.jsonl", required=("status", "pattern"))}


def find_cues(text: str) -> list[Cue]:
    """Cues of a text, in its order."""
    return [Cue(*m.span(), status_of_cue()[str(m.lastgroup)]) for m in cue_pattern().finditer(text)]


def weigh_statuses(doc: Doc, areas: list[tuple[Area, int]], cues: list[Cue]) -> list[list[dict[str, float]]]:
    """For each area (with its index in doc.spans["AREA"]) the features of every status, in the order of STATUSES."""
    attrs = doc.spans["AREA"].attrs
    starts = [cue.start for cue in cues]
    shares = np.asarray([attrs["status"][index] for _, index in areas], dtype=np.float64).reshape(-1, len(STATUSES))
    article = shares.mean(0) if len(shares) else np.zeros(len(STATUSES))
    by_sentence: dict[tuple[int, int], list[int]] = {}
    for n, (area, _) in enumerate(areas):
        by_sentence.setdefault(area.sentence, []).append(n)
    sentences = [span.start_char for span in doc.spans["INST"]]
    events = [span.start_char for span in doc.spans["EVENT"]]
    out = []
    for n, (area, _) in enumerate(areas):
        low, high = area.sentence
        mine = shares[by_sentence[area.sentence]].mean(0)
        before = cues[bisect_left(starts, low) : bisect_left(starts, area.start)]
        inside = cues[bisect_left(starts, area.start) : bisect_left(starts, area.end)]
        behind = cues[bisect_left(starts, area.end) : bisect_left(starts, high)]
        intro = find_intro(text_of(doc), area.start, cues, starts)
        told = {
            "speaker": float(area.speaker is not None),
            "instrument": float(_any_in(sentences, low, high)),
            "event": float(_any_in(events, low, high)),
            "list": float(intro is not None),
        }
        out.append([_features(k, shares[n], mine, article, before, inside, behind, intro, told) for k in range(len(STATUSES))])
    return out


def _features(
    k: int,
    own: NDArray[np.float64],
    sentence: NDArray[np.float64],
    article: NDArray[np.float64],
    before: list[Cue],
    inside: list[Cue],
    behind: list[Cue],
    intro: Cue | None,
    told: dict[str, float],
) -> dict[str, float]:
    status = STATUSES[k]
    features = {
        "encoder": math.log(max(float(own[k]), 0.005)),
        "sentence": float(sentence[k]),
        "article": float(article[k]),
        "nearest before": float(bool(before) and before[-1].status == status),
        "first before": float(bool(before) and before[0].status == status),
        "before": float(any(cue.status == status for cue in before)),
        "inside": float(any(cue.status == status for cue in inside)),
        "behind": float(any(cue.status == status for cue in behind)),
        "introduces the list": float(intro is not None and intro.status == status),
        f"any|{status}": 1.0,
    }
    if before:
        features[f"{before[-1].status} before|{status}"] = 1.0
    return features | {f"{name}|{status}": value for name, value in told.items() if value}


def _any_in(starts: list[int], low: int, high: int) -> bool:
    at = bisect_left(starts, low)
    return at < len(starts) and starts[at] < high


def find_intro(text: str, start: int, cues: list[Cue], starts: list[int]) -> Cue | None:
    """The last cue of the line that introduces the list in which an offset stands as an item."""
    line = text.rfind("\n", 0, start) + 1
    if not BULLET.match(text, line, start + 1):
        return None
    colon = text.rfind(":", max(0, line - LIST_CHARS), line)
    if colon < 0:
        return None
    begin = text.rfind("\n", 0, colon) + 1
    found = cues[bisect_left(starts, begin) : bisect_left(starts, colon)]
    return found[-1] if found else None


def set_statuses(doc: Doc, areas: list[tuple[Area, int]]) -> None:
    """Give each area the likeliest status, and the words nearest to it that tell the same."""
    cues = find_cues(text_of(doc))
    starts = [cue.start for cue in cues]
    for (area, _), options in zip(areas, weigh_statuses(doc, areas, cues), strict=True):
        best, _ = choose("status", options)
        area.status = STATUSES[best]
        around = cues[bisect_left(starts, area.sentence[0]) : bisect_right(starts, area.sentence[1])]
        same = [cue for cue in around if cue.status == area.status]
        if same:
            cue = min(same, key=lambda c: max(area.start - c.end, c.start - area.end))
            area.cue = Mention(text_of(doc)[cue.start : cue.end], cue.start, cue.end)
