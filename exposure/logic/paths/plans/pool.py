"""Ways that a plan must break, collected over all rounds: they hold for every budget."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.draws import BLOCK
from exposure.logic.paths.graph import I64
from exposure.logic.paths.plans.sample import Sample, Ways

Cut = frozenset[int]
"""Numbers of edits of which one must be made, or the line is lost in that world."""


class Pool:
    """The cuts known for each (world, line), equal ones merged.

    A (world, line) without a cut has no known way and counts nothing. One with an
    empty cut is lost whatever is done.
    """

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        lines = len(sample.graph.target)
        self._group: I64 = np.zeros((sample.blocks, lines, BLOCK), np.int64)
        self._cuts: dict[Cut, int] = {}
        self._listed: list[Cut] = []
        self._sets: list[frozenset[Cut]] = [frozenset()]
        self._number = {frozenset[Cut](): 0}
        self._loss: dict[frozenset[int], float] = {}

    def look(self, chosen: Collection[int]) -> float:
        """Add a way for each line and world that `chosen` leaves open.

        Returns the sum of points x worlds in which a line is then lost.
        """
        key = frozenset(chosen)
        if key not in self._loss:
            loss = 0.0
            for block, ways in enumerate(self._sample.ways(key)):
                counts = np.bitwise_count(ways.lost).sum(axis=1, dtype=np.int64)
                loss += float(counts @ self._sample.graph.points)
                self._add(block, ways)
            self._loss[key] = loss  # the second time no way would be new
        return self._loss[key]

    def groups(self) -> list[tuple[frozenset[Cut], float]]:
        """Return each set of cuts with the points x worlds that hang on it."""
        points = self._sample.graph.points
        weights = np.zeros(len(self._sets))
        for block in self._group:
            for line, row in enumerate(block):
                counts = np.bincount(row, minlength=len(self._sets))
                weights += counts * points[line]
        return [
            (self._sets[number], float(weights[number]))
            for number in np.flatnonzero(weights)
            if self._sets[number]
        ]

    def needed(self, chosen: frozenset[int]) -> frozenset[int]:
        """Return changes of a set that it cannot do without, for all that is known."""
        found: set[int] = set()
        for cuts, _ in self.groups():
            met = [cut & chosen for cut in cuts]
            if all(met):
                found.update(next(iter(each)) for each in met if len(each) == 1)
        return frozenset(found)

    def _add(self, block: int, ways: Ways) -> None:
        lost = _lanes(ways.lost)
        found = np.full(lost.shape, -1, np.int64)
        rows, which = np.unique(ways.cuts[lost], axis=0, return_inverse=True)
        numbers = [self._cut(_members(row)) for row in rows]
        if numbers:
            found[lost] = np.array(numbers, np.int64)[which.reshape(-1)]
        size = len(self._listed) + 1
        both = self._group[block] * size + found + 1
        pairs, which = np.unique(both, return_inverse=True)
        merged = [
            self._merged(int(pair) // size, int(pair) % size - 1) for pair in pairs
        ]
        self._group[block] = np.array(merged, np.int64)[which.reshape(both.shape)]

    def _cut(self, edits: Cut) -> int:
        number = self._cuts.setdefault(edits, len(self._listed))
        if number == len(self._listed):
            self._listed.append(edits)
        return number

    def _merged(self, group: int, cut: int) -> int:
        if cut < 0:
            return group
        edits, known = self._listed[cut], self._sets[group]
        if any(other <= edits for other in known):
            return group  # what meets the other meets this one
        merged = frozenset({*(other for other in known if not edits <= other), edits})
        number = self._number.setdefault(merged, len(self._sets))
        if number == len(self._sets):
            self._sets.append(merged)
        return number


def _lanes(words: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return bits as flags: [lines, words] to [lines, worlds]."""
    flags = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")
    return flags.astype(np.bool_)


def _members(row: NDArray[np.uint64]) -> Cut:
    """Return the numbers of the bits that are set."""
    flags = np.unpackbits(row.view(np.uint8), bitorder="little")
    return frozenset(int(place) for place in np.flatnonzero(flags))
