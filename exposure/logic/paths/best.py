"""The best single ways to a target: chains a person can follow and multiply by hand."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from exposure.logic.paths.derive import Forest, Rules, desk_of
from exposure.logic.paths.graph import I32, NONE, Graph, index
from exposure.logic.paths.kernels.derivation import different
from exposure.logic.paths.kernels.kpaths import Ground, Search, loopless
from exposure.logic.paths.kernels.shortest import FAR, Arcs, Net
from exposure.logic.paths.model import Step

MOST_PATHS = 4
MOST_CHAINS = 50

EFFORT = 400_000
"""Steps looked at for one target: some milliseconds, a hundred times what one needs."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A complete way: `steps` in an order that works, `p` over its distinct `causes`."""

    p: float
    steps: tuple[Step, ...]
    causes: frozenset[str]

    @property
    def facts(self) -> tuple[str, ...]:
        """What the attacker wins on the way, in order."""
        return tuple(dict.fromkeys(step.head for step in self.steps))


class Steps(Protocol):
    """The readable steps of a model by number: a tuple, or made when they are asked for."""

    def __getitem__(self, number: int, /) -> Step:
        """Return one step."""


class PathFinder:
    """Finds likely derivations in one model; the same model gives the same answer.

    The 50 cheapest loopless chains on -ln p, for which one fact of a body is enough,
    are completed: the missing facts of each body get their cheapest derivation (Knuth
    1977). Each whole is scored again by its distinct causes; so is the cheapest
    derivation itself. What comes out is a real derivation, so its p is a lower bound
    of the reach. It is the best found, not proven the most likely. Equally likely ways
    (to eight digits): fewer steps first, then the order of the steps in the model.

    `steps` are those of the model; without them only `steps_to` can answer. One finder
    answers one thread at a time.
    """

    def __init__(self, rules: Rules, *, steps: Steps = ()) -> None:
        self._steps = steps
        self._rules = rules
        graph = rules.graph
        self._chance = dict(zip(graph.cause_ids, graph.chance.tolist(), strict=True))
        self._desk = desk_of(graph, net=self._rules.net)
        self._arcs = arcs_of(rules.net)
        self._search = search_of(graph, effort=EFFORT)
        self._last: tuple[frozenset[str], Forest] = (frozenset(), self._rules.forest)

    def ways(
        self, target: str, *, without: Collection[str] = (), most: int = MOST_PATHS
    ) -> list[Derivation]:
        """Return up to `most` ways, most likely first, that share few causes.

        The first is the best found; none uses a cause in `without`. Each further one
        overlaps each earlier one in at most half of their uncertain causes (Jaccard);
        when neither has one, in half of all their causes. Bounded work, also where
        there are very many ways. No way: [].
        """
        found = self.steps_to(target, without=without, most=most)
        return [self._derivation(steps) for steps in found]

    def likeliest(
        self, target: str, *, without: Collection[str] = ()
    ) -> Derivation | None:
        """Return the best way found that uses none of the causes in `without`."""
        found = self.steps_to(target, without=without, most=1)
        return self._derivation(found[0]) if found else None

    def steps_to(
        self, target: str, *, without: Collection[str] = (), most: int = MOST_PATHS
    ) -> list[I32]:
        """Return up to `most` ways like `ways`, each as the steps of the graph."""
        goal = self._rules.number_of(target)
        forest = self._forest(frozenset(without))
        if goal == NONE or forest.whole.cost[goal] >= FAR:
            return []
        ground = Ground(self._rules.net, self._arcs, forest.works, forest.chains.cost)
        chains = loopless(ground, self._search, goal, MOST_CHAINS)
        found = different(self._desk, forest.whole.via, chains, goal, most)
        return [
            found.steps[found.start[each] : found.start[each + 1]]
            for each in range(int(found.size[0]))
        ]

    def _forest(self, without: frozenset[str]) -> Forest:
        """The same causes are usually forbidden for many targets in a row."""
        if self._last[0] != without:
            self._last = (without, self._rules.without(without))
        return self._last[1]

    def _derivation(self, numbers: I32) -> Derivation:
        origins = self._rules.graph.origin[numbers[self._rules.last[numbers]]]
        steps = tuple(self._steps[each] for each in origins.tolist())
        causes = frozenset(cause for step in steps for cause in step.causes)
        chance = math.prod(self._chance[cause] for cause in sorted(causes))
        return Derivation(p=chance, steps=steps, causes=causes)


def search_of(graph: Graph, *, effort: int) -> Search:
    """Return what the searches of this graph write on; `effort` bounds each of them."""
    facts = len(graph.facts)
    return Search(
        heap=np.empty(facts, np.int32),
        keys=np.empty(facts, np.int64),
        place=np.full(facts, NONE, np.int64),
        cost=np.zeros(facts, np.int64),
        via=np.full(facts, NONE, np.int32),
        seen=np.zeros(facts, np.int64),
        barred=np.zeros(facts, np.int64),
        steps=np.empty(facts + effort, np.int32),
        clock=np.zeros(3, np.int64),
    )


def arcs_of(net: Net) -> Arcs:
    """Return the steps back from each fact, one arc for each fact of a body."""
    pairs = np.flatnonzero(net.second != NONE)
    codes = np.concatenate([2 * np.arange(len(net.head)), 2 * pairs + 1])
    heads = net.head[codes >> 1]
    order = index(heads, codes.astype(np.int32), size=len(net.wins_ptr) - 1)
    steps = order.items >> 1
    sides = np.where(order.items & 1, net.second[steps], net.first[steps])
    return Arcs(order.ptr, sides, order.items, net.price[steps])
