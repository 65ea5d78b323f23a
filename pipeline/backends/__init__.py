"""Engines that run steps: run(step, parts, ...) gives the rows of every part, in the order of the parts, whatever the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item", contravariant=True)
Row = TypeVar("Row")


class Step(Protocol[Item, Row]):
    """What an engine runs: plain values in, plain values out. A step can be pickled; what it needs it loads in prepare()."""

    def prepare(self) -> object:
        """Load what every call needs: called once a process, before the first call."""

    def __call__(self, items: Sequence[Item], /) -> list[Row]:
        """Give one row an item, in their order; the row of an item depends on that item alone."""
        ...

    def lost(self, item: Item, reason: str, /) -> Row:
        """Give the row of an item that ended the process it was worked on in."""
        ...
