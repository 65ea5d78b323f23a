"""Object stores and other places that fsspec knows (s3://, gs://, memory://) -> the files in them, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.archive.containers import Found, Member, clean_source, find_sidecar, is_hidden, may_be_sidecar, unpack
from pipeline.archive.items import ReadOptions, ReadSkip, fault
from pipeline.archive.streams import SIDECAR_BYTES, Budget, archive_errors, guard, read_all
from pipeline.errors import ArchiveError, MissingExtraError, UsageError

ADDRESS = re.compile(r"[A-Za-z][\w+.-]+:/")  # Path makes one slash of two
Entry = dict[str, Any]


def is_address(path: str | Path) -> bool:
    """Tell whether a path is an address such as s3://bucket/folder."""
    return ADDRESS.match(str(path)) is not None


def find_store(address: str) -> tuple[Any, str]:
    """Give the file system of an address and the path in it. MissingExtraError where a package is missing that reads it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise MissingExtraError(f"{address}: reading it needs fsspec, which isn't installed: pip install 'coopfacts[dask]'") from None
    try:
        store, path = url_to_fs(address, use_listings_cache=False)
    except ImportError as error:  # s3fs, gcsfs …: fsspec names it
        raise MissingExtraError(f"{address}: {error}") from None
    except ValueError as error:
        raise UsageError(f"{address}: {error}") from None
    return store, path


def check_address(address: str) -> None:
    """Raise UsageError where nothing is there."""
    store, path = find_store(address)
    try:
        is_there = store.exists(path)
    except Exception as error:  # each store has its own
        raise UsageError(f"{address}: {explain(error)}") from None
    if not is_there:
        raise UsageError(f"no such file or folder: {address}")


def open_address(address: str, options: ReadOptions) -> Iterator[Found]:
    """Give the file, or the files of the folder, at an address: the same in the same order as from a folder on this machine."""
    store, path = find_store(address)
    source = clean_source(name_of(path))
    try:
        entry = store.info(path)
    except Exception as error:
        yield fault(source, ArchiveError(f"can't be read: {explain(error)}"))
        return
    if entry["type"] == "directory":
        yield from open_folder(store, path, "", options)
    else:
        yield from open_file(store, entry, source, options, set())


def open_folder(store: Any, folder: str, prefix: str, options: ReadOptions) -> Iterator[Found]:
    """Give the files below a folder, sorted by name."""
    try:
        listed = store.ls(folder, detail=True)
    except Exception as error:
        yield fault(prefix.rstrip("/") or clean_source(name_of(folder)), ArchiveError(f"the folder can't be read: {explain(error)}"))
        return
    # some stores list the folder itself, as an empty file
    found = {name_of(entry["name"]): entry for entry in listed if entry["name"].strip("/") != folder.strip("/")}
    for name in sorted(found):
        source = prefix + clean_source(name)
        if is_hidden(name):
            yield ReadSkip(source, "hidden")
        elif found[name]["type"] == "directory":
            yield from open_folder(store, found[name]["name"], source + "/", options)
        else:
            yield from open_file(store, found[name], source, options, set(found))


def open_file(store: Any, entry: Entry, source: str, options: ReadOptions, names: set[str]) -> Iterator[Found]:
    """Give a file, or what is in it where it is an archive."""
    path = entry["name"]
    name = name_of(path)

    def open_raw() -> BinaryIO:
        with archive_errors():
            return guard(store.open(path, "rb"))

    def sidecar() -> bytes | None:
        beside = find_sidecar(name, names)
        if beside is None:
            return None
        with archive_errors(), store.open(path[: len(path) - len(name)] + beside, "rb") as stream:
            return read_all(stream, SIDECAR_BYTES)

    yield from unpack(Member(source, name, open_raw, sidecar, may_be_sidecar(name, names)), Budget(entry["size"], options), options, 0)


def name_of(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def explain(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
