"""The wheel: whole, and enough by itself, in another folder and without a network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

RELEASE = "Riga Technical University and Hue University signed a memorandum of understanding on joint research on 3 May 2021."
OFFLINE = """
import socket, sys
def refuse(*_, **__):
    raise SystemExit("asked for the network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
import pipeline
from pipeline.cli import main
from pipeline.nlp import model_path
print(pipeline.__file__, model_path())
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling isn't installed: pip install 'coopfacts[test]'")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_the_model_and_every_resource(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    for folder, inside in (("pipeline", "pipeline"), ("models/coop_en", "pipeline/models/coop_en")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" in names
    assert not any(re.search(r"(^|/)(tests|data|__pycache__)/", name) for name in names)


@pytest.mark.usefixtures("model_dir")
def test_the_installed_command_works_elsewhere_and_offline(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    (elsewhere / "release.txt").write_text(RELEASE)
    command = [sys.executable, "-c", OFFLINE, "show", "release.txt"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    where, *shown = done.stdout.splitlines()
    assert all(part.startswith(str(site)) for part in where.split())
    assert any("Riga Technical University" in line for line in shown)
