"""WARC, PDF and Word files -> raw articles, where the packages for them are installed."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Iterator
from typing import Any

from pipeline.archive.containers import Member
from pipeline.archive.encoding import decode
from pipeline.archive.items import ReadFault, ReadOptions, ReadSkip, fault
from pipeline.archive.pages import read_page
from pipeline.archive.raw import Raw
from pipeline.archive.streams import archive_errors, read_all, seekable, time_limit
from pipeline.archive.texts import note_encoding
from pipeline.errors import ArchiveError, ArticleError, MissingExtraError


def need(module: str, extra: str) -> Any:
    """Import a package that an extra brings."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError(f"reading .{extra} needs a package that isn't installed: pip install 'coopfacts[{extra}]'") from None


def read_warc(member: Member, options: ReadOptions) -> Iterator[Raw | ReadFault | ReadSkip]:
    """Give the pages of a web archive: responses of status 200 that are HTML. Records count from 1."""
    iterator = need("warcio.archiveiterator", "warc")
    with member.open() as stream:
        try:
            for number, record in enumerate(iterator.ArchiveIterator(stream), 1):
                if record.rec_type in ("response", "resource"):
                    yield read_record(record, f"{member.source}#{number}", options)
        except ArchiveError:
            raise
        # warcio raises AttributeError and more for records that lack a header
        except Exception as error:
            raise ArchiveError(f"damaged web archive: {type(error).__name__}: {error}") from None


def read_record(record: Any, source: str, options: ReadOptions) -> Raw | ReadFault | ReadSkip:
    """Give the page of one record of a web archive."""
    url = record.rec_headers.get_header("WARC-Target-URI")
    headers = record.http_headers if record.rec_type == "response" else record.rec_headers
    content_type = (headers.get_header("Content-Type") or "").lower() if headers is not None else ""
    status = headers.get_statuscode() if record.rec_type == "response" and headers is not None else "200"
    if "html" not in content_type or status != "200":
        return ReadSkip(source, "not a page", detail=f"{status} {content_type}".strip()[:100])
    try:
        data = read_all(record.content_stream(), options.max_page_bytes)
        html, encoding = decode(data, options.encoding, declared=True)
        raw = read_page(html, source, url, max_parse_s=options.max_parse_s)
    except (ArchiveError, ArticleError) as error:
        return fault(source, error)
    note_encoding(raw, encoding)
    raw.url = url or raw.url
    if crawled := record.rec_headers.get_header("WARC-Date"):
        raw.meta["crawled"] = crawled
    return raw


def read_pdf(member: Member, options: ReadOptions) -> Iterator[Raw]:
    """Give the one article of a PDF file, its pages parted by empty lines."""
    pypdf = need("pypdf", "pdf")
    with member.open() as stream, seekable(stream) as file:
        try:
            pages: list[str] = []
            with time_limit(options.max_parse_s):
                reader = pypdf.PdfReader(file)
                if reader.is_encrypted and not reader.decrypt(""):
                    raise ArticleError("the PDF file is encrypted")
                size = 0
                for page in reader.pages:
                    pages.append(page.extract_text().strip())
                    size += len(pages[-1])
                    if size > options.max_article_chars:
                        break  # too long is told where all texts are measured
                title = reader.metadata.title if reader.metadata is not None else None
        except (ArchiveError, ArticleError):
            raise
        # a broken file comes out of the parser as anything from KeyError to RecursionError
        except Exception as error:
            raise ArchiveError(f"damaged PDF file: {type(error).__name__}: {error}") from None
    text = "\n\n".join(page for page in pages if page)
    if not text:
        raise ArticleError("the PDF file has no text: its pages may be pictures")
    yield Raw(member.source, text, title=title if title and len(title.split()) > 2 else None)


def read_docx(member: Member, options: ReadOptions) -> Iterator[Raw]:
    """Give the one article of a Word file: paragraphs and table rows in their order."""
    docx = need("docx", "docx")
    with member.open() as stream, seekable(stream) as file:
        with archive_errors(), zipfile.ZipFile(file) as packed:
            if (size := sum(info.file_size for info in packed.infolist())) > options.max_word_bytes:
                raise ArchiveError(f"unpacks to {size:,} bytes, expected {options.max_word_bytes:,} at most")
        file.seek(0)
        try:
            lines: list[str] = []
            with time_limit(options.max_parse_s):
                document = docx.Document(file)
                for block in document.iter_inner_content():
                    if hasattr(block, "rows"):
                        lines.extend("\t".join(cell.text for cell in row.cells) for row in block.rows)
                    else:
                        lines.append(block.text)
                title = document.core_properties.title
        except ArticleError:
            raise
        # as for PDF: what a broken file raises can't be listed
        except Exception as error:
            raise ArchiveError(f"damaged Word file: {type(error).__name__}: {error}") from None
    yield Raw(member.source, "\n".join(lines), title=title or None)
