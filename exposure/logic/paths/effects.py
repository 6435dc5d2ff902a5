"""What edits are worth, alone and together, all in the same worlds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.edits import Edit, table_of
from exposure.logic.paths.graph import F64, I32, U64, Graph
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.kernels.gains import Forest
from exposure.logic.paths.kernels.removed import Table, bound, find_useful, gain, gains
from exposure.logic.paths.kernels.shift import shift


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What is held, and how, once the edits `chosen` (their places) are made.

    `useful`: where a line is lost through a fact, for each of the forests.
    """

    chosen: frozenset[int]
    forests: tuple[Forest, ...]
    useful: tuple[U64, ...]


class Effects:
    """Some edits of one graph in some worlds.

    An edit is spoken of by its place in `edits`. Everything is in units (points x
    share of worlds), in the same worlds, so differences carry no luck of their own;
    sums are of whole numbers of worlds, so they are exact while points are whole.
    States live as long as they are wanted and take 64 bytes for each fact and each
    step in each 512 worlds; one thread at a time. Raises `ModelRefused` for edits
    that do not fit the graph and for an absurd number of worlds.
    """

    def __init__(
        self, graph: Graph, edits: Sequence[Edit], *, seed: int, worlds: int
    ) -> None:
        self.edits = tuple(edits)
        self._ground = Ground(graph, seed=seed, worlds=worlds)
        self._table = table = table_of(graph, self.edits)
        self._gone: list[U64] = [
            ~self._ground.drawn(table.key, table.keep, block=block)
            for block in self._ground.blocks
        ]

    def state(self, chosen: Iterable[int] = ()) -> State:
        """Return the state after these edits, computed from nothing."""
        chosen = frozenset(chosen)
        rows = self._rows(chosen)
        forests = []
        for place, block in enumerate(self._ground.blocks):
            true = self._ground.true(block)
            for row in rows:
                true[self._table.cause[row]] &= ~self._gone[place][row]
            forests.append(self._ground.forest(block, true))
        return self._as_state(chosen, forests)

    def after(self, state: State, edit: int) -> State:
        """Return the state after one more edit: the same bits as `state` gives.

        Only what the edit touches is worked on, after a copy.
        """
        causes = self._causes(edit)
        forests = []
        for forest, gone in zip(state.forests, self._gone, strict=True):
            copied = Forest(*(rows.copy() for rows in forest))
            true = copied.true[causes] & ~gone[self._span(edit)]
            shift(self._ground.net, copied, self._ground.desk, causes, true)
            forests.append(copied)
        return self._as_state(state.chosen | {edit}, forests)

    def loss(self, state: State) -> float:
        """Return the exposure in a state."""
        points = sum(self._ground.points(forest) for forest in state.forests)
        return points / self._ground.worlds

    def gain(self, state: State, edit: int) -> float:
        """Return what one more edit removes, exactly."""
        return self._removed(gain, state, edit)

    def bound(self, state: State, edit: int) -> float:
        """Return an upper bound of `gain`, faster: what the edit takes a witness from.

        Which step is the witness where several would do is decided by the order of
        work, so a bound may differ between two states with the same bits.
        """
        return self._removed(bound, state, edit)

    def gains(self, state: State) -> F64:
        """Return what each edit removes as the only one more, exactly."""
        removed = np.zeros(len(self.edits))
        ground = self._ground
        for forest, gone in zip(state.forests, self._gone, strict=True):
            changes = Table(self._table.ptr, self._table.cause, gone)
            gains(ground.net, forest, ground.desk, changes, removed)
        return removed / ground.worlds

    def _removed(self, measure: Callable[..., float], state: State, edit: int) -> float:
        ground, span, causes = self._ground, self._span(edit), self._causes(edit)
        blocks = zip(state.forests, self._gone, state.useful, strict=True)
        removed = sum(
            measure(ground.net, forest, ground.desk, causes, gone[span], useful)
            for forest, gone, useful in blocks
        )
        return removed / ground.worlds

    def _as_state(self, chosen: frozenset[int], forests: Sequence[Forest]) -> State:
        ground = self._ground
        useful = [np.empty_like(forest.held) for forest in forests]
        for forest, rows in zip(forests, useful, strict=True):
            find_useful(ground.net, forest, ground.desk, rows)
        return State(chosen, tuple(forests), tuple(useful))

    def _span(self, edit: int) -> slice:
        return slice(self._table.ptr[edit], self._table.ptr[edit + 1])

    def _causes(self, edit: int) -> I32:
        return self._table.cause[self._span(edit)]

    def _rows(self, chosen: Iterable[int]) -> list[int]:
        return [
            row
            for edit in sorted(chosen)
            for row in range(self._table.ptr[edit], self._table.ptr[edit + 1])
        ]
