"""The notebooks run as they stand in the repository, on one extraction of the sample archive."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

nbformat = pytest.importorskip("nbformat", reason="nbformat isn't installed: pip install 'coopfacts[test]'")


@pytest.fixture(scope="session")
def sample_out(tmp_path_factory: pytest.TempPathFactory, model_dir: Path) -> Path:
    """The output of a run over the sample archive, which the notebooks share."""
    from pipeline.building import build_tables
    from pipeline.run import run_extraction

    out = tmp_path_factory.mktemp("sample")
    run_extraction([ROOT / "data" / "archive"], out, model=model_dir, workers=2)
    build_tables(out)
    return out


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) == 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_without_output(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, sample_out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient isn't installed: pip install 'coopfacts[test]'")
    pytest.importorskip("ipykernel", reason="ipykernel isn't installed: pip install 'coopfacts[test]'")
    monkeypatch.setenv("COOPFACTS_OUT", str(sample_out))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    before = {file: file.stat().st_mtime_ns for file in sample_out.rglob("*") if file.is_file()}
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    assert before == {file: file.stat().st_mtime_ns for file in sample_out.rglob("*") if file.is_file()}
