"""The version of coopfacts."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from pathlib import Path


@cache
def find_version() -> str:
    """Give the version: of pyproject.toml in a checkout, else of what is installed."""
    pyproject = Path(__file__).resolve().parent.parent / "pyproject.toml"
    if pyproject.is_file():
        import tomllib

        project = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == "coopfacts":
            return str(project["version"])
    try:
        return metadata.version("coopfacts")
    except metadata.PackageNotFoundError:
        return "0+unknown"
