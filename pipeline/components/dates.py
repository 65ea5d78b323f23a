"""Dates of an article: calendar expressions of the grammar, resolved from the day of publication."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.components import attributes
from pipeline.components.attributes import text_of
from pipeline.dates import bounds, find_expressions, resolve
from pipeline.schema import DateMention

attributes.register()


@Language.factory("dates", assigns=["doc._.dates"])
def make_dates(nlp: Language, name: str) -> "Dates":
    return Dates()


class Dates:
    """Set doc._.dates, in text order, from doc.text and doc._.published; nothing in doc._.left_out but footers' own dates."""

    def __call__(self, doc: Doc) -> Doc:
        doc._.dates = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[DateMention]:
        text = text_of(doc)
        found = []
        for mention in resolve(find_expressions(text), text, doc._.published):
            earliest, latest = bounds(mention.value)
            found.append(DateMention(mention.text, mention.start, mention.end, mention.value, earliest, latest, mention.basis))
        return found
