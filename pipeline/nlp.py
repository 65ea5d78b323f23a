"""The components in their order -> nlp: build and load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from pipeline.components import areas, attributes, dates, encoder, events, organizations, partnerships, people, sentences  # noqa: F401
from pipeline.components.categories import Categories
from pipeline.errors import ResourceError
from pipeline.taxonomy import Category, read_taxonomy
from pipeline.tokenization import make_blank

COMPONENTS = ("sentences", "coop_encoder", "organizations", "people", "dates", "cooperation_areas", "events", "partnerships")
OWN_CATEGORIES = "area_categories"  # in a pipeline where a taxonomy was added
MODEL = "coop_en"


def model_path() -> Path:
    """The folder of the shipped model: models/coop_en beside the package, or inside it where it was installed from a wheel."""
    here = Path(__file__).resolve().parent
    for folder in (here / "models" / MODEL, here.parent / "models" / MODEL):
        if (folder / "meta.json").is_file():
            return folder
    raise ResourceError(f"no model: {here.parent / 'models' / MODEL} has no meta.json; a checkout brings it, or `make train` makes it")


def load(path: str | Path | None = None, *, taxonomy: str | Path | Sequence[Category] = (), **overrides: Any) -> Language:
    """The pipeline, ready to read: by default the shipped model; the same as spacy.load(path).

    taxonomy: categories that areas may get beside the shipped ones: a file of the form of resources/taxonomy.jsonl, or what
    read_taxonomy gives. overrides: settings of components, by dotted name, e.g. {"components.people.min_score": 0.4}.
    """
    added = read_taxonomy(taxonomy) if isinstance(taxonomy, str | Path) else tuple(taxonomy)  # its faults are told before all else
    nlp = spacy.load(Path(path) if path else model_path(), config=overrides)
    if added:
        add_taxonomy(nlp, added)
    return nlp


def add_taxonomy(nlp: Language, taxonomy: Sequence[Category]) -> None:
    """Let areas have these categories too; those that an earlier call has added go."""
    if not nlp.has_pipe("cooperation_areas"):
        raise ResourceError(f"{nlp.meta.get('name') or 'the model'} finds no areas of cooperation: a taxonomy has no use in it")
    # last: all that weighs categories knows the shipped ones
    pipe = nlp.get_pipe(OWN_CATEGORIES) if nlp.has_pipe(OWN_CATEGORIES) else nlp.add_pipe(OWN_CATEGORIES)
    assert isinstance(pipe, Categories)
    pipe.initialize(taxonomy=taxonomy)


def build(network: str | Path, *, settings: Mapping[str, Mapping[str, Any]] | None = None) -> Language:
    """A pipeline around a trained network (a folder with encoder.onnx, heads.safetensors, tokenizer.json).

    settings: component -> what differs from its default config.
    """
    nlp = make_blank()
    for name in COMPONENTS:
        nlp.add_pipe(name, config=dict((settings or {}).get(name, {})))
    nlp.get_pipe("coop_encoder").read_files(Path(network))  # type: ignore[attr-defined]
    return nlp
