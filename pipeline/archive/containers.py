"""Folders and archives -> the files in them, in order."""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.archive.items import ReadFault, ReadOptions, ReadSkip, fault
from pipeline.archive.streams import SIDECAR_BYTES, Budget, archive_errors, guard, read_all, seekable
from pipeline.errors import ArchiveError

TAR = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst")
PACKED = (".gz", ".zst")
SIDECAR_OF = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx")
HELD_TYPES = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
HELD_BYTES = 1 << 20
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Member:
    """A file to read. source: how reports name it; name: its type's and sidecar's base, without packing.

    open: gives its bytes, once. sidecar: gives the bytes of the metadata file beside it, None where there is none.
    is_sidecar: it may be the metadata of another file, and is an article only where it has a text.
    """

    source: str
    name: str
    open: Callable[[], BinaryIO]
    sidecar: Callable[[], bytes | None] = lambda: None
    is_sidecar: bool = False


Found = Member | ReadFault | ReadSkip


def clean_source(name: str) -> str:
    """Give a name from an archive as a relative path without "..", drive letters or control characters."""
    parts = re.sub(r"^[A-Za-z]:", "", name.replace("\\", "/")).split("/")
    kept = "/".join(part for part in parts if part not in ("", ".", ".."))
    return UNPRINTABLE.sub(lambda m: f"\\x{ord(m.group()):02x}", kept) or "unnamed"


def is_hidden(name: str) -> bool:
    """Tell whether a path is of the kind that desktops leave behind."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in parts)


def find_sidecar(name: str, names: set[str]) -> str | None:
    """Give the name of the metadata file beside a text: a.meta.json or a.json for a.txt."""
    base, extension = os.path.splitext(name)
    if extension.lower() not in SIDECAR_OF:
        return None
    return next((n for n in (base + ".meta.json", base + ".json") if n in names), None)


def may_be_sidecar(name: str, names: set[str]) -> bool:
    """Tell whether a file is called like the metadata of a text beside it."""
    for ending in (".meta.json", ".json"):
        if name.endswith(ending):
            return any(name.removesuffix(ending) + extension in names for extension in SIDECAR_OF)
    return False


def open_folder(folder: Path, prefix: str, options: ReadOptions) -> Iterator[Found]:
    """Give the files of a folder and of those in it, sorted by name."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield fault(prefix.rstrip("/") or clean_source(folder.name), explain_folder(error))
        return
    names = {entry.name for entry in found}
    for entry in found:
        source = prefix + clean_source(entry.name)
        if is_hidden(entry.name):
            yield ReadSkip(source, "hidden")
        elif entry.is_dir(follow_symlinks=False):
            yield from open_folder(Path(entry.path), source + "/", options)
        elif entry.is_dir():
            yield ReadSkip(source, "symbolic link", detail="links to folders are not followed")
        else:
            yield from open_file(Path(entry.path), source, options, names)


def explain_folder(error: OSError) -> ArchiveError:
    if isinstance(error, PermissionError):
        return ArchiveError("no permission to read the folder")
    return ArchiveError(f"the folder can't be read: {error.strerror}")


def open_file(path: Path, source: str, options: ReadOptions, names: set[str] | None = None) -> Iterator[Found]:
    """Give a file, or what is in it where it is an archive."""
    try:
        status = os.stat(path)
    except OSError as error:
        yield fault(source, ArchiveError(f"can't be read: {error.strerror}"))
        return
    if not stat.S_ISREG(status.st_mode):
        yield ReadSkip(source, "not a file", detail="a pipe, socket or device")
        return

    def open_raw() -> BinaryIO:
        with archive_errors():
            return guard(open(path, "rb", buffering=0))

    def sidecar() -> bytes | None:
        with archive_errors():
            beside = find_sidecar(path.name, names or set(os.listdir(path.parent)))
        if beside is None:
            return None
        with archive_errors(), open(path.parent / beside, "rb") as stream:
            return read_all(stream, SIDECAR_BYTES)

    budget = Budget(status.st_size, options)
    member = Member(source, path.name, open_raw, sidecar, may_be_sidecar(path.name, names) if names else False)
    yield from unpack(member, budget, options, 0)


def unpack(member: Member, budget: Budget, options: ReadOptions, depth: int) -> Iterator[Found]:
    """Give a member, or its own members where it is an archive; a fault ends the archive it is in."""
    name = member.name.lower()
    if not name.endswith((".zip", *TAR, *PACKED)):
        yield member
        return
    if depth > options.max_nesting:
        message = f"archives in archives more than {options.max_nesting} deep (raise max_nesting where they should be read)"
        yield fault(member.source, ArchiveError(message))
        return
    try:
        if name.endswith(".zip"):
            yield from unpack_zip(member, budget, options, depth)
        elif name.endswith(TAR):
            yield from unpack_tar(member, budget, options, depth)
        else:
            yield from unpack_one(member, budget, options, depth)
    except ArchiveError as error:
        yield fault(member.source, error)


def unpack_one(member: Member, budget: Budget, options: ReadOptions, depth: int) -> Iterator[Found]:
    """Give the file in a .gz or .zst, under its name without that."""
    inner = os.path.splitext(member.name)[0]
    inner = inner if "." in inner else "-"  # what it is, its first character tells

    def open_inner() -> BinaryIO:
        return open_packed(member.open(), member.name.lower(), budget)

    yield from unpack(Member(member.source, inner, open_inner, member.sidecar), budget, options, depth + 1)


def open_packed(stream: BinaryIO, name: str, budget: Budget) -> BinaryIO:
    """Open a compressed stream by the ending of its name."""
    unpacked: Any
    if name.endswith((".zst", ".tzst")):
        import zstandard

        # the default limit of the window, 128 MB, stays: a hostile frame may ask for more
        unpacked = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    else:
        unpacked = gzip.GzipFile(fileobj=stream)
    return guard(unpacked, budget, below=stream)


def unpack_zip(member: Member, budget: Budget, options: ReadOptions, depth: int) -> Iterator[Found]:
    """Give the files of a zip, in its order."""
    with member.open() as stream, seekable(stream) as file, archive_errors():
        archive = zipfile.ZipFile(file)
        names = set(archive.namelist())
        for info in archive.infolist():
            if budget.is_spent:
                return
            if info.filename.endswith("/"):
                continue
            source = f"{member.source}/{clean_source(info.filename)}"
            if is_hidden(info.filename):
                yield ReadSkip(source, "hidden")
                continue

            def open_inner(info: zipfile.ZipInfo = info) -> BinaryIO:
                with archive_errors():
                    return guard(archive.open(info), budget)

            def sidecar(name: str = info.filename) -> bytes | None:
                beside = find_sidecar(name, names)
                if beside is None:
                    return None
                with archive_errors(), guard(archive.open(beside), budget) as inner:
                    return read_all(inner, SIDECAR_BYTES)

            inner = Member(
                source,
                os.path.basename(info.filename),
                open_inner,
                sidecar,
                may_be_sidecar(info.filename, names),
            )
            yield from unpack(inner, budget, options, depth + 1)


class Header(tarfile.TarInfo):
    """A header of a tar. One that holds a long name or extended fields is held in memory: it may not be long."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in HELD_TYPES and self.size > HELD_BYTES:
            raise ArchiveError(f"damaged archive: found a header of {self.size:,} bytes, expected {HELD_BYTES:,} at most")
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]


def unpack_tar(member: Member, budget: Budget, options: ReadOptions, depth: int) -> Iterator[Found]:
    """Give the files of a tar as they stream by; a.json just before a.txt is its sidecar."""
    name = member.name.lower()
    held: tuple[str, Member] | None = None  # a small .json file whose text may come next
    with member.open() as packed, archive_errors():
        stream = packed if name.endswith(".tar") else open_packed(packed, name, budget)
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=Header) as archive:
            for info in archive:
                archive.members.clear()  # type: ignore[attr-defined]  # or it keeps them all
                if budget.is_spent:
                    return
                source = f"{member.source}/{clean_source(info.name)}"
                if not info.isfile():
                    if not info.isdir():
                        yield ReadSkip(source, "not a file", detail="a link or a device")
                    continue
                if is_hidden(info.name):
                    yield ReadSkip(source, "hidden")
                    continue
                base = re.sub(r"(?:\.meta)?\.json$|\.\w+$", "", info.name)
                inner_name = os.path.basename(info.name)
                extracted = archive.extractfile(info)
                assert extracted is not None  # isfile() said so
                if inner_name.endswith(".json") and info.size <= SIDECAR_BYTES:
                    if held is not None:
                        yield held[1]
                    data = guard(extracted, budget).read()
                    held = base, Member(source, inner_name, lambda d=data: io.BytesIO(d), is_sidecar=True)  # type: ignore[misc]
                    continue
                sidecar: Callable[[], bytes | None] = lambda: None  # noqa: E731
                if held is not None:
                    if held[0] == base and inner_name.lower().endswith(SIDECAR_OF):
                        data = held[1].open().read()
                        sidecar = lambda d=data: d  # type: ignore[misc] # noqa: E731
                    yield held[1]
                    held = None
                inner = Member(source, inner_name, lambda e=extracted: guard(e, budget), sidecar)  # type: ignore[misc]
                yield from unpack(inner, budget, options, depth + 1)
            if held is not None:
                yield held[1]
