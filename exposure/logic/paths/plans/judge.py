"""What sets of changes are worth in worlds in which nobody planned."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.edits import Edit, table_of
from exposure.logic.paths.graph import F64, SOURCE, U64, Graph
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.gains import Forest
from exposure.logic.paths.kernels.removed import Table, gains
from exposure.logic.paths.kernels.shift import shift
from exposure.logic.paths.worlds import counted, fixpoint, moves_of

EVERY_ROW = slice(None)


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What each change removes, and how often each line is lost, as shares of worlds.

    By number of change: `alone`, and `more` on top of all that are made. In the
    `order` they are made in: `removed`, each after those before it.
    """

    alone: F64
    order: list[int]
    removed: list[float]
    more: F64
    reach_before: list[float]
    reach: list[float]


class Judge:
    """Counts in many worlds, with the draws of an analysis of the same seed.

    Memory is that of one block of 512 worlds: each is drawn again for each question.
    """

    def __init__(
        self, graph: Graph, edits: Sequence[Edit], *, seed: int, worlds: int
    ) -> None:
        self._ground = Ground(graph, seed=seed, worlds=worlds)
        self._table, self._moves = table_of(graph, edits), moves_of(graph)
        self._known: dict[frozenset[int], float] = {}

    def exposure(self, chosen: Collection[int]) -> float:
        """Return the exposure that is left, in units."""
        key = frozenset(chosen)
        if key not in self._known:
            self._known[key] = self._exposure(sorted(key))
        return self._known[key]

    def weigh(self, in_order: Callable[[F64], list[int]]) -> Weighed:
        """Weigh the changes that `in_order` names, given what each removes alone."""
        ground, worlds = self._ground, self._ground.worlds
        changes = len(self._table.ptr) - 1
        alone, more = np.zeros(changes), np.zeros(changes)
        before, after = np.zeros((2, len(ground.graph.target)), np.int64)
        for block in ground.blocks:
            forest = ground.forest(block, ground.true(block))
            before += counted(forest.held[ground.graph.target])
            self._add_gains(forest, self._gone(block), alone)
        alone /= worlds
        order = in_order(alone)
        losses = np.zeros(len(order) + 1)
        for block in ground.blocks:
            forest = ground.forest(block, ground.true(block))
            gone = self._gone(block)
            losses[0] += ground.points(forest)
            for number, place in enumerate(order, start=1):
                span = slice(self._table.ptr[place], self._table.ptr[place + 1])
                causes = self._table.cause[span]
                true = forest.true[causes] & ~gone[span]
                shift(ground.net, forest, ground.desk, causes, true)
                losses[number] += ground.points(forest)
            after += counted(forest.held[ground.graph.target])
            self._add_gains(forest, gone, more)
        return Weighed(
            alone=alone,
            order=order,
            removed=(-np.diff(losses / worlds)).tolist(),
            more=more / worlds,
            reach_before=(before / worlds).tolist(),
            reach=(after / worlds).tolist(),
        )

    def _add_gains(self, forest: Forest, gone: U64, removed: F64) -> None:
        changes = Table(self._table.ptr, self._table.cause, gone)
        gains(self._ground.net, forest, self._ground.desk, changes, removed)

    def _gone(self, block: int, rows: Sequence[int] | slice = EVERY_ROW) -> U64:
        """Return the worlds of a block in which rows of the table end their cause."""
        key, keep = self._table.key[rows], self._table.keep[rows]
        return ~self._ground.drawn(key, keep, block=block)

    def _exposure(self, chosen: Sequence[int]) -> float:
        """Count without witnesses, which takes half as long."""
        ground, ptr = self._ground, self._table.ptr
        rows = [row for place in chosen for row in range(ptr[place], ptr[place + 1])]
        lost = np.zeros(len(ground.graph.target), np.int64)
        for block in ground.blocks:
            true = ground.true(block)
            for row, gone in zip(rows, self._gone(block, rows), strict=True):
                true[self._table.cause[row]] &= ~gone
            held = np.zeros((len(ground.graph.facts), WORDS), np.uint64)
            held[SOURCE] = ground.lanes(block)
            fixpoint(held, true, np.array([SOURCE]), self._moves)
            lost += counted(held[ground.graph.target])
        return float(lost @ ground.graph.points) / ground.worlds
