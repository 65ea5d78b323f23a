"""The custom attributes of Docs, registered once.

Given to a Doc before the pipeline runs (all optional): doc._.published (EDTF), doc._.title, doc._.url, doc._.left_out (sorted
character spans that extraction leaves out). Written by the components: doc._.organizations, people, dates, areas, events,
partnerships: lists of the dataclasses of pipeline.schema, empty before the component ran.
"""

from __future__ import annotations

from spacy.tokens import Doc

INPUTS = {"published": None, "title": None, "url": None, "left_out": ()}
TEXT = "coop_text"  # key in doc.user_data
FIELDS = ("organizations", "people", "dates", "areas", "events", "partnerships")


def register() -> None:
    """Make the attributes known to spaCy; a second call changes nothing."""
    for name, default in INPUTS.items():
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=default)
    for name in FIELDS:
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=[])


def text_of(doc: Doc) -> str:
    """doc.text, put together once: spaCy joins the tokens at every call, which a long article feels."""
    text = doc.user_data.get(TEXT)
    if text is None:
        text = doc.user_data[TEXT] = doc.text
    return str(text)


register()
