"""What would change if these boxes were ticked: the figures move, nothing is redone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.edits import Edit, EditTable, table_of
from exposure.logic.paths.graph import F64, I64, U64, Graph
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.shift import shift
from exposure.logic.paths.model import ModelRefused
from exposure.logic.paths.worlds import counted, exposure_of


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line: the share of worlds in which it is lost, and units, before and after."""

    line_id: str
    reach_before: float
    reach_after: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Units over all lines before and after, and each line in the order of the graph."""

    before: float
    after: float
    lines: tuple[LineChange, ...]

    @property
    def removed(self) -> float:
        """The units that are gone; negative when there are more than before."""
        return self.before - self.after


class WhatIf:
    """A graph in some worlds, ready to be asked what a set of edits does.

    It remembers the last answer and works only on what is different now: causes that
    are true in fewer worlds lose what rested on them, causes that are true in more
    push on what is new. The answer is bit for bit that of starting over, whatever was
    asked before. Memory: 64 bytes for each fact and step in each 512 worlds. One
    thread at a time. Raises `ModelRefused` for edits that do not fit the graph and for
    an absurd number of worlds.
    """

    def __init__(
        self, graph: Graph, edits: Sequence[Edit], *, seed: int, worlds: int
    ) -> None:
        self.graph = graph
        self._ground = Ground(graph, seed=seed, worlds=worlds)
        self._table = table_of(graph, edits)
        self._edits = {edit.id: place for place, edit in enumerate(edits)}
        self._causes = {cause: place for place, cause in enumerate(graph.cause_ids)}
        self._forests = list(self._ground.forests())
        self._ticked: frozenset[int] = frozenset()
        self._chances: dict[int, float] = {}
        self._before = self.lost()

    def ask(
        self, ticked: Iterable[str] = (), *, chances: Mapping[str, float] | None = None
    ) -> Comparison:
        """Return what these edits (ids) do, beside the graph as it is.

        `chances` puts other chances in place of those of some causes: 1.0 asks what if
        this were certain. Raises `ModelRefused` for an unknown edit or cause and for
        what is no probability; the state is then what it was.
        """
        edits = frozenset(self._known(self._edits, ticked, what="change"))
        given = chances or {}
        numbers = self._known(self._causes, given, what="cause")
        wanted = dict(zip(numbers, given.values(), strict=True))
        moved = self._moved(edits, wanted)
        if len(moved):
            true = _true(self._ground, self._table, moved, edits=edits, chances=wanted)
            self._move(moved, true)
        self._ticked, self._chances = edits, wanted
        return compared(
            self.graph, self._before, self.lost(), worlds=self._ground.worlds
        )

    def lost(self) -> I64:
        """Return in how many worlds each line is lost now, in the order of the graph."""
        target = self.graph.target
        lost = np.zeros(len(target), np.int64)
        for forest in self._forests:
            lost += counted(forest.held[target])
        return lost

    def held(self) -> U64:
        """Return the worlds in which each fact is held now: [facts, words]."""
        return np.concatenate([each.held for each in self._forests], axis=1)

    def _known(
        self, numbers: Mapping[str, int], ids: Iterable[str], *, what: str
    ) -> list[int]:
        ids = list(ids)
        for each in ids:
            if each not in numbers:
                raise ModelRefused(f"There is no {what} {each} in this model.")
        return [numbers[each] for each in ids]

    def _moved(self, edits: frozenset[int], chances: Mapping[int, float]) -> I64:
        """Return the causes for which something is different from the last time."""
        causes = {
            cause
            for cause in chances.keys() | self._chances.keys()
            if chances.get(cause) != self._chances.get(cause)
        }
        for edit in edits ^ self._ticked:
            causes.update(self._table.cause[self._rows(edit)].tolist())
        return np.array(sorted(causes), np.int64)

    def _rows(self, edit: int) -> slice:
        return slice(self._table.ptr[edit], self._table.ptr[edit + 1])

    def _move(self, causes: I64, true: U64) -> None:
        ground, numbers = self._ground, causes.astype(np.int32)
        for block, forest in zip(ground.blocks, self._forests, strict=True):
            rows = np.ascontiguousarray(true[:, block : block + WORDS])
            shift(ground.net, forest, ground.desk, numbers, rows)


def what_if(
    graph: Graph, edits: Sequence[Edit], *, seed: int, worlds: int
) -> Comparison:
    """Return what these edits do together, beside the graph as it is.

    The same answer as that of a `WhatIf`, for who asks once: memory is that of one
    block of 512 worlds. Raises `ModelRefused` as `WhatIf` does.
    """
    ground, table = Ground(graph, seed=seed, worlds=worlds), table_of(graph, edits)
    causes = np.unique(table.cause)
    true = _true(ground, table, causes.astype(np.int64), edits=range(len(edits)))
    before, after = np.zeros((2, len(graph.target)), np.int64)
    for block, forest in zip(ground.blocks, ground.forests(), strict=True):
        before += counted(forest.held[graph.target])
        rows = np.ascontiguousarray(true[:, block : block + WORDS])
        shift(ground.net, forest, ground.desk, causes, rows)
        after += counted(forest.held[graph.target])
    return compared(graph, before, after, worlds=worlds)


def compared(graph: Graph, before: I64, after: I64, *, worlds: int) -> Comparison:
    """Return two counts of the worlds in which each line is lost beside each other."""
    lines = zip(
        graph.line_ids,
        (before / worlds).tolist(),
        (after / worlds).tolist(),
        (graph.points * before / worlds).tolist(),
        (graph.points * after / worlds).tolist(),
        strict=True,
    )
    return Comparison(
        before=exposure_of(graph, before, count=worlds),
        after=exposure_of(graph, after, count=worlds),
        lines=tuple(LineChange(*line) for line in lines),
    )


def _true(
    ground: Ground,
    table: EditTable,
    causes: I64,
    *,
    edits: Iterable[int],
    chances: Mapping[int, float] | None = None,
) -> U64:
    """Return the worlds in which each of the causes is true after the edits."""
    place = {int(cause): row for row, cause in enumerate(causes)}
    chance: F64 = ground.graph.chance[causes].copy()
    for cause, given in (chances or {}).items():
        if cause in place:
            chance[place[cause]] = given
    true = ground.drawn(ground.graph.key[causes], chance)
    rows = [
        row
        for edit in edits
        for row in range(table.ptr[edit], table.ptr[edit + 1])
        if int(table.cause[row]) in place
    ]
    kept = ground.drawn(table.key[rows], table.keep[rows])
    for row, bits in zip(rows, kept, strict=True):
        true[place[int(table.cause[row])]] &= bits
    return true
