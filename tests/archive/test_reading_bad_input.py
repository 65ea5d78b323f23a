"""Bad and hostile input: one clear line each, and the rest goes on."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import signal
import struct
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pytest
import zstandard
from hostile_pages import HOSTILE_PAGES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from pipeline.archive import Article, ReadFault, ReadOptions, ReadSkip, read_archive
from pipeline.archive.pages import read_page
from pipeline.archive.streams import time_limit
from pipeline.errors import ArticleError, UsageError

BODY = (
    "The University of Lusaka and the Institute of Technology in Turku signed a memorandum on Monday."
    " They will exchange students and teachers from next year on."
)
LINE = json.dumps({"text": BODY}).encode() + b"\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose last file is good; what a test adds comes before it."""
    (tmp_path / "zz.txt").write_text(BODY)
    yield tmp_path


def read_faults(folder: Path, **options: object) -> list[ReadFault]:
    """Read everything; the good file must be among it, after all that went wrong."""
    *others, last = read_archive([folder], options=ReadOptions(**options))  # type: ignore[arg-type]
    assert isinstance(last, Article) and last.source == "zz.txt"
    return [item for item in others if isinstance(item, ReadFault)]


def read_fault(folder: Path, **options: object) -> ReadFault:
    [found] = read_faults(folder, **options)
    assert "\n" not in found.message and found.stage == "read"
    return found


@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "a.html", "a.json", "a.csv", "a.parquet", "a.zip", "a.tar", "a.txt.gz", "a.pdf", "a.docx"]
)
def test_empty_file_is_a_fault(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    assert read_fault(folder).source == name


def test_empty_text_says_so(folder: Path) -> None:
    (folder / "a.txt").write_text(" \n\n ")
    assert read_fault(folder) == ReadFault("a.txt", "read", "ArticleError", "empty: found no text")


def test_line_of_50_mb_is_passed_over(folder: Path) -> None:
    with open(folder / "a.jsonl", "wb") as stream:
        stream.write(LINE)
        stream.write(b'{"text": "')
        for _ in range(50):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n' + LINE.replace(b"Turku", b"Oulu"))
    found = list(read_archive([folder / "a.jsonl"]))
    assert [type(item) for item in found] == [Article, ReadFault, Article]
    assert found[1].message == "line 2 has more than 16,000,000 characters"  # type: ignore[union-attr]


def test_text_that_is_too_long_is_a_fault(folder: Path) -> None:
    (folder / "a.txt").write_text(BODY * 20)
    (folder / "b.jsonl").write_text(json.dumps({"text": BODY * 3}))
    first, second = read_faults(folder, max_article_chars=400)
    assert first.message == "found more than 1,600 bytes, expected 1,600 at most"
    assert second.message == f"found {len(BODY) * 3:,} characters, expected 400 at most"


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv", "a.html", "a.json"])
def test_binary_noise_is_a_fault(folder: Path, name: str) -> None:
    (folder / name).write_bytes(random.Random(0).randbytes(20_000))
    faults = read_faults(folder)
    assert faults and "binary data" in faults[0].message


@pytest.mark.parametrize(
    "name", ["a.zip", "a.tar", "a.tar.gz", "a.txt.gz", "a.txt.zst", "a.parquet", "a.pdf", "a.docx", "a.warc", "a.warc.gz"]
)
def test_noise_under_the_name_of_an_archive_is_a_fault(folder: Path, name: str) -> None:
    (folder / name).write_bytes(random.Random(1).randbytes(5_000))
    assert read_fault(folder).source.startswith(name)


def many_files() -> dict[str, bytes]:
    rng = random.Random(2)
    return {f"{n}.txt": f"{BODY} {n} {rng.random()}".encode() for n in range(50)}


def test_truncated_zip_is_a_fault(folder: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in many_files().items():
            archive.writestr(name, data)
    (folder / "a.zip").write_bytes(stream.getvalue()[:-100])
    assert "damaged archive" in read_fault(folder).message


def test_damaged_member_of_a_zip_does_not_spoil_the_others(folder: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in many_files().items():
            archive.writestr(name, data)
    (folder / "a.zip").write_bytes(stream.getvalue().replace(b"Turku", b"Tvrku", 1))
    assert read_fault(folder).source == "a.zip/0.txt"
    assert sum(isinstance(item, Article) for item in read_archive([folder])) == 50


def test_encrypted_member_of_a_zip_is_a_fault(folder: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", BODY)
    data = bytearray(stream.getvalue())
    data[6] |= 1  # the flag in the file's own header
    data[data.rindex(b"PK\1\2") + 8] |= 1  # and in the directory
    (folder / "a.zip").write_bytes(bytes(data))
    assert "encrypted" in read_fault(folder).message


def test_truncated_gzip_gives_what_was_whole_and_a_fault(folder: Path) -> None:
    rows = b"".join(json.dumps({"text": f"{BODY} {random.Random(n).random()}"}).encode() + b"\n" for n in range(500))
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(rows)[:-2000])
    found = list(read_archive([folder]))
    assert sum(isinstance(item, Article) for item in found) > 50
    assert [f.message for f in found if isinstance(f, ReadFault)] == ["truncated: the compressed data ends too early"]


def test_truncated_tar_and_zstandard_are_faults(folder: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in many_files().items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    (folder / "a.tar.gz").write_bytes(gzip.compress(stream.getvalue())[:-500])
    (folder / "b.txt.zst").write_bytes(zstandard.compress(random.Random(3).randbytes(5000).hex().encode())[:-500])
    assert {fault.source.split("/")[0] for fault in read_faults(folder)} == {"a.tar.gz", "b.txt.zst"}


def test_table_without_a_text_column_names_those_found(folder: Path) -> None:
    (folder / "a.csv").write_text(f"nr,heading,abstract\n1,x,{BODY}\n")
    assert read_fault(folder).message == (
        "no column holds the text: found 'abstract', 'heading', 'nr';"
        " expected one named text, body, content or article; name it with the text field option"
    )
    assert "expected 'txt'" in read_fault(folder, text_field="txt").message


def test_invalid_json_tells_line_found_and_expected(folder: Path) -> None:
    rows = [json.dumps({"text": f"{BODY} {n}"}) for n in range(10)]
    rows[6] = '{"text": oops}'
    (folder / "a.jsonl").write_text("\n".join(rows))
    found = read_fault(folder)
    assert found.source == "a.jsonl#7"
    assert found.message == "line 7: invalid JSON at column 10: found 'oops}', expected value"
    assert sum(isinstance(item, Article) for item in read_archive([folder])) == 10


def test_invalid_json_array_tells_the_line_and_keeps_what_came_before(folder: Path) -> None:
    rows = [json.dumps({"text": f"{BODY} {n}"}) for n in range(10)]
    rows[6] = '{"text": oops}'
    (folder / "a.json").write_text("[" + ",\n".join(rows) + "]")
    found = read_fault(folder)
    assert found.source == "a.json#7"
    assert found.message == 'line 7: invalid JSON: found \'oops},\\n{"text": "The\', expected value'
    assert sum(isinstance(item, Article) for item in read_archive([folder])) == 7


@pytest.mark.parametrize(
    "text, said",
    [
        ("[1, 2", "found the end"),
        ('{"text": "x', "line 1"),
        ("[{}, 3]", "no column holds the text: found none"),
        ('"text"', "expected a JSON object"),
        ("[1 2]", "expected ',' or ']'"),
    ],
)
def test_odd_json_is_a_fault(folder: Path, text: str, said: str) -> None:
    (folder / "a.json").write_text(text)
    assert any(said in fault.message for fault in read_faults(folder))


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_wide_text_that_is_cut_in_the_middle_of_a_character_is_a_fault(folder: Path, name: str) -> None:
    row = f"text\n{BODY.replace(',', '')} Well." if name == "a.csv" else json.dumps({"text": BODY + " Well."})
    (folder / name).write_bytes(row.encode("utf-16-le") + b"\n\0-")
    assert "not utf-16-le as expected" in read_faults(folder)[-1].message


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_json_nested_deeply_is_a_fault(folder: Path, name: str) -> None:
    (folder / name).write_text('{"text": ' + "[" * 200_000)
    assert "nested too deeply" in read_fault(folder).message
    (folder / name).write_text('{"text": ' + "9" * 10_000 + "}")
    assert "invalid JSON" in read_fault(folder).message


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.meta.json"])
def test_json_that_can_just_be_parsed_is_read_or_a_fault(folder: Path, name: str) -> None:
    (folder / "a.txt").write_text(BODY + " Well.")
    for depth in (100, *range(800, 1000, 7), 3000):
        nested = "[" * depth + "]" * depth
        (folder / name).write_text(f'{{"text": {nested}, "title": {nested}}}')
        read_faults(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_a_fault(folder: Path) -> None:
    (folder / "a").mkdir(mode=0)
    (folder / "b.txt").touch(mode=0)
    assert [(f.source, f.message) for f in read_faults(folder)] == [
        ("a", "no permission to read the folder"),
        ("b.txt", "no permission to read it"),
    ]


def test_refused_permission_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a").mkdir()
    (folder / "b.txt").write_text(BODY)
    scandir, open_ = os.scandir, open

    def refuse_folder(path: object) -> object:
        if str(path).endswith("a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)  # type: ignore[call-overload]

    def refuse_file(path: object, *args: object, **kwargs: object) -> object:
        if str(path).endswith("b.txt"):
            raise PermissionError(13, "Permission denied")
        return open_(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr("pipeline.archive.containers.os.scandir", refuse_folder)
    monkeypatch.setattr("pipeline.archive.containers.open", refuse_file, raising=False)
    assert [(f.source, f.message) for f in read_faults(folder)] == [
        ("a", "no permission to read the folder"),
        ("b.txt", "no permission to read it"),
    ]


def test_file_that_vanishes_is_a_fault(folder: Path) -> None:
    (folder / "a.txt").write_text(BODY)
    (folder / "b.txt").write_text(BODY)
    items = read_archive([folder])
    assert isinstance(next(items), Article)
    (folder / "b.txt").unlink()
    found = next(items)
    assert isinstance(found, ReadFault) and "No such file" in found.message


def test_broken_link_and_link_in_a_circle_do_not_hang(folder: Path) -> None:
    (folder / "a.txt").symlink_to(folder / "nowhere.txt")
    (folder / "b").symlink_to(folder)
    os.mkfifo(folder / "c.txt")
    found = list(read_archive([folder]))
    assert isinstance(found[0], ReadFault)
    assert [item.reason for item in found if isinstance(item, ReadSkip)] == ["symbolic link", "not a file"]


def test_duplicate_id_names_the_first(folder: Path) -> None:
    (folder / "a.csv").write_text(f"id,text\n1,{BODY}\n1,Other {BODY}\n")
    found = read_fault(folder)
    assert (found.source, found.message) == ("a.csv#3", "duplicate id '1': first seen with another text in a.csv#2")


def test_row_of_too_many_cells_is_a_fault(folder: Path) -> None:
    (folder / "a.csv").write_text(f"id,text\n1,{BODY}, and more\n2,{BODY}\n")
    assert read_fault(folder).message == "row 2: found 3 cells, expected 2 as in the header"


def test_quotation_mark_that_is_never_closed_is_a_fault(folder: Path) -> None:
    (folder / "a.csv").write_text(f'id,text\n1,{BODY}\n2,"{BODY}\n3,{BODY}\n')
    assert "unexpected end of data" in read_fault(folder).message


NAMES = ["../../etc/a.txt", "/etc/b.txt", "C:\\windows\\c.txt", "..\\..\\d.txt", "a\n\x1b[31m/e.txt"]


def test_names_that_lead_out_of_an_archive_are_made_harmless(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for n, name in enumerate(NAMES):
            archive.writestr(name, f"{BODY} {n}")
    found = [item.source for item in read_archive([tmp_path])]
    assert found == ["a.zip/etc/a.txt", "a.zip/etc/b.txt", "a.zip/windows/c.txt", "a.zip/d.txt", "a.zip/a\\x0a\\x1b[31m/e.txt"]
    assert os.listdir(tmp_path) == ["a.zip"]


def test_names_that_lead_out_of_a_tar_are_made_harmless(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for n, name in enumerate(NAMES):
            info = tarfile.TarInfo(name)
            info.size = len(f"{BODY} {n}")
            archive.addfile(info, io.BytesIO(f"{BODY} {n}".encode()))
    found = [item.source.removeprefix("a.tar/") for item in read_archive([tmp_path])]
    assert found == ["etc/a.txt", "etc/b.txt", "windows/c.txt", "d.txt", "a\\x0a\\x1b[31m/e.txt"]
    assert os.listdir(tmp_path) == ["a.tar"]


def test_links_and_devices_in_a_tar_are_not_followed(folder: Path) -> None:
    with tarfile.open(folder / "a.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"{kind!r}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    found = list(read_archive([folder]))
    assert [item.reason for item in found[:-1] if isinstance(item, ReadSkip)] == ["not a file"] * 4


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_zip_bomb_is_cut_off(folder: Path, name: str) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"{n}{name}", b"0" * 20_000_000)
    options = {"free_bytes": 1_000_000, "max_article_chars": 10_000_000, "max_line_chars": 20_000_000}
    faults = read_faults(folder, **options)
    assert len(faults) == 1 and "zip bomb" in faults[0].message


def test_bomb_in_a_bomb_is_cut_off(folder: Path) -> None:
    data = b"0" * 20_000_000
    for _ in range(2):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.zip" if data[:2] == b"PK" else "a.txt", data)
        data = stream.getvalue()
    (folder / "a.zip").write_bytes(data)
    assert "zip bomb" in read_faults(folder, free_bytes=1_000_000)[0].message


def test_bomb_in_a_header_of_a_tar_is_cut_off(folder: Path) -> None:
    for kind in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
        info = tarfile.TarInfo("a.txt")
        info.type, info.size = kind, 50_000_000
        (folder / "a.tar.gz").write_bytes(gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) + b"0" * 50_000_000))
        assert "found a header of 50,000,000 bytes, expected 1,048,576 at most" in read_fault(folder).message


def test_bomb_in_a_web_archive_is_cut_off(folder: Path) -> None:
    pytest.importorskip("warcio")
    head = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 20000000\r\n\r\n"
    (folder / "a.warc.gz").write_bytes(gzip.compress(head + b"0" * 20_000_000 + b"\r\n\r\n"))
    assert "zip bomb" in read_fault(folder, free_bytes=1_000_000).message


def test_bomb_in_a_parquet_file_is_cut_off(folder: Path) -> None:
    rows = pyarrow.table({"text": ["0" * 20_000_000]})
    parquet.write_table(rows, folder / "a.parquet", compression="zstd", use_dictionary=False, write_statistics=False)
    assert "zip bomb" in read_fault(folder, free_bytes=1_000_000).message


def write_word(path: Path, document: bytes) -> None:
    """A Word file with another document in it."""
    docx = pytest.importorskip("docx")
    stream = io.BytesIO()
    docx.Document().save(stream)
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, document if info.filename == "word/document.xml" else old.read(info))


WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:body></w:document>'


def test_entities_of_a_word_file_are_not_expanded(folder: Path) -> None:
    laughs = "".join(f"<!ENTITY a{n} '&a{n - 1};&a{n - 1};'>" for n in range(1, 40))
    secret = folder / "secret.dat"
    secret.write_text("secret words")
    for entity, use in ((f"<!ENTITY a0 'ha'>{laughs}", "&a39;"), (f"<!ENTITY a0 SYSTEM '{secret.as_uri()}'>", "&a0;")):
        write_word(folder / "a.docx", f"<!DOCTYPE x [{entity}]>{WORD % (BODY + ' Well. ' + use)}".encode())
        texts = [item.text for item in read_archive([folder / "a.docx"]) if isinstance(item, Article)]
        assert all(len(text) < 1000 and "secret" not in text for text in texts)


def test_word_file_that_unpacks_to_too_much_is_a_fault(folder: Path) -> None:
    write_word(folder / "a.docx", (WORD % ("0" * 3_000_000)).encode())
    assert "expected 1,000,000 at most" in read_fault(folder, max_word_bytes=1_000_000).message


def test_file_packed_again_and_again_is_a_fault(folder: Path) -> None:
    data = BODY.encode() + b" Well."
    for _ in range(4):
        data = gzip.compress(data)
    (folder / "a.txt.gz.gz.gz.gz").write_bytes(data)
    assert "more than 2 deep" in read_fault(folder).message


PARSERS = [("a.html", "trafilatura.bare_extraction"), ("a.pdf", "pypdf.PdfReader"), ("a.docx", "docx.Document")]


@pytest.mark.parametrize("name, parser", PARSERS)
def test_file_that_takes_too_long_to_parse_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, parser: str) -> None:
    pytest.importorskip(parser.split(".")[0])

    def dawdle(*_: object, **__: object) -> None:
        try:
            time.sleep(30)
        except Exception:  # parsers catch what they can
            time.sleep(30)

    write_word(folder / name, (WORD % "-").encode())
    if name == "a.html":
        (folder / name).write_text(BODY)
    monkeypatch.setattr(parser, dawdle)
    begun = time.monotonic()
    assert "took longer than 0.2 s to parse" in read_fault(folder, max_parse_s=0.2).message
    assert time.monotonic() - begun < 15


def test_a_time_limit_leaves_the_one_around_it_as_it_was() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with time_limit(20):
            time.sleep(0.05)
        time.sleep(0.4)
        assert rung == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_member_that_unpacks_to_too_much_is_a_fault(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0 " * 1_000_000)
        archive.writestr("b.txt", BODY + " Well.")
    assert read_fault(folder, max_member_bytes=100_000).message == "unpacks to more than 100,000 bytes"


def test_archives_nested_too_deep_are_a_fault(folder: Path) -> None:
    data = BODY.encode() + b" Well."
    for name in ("a.txt", "a.zip", "a.zip", "a.zip"):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(name, data)
        data = stream.getvalue()
    (folder / "a.zip").write_bytes(data)
    found = read_fault(folder)
    assert found.source == "a.zip/a.zip/a.zip/a.zip"
    assert found.message == "archives in archives more than 2 deep (raise max_nesting where they should be read)"
    assert not read_faults(folder, max_nesting=3)


def test_page_nested_10000_deep_is_read(folder: Path) -> None:
    (folder / "a.html").write_text("<div>" * 10_000 + f"<p>{BODY}</p>" + "</div>" * 10_000)
    (folder / "b.html").write_text("<b>" * 10_000)
    found = list(read_archive([folder]))
    assert isinstance(found[0], Article) and found[0].text == BODY
    assert isinstance(found[1], ReadFault) and found[1].message == "the page has no text"


@pytest.mark.parametrize("name", HOSTILE_PAGES)
def test_hostile_page_ends_as_a_text_or_a_fault(name: str) -> None:
    try:
        text = read_page(HOSTILE_PAGES[name] + f"<p>{BODY}</p>", "a.html").text
    except ArticleError:
        text = ""
    assert len(text) < 2_000_000


def test_text_with_nul_half_a_pair_and_mojibake_is_kept(tmp_path: Path) -> None:
    mojibake = "The UniversitÃ¤t ZÃ¼rich\x00 agreed. " + BODY
    (tmp_path / "a.txt").write_bytes(mojibake.encode())
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": "Half \ud83d of it. " + BODY, "title": "\udc00 T", "id": "\ud800"}))
    first, second = read_archive([tmp_path])
    assert isinstance(first, Article) and first.text == mojibake
    assert isinstance(second, Article) and second.text == "Half \ufffd of it. " + BODY
    assert second.meta["text_fault"] == "half a surrogate pair at character 5, replaced by U+FFFD"
    json.dumps([second.title, second.doc_id], ensure_ascii=False).encode()


def test_unknown_encoding_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="unknown encoding 'utf-99'"):
        ReadOptions(encoding="utf-99")


def test_wrong_encoding_is_a_fault(folder: Path) -> None:
    (folder / "a.txt").write_bytes("Universität".encode("cp1252"))
    assert "not utf-8 as expected" in read_fault(folder, encoding="utf-8").message


def test_member_without_a_name_is_skipped(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), BODY)
    skipped, _ = read_archive([folder])
    assert skipped == ReadSkip("a.zip/unnamed", "file type", detail="no extension")


def test_parquet_with_text_that_is_not_utf_8_is_a_fault(folder: Path) -> None:
    offsets = pyarrow.py_buffer(struct.pack("<2i", 0, 3))
    text = pyarrow.StringArray.from_buffers(1, offsets, pyarrow.py_buffer(b"a\xb3b"))
    parquet.write_table(pyarrow.table({"text": text}), folder / "a.parquet")
    assert "damaged Parquet file" in read_fault(folder).message


def test_web_archive_record_without_an_address_is_a_fault(folder: Path) -> None:
    pytest.importorskip("warcio")
    (folder / "a.warc").write_bytes(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 4\r\n\r\nHTTP\r\n\r\n")
    assert "damaged web archive" in read_fault(folder).message


EXTENSIONS = ["txt", "md", "html", "json", "jsonl", "csv", "tsv", "zip", "tar", "tar.gz", "gz", "zst", "parquet", "warc", "docx", "pdf"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda s: s.encode("utf-8", "surrogatepass"))),
    extension=st.sampled_from(EXTENSIONS),
)
def test_any_bytes_end_in_articles_faults_and_skips(tmp_path: Path, data: bytes, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    path.write_bytes(data)
    for item in read_archive([path], options=ReadOptions(languages=())):
        assert isinstance(item, Article | ReadFault | ReadSkip)
        assert item.source.startswith(path.name)
        if isinstance(item, Article):
            item.text.encode()
            assert item.text.strip()


KEYS = st.sampled_from(["text", "id", "title", "date", "url", "articles"]) | st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON, extension=st.sampled_from(["json", "jsonl"]))
def test_any_json_ends_in_articles_faults_and_skips(tmp_path: Path, value: object, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    path.write_text(json.dumps(value))
    for item in read_archive([path], options=ReadOptions(languages=())):
        if isinstance(item, Article):
            for said in (item.text, item.doc_id, item.title or "", item.url or "", *item.meta.values()):
                said.encode()


def test_nothing_stays_open(folder: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("counts open files in /proc")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("a.txt", BODY)
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(LINE))
    list(read_archive([folder]))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        list(read_archive([folder]))
    assert len(os.listdir("/proc/self/fd")) <= before
