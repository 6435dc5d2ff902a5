"""The worlds a plan is made in, and which changes end which causes in which of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.draws import BLOCK, draw_rows
from exposure.logic.paths.edits import Edit, table_of
from exposure.logic.paths.graph import F64, I32, U64, Graph
from exposure.logic.paths.ground import net_of
from exposure.logic.paths.kernels.cheapest import (
    Ends,
    Trace,
    Truth,
    breakers,
    fewest,
    line_for,
)
from exposure.logic.paths.model import ModelRefused

WORDS = BLOCK // 64
EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """One way to each line in each world in which it is lost.

    `lost[line, word]` are the worlds; `cuts[line, world]` says, a bit an edit, which
    further edits break the way that was found there.
    """

    lost: U64
    cuts: U64


class Sample:
    """Some blocks of 512 worlds of a graph, with the edits that may be made.

    The same graph, edits, seed and number of blocks give the same bits, whatever numba
    does. Takes 64 bytes a block for each cause, and for each cause of each edit; a
    sample belongs to one thread at a time. Raises `ModelRefused` for an edit that
    speaks of what is not in the graph.
    """

    def __init__(
        self, graph: Graph, edits: Sequence[Edit], *, blocks: int, seed: int
    ) -> None:
        if blocks < 1:
            raise ModelRefused("A plan needs at least one block of worlds.")
        self.graph = graph
        self.edits = tuple(edits)
        self.blocks = blocks
        self.seed = seed
        table = table_of(graph, edits)
        order = np.argsort(table.cause, kind="stable")
        self._key, self._keep = table.key[order], table.keep[order]
        self._cause: I32 = table.cause[order]
        owners = np.repeat(np.arange(len(edits), dtype=np.int32), np.diff(table.ptr))
        self._edit: I32 = owners[order]
        counts = np.bincount(self._cause, minlength=len(graph.cause_ids))
        self._ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._net = net_of(graph)
        self._line = line_for(len(graph.facts))
        self._kept = [self._block(number) for number in range(blocks)]

    @property
    def worlds(self) -> int:
        """How many worlds there are."""
        return self.blocks * BLOCK

    def loss(self, chosen: Collection[int]) -> float:
        """Return the sum of points x worlds in which a line is lost."""
        return sum(self._lost_points(held) for held in self._held(chosen))

    def ways(self, chosen: Collection[int]) -> Iterator[Ways]:
        """Yield, block by block, a way left to each line that few edits can break."""
        size = -(-len(self.edits) // 64) or 1
        for held, broken in self._walked(chosen):
            cuts = np.zeros((len(self.graph.target), BLOCK, size), np.uint64)
            for line, rows in broken:
                cuts[line] = _by_world(rows, size=size)
            yield Ways(lost=held[self.graph.target], cuts=cuts)

    def bounds(self, chosen: Collection[int]) -> F64:
        """Return for each edit the points x worlds of which it breaks a known way.

        After `chosen` it removes no more than that, and several edits together no more
        than the sum of theirs.
        """
        bounds = np.zeros(len(self.edits))
        for _, broken in self._walked(chosen):
            for line, rows in broken:
                counts = np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
                bounds += counts * self.graph.points[line]
        return bounds

    def _held(self, chosen: Collection[int]) -> Iterator[U64]:
        for alive, gone in self._kept:
            held, _ = self._derive(self._truth(alive, gone, chosen, watched=False))
            yield held

    def _lost_points(self, held: U64) -> float:
        lost = np.bitwise_count(held[self.graph.target]).sum(axis=1, dtype=np.int64)
        return float(lost @ self.graph.points)

    def _walked(
        self, chosen: Collection[int]
    ) -> Iterator[tuple[U64, Iterator[tuple[int, U64]]]]:
        """Yield, block by block, what is held, and for each line which edits break it."""
        for alive, gone in self._kept:
            held, won = self._derive(self._truth(alive, gone, chosen, watched=True))
            yield held, self._broken(held, won, Ends(self._ptr, self._edit, gone))

    def _broken(self, held: U64, won: U64, ends: Ends) -> Iterator[tuple[int, U64]]:
        trace = Trace(
            seen=np.zeros_like(held),
            todo=np.zeros_like(held),
            bits=np.zeros(WORDS, np.uint64),
            touched=np.empty(len(held), np.int32),
        )
        targets = self.graph.target
        for line in np.flatnonzero(held[targets].any(axis=1)).tolist():
            target = int(targets[line])
            broken = np.zeros((len(self.edits), WORDS), np.uint64)
            trace.todo[target] = held[target]
            breakers(self._net, ends, self._line, trace, target, won, broken)
            yield line, broken

    def _block(self, number: int) -> tuple[U64, U64]:
        """Return the worlds in which causes are true, and in which edits end them."""
        start, graph = number * WORDS, self.graph
        alive = draw_rows(
            graph.key, graph.chance, words=WORDS, seed=self.seed, start=start
        )
        keep = draw_rows(
            self._key, self._keep, words=WORDS, seed=self.seed, start=start
        )
        return alive, ~keep

    def _truth(
        self, alive: U64, gone: U64, chosen: Collection[int], *, watched: bool
    ) -> Truth:
        """Return what is true after `chosen`; soft is what others end, if `watched`."""
        made = np.zeros(len(self.edits), np.bool_)
        made[list(chosen)] = True
        mine = made[self._edit]
        left = np.concatenate([alive, np.full((1, WORDS), EVERY)])
        np.bitwise_and.at(left, self._cause[mine], ~gone[mine])
        soft = np.zeros_like(left)
        if watched:
            np.bitwise_or.at(soft, self._cause[~mine], gone[~mine])
            soft &= left
        is_soft = (soft != 0).max(axis=1)
        costly = np.flatnonzero(is_soft[self.graph.cause]).astype(np.int32)
        return Truth(free=left & ~soft, soft=soft, costly=costly)

    def _derive(self, truth: Truth) -> tuple[U64, U64]:
        held = np.zeros((len(self.graph.facts), WORDS), np.uint64)
        won = np.zeros((len(self.graph.head), WORDS), np.uint64)
        fewest(self._net, truth, self._line, held, won)
        return held, won


def _by_world(broken: U64, *, size: int) -> U64:
    """Turn rows of worlds for each edit into rows of edits for each world."""
    flags = np.unpackbits(broken.view(np.uint8), axis=1, bitorder="little")
    rows = np.zeros((BLOCK, size * 8), np.uint8)
    packed = np.packbits(flags.T, axis=1, bitorder="little")
    rows[:, : packed.shape[1]] = packed
    return rows.view(np.uint64)
