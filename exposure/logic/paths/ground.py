"""A graph in many worlds with the witness of everything that is held there."""

from collections.abc import Iterator

import numpy as np

from exposure.logic.paths.draws import check_worlds, draw_rows, everywhere
from exposure.logic.paths.graph import F64, NONE, SOURCE, U64, Graph
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.gains import Desk, Flags, Forest, Net, grow
from exposure.logic.paths.kernels.onward import lead_back
from exposure.logic.paths.worlds import counted

EVERY_WORLD = np.uint64(0xFFFFFFFFFFFFFFFF)


class Ground:
    """What all calculations about the same worlds of one graph share.

    Worlds are worked on in blocks of 512: for each fact one cache line. Room to work in
    is shared, so a ground and all that was made of it belong to one thread at a time.
    Raises `ModelRefused` for an absurd number of worlds.
    """

    def __init__(self, graph: Graph, *, seed: int, worlds: int) -> None:
        check_worlds(worlds)
        self.graph = graph
        self.seed = seed
        self.worlds = worlds
        source = everywhere(worlds)
        self.blocks = range(0, len(source), WORDS)
        self._source = np.zeros(len(self.blocks) * WORDS, np.uint64)
        self._source[: len(source)] = source
        self.net = net_of(graph)
        self.desk = _desk(graph)

    def lanes(self, block: int) -> U64:
        """Return the worlds of a block that are asked for: the last may have fewer."""
        return self._source[block : block + WORDS]

    def true(self, block: int) -> U64:
        """Return the worlds in which each cause is true, and a row of ones."""
        rows = self.drawn(self.graph.key, self.graph.chance, block=block)
        return np.vstack([rows, np.full((1, WORDS), EVERY_WORLD)])

    def drawn(self, keys: U64, chances: F64, *, block: int | None = None) -> U64:
        """Return a row of bits for each key, in a block of worlds or in all of them."""
        words = WORDS if block is not None else len(self._source)
        return draw_rows(keys, chances, words=words, seed=self.seed, start=block or 0)

    def forest(self, block: int, true: U64) -> Forest:
        """Return what is held in a block in which the causes are `true`, and how."""
        held = np.zeros((len(self.graph.facts), WORDS), np.uint64)
        held[SOURCE] = self.lanes(block)
        by = np.zeros((len(self.graph.head), WORDS), np.uint64)
        forest = Forest(held=held, true=true, by=by)
        grow(self.net, forest, self.desk)
        return forest

    def forests(self) -> Iterator[Forest]:
        """Yield each block as the graph is; memory is that of one unless they are kept."""
        for block in self.blocks:
            yield self.forest(block, self.true(block))

    def points(self, forest: Forest) -> float:
        """Return the sum of points x worlds in which the line is lost."""
        facts = np.flatnonzero(self.net.weight)
        return float(counted(forest.held[facts]) @ self.net.weight[facts])


def net_of(graph: Graph) -> Net:
    """Return a graph as the kernels want it. O(facts + steps)."""
    weight = np.zeros(len(graph.facts), np.float64)
    np.add.at(weight, graph.target, graph.points)
    return Net(
        first=graph.first,
        second=np.where(graph.second == NONE, graph.first, graph.second),
        head=graph.head,
        cause=np.where(graph.cause == NONE, np.int32(len(graph.chance)), graph.cause),
        uses_ptr=graph.uses.ptr,
        uses=graph.uses.items,
        wins_ptr=graph.wins.ptr,
        wins=graph.wins.items,
        guards_ptr=graph.guards.ptr,
        guards=graph.guards.items,
        weight=weight,
        matters=leading_to(graph, weight > 0.0),
        anything=np.ones(len(graph.facts), np.bool_),
    )


def leading_to(graph: Graph, wanted: Flags) -> Flags:
    """Return which facts are wanted or needed, near or far, to win one that is."""
    found = wanted.copy()
    queue = np.empty(len(found), np.int32)
    lead_back(graph.first, graph.second, graph.wins.ptr, graph.wins.items, found, queue)
    return found


def _desk(graph: Graph) -> Desk:
    facts = len(graph.facts)
    return Desk(
        lost=np.zeros((facts, WORDS), np.uint64),
        old=np.empty((facts, WORDS), np.uint64),
        useful=np.empty((facts, WORDS), np.uint64),
        queue=np.empty(facts, np.int32),
        found=np.empty(facts, np.int32),
        chain=np.empty(facts, np.int32),
        waiting=np.zeros(facts, np.bool_),
        touched=np.zeros(facts, np.bool_),
        kept=np.empty((len(graph.chance), WORDS), np.uint64),
        spare=np.zeros((1, WORDS), np.uint64),
        risk=np.zeros((1, WORDS), np.uint64),
    )
