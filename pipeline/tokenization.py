"""English tokens for text from the web: what is glued together by dashes, brackets, slashes and Markdown is taken apart."""

from __future__ import annotations

from typing import Any

import spacy
from spacy.language import Language
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

GLUE = (
    r"--+", r"[()\[\]{}|*]", r"[–—]", r"(?<=[A-Za-z.])/(?=[A-Z])", r"[“”«»]",
    r"(?<=[A-Za-z])[.](?=[A-Z][a-z])", r"(?<=\.)-(?=[A-Z])", r"(?<=[a-z.)])[:;](?=[A-Za-z])",
)  # fmt: skip
EDGE = (r"--+", r"[*_|/>#«»·•●▪]")


def make_blank() -> Language:
    """A blank English pipeline with these tokens; saved pipelines carry the rules."""
    nlp = spacy.blank("en")
    defaults = nlp.Defaults
    tokenizer: Any = nlp.tokenizer  # spaCy types it as any function that makes a Doc
    tokenizer.infix_finditer = compile_infix_regex([*GLUE, *(defaults.infixes or ())]).finditer
    tokenizer.prefix_search = compile_prefix_regex([*EDGE, *(defaults.prefixes or ())]).search
    tokenizer.suffix_search = compile_suffix_regex([*EDGE, *(defaults.suffixes or ())]).search
    return nlp
