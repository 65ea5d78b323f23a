"""Fit the linear models on top of the network (pipeline/components/linear.py) on documents that it was not trained on.

usage: linear.py NETWORK_0 NETWORK_1 --gold GOLD.jsonl … [--task TASK …] [--write] [--unseen GOLD.jsonl …]
       linear.py NETWORK --gold GOLD.jsonl … [--add] --task TASK … [--write] [--unseen GOLD.jsonl …]

Prints cross-validated figures of each task, by default of all in the order in which they build on each other; --write makes
pipeline/resources/TASK_weights.jsonl. NETWORK_0 was trained on the half 0 of the gold documents (train.py --half 0) and reads the half 1
here, NETWORK_1 the other way round: so the network's word counts as much as it is worth on texts that it has not seen. One
network alone reads all documents: for tasks that hardly use its scores (country), or those that it was not trained on. With --add the
weights that are stay, and what has none yet is fitted beside them. --unseen:
nothing is fitted on these documents; with all tasks fitted, the scores of what the pipeline makes of them are printed, file by file.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit, log_softmax
from spacy.language import Language
from spacy.tokens import Doc
from targets import half_of

from pipeline.clean import find_boilerplate
from pipeline.components import linear
from pipeline.components.areas import read_areas, weigh_areas
from pipeline.components.bodies import weigh_bodies
from pipeline.components.codes import weigh_codes
from pipeline.components.countries import find_countries
from pipeline.components.layout import Layout
from pipeline.components.pairs import weigh_pairs
from pipeline.components.partnerships import tell_of_pairs, weigh_firmness, without_variants
from pipeline.components.people import weigh_person
from pipeline.components.roles import find_roles, split_role, weigh_holders, weigh_role
from pipeline.components.seats import choose_seat
from pipeline.components.states import state_code, weigh_states
from pipeline.components.statuses import find_cues, weigh_statuses
from pipeline.components.types import read_types, weigh_types
from pipeline.evaluate import evaluate, predict
from pipeline.labels import CATEGORIES, ORG_TYPES, STATUSES
from pipeline.nlp import build
from pipeline.scoring.formatting import format_figures
from pipeline.scoring.matching import is_same_role, match_areas, match_entities

Json = dict[str, Any]
Numbers = NDArray[Any]
RESOURCES = Path(__file__).resolve().parents[2] / "pipeline/resources"
SETTINGS = Path(__file__).resolve().parents[1] / "settings.json"
BASE = ("sentences", "coop_encoder")  # run once a document
FOLDS = 5
RARE = 4  # features with "|" (combinations of words) that are right less often are left out


class Case(NamedTuple):
    """Options with their features and the index of the right one; for a yes or no question one option, and 1 or 0. out_of_reach: gold
    items of the document that no option stands for."""

    options: list[dict[str, float]]
    right: int
    document: str


class Reading(NamedTuple):
    """A gold document, its Doc with what the network says, and the pipeline."""

    document: Json
    doc: Doc
    nlp: Language


def read(network: Path, documents: Iterable[Json]) -> Iterator[Reading]:
    nlp = build(network, settings=json.loads(SETTINGS.read_text(encoding="utf-8")))
    for document in documents:
        doc = nlp.make_doc(document["text"])
        doc._.published, doc._.title, doc._.url = document["published"], document.get("title"), document.get("url")
        doc._.left_out = [(span.start, span.end) for span in find_boilerplate(doc.text) if not span.extract]
        for name in BASE:
            doc = nlp.get_pipe(name)(doc)
        yield Reading(document, doc, nlp)


def go_on(reading: Reading, last: str) -> None:
    """Run the components that come before `last`, with the weights as they now are."""
    for name, component in reading.nlp.pipeline:
        if name == last:
            return
        if name not in BASE:
            component(reading.doc)


def match(gold: list[Json], found: list[Any]) -> dict[str, str]:
    """Gold id -> id of what was found; organisations or people."""
    matched = match_entities(gold, [{"name": x.name, "mentions": [m.text for m in x.mentions]} for x in found])
    return {gold[i]["id"]: found[j].id for i, j in matched.items()}


def bodies(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Whether a name is of an organisation that gold has, too."""
    found = nlp.get_pipe("organizations").find_names(doc)  # type: ignore[attr-defined]
    for n, organization in enumerate(found):
        organization.id = f"n{n}"
    orgs = match([o for o in document["orgs"] if o["type"] != "country"], found)
    states = match([o for o in document["orgs"] if o["type"] == "country"], found).values()
    hits = set(orgs.values())
    for organization, features in zip(found, weigh_bodies(doc, found), strict=True):
        if organization.id in hits or organization.id not in states:
            yield Case([features], int(organization.id in hits), document["doc_id"])
    yield from (Case([], 1, document["doc_id"]) for o in document["orgs"] if o["type"] != "country" and o["id"] not in orgs)


def states(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Whether a country that an article names is a party."""
    told = {state_code(o["name"]) for o in document["orgs"] if o["type"] in ("country", "government")}
    named = {o["country"] for o in document["orgs"] if o["type"] == "country"} | {code for code in told if code}
    organizations = [o for o in doc._.organizations if o.source != "encoder:STATE"]
    for code, _, features in weigh_states(doc, organizations):
        yield Case([features], int(code in named), document["doc_id"])


def types(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """What kind of organisation it is."""
    orgs = match(document["orgs"], doc._.organizations)
    wanted = {orgs[o["id"]]: o["type"] for o in document["orgs"] if o["id"] in orgs and o["type"] in ORG_TYPES}
    for organization, probabilities in read_types(doc._.organizations, doc):
        if organization.id in wanted:
            right = ORG_TYPES.index(wanted[organization.id])
            yield Case(weigh_types(organization.name, probabilities).options(), right, document["doc_id"])


def holders(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Who holds a role; nobody, where gold has no such role."""
    people, found = nlp.get_pipe("people").find_people(doc)  # type: ignore[attr-defined]
    who = match(document["people"], people)
    told = [(who.get(person["id"]), role) for person in document["people"] for role in person["roles"]]
    for start, end, _, options in weigh_holders(doc, Layout(doc, found.mentions), found):
        parts = split_role(doc.text[start:end], start)
        alike = {
            person
            for person, role in told
            if any(is_same_role(role["role"], part) for part, *_ in parts)
            and (role.get("start") is None or (start < role["end"] and role["start"] < end))
        }
        right = [n for n, option in enumerate(options) if (option.person.id if option.person else None) in (alike or {None})]
        if right:
            yield Case([option.features for option in options], right[0], document["doc_id"])


def seats(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Where a role that gold has, too, is held."""
    component = nlp.get_pipe("people")
    people, holders = component.find_people(doc)  # type: ignore[attr-defined]
    orgs, who = match(document["orgs"], doc._.organizations), match(document["people"], people)
    told = {who[p["id"]]: p["roles"] for p in document["people"] if p["id"] in who}
    for held in find_roles(doc, holders):  # type: ignore[attr-defined]
        role = next((r for r in told.get(held.person.id, []) if is_same_role(r["role"], held.text)), None)
        if role is None or (role["org"] and role["org"] not in orgs):
            continue
        wanted = orgs[role["org"]] if role["org"] else None
        right = next((n for n, seat in enumerate(held.seats) if (seat.org.id if seat.org else None) == wanted), None)
        if right is not None:
            yield Case([seat.features for seat in held.seats], right, document["doc_id"])


def persons(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Whether somebody is a person that gold has, too."""
    people, _ = nlp.get_pipe("people").find_people(doc)  # type: ignore[attr-defined]
    hits = set(match(document["people"], people).values())
    yield from (Case([weigh_person(person)], int(person.id in hits), document["doc_id"]) for person in people)


def affiliations(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Whether a role is one that gold has, too, of this person at this organisation."""
    people, holders = nlp.get_pipe("people").find_people(doc)  # type: ignore[attr-defined]
    orgs, who = match(document["orgs"], doc._.organizations), match(document["people"], people)
    told = {who[p["id"]]: p["roles"] for p in document["people"] if p["id"] in who}
    for held in find_roles(doc, holders):
        seat, sure, _ = choose_seat(held.seats)
        here = seat.org.id if seat.org else None
        mine = [r for r in told.get(held.person.id, []) if is_same_role(r["role"], held.text)]
        right = any((orgs.get(r["org"], "missed") if r["org"] else None) == here for r in mine)
        yield Case([weigh_role(held, seat, sure)], int(right), document["doc_id"])


def countries(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """In which country an organisation is."""
    orgs = match(document["orgs"], doc._.organizations)
    wanted = {orgs[o["id"]]: o["country"] for o in document["orgs"] if o["id"] in orgs and o["type"] != "country"}
    for identifier, options in find_countries(doc._.organizations, doc).items():
        codes = list(options)
        if identifier in wanted and wanted[identifier] in codes:
            yield Case([options[code] for code in codes], codes.index(wanted[identifier]), document["doc_id"])


def pairs(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Whether two organisations are partners."""
    orgs = match(document["orgs"], doc._.organizations)
    gold = {frozenset(orgs.get(pair[side], pair[side] + "?") for side in ("a", "b")) for pair in document["partnerships"]}
    found = [(pair, frozenset((pair.a.id, pair.b.id))) for pair in weigh_pairs(doc)]
    yield from (Case([pair.features], int(ids in gold), document["doc_id"]) for pair, ids in found)
    yield from (Case([], 1, document["doc_id"]) for ids in gold - {ids for _, ids in found})


def firmness(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """How firm a partnership that gold has, too, is."""
    component = nlp.get_pipe("partnerships")
    orgs = match(document["orgs"], doc._.organizations)
    told = {frozenset(orgs.get(pair[side], pair[side] + "?") for side in ("a", "b")): pair["status"] for pair in document["partnerships"]}
    found = without_variants([p for p in weigh_pairs(doc) if p.score >= component.min_score])  # type: ignore[attr-defined]
    for pair, labelling in zip(found, weigh_firmness(doc, found, tell_of_pairs(doc, found)), strict=True):
        status = told.get(frozenset((pair.a.id, pair.b.id)))
        if status is not None:
            yield Case(labelling.options(), STATUSES.index(status), document["doc_id"])


def areas(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Whether a phrase is an area that gold has, too."""
    found = weigh_areas(doc, nlp.get_pipe("cooperation_areas").min_spoken)  # type: ignore[attr-defined]
    matched = match_areas(document["areas"], [{"text": area.text} for area, _ in found])
    hits = set(matched.values())
    yield from (Case([features], int(n in hits), document["doc_id"]) for n, (_, features) in enumerate(found))
    yield from (Case([], 1, document["doc_id"]) for n in range(len(document["areas"])) if n not in matched)


def statuses(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """How firm an area that gold has, too, is."""
    found = list(read_areas(doc, nlp.get_pipe("cooperation_areas").min_spoken))  # type: ignore[attr-defined]
    labellings = weigh_statuses(doc, found, find_cues(doc.text))
    for i, j in match_areas(document["areas"], [{"text": area.text} for area, _ in found]).items():
        yield Case(labellings[j].options(), STATUSES.index(document["areas"][i]["status"]), document["doc_id"])


def codes(document: Json, doc: Doc, nlp: Language) -> Iterator[Case]:
    """Which category an area that gold has, too, is of."""
    found = list(read_areas(doc, nlp.get_pipe("cooperation_areas").min_spoken))  # type: ignore[attr-defined]
    labellings = weigh_codes(doc, found)
    for i, j in match_areas(document["areas"], [{"text": area.text} for area, _ in found]).items():
        yield Case(labellings[j].options(), CATEGORIES.index(document["areas"][i]["category"]), document["doc_id"])


class Task(NamedTuple):
    """last: the component before which its cases are found; yes_or_no: one option each; decay: of the weights."""

    last: str
    find: Callable[[Json, Doc, Language], Iterator[Case]]
    yes_or_no: bool = False
    decay: float = 0.5


TASKS = {  # in the order in which they build on each other
    "type": Task("people", types),
    "body": Task("organizations", bodies, yes_or_no=True),
    "state": Task("people", states, yes_or_no=True),
    "country": Task("people", countries),
    "holder": Task("people", holders),
    "seat": Task("people", seats),
    "person": Task("people", persons, yes_or_no=True),
    "role": Task("people", affiliations, yes_or_no=True),
    "code": Task("cooperation_areas", codes, decay=0.3),
    "status": Task("cooperation_areas", statuses),
    "area": Task("cooperation_areas", areas, yes_or_no=True),
    "pair": Task("partnerships", pairs, yes_or_no=True),
    "firmness": Task("partnerships", firmness),
}


class Table(NamedTuple):
    """Cases as numbers: features of all options one below the other, the case of each option and its place there, which is right."""

    x: csr_matrix
    case: Numbers
    place: Numbers
    right: Numbers


def encode(cases: list[Case], names: list[str]) -> Table:
    column = {name: n for n, name in enumerate(names)}
    options = [option for case in cases for option in case.options]
    known = [[(column[name], value) for name, value in option.items() if value and name in column] for option in options]
    starts = np.cumsum([0, *map(len, known)])
    columns, values = (np.array([entry[k] for row in known for entry in row], dtype=kind) for k, kind in ((0, np.int64), (1, np.float64)))
    return Table(
        csr_matrix((values, columns, starts), shape=(len(options), len(names))),
        np.repeat(np.arange(len(cases)), [len(case.options) for case in cases]),
        np.array([k for case in cases for k in range(len(case.options))]),
        np.array([case.right for case in cases]),
    )


def scores_of(table: Table, weights: Numbers) -> Numbers:
    """(cases, options); options that a case lacks score -1e9."""
    scores = np.full((len(table.right), int(table.place.max(initial=0)) + 1), -1e9)
    scores[table.case, table.place] = table.x @ weights
    return scores


def fit(table: Table, given: Numbers, *, decay: float, yes_or_no: bool) -> Numbers:
    """The weights that make what is right likeliest: logistic regression or a conditional logit, with squares of the weights as penalty.

    given: weights that stay; nan where one is to be found.
    """
    free = np.isnan(given)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        scores = scores_of(table, weights)
        if yes_or_no:
            surplus = expit(scores[:, 0]) - table.right
            total = np.logaddexp(0.0, scores[:, 0]).sum() - (scores[:, 0] * table.right).sum()
        else:
            logarithms = log_softmax(scores, axis=1)
            total = -logarithms[np.arange(len(table.right)), table.right].sum()
            surplus = (np.exp(logarithms) - (np.arange(scores.shape[1]) == table.right[:, None]))[table.case, table.place]
        return float(total + decay * (weights[free] ** 2).sum()), np.where(free, table.x.T @ surplus + 2 * decay * weights, 0.0)

    found: Numbers = minimize(loss, np.nan_to_num(given), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return found


def find_weights(task: Task, every: list[Case], known: Mapping[str, float] = MappingProxyType({})) -> dict[str, float]:
    """Print how well the cases are decided by cross-validation, and give the weights fitted on all; known: weights that stay, if any."""
    cases = [case for case in every if case.options]
    unreached = len(every) - len(cases)
    counts = Counter(name for case in cases for name in (case.options[0] if task.yes_or_no else case.options[case.right]))
    frequent = {n for c in cases for o in c.options for n in o if "|" not in n or (counts[n] >= RARE and not known)}
    names = sorted(frequent | set(known))
    stay = np.array([known.get(name, np.nan) for name in names])
    documents = sorted({case.document for case in cases})
    place = {document: n for n, document in enumerate(documents)}
    fold = [place[case.document] % FOLDS for case in cases]
    scores: list[Numbers] = [np.zeros(1)] * len(cases)
    for n in range(FOLDS):
        weights = fit(encode([c for c, f in zip(cases, fold) if f != n], names), stay, decay=task.decay, yes_or_no=task.yes_or_no)
        held = [i for i, f in enumerate(fold) if f == n]
        for i, row in zip(held, scores_of(encode([cases[i] for i in held], names), weights)):
            scores[i] = row
    right = np.array([case.right for case in cases])
    print(f"{len(cases)} cases of {len(documents)} documents, {len(names)} features, {unreached} out of reach; by cross-validation:")
    if task.yes_or_no:
        sure, wanted = expit(np.array([row[0] for row in scores])), int(right.sum()) + unreached
        for least in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
            hits, given = int(right[sure >= least].sum()), int((sure >= least).sum())
            print(f"{least:.2f}: P {hits / max(1, given):.3f} R {hits / max(1, wanted):.3f} F {2 * hits / max(1, given + wanted):.3f}")
    else:
        print(f"right {sum(int(row.argmax()) == case.right for row, case in zip(scores, cases)) / len(cases):.3f}")
    fitted = fit(encode(cases, names), stay, decay=task.decay, yes_or_no=task.yes_or_no)
    return {name: round(float(weight), 3) for name, weight in zip(names, fitted, strict=True) if abs(weight) >= 0.01}


def score_unseen(path: Path, networks: list[Path]) -> None:
    """Print the scores of what the pipeline makes of gold documents, each read by the network that has not seen it."""
    golds = read_documents([path])
    records = []
    for network, documents in shared_out(networks, golds):
        nlp = build(network, settings=json.loads(SETTINGS.read_text(encoding="utf-8")))
        records += list(predict(documents, nlp))
    evaluation = evaluate(golds, records)
    print(f"## {path}\n\n{format_figures(evaluation, evaluation.intervals())}")


def read_documents(paths: Iterable[Path]) -> list[Json]:
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def divide(golds: list[Json]) -> list[list[Json]]:
    """What each of two networks reads: the half that it was not trained on."""
    return [[gold for gold in golds if half_of(gold["doc_id"]) != half] for half in (0, 1)]


def shared_out(networks: list[Path], golds: list[Json]) -> Iterable[tuple[Path, list[Json]]]:
    """Who reads what: one network all, each of two the half that it was not trained on."""
    return zip(networks, [golds] if len(networks) == 1 else divide(golds), strict=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", type=Path, nargs="+")
    parser.add_argument("--gold", type=Path, action="append", required=True)
    parser.add_argument("--task", action="append", choices=TASKS)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--unseen", type=Path, nargs="+", default=[])
    parser.add_argument("--add", action="store_true", help="fit only what has no weight yet")
    args = parser.parse_args()
    if len(args.networks) != (1 if args.add else 2) and not (len(args.networks) == 1 and args.task):
        parser.error("two networks expected, each trained on a half of the gold; with --add, or for some tasks only, one")
    readings = [reading for network, part in shared_out(args.networks, read_documents(args.gold)) for reading in read(network, part)]
    fitted: dict[str, dict[str, float]] = {}
    shipped = linear.weights
    linear.weights = lambda name: fitted[name] if name in fitted else shipped(name)  # each task builds on those before it
    for name in args.task or TASKS:
        task, cases = TASKS[name], []
        for reading in readings:
            go_on(reading, task.last)
            cases += list(task.find(*reading))
        print(f"-- {name}", flush=True)
        found = fitted[name] = find_weights(task, cases, shipped(name) if args.add else {})
        linear.clue_weights.cache_clear()
        for feature, weight in sorted(found.items(), key=lambda item: -abs(item[1])):
            if "|" not in feature:
                print(f"{weight:8.3f} {feature}")
        if args.write:
            lines = "".join(json.dumps({"id": k, "weight": v}, ensure_ascii=False) + "\n" for k, v in sorted(found.items()))
            (RESOURCES / f"{name}_weights.jsonl").write_text(lines, encoding="utf-8")
    for path in args.unseen:
        score_unseen(path, args.networks)


if __name__ == "__main__":
    main()
