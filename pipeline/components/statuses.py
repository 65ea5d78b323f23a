"""How firm an area is: what the encoder says of each status and the words around it, weighed."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.linear import Labelling, choose_label
from pipeline.labels import STATUSES
from pipeline.lexicons import read_lexicon
from pipeline.schema import Area, Mention

MIN_PROBABILITY = 0.005
LIST_CHARS = 500  # how far before a bullet the line that introduces the list may stand
BULLET = re.compile(r"\s*(?:[-*•·–▪◦✔✓]|\(?[0-9a-zA-Z]{1,3}[.)])\s")


class Cue(NamedTuple):
    """Words that tell a status, and where they stand."""

    start: int
    end: int
    status: str


@cache
def cue_pattern() -> re.Pattern[str]:
    """One pattern with a group for each entry of status_cues.jsonl, for text in lower case: four times as fast as one that ignores case."""
    entries = read_lexicon("status_cues.jsonl", required=("status", "pattern"))
    groups = "|".join(f"(?P<{e['id'].replace('-', '_')}>{e['pattern']})" for e in entries)
    return re.compile(rf"\b(?:{groups})\b")


@cache
def status_of_cue() -> dict[str, str]:
    return {e["id"].replace("-", "_"): e["status"] for e in read_lexicon("status_cues.jsonl", required=("status", "pattern"))}


def find_cues(text: str) -> list[Cue]:
    """Cues of a text, in its order."""
    lower = text.replace("İ", "I").lower()  # the one letter that would become two
    return [Cue(*m.span(), status_of_cue()[str(m.lastgroup)]) for m in cue_pattern().finditer(lower)]


def weigh_statuses(doc: Doc, areas: list[tuple[Area, int]], cues: list[Cue]) -> list[Labelling]:
    """For each area (with its index in doc.spans["AREA"]) what speaks for every status."""
    attrs = doc.spans["AREA"].attrs
    starts = [cue.start for cue in cues]
    shares = np.asarray([attrs["status"][index] for _, index in areas], dtype=np.float64).reshape(-1, len(STATUSES))
    logarithms = np.log(np.maximum(shares, MIN_PROBABILITY))
    article = shares.mean(0) if len(shares) else np.zeros(len(STATUSES))
    by_sentence: dict[tuple[int, int], list[int]] = {}
    for n, (area, _) in enumerate(areas):
        by_sentence.setdefault(area.sentence, []).append(n)
    by_sentence_mean = {sentence: shares[members].mean(0) for sentence, members in by_sentence.items()}
    instruments = [span.start_char for span in doc.spans["INST"]]
    events = [span.start_char for span in doc.spans["EVENT"]]
    out = []
    for n, (area, _) in enumerate(areas):
        low, high = area.sentence
        before = cues[bisect_left(starts, low) : bisect_left(starts, area.start)]
        inside = cues[bisect_left(starts, area.start) : bisect_left(starts, area.end)]
        behind = cues[bisect_left(starts, area.end) : bisect_left(starts, high)]
        intro = find_intro(text_of(doc), area.start, cues, starts)
        values = {
            "encoder": logarithms[n],
            "sentence": by_sentence_mean[area.sentence],
            "article": article,
            "nearest before": _told_by(before[-1:]),
            "first before": _told_by(before[:1]),
            "before": _told_by(before),
            "inside": _told_by(inside),
            "behind": _told_by(behind),
            "introduces the list": _told_by([intro] if intro else []),
        }
        clues = ["any", *(f"{cue.status} before" for cue in before[-1:])]
        clues += ["speaker"] if area.speaker is not None else []
        clues += ["instrument"] if _any_in(instruments, low, high) else []
        clues += ["event"] if _any_in(events, low, high) else []
        clues += ["list"] if intro is not None else []
        out.append(Labelling(STATUSES, values, clues))
    return out


def _told_by(cues: list[Cue]) -> list[float]:
    """1.0 for each status that one of the cues tells."""
    told = {cue.status for cue in cues}
    return [float(status in told) for status in STATUSES]


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
    for (area, _), labelling in zip(areas, weigh_statuses(doc, areas, cues), strict=True):
        area.status = choose_label("status", labelling)
        around = cues[bisect_left(starts, area.sentence[0]) : bisect_right(starts, area.sentence[1])]
        same = [cue for cue in around if cue.status == area.status]
        if same:
            cue = min(same, key=lambda c: max(area.start - c.end, c.start - area.end))
            area.cue = Mention(text_of(doc)[cue.start : cue.end], cue.start, cue.end)
