"""What can be derived at all, at what price, and what nobody can do without."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.graph import I32, NONE, SOURCE, Graph
from exposure.logic.paths.kernels.derivation import Desk, derivation_of
from exposure.logic.paths.kernels.dominators import dominators, left_without
from exposure.logic.paths.kernels.shortest import (
    FAR,
    STEP_BITS,
    Flags,
    Net,
    Tree,
    cheapest,
    cheapest_without,
)

UNIT = 1 << 26
"""So many parts of a price are one -ln p: prices tell chances apart to 8 digits."""

RAREST = 1e-19
"""What is less likely is priced as if it were this likely, so that prices stay small."""

AT_ONCE = 512
"""So many facts are taken away in one pass: eight words a fact, one cache line."""


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """The cheapest ways when some steps work.

    `works`: the steps whose cause is possible and whose body can be derived. `whole`:
    the cheapest derivation of each fact. `chains`: the cheapest chain, for which one
    fact of a body is enough.
    """

    works: Flags
    whole: Tree
    chains: Tree


class Rules:
    """A graph with the prices of its steps, and what follows when every step works."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.last = _last_links(self.graph)
        self.net = net_of(self.graph)
        self._internal = np.zeros(len(self.graph.facts), np.bool_)
        self._internal[self.graph.head[~self.last]] = True
        self._has_ands = bool((self.graph.second != NONE).any())
        self._numbers = {fact: place for place, fact in enumerate(self.graph.facts)}
        self._causes = {each: place for place, each in enumerate(self.graph.cause_ids)}
        self.forest = self._grown(_possible(self.graph))
        self._above: I32 | None = None
        self._desk: Desk | None = None
        self._needed: dict[str, frozenset[str]] = {}
        self._derivable: frozenset[str] | None = None

    def number_of(self, fact: str) -> int:
        """Return the number of a fact that can be derived; any other: -1."""
        number = self._numbers.get(fact, NONE)
        return NONE if number != NONE and self.cost(number) >= FAR else number

    def cost(self, number: int) -> int:
        """Return the price of the cheapest derivation of a fact; none: `FAR`."""
        return int(self.forest.whole.cost[number])

    def derivable(self) -> frozenset[str]:
        """Return all facts an attacker wins when every step works."""
        if self._derivable is None:
            held = self._outside(self.forest.whole.order[: self.forest.whole.size[0]])
            self._derivable = frozenset(self.graph.facts[each] for each in held)
        return self._derivable

    def without(self, causes: Collection[str]) -> Forest:
        """Return the cheapest ways that need none of the causes (ids).

        Only what used one of them is searched again. Unknown ids change nothing.
        """
        steps = self.steps_of(causes)
        if not len(steps):
            return self.forest
        works = self.forest.works.copy()
        works[steps] = False
        return self._grown(works, before=self.forest)

    def steps_of(self, causes: Collection[str]) -> I32:
        """Return the steps that need one of the causes (ids); unknown ids have none."""
        guards = self.graph.guards
        known = [self._causes[each] for each in causes if each in self._causes]
        return np.concatenate(
            [
                np.empty(0, np.int32),
                *(
                    guards.items[guards.ptr[each] : guards.ptr[each + 1]]
                    for each in known
                ),
            ]
        )

    def needed_for(self, fact: str) -> frozenset[str]:
        """Return the facts without which `fact` cannot be derived, itself included.

        These are its dominators in the AND/OR graph. Not derivable at all: none.
        """
        return self.needed_by([fact])[fact]

    def needed_by(self, facts: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return `needed_for` of many facts; together they cost little more than one.

        What nobody can do without is in every derivation, so only the facts of one
        derivation are tried. Those that dominate when one fact of a body is enough
        dominate all the more when all are needed; each of the others is taken away,
        and what can still be derived is derived again, 512 of them at once.
        """
        asked = dict.fromkeys(facts)
        new = [fact for fact in asked if fact not in self._needed]
        numbers = [self.number_of(fact) for fact in new]
        for fact, needed in zip(new, self._dominators(numbers), strict=True):
            names = (self.graph.facts[each] for each in self._outside(needed))
            self._needed[fact] = frozenset(names)
        return {fact: self._needed[fact] for fact in asked}

    def _dominators(self, numbers: list[int]) -> list[I32]:
        sure = [self._chain_above(number) for number in numbers]
        if not self._has_ands:
            return [np.array(sorted(each), np.int32) for each in sure]
        doubts: dict[int, list[int]] = defaultdict(list)
        for place, number in enumerate(numbers):
            for fact in self._won_for(number).difference(sure[place]):
                doubts[fact].append(place)
        gone = sorted(doubts)
        for start in range(0, len(gone), AT_ONCE):
            block = gone[start : start + AT_ONCE]
            bits = left_without(self.net, self.forest.works, np.array(block, np.int32))
            for bit, fact in enumerate(block):
                words = bits[[numbers[place] for place in doubts[fact]], bit >> 6]
                for place, word in zip(doubts[fact], words.tolist(), strict=True):
                    if not word >> (bit & 63) & 1:
                        sure[place].add(fact)
        return [np.array(sorted(each), np.int32) for each in sure]

    def _chain_above(self, number: int) -> set[int]:
        """Return the dominators of a fact when one fact of a body is enough."""
        if number == NONE:
            return set()
        if self._above is None:
            self._above = dominators(self.net, self.forest.works)
        chain = {number}
        while number != SOURCE:
            number = int(self._above[number])
            chain.add(number)
        return chain

    def _won_for(self, number: int) -> set[int]:
        """Return the facts won on the cheapest derivation of one."""
        if number == NONE:
            return set()
        if self._desk is None:
            self._desk = desk_of(self.graph, net=self.net)
        steps = derivation_of(self._desk, self.forest.whole.via, number)
        return set(self._outside(self.graph.head[steps]).tolist())

    def _outside(self, facts: I32) -> I32:
        """Leave out facts that only join the links of one step of the model."""
        return facts[~self._internal[facts]]

    def _grown(self, works: Flags, *, before: Forest | None = None) -> Forest:
        whole = (
            cheapest(self.net, works, together=True)
            if before is None
            else cheapest_without(self.net, works, before.whole, together=True)
        )
        if not self._has_ands:
            return Forest(works=works, whole=whole, chains=whole)
        held = whole.cost < FAR
        works = works & held[self.graph.first]
        works &= held[self.graph.second] | (self.graph.second == NONE)
        chains = (
            cheapest(self.net, works, together=False)
            if before is None
            else cheapest_without(self.net, works, before.chains, together=False)
        )
        return Forest(works=works, whole=whole, chains=chains)


def net_of(graph: Graph) -> Net:
    """Return the graph as the searches read it, with the price of each step."""
    chances, place = np.unique(graph.chance, return_inverse=True)
    costs = np.array([_price(chance) for chance in chances.tolist()], np.int64)
    prices = np.append(costs[place], 0)  # the last is that of no cause, -1
    return Net(
        first=graph.first,
        second=graph.second,
        head=graph.head,
        cause=graph.cause,
        price=(prices[graph.cause] << STEP_BITS) + _last_links(graph),
        uses_ptr=graph.uses.ptr,
        uses=graph.uses.items,
        wins_ptr=graph.wins.ptr,
        wins=graph.wins.items,
    )


def desk_of(graph: Graph, *, net: Net) -> Desk:
    """Return what derivations of this graph are worked out on."""
    facts = len(graph.facts)
    return Desk(
        net=net,
        doubt=(graph.chance > 0.0) & (graph.chance < 1.0),
        had=np.zeros(facts, np.int64),
        wanted=np.zeros(facts, np.int64),
        counted=np.zeros(len(graph.cause_ids), np.int64),
        steps=np.empty(facts, np.int32),
        stack=np.empty(2 * facts + 1, np.int32),
        clock=np.zeros(1, np.int64),
    )


def _price(chance: float) -> int:
    return round(-math.log(max(chance, RAREST)) * UNIT)


def _possible(graph: Graph) -> Flags:
    chances = np.append(graph.chance, 1.0)  # the last is that of no cause, -1
    possible: Flags = chances[graph.cause] > 0.0
    return possible


def _last_links(graph: Graph) -> Flags:
    """Which steps end the chain of one step of the model."""
    last = np.ones(len(graph.origin), np.bool_)
    last[:-1] = graph.origin[1:] != graph.origin[:-1]
    return last
