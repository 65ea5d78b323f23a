"""Cooperation areas of an article: phrases with words left out restored, category, status, speaker."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span

from pipeline.components import attributes
from pipeline.components.attributes import text_of
from pipeline.components.codes import set_codes
from pipeline.components.linear import probability
from pipeline.components.pairs import party_scores
from pipeline.components.sentences import read_bounds
from pipeline.components.speech import find_speakers
from pipeline.components.statuses import BULLET, set_statuses
from pipeline.labels import CATEGORIES, SPAN_TASKS, STATUSES
from pipeline.naming import content_words, stems
from pipeline.schema import Area

attributes.register()
HEAD_END = frozenset(["of", "in", "on", "for", "between", "with", "to", "into", "at", "through", "from", "by", "about"])
MAX_SHARED_WORDS = 6
ALIKE = 0.5
MAX_ALIKE = 20
HEAD_CHARS = 300  # of the article: its headline and lead
MAX_GAP_WORDS = 8  # between items of one list
MAX_LEAD_CHARS = 100
EXAMPLE = re.compile(r"\b(?:such as|including|for example|for instance|e\.g\.)[^.;:()]*\Z|\(for example[^.;:()]*\Z")
NOT_AN_AREA = frozenset([
    "cooperation", "collaboration", "partnership", "exchange", "exchanges", "friendship", "agreement", "relations", "ties", "relationship",
    "project", "projects", "programme", "program", "programmes", "programs", "activities", "initiatives", "fields", "areas", "development",
])  # fmt: skip


@Language.factory(
    "cooperation_areas",
    requires=["doc.spans", "doc.sents", "doc._.organizations", "doc._.people"],
    assigns=["doc._.areas"],
    default_config={"min_score": 0.35, "min_spoken": 0.5},
)
def make_areas(nlp: Language, name: str, min_score: float, min_spoken: float) -> "Areas":
    return Areas(min_score, min_spoken)


class Areas:
    """Set doc._.areas from doc.spans["AREA"], in text order; parties are left to the component that finds partnerships.

    An area is kept whose weight (area_weights.jsonl) reaches min_score; said again in the same words, status and by the same speaker, once.
    """

    def __init__(self, min_score: float, min_spoken: float) -> None:
        self.min_score = min_score
        self.min_spoken = min_spoken

    def __call__(self, doc: Doc) -> Doc:
        doc._.areas = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Area]:
        areas: list[Area] = []
        seen: set[tuple[str, str, str | None]] = set()
        for area, features in weigh_areas(doc, self.min_spoken):
            sure = probability("area", features)
            key = (area.text.casefold(), area.status, area.speaker)
            if sure >= self.min_score and key not in seen:
                seen.add(key)
                area.confidence = round(sure, 2)
                areas.append(area)
        return areas


def weigh_areas(doc: Doc, min_spoken: float) -> list[tuple[Area, dict[str, float]]]:
    """Every phrase that may be an area, in text order, with the features that tell whether it is."""
    areas = [(area, n) for area, n in read_areas(doc, min_spoken) if content_words(area.text) and area.text.casefold() not in NOT_AN_AREA]
    set_codes(doc, areas)
    set_statuses(doc, areas)
    attrs = doc.spans["AREA"].attrs
    sents = read_bounds(doc).starts
    text = text_of(doc)
    parties = party_scores(doc)
    strongest = [*sorted(parties.values(), reverse=True), 0.0, 0.0]
    of_article = {
        "strongest party": strongest[0],
        "second party": strongest[1],
        "strongest pair": max((1.0 - row[2] for row in doc.spans["ORG"].attrs.get("pairs", [])), default=0.0),
        "parties": math.log1p(sum(p >= 0.5 for p in parties.values())),
        "instruments": math.log1p(len(doc.spans["INST"])),
        "events": math.log1p(len(doc.spans["EVENT"])),
        "areas": math.log1p(len(areas)),
    }
    named: dict[int, set[str]] = defaultdict(set)  # sentence -> ids of the organisations in it
    for o in doc._.organizations:
        for mention in o.mentions:
            named[bisect_right(sents, mention.start)].add(o.id)
    signals = {layer: {bisect_right(sents, span.start_char) for span in doc.spans[layer]} for layer in ("EVENT", "INST")}
    crowd = Counter(bisect_right(sents, area.start) for area, _ in areas)
    contents = [stems(area.text) for area, _ in areas]
    likeness = find_alike(contents)
    out = []
    for n, (area, index) in enumerate(areas):
        sentence = bisect_right(sents, area.start)
        here = [0.0, 0.0, *sorted(parties[identifier] for identifier in named[sentence])]
        twins = [k for k, similarity in likeness[n].items() if similarity >= ALIKE]
        score, ellipsis = attrs["scores"][index], attrs["ellipsis"][index]
        line = text.rfind("\n", 0, area.start) + 1
        words = area.text.split()
        head = words[0].casefold()
        out.append(
            (
                area,
                {
                    "bias": 1.0,
                    "score": math.log(max(score, 0.01) / max(1.0 - score, 0.01)),
                    "category": float(max(attrs["category"][index])),
                    "status": float(max(attrs["status"][index])),
                    **of_article,
                    "areas of the sentence": math.log1p(crowd[sentence]),
                    "party in the sentence": here[-1],
                    "second party in the sentence": here[-2],
                    "event in the sentence": float(sentence in signals["EVENT"]),
                    "instrument in the sentence": float(sentence in signals["INST"]),
                    "spoken": attrs["spoken"][index][1],
                    "speaker": float(area.speaker is not None),
                    "place": area.start / max(1, len(text)),
                    "headline": float(area.start < HEAD_CHARS),
                    "bullet": float(BULLET.match(text, line, area.start) is not None),
                    "words": math.log(len(words)),
                    "one word": float(len(words) == 1),
                    "completed by its list": float(max(ellipsis[1:])),
                    "said before": float(any(k < n for k in twins)),
                    "said later": float(any(k > n for k in twins)),
                    "said better": float(any(attrs["scores"][areas[k][1]] > score for k in twins)),
                    "said longer": float(any(len(contents[k]) > len(contents[n]) for k in twins)),
                    "said alike": max(likeness[n].values(), default=0.0),
                    "other speaker": float(any(areas[k][0].speaker != area.speaker for k in twins)),
                    "other status": float(any(areas[k][0].status != area.status for k in twins)),
                    f"category|{area.category}": 1.0,
                    f"status|{area.status}": 1.0,
                    f"first word|{head}": 1.0,
                    **{f"{clue}|": 1.0 for clue in around(text, sents[sentence - 1] if sentence else 0, area)},
                },
            )
        )
    return out


def around(text: str, low: int, area: Area) -> Iterator[str]:
    """The words beside an area, and whether it is an example ("such as …"), for names of features; low: where its sentence begins."""
    before = text[max(low, area.start - MAX_LEAD_CHARS) : area.start].casefold()
    words = re.findall(r"[a-z’']+|[^\sa-z]", before[-40:])
    behind = re.match(r"[ ]?([a-z’']+|\S)", text[area.end : area.end + 20].casefold())
    if words:
        yield f"before {words[-1]}"
        yield f"before {' '.join(words[-2:])}"
    yield f"behind {behind[1]}" if behind else "behind nothing"
    if EXAMPLE.search(before):
        yield "example"


def find_alike(contents: list[frozenset[str]]) -> list[dict[int, float]]:
    """For each set of stems the others that share one, nearest MAX_ALIKE on either side, with Dice's coefficient."""
    having: dict[str, list[int]] = defaultdict(list)
    out: list[dict[int, float]] = [{} for _ in contents]
    for n, content in enumerate(contents):
        for k in sorted({k for stem in content for k in having[stem][-MAX_ALIKE:]}):
            out[n][k] = out[k][n] = 2 * len(content & contents[k]) / (len(content) + len(contents[k]))
        for stem in content:
            having[stem].append(n)
    return out


def read_areas(doc: Doc, min_spoken: float) -> Iterator[tuple[Area, int]]:
    """The phrases of doc.spans["AREA"] as areas, with their indices there."""
    group = doc.spans["AREA"]
    spans, attrs = list(group), group.attrs
    spoken = [probabilities[1] >= min_spoken for probabilities in attrs.get("spoken", [])]
    speakers = find_speakers(doc) if any(spoken) else {}
    sents = read_bounds(doc)
    for index, text in restore(doc, spans, [int(np.argmax(p)) for p in attrs.get("ellipsis", [])]):
        span = spans[index]
        category, status = np.asarray(attrs["category"][index]), np.asarray(attrs["status"][index])
        n = bisect_right(sents.tokens, span.start) - 1
        yield (
            Area(
                text=without_stray_quotes(text),
                start=span.start_char,
                end=span.end_char,
                sentence=(sents.starts[n], sents.ends[bisect_right(sents.tokens, span.end - 1) - 1]),
                category=CATEGORIES[int(category.argmax())],
                status=STATUSES[int(status.argmax())],
                parties=[],
                speaker=speakers.get(n) if spoken[index] else None,
                date=None,
                confidence=attrs["scores"][index],
                source="encoder:AREA",
            ),
            index,
        )


def without_stray_quotes(text: str) -> str:
    """The text without quotation marks that have no partner in it."""
    if text.count("“") != text.count("”"):
        text = text.replace("“", "").replace("”", "")
    return text.replace('"', "") if text.count('"') % 2 else text


def restore(doc: Doc, spans: list[Span], kinds: list[int]) -> Iterator[tuple[int, str]]:
    """(index, wording) of each area; words that a list leaves out are taken from its neighbour.

    "exchange of students" + "teachers" -> "exchange of teachers"; "student" + "staff exchange" -> "student exchange".
    """
    names = SPAN_TASKS["ellipsis"]
    wordings = [" ".join(span.text.split()) for span in spans]
    for i, span in enumerate(spans):
        if names[kinds[i]] == "prefix" and i and _same_list(doc, spans[i - 1], span):
            head = shared_head(wordings[i - 1], span.text)
            if head:
                wordings[i] = f"{head} {wordings[i]}"
    for i in range(len(spans) - 2, -1, -1):
        if names[kinds[i]] == "suffix" and _same_list(doc, spans[i], spans[i + 1]):
            tail = shared_tail(wordings[i], wordings[i + 1])
            if tail:
                wordings[i] = f"{wordings[i]} {tail}"
    yield from enumerate(wordings)


def _same_list(doc: Doc, left: Span, right: Span) -> bool:
    between = doc[left.end : right.start]
    return len(between) <= MAX_GAP_WORDS and not any(t.is_sent_start for t in doc[left.end : right.start + 1]) and "." not in between.text


def shared_head(full: str, item: str) -> str:
    """The words that a list's item shares with the item before it: up to its last preposition that the item does not bring
    itself, else its first word, where that is a verb or an adjective of the whole list ("joint", "promote").
    """
    words = full.split()
    first = item.split()[0].casefold()
    ends = [i for i, w in enumerate(words[:-1]) if w.casefold() in HEAD_END]
    if first in HEAD_END:
        same = [i for i in ends if words[i].casefold() == first]
        return " ".join(words[: same[0]]) if same else " ".join(words[: ends[0]] if ends else words[:1])
    if ends:
        return " ".join(words[: min(ends[0] + 1, MAX_SHARED_WORDS)])
    return words[0] if len(words) > 1 else ""


def shared_tail(item: str, full: str) -> str:
    """The words that a list's item shares with the item behind it: from the first preposition or all but as many words as it has."""
    words = full.split()
    for i, word in enumerate(words):
        if word.casefold() in HEAD_END and i > 0:
            keep = 1 if re.search(r"(?:ing|ment|tion|ance|ence|or|op|ure|uct|age|ship)$", words[i - 1]) else 0
            return " ".join(words[i - (1 - keep) if keep == 0 and i > 1 else i :])
    return words[-1] if len(words) > 1 else ""
