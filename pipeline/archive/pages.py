"""HTML -> raw articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from pipeline.archive.containers import Member
from pipeline.archive.encoding import decode
from pipeline.archive.items import ReadOptions
from pipeline.archive.raw import Raw
from pipeline.archive.streams import read_all, time_limit
from pipeline.archive.texts import note_encoding
from pipeline.errors import ArticleError

LANG = re.compile(r"""<html\b[^>]{0,500}?\blang\s?=\s?["']?([A-Za-z]{2,3})\b""", re.I)
DATE_SEARCH = {  # only what the page says of itself: a guess from its words would be taken for a fact
    "original_date": True,
    "extensive_search": False,
    "max_date": "2100-01-01",  # its own default is today, and the same page would read differently tomorrow
}
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
UNSEEN = frozenset(["script", "style", "noscript", "template", "title", "svg", "textarea"])
TAG_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")


def read_html(member: Member, options: ReadOptions) -> Iterator[Raw]:
    """Give the article of a page, its text as trafilatura finds it."""
    with member.open() as stream:
        data = read_all(stream, options.max_page_bytes)
    html, encoding = decode(data, options.encoding, declared=True)
    raw = read_page(html, member.source, max_parse_s=options.max_parse_s)
    note_encoding(raw, encoding)
    yield raw


def read_page(html: str, source: str, url: str | None = None, *, max_parse_s: float | None = None) -> Raw:
    """Give text and metadata of a page; its title is the first line of the text, as a reader sees it.

    ArticleError where the page has no text, or takes longer than max_parse_s.
    """
    import trafilatura

    # a NUL in a page is no character of it (HTML standard), and lxml stops reading there
    page = html.replace("\0", "\ufffd")
    try:
        with time_limit(max_parse_s):
            found = trafilatura.bare_extraction(
                page,
                url=url,
                with_metadata=True,
                include_comments=False,
                date_extraction_params=dict(DATE_SEARCH),
            )
    except ArticleError:
        raise
    # the trees of broken pages bring out what can't be listed; the page is then read as a whole
    except Exception:
        found = None
    if found is None or isinstance(found, dict) or not (found.text or "").strip():
        text = read_all_text(page)
        if not text:
            raise ArticleError("the page has no text")
        return Raw(source, text, url=url, meta={"text_from": "the whole page"})
    text, title = (found.text or "").strip(), (found.title or "").strip() or None
    if title and simplify(title) not in simplify(text[: 2 * len(title) + 200]):
        text = f"{title}\n\n{text}"
    raw = Raw(source, text, title=title, url=found.url or url, issuer=found.sitename or None)
    if found.date:
        raw.published, raw.published_from = found.date, "page"
    if found.author:
        raw.meta["author"] = found.author
    if match := LANG.search(page[:5000]):
        raw.language = match.group(1).lower()
    return raw


def simplify(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def read_all_text(page: str) -> str:
    """Give all that a page shows, for one that a parser gives up on (nested 10,000 deep, say).

    It splits at "<" and knows no tree, so that its time grows with the page's length only.
    """
    before, *pieces = page.split("<")
    shown = [before]
    hidden = ""  # what has to come before anything is shown again
    for piece in pieces:
        tag, _, text = piece.partition(">")
        if hidden:
            if not (piece.lower().startswith(hidden) if hidden[0] == "/" else hidden in piece):
                continue
            text = piece.partition(">" if hidden[0] == "/" else hidden)[2]
            hidden = ""
        elif piece.startswith("!--"):
            if "-->" not in piece:
                hidden = "-->"
                continue
            text = piece.partition("-->")[2]
        elif match := TAG_NAME.match(tag):
            name = match.group(1).lower()
            if name in UNSEEN and not tag.startswith("/"):
                hidden = "/" + name
                continue
            shown.append("\n" if name in BLOCKS else "")
        shown.append(text)
    lines = (" ".join(line.split()) for line in unescape("".join(shown)).split("\n"))
    return "\n".join(line for line in lines if line)
