"""Things that are joined two by two -> groups."""

from __future__ import annotations


class Groups:
    """Groups of the numbers from 0 to count - 1, at first each alone."""

    def __init__(self, count: int) -> None:
        self._leaders = list(range(count))

    def root(self, i: int) -> int:
        """The member that stands for the group of i."""
        leaders = self._leaders
        while leaders[i] != i:
            leaders[i] = leaders[leaders[i]]
            i = leaders[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Make the groups of i and j one, for which the root of j stands."""
        self._leaders[self.root(i)] = self.root(j)
