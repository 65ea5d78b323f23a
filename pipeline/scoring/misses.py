"""Matched documents -> what went wrong: every item that costs precision or recall, with a likely cause and the words around it.

Of one field, the misses with a gold side are its false negatives and those with a predicted side its false positives: a gold item and
the prediction that nearly is it are one miss with both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from rapidfuzz.fuzz import ratio

from pipeline.scoring.counts import categories_of, counted_orgs, dates_of, events_of, matched_pairs, speaker_of
from pipeline.scoring.matching import (
    Matches,
    area_similarity,
    content_words,
    is_affiliated,
    is_same_role,
    normal_form,
    surface_forms,
)
from pipeline.scoring.places import Place, find_place, find_places, first_place, pair_overlapping, sentence_around

Json = dict[str, Any]
MIN_NEAREST = 40  # ratio below which a candidate is no help to a reader
CAUSES = {
    "missed": "gold has it, nothing predicted is near",
    "spurious": "predicted, nothing in gold is near",
    "boundary": "the stretches overlap, the words differ too much",
    "split": "an entity that was found, in two",
    "wrong type": "found, with another type",
    "wrong country": "found, with another country",
    "wrong value": "the same words, read as another date",
    "wrong date": "an event of the same type on another date",
    "wrong organisation": "the role of the right person, elsewhere",
    "wrong person": "the same role, given to another person",
    "organisation missed": "an organisation that was not found at all",
    "wrong category": "found, with another code",
    "wrong status": "found, with another status",
    "wrong speaker": "found, attributed to another person or to nobody",
    "wrong partner": "one side of the pair is right",
}


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that went wrong.

    cause: one of CAUSES. gold, predicted: readable values, None where that side has nothing. nearest: the candidate most like it.
    context: the sentence around start:end, the words in question between « and »; None where no place is known.
    """

    field: str
    cause: str
    doc_id: str
    gold: str | None
    predicted: str | None
    nearest: str | None
    context: str | None
    start: int | None
    end: int | None

    def as_json(self) -> Json:
        return asdict(self)


def find_misses(matches: Matches, fields: Iterable[str] | None = None) -> Iterator[Miss]:
    """Misses of a document, field by field; fields: of FINDERS, all by default."""
    for field in fields or FINDERS:
        yield from FINDERS[field](matches, field)


# -- entities


def _entity_misses(matches: Matches, field: str) -> Iterator[Miss]:
    key = "orgs" if field == "org" else "people"
    matched = matches.orgs if field == "org" else matches.people
    gold, predicted = matches.items(key)
    missed = [i for i, x in enumerate(gold) if i not in matched and x.get("type") != "country"]
    counted = counted_orgs(matches) if field == "org" else range(len(predicted))
    spurious = [j for j in counted if j not in set(matched.values())]
    text = matches.gold["text"]
    for i, j in pair_overlapping([find_places(gold[i], text) for i in missed], [find_places(predicted[j], text) for j in spurious]):
        left = missed[i] if i is not None else None
        right = spurious[j] if j is not None else None
        if left is not None and right is not None:
            yield _miss(matches, field, "boundary", gold[left], predicted[right])
        elif left is not None:
            yield _miss(matches, field, "missed", gold[left], None, nearest=_nearest(gold[left]["name"], [p["name"] for p in predicted]))
        elif right is not None:
            forms = surface_forms(predicted[right])
            twin = any(forms & surface_forms(g) for g in gold)
            near = _nearest(predicted[right]["name"], [g["name"] for g in gold])
            yield _miss(matches, field, "split" if twin else "spurious", None, predicted[right], nearest=near)


def _org_attribute_misses(matches: Matches, field: str) -> Iterator[Miss]:
    key = field.removeprefix("org_")
    gold, predicted = matches.items("orgs")
    for i, j in sorted(matches.orgs.items()):
        left, right = gold[i], predicted[j]
        if left["type"] == "country" or (key == "country" and not left.get("country")) or left[key] == right.get(key):
            continue
        yield _miss(matches, field, f"wrong {key}", left, right, show=lambda x, key=key: f"{x['name']}: {x.get(key)}")  # type: ignore[misc]


# -- roles


def _role_misses(matches: Matches, field: str) -> Iterator[Miss]:
    """Roles, or affiliations where field says so: a role is then right with the right organisation only."""
    gold, predicted = matches.items("people")
    show = _role_shower(matches)
    good = [match for match in matches.roles if field == "role" or match.affiliated]
    found = {id(match.gold) for match in good}
    used = {id(match.predicted) for match in matches.roles}
    missed = [(person, role) for person in gold for role in person.get("roles", []) if id(role) not in found]
    spurious = [(person, role) for person in predicted for role in person.get("roles", []) if id(role) not in used]
    for person, role in missed:
        match = next((m for m in matches.roles if m.gold is role), None)
        if match is not None:  # the role was found, so its affiliation is wrong
            other: tuple[Json, Json] | None = (predicted[match.predicted_person], match.predicted)
            cause = "organisation missed" if role["org"] and role["org"] not in matches.org_ids else "wrong organisation"
        else:
            elsewhere = next((n for n, s in enumerate(spurious) if _is_elsewhere(person, role, s, matches, field)), None)
            other = spurious.pop(elsewhere) if elsewhere is not None else None
            cause = "wrong person" if other else "missed"
        nearest = None if other else _nearest(role["role"], [r["role"] for p in predicted for r in p.get("roles", [])])
        yield _miss(matches, field, cause, (person, role), other, show=show, place=_role_place, nearest=nearest)
    for person, role in spurious:
        nearest = _nearest(role["role"], [r["role"] for p in gold for r in p.get("roles", [])])
        yield _miss(matches, field, "spurious", None, (person, role), show=show, place=_role_place, nearest=nearest)


def _is_elsewhere(person: Json, role: Json, other: tuple[Json, Json], matches: Matches, field: str) -> bool:
    """A like role of another person, at the right organisation where that matters."""
    if matches.person_ids.get(person["id"]) == other[0]["id"] or not is_same_role(role["role"], other[1].get("role")):
        return False
    return field == "role" or is_affiliated(role, other[1], matches.org_ids)


def _role_shower(matches: Matches) -> Callable[[Any], str]:
    names = {o["id"]: o["name"] for o in matches.predicted.get("orgs", [])}
    gold_names = {o["id"]: o["name"] for o in matches.gold["orgs"]}
    gold_people = {id(p) for p in matches.gold["people"]}

    def show(item: tuple[Json, Json]) -> str:
        person, role = item
        known = gold_names if id(person) in gold_people else names
        return f"{person['name']}: {role.get('role')} @ {known.get(role.get('org') or '', '-')}"

    return show


def _role_place(item: tuple[Json, Json], text: str) -> Place | None:
    person, role = item
    return find_place(role, text, words=role.get("role")) or next(iter(find_places(person, text)), None)


# -- dates


def _date_misses(matches: Matches, field: str) -> Iterator[Miss]:
    gold, predicted = matches.items("dates")
    values, found = dates_of(matches)
    missed = [next(d for d in gold if d["value"] == value) for value in sorted(values - found)]
    spurious = [next(d for d in predicted if d.get("value") == value) for value in sorted(found - values)]
    for left in missed:
        twin = next((d for d in spurious if _same_stretch(left, d)), None)
        if twin is not None:
            spurious.remove(twin)
            yield _miss(matches, field, "wrong value", left, twin, show=_show_date)
        else:
            near = _nearest(left["text"], [_show_date(d) for d in predicted])
            yield _miss(matches, field, "missed", left, None, show=_show_date, nearest=near)
    for right in spurious:
        near = _nearest(right["text"], [_show_date(d) for d in gold])
        yield _miss(matches, field, "spurious", None, right, show=_show_date, nearest=near)


def _show_date(date: Json) -> str:
    return f"{date['text']} = {date.get('value')}"


def _same_stretch(left: Json, right: Json) -> bool:
    if left.get("start") is not None and right.get("start") is not None:
        return bool(left["start"] < right["end"] and right["start"] < left["end"])
    return normal_form(left["text"]) == normal_form(right["text"])


# -- areas


def _area_misses(matches: Matches, field: str) -> Iterator[Miss]:
    gold, predicted = matches.items("areas")
    text = matches.gold["text"]
    missed = [x for i, x in enumerate(gold) if i not in matches.areas]
    spurious = [x for j, x in enumerate(predicted) if j not in set(matches.areas.values())]
    places = [_area_places(missed, text), _area_places(spurious, text)]
    for i, j in pair_overlapping(*places):
        if i is not None and j is not None:
            yield _miss(matches, field, "boundary", missed[i], spurious[j], show=_show_area)
        elif i is not None:
            near = _nearest_area(missed[i], predicted)
            yield _miss(matches, field, "missed", missed[i], None, show=_show_area, nearest=near)
        elif j is not None:
            twin = any(area_similarity(spurious[j]["text"], g["text"]) >= 0.5 for g in gold)
            near = _nearest_area(spurious[j], gold)
            yield _miss(matches, field, "split" if twin else "spurious", None, spurious[j], show=_show_area, nearest=near)


def _area_places(areas: Iterable[Json], text: str) -> list[list[Place]]:
    return [[place] if (place := find_place(area, text, words=area["text"])) else [] for area in areas]


def _show_area(area: Json) -> str:
    return f"{area['text']} ({area.get('category')}, {area.get('status')})"


def _nearest_area(area: Json, others: Iterable[Json]) -> str | None:
    """The area that shares most words, else the one most alike in letters."""
    scored = [(area_similarity(area["text"], other["text"]), _show_area(other)) for other in others]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] > 0 else None


def _area_attribute_misses(matches: Matches, field: str) -> Iterator[Miss]:
    key = field.removeprefix("area_")
    gold, predicted = matches.items("areas")
    names = _names_of_people(matches)
    for i, j in sorted(matches.areas.items()):
        left, right = gold[i], predicted[j]
        wanted = speaker_of(left, matches) if key == "speaker" else left.get(key)
        if wanted == right.get(key):
            continue

        def show(area: Json, left: Json = left) -> str:
            side = "gold" if area is left else "predicted"
            return f"{area['text']}: {names[side].get(area.get(key) or '', area.get(key))}"

        yield _miss(matches, field, f"wrong {key}", left, right, show=show)


def _names_of_people(matches: Matches) -> dict[str, dict[str, str]]:
    gold, predicted = matches.items("people")
    return {"gold": {p["id"]: p["name"] for p in gold}, "predicted": {p["id"]: p["name"] for p in predicted}}


def _category_misses(matches: Matches, field: str) -> Iterator[Miss]:
    """Codes that no predicted area has, and codes that no gold area has."""
    gold, predicted = matches.items("areas")
    wanted, found = categories_of(matches)
    for missed in sorted(wanted - found, key=str):
        yield _miss(matches, field, "missed", next(a for a in gold if a["category"] == missed), None, show=_show_category)
    for spurious in sorted(found - wanted, key=str):
        yield _miss(matches, field, "spurious", None, next(a for a in predicted if a.get("category") == spurious), show=_show_category)


def _show_category(area: Json) -> str:
    return f"{area.get('category')} ({area['text']})"


# -- partnerships


def _partnership_misses(matches: Matches, field: str) -> Iterator[Miss]:
    show = _pair_shower(matches)
    mapped = set(matches.pairs.values())
    spurious = [pair for key, pair in matches.predicted_pairs.items() if key not in mapped]
    for key, pair in matches.gold_pairs.items():
        if matches.pairs[key] in matches.predicted_pairs:
            continue
        lost = [org for org in key if org not in matches.org_ids]
        near = next((p for p in spurious if {p["a"], p["b"]} & matches.pairs[key]), None)
        cause = "organisation missed" if lost else "missed"
        yield _miss(matches, field, cause, pair, None, show=show, place=_pair_place(matches), nearest=show(near) if near else None)
    for pair in spurious:
        near = next((g for key, g in matches.gold_pairs.items() if matches.pairs[key] & {pair["a"], pair["b"]}), None)
        cause = "wrong partner" if near else "spurious"
        yield _miss(matches, field, cause, None, pair, show=show, place=_pair_place(matches), nearest=show(near) if near else None)


def _pair_shower(matches: Matches) -> Callable[[Any], str]:
    gold_names = {o["id"]: o["name"] for o in matches.gold["orgs"]}
    names = {o["id"]: o["name"] for o in matches.predicted.get("orgs", [])}
    ours = {id(pair) for pair in matches.gold["partnerships"]}

    def show(pair: Json) -> str:
        known = gold_names if id(pair) in ours else names
        return f"{known.get(pair['a'], pair['a'])} + {known.get(pair['b'], pair['b'])}: {pair.get('status')}"

    return show


def _pair_place(matches: Matches) -> Callable[[Any, str], Place | None]:
    """The two mentions that stand nearest to one another."""
    gold_orgs = {o["id"]: o for o in matches.gold["orgs"]}
    orgs = {o["id"]: o for o in matches.predicted.get("orgs", [])}
    ours = {id(pair) for pair in matches.gold["partnerships"]}

    def place(pair: Json, text: str) -> Place | None:
        known = gold_orgs if id(pair) in ours else orgs
        sides = [find_places(known[pair[side]], text) for side in ("a", "b") if pair[side] in known]
        spans = [(min(a[0], b[0]), max(a[1], b[1])) for a in sides[0] for b in sides[-1]] if sides else []
        return min(spans, key=lambda s: s[1] - s[0], default=None)

    return place


def _partnership_status_misses(matches: Matches, field: str) -> Iterator[Miss]:
    show = _pair_shower(matches)
    for gold, predicted in matched_pairs(matches):
        if gold["status"] != predicted.get("status"):
            yield _miss(matches, field, "wrong status", gold, predicted, show=show, place=_pair_place(matches))


def _instrument_misses(matches: Matches, field: str) -> Iterator[Miss]:
    yield from _code_misses(matches, field, lambda pair: set(pair.get("instruments", [])), str)


def _event_misses(matches: Matches, field: str) -> Iterator[Miss]:
    yield from _code_misses(matches, field, events_of, lambda event: f"{event[0]} {event[1] or '(no date)'}")


def _code_misses(matches: Matches, field: str, codes: Callable[[Json], set[Any]], show: Callable[[Any], str]) -> Iterator[Miss]:
    """What hangs on a pair that was found: instruments or events. An event of the same type on another date is one miss with both sides."""
    pair_name = _pair_shower(matches)
    for gold, predicted in matched_pairs(matches):
        where = _pair_place(matches)(gold, matches.gold["text"])
        wanted, found = codes(gold), codes(predicted)
        spurious = sorted(found - wanted, key=str)

        def make(cause: str, left: Any, right: Any, gold: Json = gold, where: Place | None = where) -> Miss:
            sides = [f"{show(side)} of {pair_name(gold)}" if side is not None else None for side in (left, right)]
            return _build(matches, field, cause, sides[0], sides[1], None, where)

        for code in sorted(wanted - found, key=str):
            twin = next((s for s in spurious if isinstance(s, tuple) and s[0] == code[0]), None)
            if twin is not None:
                spurious.remove(twin)
            yield make("wrong date" if twin is not None else "missed", code, twin)
        for code in spurious:
            yield make("spurious", None, code)


# -- putting a miss together


def _miss(
    matches: Matches,
    field: str,
    cause: str,
    gold: Any,
    predicted: Any,
    *,
    show: Callable[[Any], str] = lambda entity: str(entity["name"]),
    place: Callable[[Any, str], Place | None] | None = None,
    nearest: str | None = None,
) -> Miss:
    text = matches.gold["text"]
    locate = place or first_place
    where = next((p for side in (gold, predicted) if side is not None and (p := locate(side, text))), None)
    shown = [show(side) if side is not None else None for side in (gold, predicted)]
    return _build(matches, field, cause, shown[0], shown[1], nearest, where)


def _build(
    matches: Matches, field: str, cause: str, gold: str | None, predicted: str | None, nearest: str | None, where: Place | None
) -> Miss:
    context = sentence_around(matches.gold["text"], *where) if where else None
    start, end = where or (None, None)
    return Miss(field, cause, matches.gold["doc_id"], gold, predicted, nearest, context, start, end)


def _nearest(name: str, others: Iterable[str]) -> str | None:
    """The candidate most alike, None where none is."""
    words = content_words(name)
    scored = [(len(words & content_words(other)) * 20 + ratio(normal_form(name), normal_form(other)), other) for other in others]
    best = max(scored, default=(0, ""))
    return best[1] if best[0] >= MIN_NEAREST else None


FINDERS: dict[str, Callable[[Matches, str], Iterator[Miss]]] = {
    "org": _entity_misses,
    "person": _entity_misses,
    "role": _role_misses,
    "affiliation": _role_misses,
    "date": _date_misses,
    "area": _area_misses,
    "category": _category_misses,
    "partnership": _partnership_misses,
    "instrument": _instrument_misses,
    "event": _event_misses,
    "org_type": _org_attribute_misses,
    "org_country": _org_attribute_misses,
    "area_category": _area_attribute_misses,
    "area_status": _area_attribute_misses,
    "area_speaker": _area_attribute_misses,
    "partnership_status": _partnership_status_misses,
}
