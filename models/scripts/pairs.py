"""Fit the weights of pairs of organisations by logistic regression, on documents that the network was not trained on.

usage: pairs.py NETWORK_DIR GOLD.jsonl … [--write] : prints cross-validated scores; --write makes pipeline/resources/pair_weights.jsonl
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pipeline.components.pairs import FEATURES, weigh_pairs
from pipeline.nlp import build
from pipeline.scoring.matching import match_entities


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--strength", type=float, default=0.3, help="inverse of the regularisation")
    args = parser.parse_args()
    nlp = build(args.network)
    rows, labels, groups, missed = [], [], [], 0
    for document in (json.loads(line) for path in args.gold for line in path.read_text(encoding="utf-8").splitlines()):
        doc = nlp.make_doc(document["text"])
        doc._.published = document["published"]
        for name, component in nlp.pipeline:
            if name != "partnerships":
                doc = component(doc)
        predicted = [{"id": o.id, "name": o.name, "mentions": [m.text for m in o.mentions]} for o in doc._.organizations]
        matched = {document["orgs"][i]["id"]: predicted[j]["id"] for i, j in match_entities(document["orgs"], predicted).items()}
        gold = {frozenset(matched.get(pair[side], pair[side] + "?") for side in ("a", "b")) for pair in document["partnerships"]}
        found = 0
        for pair in weigh_pairs(doc):
            label = frozenset((pair.a.id, pair.b.id)) in gold
            found += label
            rows.append([pair.features[name] for name in FEATURES])
            labels.append(label)
            groups.append(document["doc_id"])
        missed += len(document["partnerships"]) - found
    x, y = np.asarray(rows), np.asarray(labels)
    model = LogisticRegression(C=args.strength, fit_intercept=False, max_iter=2000)
    scores = np.zeros(len(y))
    for train, test in GroupKFold(5).split(x, y, groups):
        scores[test] = model.fit(x[train], y[train]).predict_proba(x[test])[:, 1]
    print(f"{len(y)} pairs, {y.sum()} of them true, {missed} out of reach")
    for least in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6):
        hits, given = int((y & (scores >= least)).sum()), int((scores >= least).sum())
        precision, recall = hits / max(1, given), hits / (y.sum() + missed)
        print(f"{least:.2f}: P {precision:.3f} R {recall:.3f} F {2 * precision * recall / max(1e-9, precision + recall):.3f}")
    model.fit(x, y)
    weights = dict(zip(FEATURES, model.coef_[0].round(3).tolist(), strict=True))
    print(weights)
    if args.write:
        path = Path(__file__).resolve().parents[2] / "pipeline/resources/pair_weights.jsonl"
        path.write_text("".join(json.dumps({"id": k, "weight": v}) + "\n" for k, v in sorted(weights.items())), encoding="utf-8")


if __name__ == "__main__":
    main()
