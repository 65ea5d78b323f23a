"""An article between file and Article: what a reader of one format found, not yet checked."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Raw:
    """What one file, row or record says; published is as it was written."""

    source: str
    text: str
    doc_id: str | None = None
    title: str | None = None
    published: object = None
    published_from: str = ""
    url: str | None = None
    issuer: str | None = None
    language: str | None = None
    meta: dict[str, str] = field(default_factory=dict)
