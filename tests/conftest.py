"""Models for the tests: the shipped one, and one of rules alone that is quick and needs no training."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import spacy
import traps  # noqa: F401  # registers the component
from spacy.language import Language

ROOT = Path(__file__).resolve().parent.parent
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background: what the tests start would not hear Ctrl-C either
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The folder of the shipped model, or of the one that COOPFACTS_TEST_MODEL names."""
    folder = Path(os.environ.get("COOPFACTS_TEST_MODEL", ROOT / "models" / "coop_en"))
    if not (folder / "meta.json").is_file():
        pytest.skip("no model yet")
    return folder


@pytest.fixture(scope="session")
def nlp(model_dir: Path) -> Language:
    """The shipped model, loaded once."""
    import pipeline.nlp

    return pipeline.nlp.load(model_dir)


def save_rules_model(folder: Path, *, version: str = "1.0.0", with_trap: bool = False) -> Path:
    import pipeline.nlp  # noqa: F401  # registers the components

    nlp = spacy.blank("en")
    for name in ("sentences", "dates"):
        nlp.add_pipe(name)
    if with_trap:
        nlp.add_pipe("trap", first=True)
    nlp.meta.update(name="rules", version=version)
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="session")
def rules_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved pipeline that finds dates and nothing else."""
    return save_rules_model(tmp_path_factory.mktemp("models") / "rules")


@pytest.fixture(scope="session")
def newer_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of another version."""
    return save_rules_model(tmp_path_factory.mktemp("models") / "rules", version="2.0.0")


@pytest.fixture(scope="session")
def trap_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with articles that raise, kill, hang, take a moment or all memory (see traps.py)."""
    return save_rules_model(tmp_path_factory.mktemp("models") / "trap", with_trap=True)
