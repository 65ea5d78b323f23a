"""Which of the names that the encoder takes for organisations are: what it says of their mentions, and the names themselves, weighed."""

from __future__ import annotations

import math

from spacy.tokens import Doc

from pipeline.components.countries import any_between, known_country
from pipeline.components.linear import probability
from pipeline.components.types import read_types
from pipeline.geography import country_of_name, places
from pipeline.labels import ORG_TYPES
from pipeline.naming import is_acronym, key_of
from pipeline.schema import Organization

HEAD_CHARS = 200
ROLE_GAP = 12  # characters from a role to the organisation behind it


def keep_bodies(doc: Doc, organizations: list[Organization], least: float) -> list[Organization]:
    """The organisations that are likely enough ones, each with its probability as confidence."""
    kept = []
    for organization, features in zip(organizations, weigh_bodies(doc, organizations), strict=True):
        sure = probability("body", features)
        if sure >= least:
            organization.confidence = round(sure, 2)
            kept.append(organization)
    return kept


def weigh_bodies(doc: Doc, organizations: list[Organization]) -> list[dict[str, float]]:
    """Features of each organisation."""
    group = doc.spans["ORG"]
    said = {
        span.end_char: (score, party[1])
        for span, score, party in zip(group, group.attrs.get("scores", []), group.attrs.get("party", []), strict=True)
    }
    types = {id(o): probabilities for o, probabilities in read_types(organizations, doc)}
    elsewhere = {layer: {span.text for span in doc.spans[layer]} for layer in ("LOC", "PER", "STATE", "INST")}
    joined = sorted(s.end_char for s in doc.spans["ROLE"])
    total = sum(len(o.mentions) for o in organizations) or 1
    out = []
    for o in organizations:
        mine = [said[m.end] for m in o.mentions if m.end in said] or [(o.confidence, 0.0)]
        scores = [score for score, _ in mine]
        likely = types.get(id(o))
        words = key_of(o.name).split() or [""]
        acronym = is_acronym(o.name)
        forms = {m.text for m in o.mentions}
        features = {
            "bias": 1.0,
            "best score": _logit(max(scores)),
            "mean score": _logit(sum(scores) / len(scores)),
            "score of one": _logit(max(scores)) * float(len(o.mentions) == 1),
            "mentions": math.log(len(o.mentions)),
            "forms": math.log(len(forms)),
            "share": len(o.mentions) / total,
            "party": max(party for _, party in mine),
            "headline": float(o.mentions[0].start < HEAD_CHARS),
            "acronym alone": float(acronym and len(forms) == 1),
            "one word": float(len(words) == 1 and not acronym),
            "words": math.log(len(words)),
            "lower case": float(o.name[:1].islower()),
            "digit": float(any(c.isdigit() for c in o.name)),
            "capitals": float(o.name.isupper() and len(words) > 1),
            "place": float(any(form in places() for form in forms)),
            "nationality": float(country_of_name(o.name.split()[0]) is not None),
            "known": float(any(known_country(form) is not None for form in forms)),
            "has a role": float(any(any_between(joined, m.start - ROLE_GAP, m.start + 1) for m in o.mentions[:6])),
            "type sure": max(likely) if likely is not None else 0.0,
            f"type|{o.type}": 1.0,
            f"last|{words[-1]}": 1.0,
            f"first|{words[0]}": 1.0,
        }
        features |= {f"also {layer}": 1.0 for layer, names in elsewhere.items() if forms & names}
        if likely is not None:
            features |= {f"encoder|{kind}": p for kind, p in zip(ORG_TYPES, likely, strict=True)}
        out.append(features)
    return out


def _logit(p: float) -> float:
    p = min(max(p, 0.02), 0.98)
    return math.log(p / (1.0 - p))
