"""Files -> articles."""

from pipeline.archive.items import Article, ReadFault, ReadOptions, ReadSkip, make_doc_id
from pipeline.archive.reading import read_archive
from pipeline.archive.stores import is_address

__all__ = ["Article", "ReadFault", "ReadOptions", "ReadSkip", "is_address", "make_doc_id", "read_archive"]
