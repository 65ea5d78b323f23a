"""Files -> articles: what comes out, in which order, under which id."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from pipeline.archive import Article, ReadFault, ReadOptions, ReadSkip, make_doc_id, read_archive
from pipeline.errors import UsageError

BODY = (
    "The University of Lusaka and the Institute of Technology in Turku signed a memorandum on Monday."
    " They will exchange students and teachers from next year on."
)


def articles(*paths: Path | str, **options: object) -> list[Article]:
    """Give the articles only; the tests for what isn't one are in tests/archive."""
    found = list(read_archive(paths, options=ReadOptions(**options)))  # type: ignore[arg-type]
    assert all(isinstance(item, Article) for item in found), found
    return found  # type: ignore[return-value]


def tar_of(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def zip_of(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def numbered(n: int) -> str:
    return f"Release number {n}\n\n{BODY}\n"


def test_folder_is_read_in_sorted_order_with_relative_sources(tmp_path: Path) -> None:
    for n, name in enumerate(("b.txt", "a/z.txt", "a/b.md", "c.txt")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(numbered(n))
    assert [article.source for article in articles(tmp_path)] == ["a/b.md", "a/z.txt", "b.txt", "c.txt"]


def test_order_of_the_arguments_is_kept(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name + BODY)
    found = articles(tmp_path / "b.txt", tmp_path / "a.txt")
    assert [article.source for article in found] == ["b.txt", "a.txt"]


def test_same_text_gets_the_same_id_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY)
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": BODY}))
    first = articles(tmp_path / "a.txt")[0]
    second = articles(tmp_path / "b.jsonl")[0]
    assert first.doc_id == second.doc_id == make_doc_id(BODY)
    assert len(first.doc_id) == 16


def test_line_ends_become_newlines_and_all_else_stays(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf\r\n One\r\ntwo \rthree\n\xc3\xa9\xcc\x81 " + BODY.encode())
    assert articles(tmp_path)[0].text == "\n One\ntwo \nthree\né\u0301 " + BODY


ARCHIVES = {
    "r.zip": lambda: zip_of({"x/a.txt": numbered(1).encode(), "b.txt": numbered(2).encode()}),
    "r.tar": lambda: tar_of({"x/a.txt": numbered(1).encode(), "b.txt": numbered(2).encode()}),
    "r.tar.gz": lambda: gzip.compress(tar_of({"x/a.txt": numbered(1).encode(), "b.txt": numbered(2).encode()})),
    "r.tgz": lambda: gzip.compress(tar_of({"x/a.txt": numbered(1).encode(), "b.txt": numbered(2).encode()})),
    "r.tar.zst": lambda: zstandard.compress(tar_of({"x/a.txt": numbered(1).encode(), "b.txt": numbered(2).encode()})),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archive_gives_its_files_in_its_order(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(ARCHIVES[name]())
    found = articles(tmp_path)
    assert [article.source for article in found] == [f"{name}/x/a.txt", f"{name}/b.txt"]
    assert [article.text for article in found] == [numbered(1), numbered(2)]


@pytest.mark.parametrize("compress, ending", [(gzip.compress, "gz"), (zstandard.compress, "zst")])
def test_compressed_file_is_read_by_the_name_below(tmp_path: Path, compress, ending: str) -> None:  # type: ignore[no-untyped-def]
    rows = "".join(json.dumps({"id": n, "body": numbered(n)}) + "\n" for n in range(3))
    (tmp_path / f"r.jsonl.{ending}").write_bytes(compress(rows.encode()))
    found = articles(tmp_path)
    assert [(a.doc_id, a.source) for a in found] == [(str(n), f"r.jsonl.{ending}#{n + 1}") for n in range(3)]


def test_gzip_of_several_members_is_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "r.txt.gz").write_bytes(gzip.compress(BODY[:50].encode()) + gzip.compress(BODY[50:].encode()))
    assert articles(tmp_path)[0].text == BODY


def test_archive_in_an_archive_is_read(tmp_path: Path) -> None:
    inner = zip_of({"a.txt": numbered(1).encode()})
    (tmp_path / "r.zip").write_bytes(zip_of({"inner.zip": inner, "b.txt.gz": gzip.compress(BODY.encode())}))
    assert [a.source for a in articles(tmp_path)] == ["r.zip/inner.zip/a.txt", "r.zip/b.txt.gz"]


def test_standard_input_is_json_lines_or_text(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, sources in [
        (f'\n{{"text": {json.dumps(BODY)}, "doc_id": "x"}}\n'.encode(), ["-#2"]),
        (json.dumps([{"text": BODY}, {"text": BODY + "!"}]).encode(), ["-#1", "-#2"]),
        (BODY.encode(), ["-"]),
    ]:
        stdin = io.TextIOWrapper(io.BytesIO(data))
        monkeypatch.setattr("sys.stdin", stdin)
        assert [article.source for article in articles("-")] == sources


def test_hidden_and_foreign_files_are_skipped_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "a.txt").write_text(BODY)
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (tmp_path / "style.css").write_text("a {}")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "r.zip").write_bytes(zip_of({"__MACOSX/._a.txt": b"x", "a.txt": BODY.encode()}))
    found = list(read_archive([tmp_path]))
    assert [(s.source, s.reason) for s in found if isinstance(s, ReadSkip)] == [
        (".DS_Store", "hidden"),
        ("__MACOSX", "hidden"),
        ("photo.jpg", "file type"),
        ("r.zip/__MACOSX/._a.txt", "hidden"),
        ("style.css", "file type"),
    ]
    assert [a.source for a in found if isinstance(a, Article)] == ["r.zip/a.txt"]


def test_article_in_another_language_is_skipped_with_it(tmp_path: Path) -> None:
    german = (
        "Die Hochschule und die Universität haben eine Vereinbarung über den Austausch von Studierenden"
        " unterzeichnet, die im Herbst in Kraft tritt. "
    )
    (tmp_path / "a.txt").write_text(german * 3)
    (tmp_path / "b.txt").write_text(f"{BODY} {BODY}\n\n{german}")
    (tmp_path / "c.txt").write_text("MoU signed")
    first, second, third = read_archive([tmp_path])
    assert first == ReadSkip("a.txt", "language", language="de")
    assert isinstance(second, Article) and second.language == "en"
    assert isinstance(third, Article) and third.language is None


def test_languages_to_keep_are_a_setting(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Les deux universités ont signé un accord de coopération sur l'échange d'étudiants.")
    assert articles(tmp_path, languages=("en", "fr"))[0].language == "fr"
    assert articles(tmp_path, languages=())[0].language == "fr"


def test_repeated_article_is_skipped_and_a_reused_id_is_a_fault(tmp_path: Path) -> None:
    rows = [{"id": "x", "text": BODY}, {"id": "x", "text": BODY}, {"id": "x", "text": BODY + " More."}]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, rows)))
    first, again, other = read_archive([tmp_path])
    assert isinstance(first, Article)
    assert again == ReadSkip("r.jsonl#2", "duplicate", detail="the same as r.jsonl#1")
    assert isinstance(other, ReadFault)
    assert other.source == "r.jsonl#3"
    assert other.message == "duplicate id 'x': first seen with another text in r.jsonl#1"


def test_equal_texts_under_their_own_ids_are_both_kept(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text("\n".join(json.dumps({"id": i, "text": BODY}) for i in "ab"))
    assert [a.doc_id for a in articles(tmp_path)] == ["a", "b"]


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    for n in range(5):
        (tmp_path / f"{n}.txt").write_text(numbered(n))
    assert list(read_archive([tmp_path])) == list(read_archive([tmp_path]))


def test_path_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: .*nowhere"):
        read_archive([tmp_path / "nowhere"])


def test_articles_stream_one_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(json.dumps({"text": BODY}) + "\n{broken")
    assert isinstance(next(read_archive([tmp_path])), Article)
