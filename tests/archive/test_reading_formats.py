"""What each file format gives: text, and the metadata beside it."""

from __future__ import annotations

import datetime
import gzip
import importlib
import io
import json
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from pipeline.archive import Article, ReadFault, ReadOptions, ReadSkip, read_archive
from pipeline.archive.json_values import read_values

BODY = (
    "The University of Lusaka and the Institute of Technology in Turku signed a memorandum on Monday."
    " They will exchange students and teachers from next year on."
)


def read_one(path: Path, **options: object) -> Article:
    [found] = [a for a in read_archive([path], options=ReadOptions(**options)) if not isinstance(a, ReadSkip)]  # type: ignore[arg-type]
    assert isinstance(found, Article), found
    return found


def test_front_matter_is_read_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f'---\ntitle: "Two sign"\ndate: 2021-03-03T10:00:00\nurl: https://e.org/1\ntags:\n  - x\n---\n\n# Two sign\n\n{BODY}\n')
    article = read_one(path)
    assert article.text == f"# Two sign\n\n{BODY}\n"
    assert (article.title, article.published, article.url) == ("Two sign", "2021-03-03", "https://e.org/1")


def test_markdown_without_front_matter_stays_as_it_is(tmp_path: Path) -> None:
    for text in (f"---\n{BODY}\n", f"# Two universities sign\n\n---\ntitle: x\n---\n{BODY}"):
        (tmp_path / "a.md").write_text(text)
        assert read_one(tmp_path / "a.md").text == text


@pytest.mark.parametrize("name", ["a.json", "a.meta.json"])
def test_sidecar_describes_the_text_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_text(BODY)
    (tmp_path / name).write_text(json.dumps({"id": "r1", "title": "T", "date": "3 March 2021", "publisher": "UL"}))
    article = read_one(tmp_path)
    assert (article.doc_id, article.title, article.published, article.issuer) == ("r1", "T", "2021-03-03", "UL")
    assert article.meta["published_from"] == "sidecar"


def test_json_beside_a_text_that_has_a_text_is_an_article_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY)
    (tmp_path / "a.json").write_text(json.dumps({"text": BODY + " Really.", "date": "2021-03-03"}))
    assert [a.source for a in read_archive([tmp_path]) if isinstance(a, Article)] == ["a.json#1", "a.txt"]


PAGE = """<!doctype html><html lang="en"><head><title>Two universities sign | News</title>
<meta property="og:title" content="Two universities sign a memorandum">
<meta property="article:published_time" content="2021-03-03T23:30:00-05:00">
<meta property="og:site_name" content="University of Lusaka"><link rel="canonical" href="https://ul.edu/n/1">
</head><body><nav><a href="/">Home</a> <a href="/n">News</a></nav><article><p>BODY</p>
<p>The two rectors were pleased, and said so at some length in front of the guests who had come.</p></article>
<script>var x = "never";</script><footer>Imprint</footer></body></html>""".replace("BODY", BODY)


def test_page_gives_text_and_metadata(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    article = read_one(tmp_path)
    assert article.text.startswith("Two universities sign a memorandum\n\nThe University of Lusaka")
    assert "never" not in article.text and "Imprint" not in article.text
    assert article.title == "Two universities sign a memorandum"
    assert (article.published, article.url) == ("2021-03-03", "https://ul.edu/n/1")
    assert (article.issuer, article.language) == ("University of Lusaka", "en")


def test_declared_encoding_of_a_page_is_believed(tmp_path: Path) -> None:
    page = PAGE.replace("<head>", '<head><meta charset="windows-1251">').replace("Turku", "Turku (Турку)")
    (tmp_path / "a.html").write_bytes(page.encode("cp1251"))
    article = read_one(tmp_path)
    assert "(Турку)" in article.text and article.meta["encoding"] == "windows-1251"


ROWS = [{"uid": "r1", "headline": "T1", "pubDate": "2021-03-03", "Body": BODY, "link": "https://e.org/1"}]


def test_columns_are_guessed_from_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ROWS))
    article = read_one(tmp_path)
    assert (article.doc_id, article.title, article.published, article.url, article.text) == (
        "r1", "T1", "2021-03-03", "https://e.org/1", BODY,
    )  # fmt: skip


def test_columns_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "no", "x": BODY, "when": "3/4/2021", "nr": 7}))
    article = read_one(tmp_path, text_field="x", date_field="when", id_field="nr", day_first=True)
    assert (article.text, article.published, article.doc_id) == (BODY, "2021-04-03", "7")


def test_our_own_records_are_read_without_options(tmp_path: Path) -> None:
    record = {"doc_id": "d1", "text": BODY, "published": "2022-01-13", "title": "T", "source": "x", "language": "en"}
    (tmp_path / "documents.jsonl").write_text(json.dumps(record | {"orgs": [], "people": []}))
    article = read_one(tmp_path)
    assert (article.doc_id, article.published, article.title, article.text) == ("d1", "2022-01-13", "T", BODY)
    assert article.issuer is None


@pytest.mark.parametrize("wrap", ["articles", "items", "results"])
def test_list_in_an_object_is_read(tmp_path: Path, wrap: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"count": 1, wrap: ROWS}))
    assert read_one(tmp_path).doc_id == "r1"


def test_json_file_may_hold_one_object_or_lines(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ROWS[0], indent=2))
    assert read_one(tmp_path).doc_id == "r1"
    (tmp_path / "a.json").write_text("\n".join(json.dumps(ROWS[0] | {"uid": i}) for i in "abc"))
    assert [a.doc_id for a in read_archive([tmp_path]) if isinstance(a, Article)] == ["a", "b", "c"]


def test_json_array_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.archive.json_values.CHUNK_CHARS", 3)
    values = [{"a": "]," * 20, "b": [1, [2]]}, 12345, "x" * 50, None, [], {"c": "\u20ac\n"}]
    for text in (json.dumps(values), json.dumps(values, indent=1), "\n".join(map(json.dumps, values))):
        stream = io.BufferedReader(io.BytesIO(text.encode()))  # type: ignore[arg-type]
        assert list(read_values(stream, ReadOptions())) == values


@pytest.mark.parametrize("name, delimiter", [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_delimited_table_is_read(tmp_path: Path, name: str, delimiter: str) -> None:
    quoted = '"' + BODY.replace("signed", '""signed""') + '\r\nSecond line"'
    row = delimiter.join(["r1", "2021-03-03", quoted])
    (tmp_path / name).write_bytes(("\ufeff" + delimiter.join(["id", "date", "Full Text"]) + "\r\n" + row + "\r\n").encode())
    article = read_one(tmp_path)
    assert article.text == BODY.replace("signed", '"signed"') + "\nSecond line"
    assert (article.doc_id, article.source, article.published) == ("r1", f"{name}#2", "2021-03-03")


def test_parquet_is_read_row_group_by_row_group(tmp_path: Path) -> None:
    table = pyarrow.table(
        {"id": [1, 2, 3], "content": [BODY, None, BODY + "!"], "date": [datetime.date(2021, 3, 3)] * 3, "other": [b"x"] * 3}
    )
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=1)
    first, none, last = read_archive([tmp_path])
    assert isinstance(first, Article) and (first.doc_id, first.published) == ("1", "2021-03-03")
    assert isinstance(none, ReadFault) and none.source == "a.parquet#2"
    assert isinstance(last, Article) and last.source == "a.parquet#3"


def test_parquet_in_an_archive_is_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    parquet.write_table(pyarrow.table({"text": [BODY]}), stream)
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress(stream.getvalue()))
    assert read_one(tmp_path).text == BODY


def test_web_archive_gives_its_pages(tmp_path: Path) -> None:
    warcwriter = pytest.importorskip("warcio.warcwriter")
    from warcio.statusandheaders import StatusAndHeaders

    with open(tmp_path / "a.warc.gz", "wb") as stream:
        writer = warcwriter.WARCWriter(stream, gzip=True)
        for status, kind, payload in [("200 OK", "text/html", PAGE), ("200 OK", "image/png", "x"), ("404 Gone", "text/html", "x")]:
            headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.0")
            record = writer.create_warc_record("https://ul.edu/n/1", "response", payload=io.BytesIO(payload.encode()), http_headers=headers)
            writer.write_record(record)
    page, image, gone = read_archive([tmp_path])
    assert isinstance(page, Article)
    assert (page.source, page.url, page.published) == ("a.warc.gz#1", "https://ul.edu/n/1", "2021-03-03")
    assert isinstance(image, ReadSkip) and image.reason == "not a page"
    assert isinstance(gone, ReadSkip)


def test_word_file_gives_paragraphs_and_tables(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("Two universities sign a memorandum")
    document.add_paragraph(BODY)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Lusaka", "Turku"
    document.save(tmp_path / "a.docx")
    article = read_one(tmp_path)
    assert article.text == f"Two universities sign a memorandum\n{BODY}\nLusaka\tTurku"
    assert article.title == "Two universities sign a memorandum"


def make_pdf(text: str) -> bytes:
    """Write a PDF of one page by hand."""
    content = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start


def test_pdf_gives_its_text(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    (tmp_path / "a.pdf").write_bytes(make_pdf(BODY))
    assert read_one(tmp_path).text == BODY


@pytest.mark.parametrize(
    "name, module, extra", [("a.pdf", "pypdf", "pdf"), ("a.docx", "docx", "docx"), ("a.warc", "warcio.archiveiterator", "warc")]
)
def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str, extra: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    real = importlib.import_module

    def without(wanted: str, package: str | None = None) -> object:
        if wanted == module:
            raise ImportError(wanted)
        return real(wanted, package)

    monkeypatch.setattr("pipeline.archive.documents.importlib.import_module", without)
    [found] = read_archive([tmp_path])
    assert isinstance(found, ReadFault)
    assert found.error == "MissingExtraError" and f"coopfacts[{extra}]" in found.message
