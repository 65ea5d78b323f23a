"""Gold documents <-> the formats of annotation tools (Label Studio, doccano, Prodigy) and spaCy's DocBin."""

from pipeline.interchange.docbin import make_docbin, make_gold_doc
from pipeline.interchange.files import TOOLS, export_file, import_file
from pipeline.interchange.regions import Annotated, Link, Region, put_together, take_regions, to_document

__all__ = [
    "TOOLS",
    "Annotated",
    "Link",
    "Region",
    "export_file",
    "import_file",
    "make_docbin",
    "make_gold_doc",
    "put_together",
    "take_regions",
    "to_document",
]
