"""The components in their order -> nlp: build and load."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from pipeline.components import areas, attributes, dates, encoder, events, organizations, partnerships, people, sentences  # noqa: F401
from pipeline.errors import ResourceError
from pipeline.tokenization import make_blank

COMPONENTS = ("sentences", "coop_encoder", "organizations", "people", "dates", "cooperation_areas", "events", "partnerships")
MODEL = "coop_en"


def model_path() -> Path:
    """The folder of the shipped model: models/coop_en beside the package, or inside it where it was installed from a wheel."""
    here = Path(__file__).resolve().parent
    for folder in (here / "models" / MODEL, here.parent / "models" / MODEL):
        if (folder / "meta.json").is_file():
            return folder
    raise ResourceError(f"no model: {here.parent / 'models' / MODEL} has no meta.json; a checkout brings it, or `make train` makes it")


def load(path: str | Path | None = None, **overrides: Any) -> Language:
    """The pipeline, ready to read: by default the shipped model; the same as spacy.load(path).

    overrides: settings of components, by dotted name, e.g. {"components.people.min_score": 0.4}.
    """
    return spacy.load(Path(path) if path else model_path(), config=overrides)


def build(network: str | Path, *, settings: Mapping[str, Mapping[str, Any]] | None = None) -> Language:
    """A pipeline around a trained network (a folder with encoder.onnx, heads.safetensors, tokenizer.json).

    settings: component -> what differs from its default config.
    """
    nlp = make_blank()
    for name in COMPONENTS:
        nlp.add_pipe(name, config=dict((settings or {}).get(name, {})))
    nlp.get_pipe("coop_encoder").read_files(Path(network))  # type: ignore[attr-defined]
    return nlp
