"""Why there is no path: the fewest things that would have to be true to open one."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.derive import Rules
from exposure.logic.paths.graph import I32, NONE, SOURCE, Graph, indexed
from exposure.logic.paths.hitting import MOST_ROUNDS, lightest_choice
from exposure.logic.paths.kernels.shortest import FAR, Net, cheapest

Group = frozenset[int]


@dataclass(frozen=True, slots=True)
class Opening:
    """Were the attacker to hold all of `facts` and were all `causes` possible, the
    target could be derived; `is_proven`: fewer are never enough.
    """

    facts: tuple[str, ...]
    causes: tuple[str, ...]
    is_proven: bool


def fewest_openings(
    rules: Rules,
    target: str,
    *,
    facts: Collection[str],
    weights: Mapping[str, float] | None = None,
    never: Collection[str] = (),
    rounds: int = MOST_ROUNDS,
) -> Opening | None:
    """Return the smallest set of facts and blocked causes that would open a path.

    `facts` are those that may be supposed: presence in a zone, a password; what the
    model does not speak of is left out. Every cause that is impossible now (chance 0:
    disproved, or closed for good) may be supposed possible, but for those in `never`.
    `weights` (1 each) are by fact or cause: the set is the lightest. A target that can
    be derived needs nothing. None: it cannot be derived whatever is supposed. Exact, with
    complete bodies and cycles, unless the search ends after `rounds`; of several sets,
    one.
    """
    if rules.number_of(target) != NONE:
        return Opening(facts=(), causes=(), is_proven=True)
    walls = _Walls(rules.graph, facts, never=frozenset(never))
    goal = walls.number_of(target)
    if goal == NONE:
        return None
    weigh = weights or {}
    found = lightest_choice(
        [weigh.get(walls.name(item)[1], 1.0) for item in range(walls.size)],
        lambda chosen: walls.in_the_way(chosen, goal),
        rounds=rounds,
    )
    if found is None:
        return None
    names = [walls.name(item) for item in sorted(found.chosen)]
    return Opening(
        facts=tuple(sorted(name for kind, name in names if kind == "fact")),
        causes=tuple(sorted(name for kind, name in names if kind == "cause")),
        is_proven=found.is_proven,
    )


class _Walls:
    """A graph in which facts may be supposed: each has a step of its own to be had.

    Item i is the i-th blocked cause; after those come the facts. Two more numbers are
    no items: steps that wait for nothing, and steps that nothing opens.
    """

    def __init__(
        self, graph: Graph, facts: Collection[str], *, never: frozenset[str]
    ) -> None:
        self._numbers = {fact: place for place, fact in enumerate(graph.facts)}
        known = (self._numbers.get(fact, NONE) for fact in sorted(set(facts)))
        self._supposed = [fact for fact in known if fact not in (NONE, SOURCE)]
        shut = np.flatnonzero(graph.chance <= 0.0).tolist()
        self._never = [each for each in shut if graph.cause_ids[each] in never]
        self._blocked = [each for each in shut if graph.cause_ids[each] not in never]
        self.size = len(self._blocked) + len(self._supposed)
        self._graph = _with_steps_to(graph, self._supposed)
        self._item = self._items(len(graph.head))
        self._net = _net_of(self._graph)

    def number_of(self, fact: str) -> int:
        """Return the number of a fact of the model; any other: -1."""
        return self._numbers.get(fact, NONE)

    def name(self, item: int) -> tuple[str, str]:
        """Return "cause" or "fact", and its id."""
        causes = len(self._blocked)
        if item < causes:
            return "cause", self._graph.cause_ids[self._blocked[item]]
        return "fact", self._graph.facts[self._supposed[item - causes]]

    def in_the_way(self, chosen: Group, goal: int) -> list[Group]:
        """Return a wall that keeps the goal away, as the items that would breach it.

        A wall is a set of facts none of which can be had first: each step to one of
        them needs another of them, or an item that is not chosen. So whatever opens a
        path breaches every wall.
        """
        open_ = self._is_open(chosen)
        held = cheapest(self._net, open_, together=True).cost < FAR
        if held[goal]:
            return []
        wall = {goal}
        breaches: set[int] = set()
        queue = [goal]
        for fact in queue:
            for step in self._steps_to(fact):
                if wall.isdisjoint(inner := self._lacking(step, held)):
                    if not open_[step]:
                        breaches.add(int(self._item[step]))
                    else:
                        wall.add(inner[0])
                        queue.append(inner[0])
        return [frozenset(breaches - {self.size + 1})]

    def _is_open(self, chosen: Group) -> np.ndarray:
        items = np.zeros(self.size + 2, np.bool_)
        items[[*chosen, self.size]] = True  # steps that wait for no item
        return items[self._item]

    def _steps_to(self, fact: int) -> Iterator[int]:
        wins = self._graph.wins
        yield from wins.items[wins.ptr[fact] : wins.ptr[fact + 1]].tolist()

    def _lacking(self, step: int, held: np.ndarray) -> list[int]:
        body = (int(self._graph.first[step]), int(self._graph.second[step]))
        return [fact for fact in body if fact != NONE and not held[fact]]

    def _items(self, steps: int) -> I32:
        """Which item each step waits for; above those: see the class."""
        item_of = np.full(len(self._graph.chance) + 1, self.size, np.int32)
        item_of[self._blocked] = np.arange(len(self._blocked))
        item_of[self._never] = self.size + 1
        items = item_of[self._graph.cause]
        items[steps:] = len(self._blocked) + np.arange(len(self._supposed))
        return items


def _with_steps_to(graph: Graph, facts: list[int]) -> Graph:
    more = np.array(facts, np.int32)
    none = np.full(len(facts), NONE, np.int32)
    return indexed(
        facts=graph.facts,
        cause_ids=graph.cause_ids,
        line_ids=graph.line_ids,
        first=np.concatenate([graph.first, np.zeros_like(more)]),
        second=np.concatenate([graph.second, none]),
        head=np.concatenate([graph.head, more]),
        cause=np.concatenate([graph.cause, none]),
        origin=np.concatenate([graph.origin, none]),
        chance=graph.chance,
        width=graph.width,
        key=graph.key,
        target=graph.target,
        points=graph.points,
    )


def _net_of(graph: Graph) -> Net:
    """Return a net in which only matters what can be derived."""
    return Net(
        first=graph.first,
        second=graph.second,
        head=graph.head,
        cause=graph.cause,
        price=np.ones(len(graph.head), np.int64),
        uses_ptr=graph.uses.ptr,
        uses=graph.uses.items,
        wins_ptr=graph.wins.ptr,
        wins=graph.wins.items,
    )
