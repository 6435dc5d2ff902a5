"""What nobody can do without: facts and causes, taken away one in a lane."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.graph import F64, I32, NONE, SOURCE, Graph, Index
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.worlds import fixpoint, moves_of

Flags = NDArray[np.bool_]

_EVERYWHERE = np.uint64(0xFFFFFFFFFFFFFFFF)


def first_ways(graph: Graph) -> I32:
    """Return for each fact the step that wins it first when all possible steps work.

    -1 for what cannot be won, and for the source. Breadth first, so a way is a
    derivation without a circle.
    """
    possible = _chances(graph) > 0.0
    won = np.zeros(len(graph.facts), np.bool_)
    via = np.full(len(graph.facts), NONE, np.int32)
    won[SOURCE] = True
    grown = np.array([SOURCE])
    while len(grown):
        steps = np.unique(_items(graph.uses, grown))
        second = graph.second[steps]
        works = won[graph.first[steps]] & ((second == NONE) | won[second])
        steps = steps[works & possible[steps] & ~won[graph.head[steps]]]
        grown, first = np.unique(graph.head[steps], return_index=True)
        via[grown] = steps[first]
        won[grown] = True
    return via


def way_to(graph: Graph, via: I32, fact: int) -> tuple[list[int], list[int]]:
    """Return the facts and the uncertain causes of one derivation: all candidates.

    What nobody can do without is on every way, so it is on this one.
    """
    facts: dict[int, int] = {}
    causes: dict[int, int] = {}
    wanted = [fact]
    while wanted:
        fact = wanted.pop()
        if fact in facts or fact == SOURCE:
            continue
        step = facts[fact] = int(via[fact])
        cause, second = int(graph.cause[step]), int(graph.second[step])
        if cause != NONE and graph.chance[cause] < 1.0:
            causes[cause] = step
        wanted += [int(graph.first[step])] + [second] * (second != NONE)
    return sorted(facts), sorted(causes)


class Needed(NamedTuple):
    """Of the facts and causes on one way, those that are on every way."""

    facts: list[int]
    causes: list[int]


class Without:
    """What is still won when one fact, or one cause, is taken away: a lane for each.

    Every possible step works. Together there are 512 facts and causes at most. `won` are
    the facts that can be won at all, `usable` the steps that can win them.
    """

    def __init__(
        self, graph: Graph, *, facts: list[int], causes: list[int], via: I32
    ) -> None:
        self.graph = graph
        self.won = via != NONE
        self.won[SOURCE] = True
        second = graph.second
        self.usable: Flags = (_chances(graph) > 0.0) & self.won[graph.first]
        self.usable &= (second == NONE) | self.won[second]
        self._fact = {fact: lane for lane, fact in enumerate(facts)}
        self._cause = {cause: lane for lane, cause in enumerate(causes, len(facts))}
        works = np.zeros((len(graph.head), WORDS), np.uint64)
        works[self.usable] = _EVERYWHERE
        for index, lanes in ((graph.wins, self._fact), (graph.guards, self._cause)):
            for key, lane in lanes.items():
                works[_items(index, np.array([key])), lane >> 6] &= ~_bit(lane)
        self._held = np.zeros((len(graph.facts), WORDS), np.uint64)
        self._held[SOURCE] = _EVERYWHERE
        moves = moves_of(graph)._replace(cause=graph.uses.items)  # each step is a row
        fixpoint(self._held, works, np.array([SOURCE]), moves)

    def needed(self, target: int, *, facts: list[int], causes: list[int]) -> Needed:
        """Return what the target needs, of these facts and causes."""
        return Needed(
            [each for each in facts if self._lost(self._fact[each])[target]],
            [each for each in causes if self._lost(self._cause[each])[target]],
        )

    def behind(self, fact: int) -> Flags:
        """Return the facts that cannot be won without this one, which is not among them."""
        lost = self._lost(self._fact[fact]) if fact != SOURCE else np.array(self.won)
        lost[fact] = False
        return lost

    def leading_to(self, target: int) -> Flags:
        """Return the steps that are of any use on the way to the target.

        No way is worth its while that goes through the target, or through what is
        behind it.
        """
        graph, later = self.graph, self.behind(target)
        later[target] = True
        useful = self.usable & ~later[graph.first]
        useful &= (graph.second == NONE) | ~later[graph.second]
        steps = np.zeros(len(graph.head), np.bool_)
        seen = np.zeros(len(graph.facts), np.bool_)
        seen[SOURCE] = True
        wanted = np.array([target])
        while len(wanted):
            seen[wanted] = True
            new = _items(graph.wins, wanted)
            new = new[useful[new]]
            steps[new] = True
            body = np.concatenate([graph.first[new], graph.second[new]])
            body = np.unique(body[body != NONE])
            wanted = body[~seen[body]]
        return steps

    def _lost(self, lane: int) -> Flags:
        lost: Flags = self.won & ((self._held[:, lane >> 6] & _bit(lane)) == 0)
        return lost


def _chances(graph: Graph) -> F64:
    """Return the chance of the cause of each step; 1 without one."""
    chances: F64 = np.append(graph.chance, 1.0)[graph.cause]
    return chances


def _items(index: Index, keys: NDArray[np.integer]) -> I32:
    """Return the items of many keys, one key after the other."""
    start = index.ptr[keys]
    size = index.ptr[keys + 1] - start
    places = np.arange(size.sum()) + np.repeat(start - np.cumsum(size) + size, size)
    items: I32 = index.items[places]
    return items


def _bit(lane: int) -> np.uint64:
    return np.uint64(1 << (lane & 63))
