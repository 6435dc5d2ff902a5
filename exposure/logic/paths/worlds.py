"""Many worlds at once: what the attacker holds in each of them, 512 at a time.

A world is one draw of every cause. What is held in it is the least fixpoint: the
source holds; a step whose causes are true and whose body holds makes its head hold.
Worlds come in blocks of eight words of 64 bits, so that one cache line says in which
of 512 worlds a fact holds. A block is forgotten when the next one comes: memory does
not grow with the number of worlds.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.draws import check_worlds, draw_rows, everywhere
from exposure.logic.paths.graph import F64, I64, NONE, SOURCE, U64, Graph, Index
from exposure.logic.paths.kernels.compiled import COMPILED
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.spread import Moves, spread


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """512 worlds, from word `start` on.

    `held[facts, 8]` and `causes[causes + 1, 8]` say in which of them a fact holds and
    a cause is true; the last row is true everywhere, for steps without a cause.
    `lanes[8]` are the worlds that are asked for: nothing holds in the others.
    """

    start: int
    lanes: U64
    causes: U64
    held: U64


def blocks(
    graph: Graph,
    *,
    count: int,
    seed: int,
    chances: F64 | None = None,
    moves: Moves | None = None,
) -> Iterator[Block]:
    """Yield the worlds 0 to `count` - 1, 512 at a time.

    `chances` replaces those of the graph, with the same luck; `moves` is
    `moves_of(graph)`, if there already. The same arguments give the same bits, with
    and without a compiler. Raises `ModelRefused` for an absurd number of worlds or
    what is no probability. O(steps) a block, times how often a fact is won anew.
    """
    check_worlds(count)
    lanes = np.zeros(-(-count // (WORDS * 64)) * WORDS, np.uint64)
    lanes[: -(-count // 64)] = everywhere(count)
    chances = np.append(graph.chance if chances is None else chances, 1.0)
    keys = np.append(graph.key, np.uint64(0))
    moves = moves or moves_of(graph)
    for start in range(0, len(lanes), WORDS):
        here = lanes[start : start + WORDS]
        causes = draw_rows(keys, chances, words=WORDS, seed=seed, start=start)
        held = np.zeros((len(graph.facts), WORDS), np.uint64)
        held[SOURCE] = here
        fixpoint(held, causes, np.array([SOURCE]), moves)
        yield Block(start=start, lanes=here, causes=causes, held=held)


def fixpoint(held: U64, causes: U64, grown: NDArray[np.integer], moves: Moves) -> None:
    """Win in `held` all that follows once the facts `grown` are held in more worlds."""
    waiting = np.zeros(len(held), np.bool_)
    waiting[grown] = True
    (spread if COMPILED else spread_plainly)(held, causes, waiting, moves)


def moves_of(graph: Graph) -> Moves:
    """Return the steps of a graph in the order of the facts that they need."""
    ptr, steps = graph.uses.ptr, graph.uses.items
    needed = np.repeat(np.arange(len(graph.facts), dtype=np.int32), np.diff(ptr))
    first, second = graph.first[steps], graph.second[steps]
    other = np.where(second == NONE, first, np.where(first == needed, second, first))
    cause = graph.cause[steps]
    return Moves(
        ptr=ptr,
        head=graph.head[steps],
        other=other,
        cause=np.where(cause == NONE, np.int32(len(graph.chance)), cause),
    )


def spread_plainly(
    held: U64, causes: U64, waiting: NDArray[np.bool_], moves: Moves
) -> None:
    """Do what the kernel `spread` does without a compiler, to the same bits.

    In rounds: all steps that need a fact that has just grown are tried at once, and
    what they win is put together by head.
    """
    degree = np.diff(moves.ptr)
    while waiting.any():
        places = np.flatnonzero(np.repeat(waiting, degree))
        waiting[:] = False
        places = places[np.argsort(moves.head[places], kind="stable")]
        if not len(places):
            return
        needed = np.searchsorted(moves.ptr, places, side="right") - 1
        won = held[needed] & held[moves.other[places]] & causes[moves.cause[places]]
        heads, first = np.unique(moves.head[places], return_index=True)
        after = held[heads] | np.bitwise_or.reduceat(won, first)
        waiting[heads] = (after != held[heads]).any(axis=1)
        held[heads] = after


@dataclass(frozen=True, slots=True, eq=False)
class Worlds:
    """How often what is held in the first `count` worlds.

    `hits[f]` is the number of worlds in which fact f is held. `lines[l]` has a bit for
    each world in which line l is lost, and none past the last world. `together[g]` is
    the number of worlds in which any fact of group g is held.
    """

    graph: Graph
    count: int
    hits: I64
    lines: U64
    together: I64

    @property
    def reaches(self) -> F64:
        """The share of worlds in which each line is lost."""
        return self.hits[self.graph.target] / self.count

    @property
    def exposure(self) -> float:
        """The sum of points x reach over the lines, in units."""
        return exposure_of(self.graph, self.hits[self.graph.target], count=self.count)

    def reach(self, fact: int) -> float:
        """Return the share of worlds in which the attacker gets a fact."""
        return int(self.hits[fact]) / self.count


def sample(
    graph: Graph,
    *,
    count: int,
    seed: int,
    groups: Index | None = None,
    chances: F64 | None = None,
    moves: Moves | None = None,
) -> Worlds:
    """Return how often everything is held in `count` worlds (1 to 131 072).

    `groups` are groups of facts that are also counted together. Memory is that of one
    block, plus a bit for each line and world. Raises `ModelRefused` as `blocks` does.
    """
    tally = Tally(graph, count=count, groups=groups)
    for block in blocks(graph, count=count, seed=seed, chances=chances, moves=moves):
        tally.add(block.held)
    return tally.found()


class Tally:
    """Counts, block by block, how often what is held.

    `groups` are groups of facts that are also counted together.
    """

    def __init__(
        self, graph: Graph, *, count: int, groups: Index | None = None
    ) -> None:
        self._graph, self._count, self._groups = graph, count, groups
        self._hits = np.zeros(len(graph.facts), np.int64)
        self._together = np.zeros(len(groups.ptr) - 1 if groups else 0, np.int64)
        self._lines: list[U64] = []

    def add(self, held: U64) -> None:
        """Count one more block, in which these facts are held: [facts, words]."""
        self._hits += counted(held)
        self._lines.append(held[self._graph.target])
        if self._groups:
            self._together += counted(any_of(held, self._groups))

    def found(self) -> Worlds:
        """Return what was counted in all of the worlds."""
        lines = np.concatenate(self._lines, axis=1)[:, : -(-self._count // 64)]
        return Worlds(
            graph=self._graph,
            count=self._count,
            hits=self._hits,
            lines=lines,
            together=self._together,
        )


def exposure_of(graph: Graph, lost: I64, *, count: int) -> float:
    """Return the sum of points x `lost[line]` / `count`, in units.

    Rounded once, so the order of the lines does not show.
    """
    return math.fsum(graph.points * lost) / count


def counted(bits: U64) -> I64:
    """Return the number of bits that are set in each row."""
    hits: I64 = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return hits


def any_of(held: U64, groups: Index) -> U64:
    """Return for each group of facts the worlds in which any of them is held."""
    united = np.zeros((len(groups.ptr) - 1, held.shape[1]), np.uint64)
    filled = np.flatnonzero(np.diff(groups.ptr))
    if len(filled):
        first = groups.ptr[:-1][filled]
        united[filled] = np.bitwise_or.reduceat(held[groups.items], first)
    return united
