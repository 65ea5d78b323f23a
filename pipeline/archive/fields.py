"""Which column or key of a table is the text, the title, the date …"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

from pipeline.archive.items import ReadOptions
from pipeline.errors import ArchiveError

# surer names first; compared in lower case, letters and digits only
NAMES = {
    "text": "text body content article fulltext articletext bodytext maintext articlebody contenttext plaintext"
    " textbody newstext presstext releasetext pressrelease story rawtext cleantext cleanedtext articlecontent"
    " markdown document",
    "title": "title headline heading articletitle newstitle subject headlines",
    "date": "published date publisheddate publicationdate publishedat publishedon datepublished pubdate"
    " publishdate publishedtime publishtime postedon posteddate dateposted releasedate dateofpublication"
    " datetime timestamp pubtime createdat created day time",
    "doc_id": "docid id uid uuid articleid documentid guid newsid identifier key",
    "url": "url link href sourceurl articleurl pageurl permalink canonicalurl weburl uri address",
    "issuer": "issuer publisher sitename outlet newspaper agency organization organisation newsoutlet",
    "language": "language lang languagecode",
}
OPTION = {"text": "text_field", "title": "title_field", "date": "date_field", "doc_id": "id_field", "url": "url_field"}
WRAPPERS = ("articles", "documents", "releases", "records", "items", "results", "data", "rows", "entries", "news")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns that hold the fields of an article; None: there is none."""

    text: str | None
    title: str | None
    date: str | None
    doc_id: str | None
    url: str | None
    issuer: str | None
    language: str | None

    def names(self) -> list[str]:
        """Give the columns to read."""
        return [name for f in fields(self) if (name := getattr(self, f.name)) is not None]


def simplify(name: str) -> str:
    """Give a column's name as it is compared: "Full_Text " is fulltext."""
    return "".join(c for c in name.casefold() if c.isalnum())


@lru_cache(maxsize=16)  # files have few sets of columns, and a hostile one may have millions of names
def choose_columns(found: tuple[str, ...], options: ReadOptions) -> Columns:
    """Choose columns by the names in the options, else by the names they bear."""
    by_simple = {simplify(name): name for name in reversed(found)}
    chosen: dict[str, str | None] = {}
    for field, names in NAMES.items():
        wanted = getattr(options, OPTION[field]) if field in OPTION else None
        if wanted is not None:
            chosen[field] = wanted if wanted in found else None
        else:
            chosen[field] = next((by_simple[name] for name in names.split() if name in by_simple), None)
    return Columns(**chosen)


def explain_no_text(found: Iterable[str], options: ReadOptions) -> ArchiveError:
    """Make the error for a table in which no column holds the text."""
    names = sorted(str(name) for name in found)
    shown = ", ".join(repr(name[:60]) for name in names[:20]) + (", …" if len(names) > 20 else "")
    if options.text_field is not None:
        wanted = f"expected {options.text_field!r}, as the text field option says"
    else:
        wanted = "expected one named text, body, content or article; name it with the text field option"
    return ArchiveError(f"no column holds the text: found {shown or 'none'}; {wanted}")


def as_text(value: object) -> str | None:
    """Give a cell as text: strings as they are, lists of strings as paragraphs, numbers as printed."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n\n".join(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def unwrap(value: Mapping[str, object], options: ReadOptions) -> list[Mapping[str, object]] | None:
    """Give the rows of {"articles": [{…}, …]} and its like; None where it isn't one."""
    if choose_columns(tuple(value), options).text is not None:
        return None
    for name, inner in value.items():
        if simplify(name) in WRAPPERS and isinstance(inner, list) and inner and all(isinstance(row, dict) for row in inner):
            return inner
    return None
