"""A proven upper bound of the reach, and the few causes that prove it."""

import math
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.derive import Rules
from exposure.logic.paths.graph import I64, NONE, SOURCE, Graph, Index, index
from exposure.logic.paths.kernels.cut import minimum_cut
from exposure.logic.paths.kernels.flow import ENDLESS, Pipes, Tide

# Whole numbers keep the maximum flow free of rounding; a cause that is certain can
# still be cut, only last.
SCALE = 1_000_000
CERTAIN = 100 * SCALE

EFFORT = 40_000_000
"""Arcs looked at for one target before a cut that is not minimal has to do."""


@dataclass(frozen=True, slots=True)
class Cut:
    """`bound` >= reach. Without all of `causes` the target cannot be reached."""

    bound: float
    causes: tuple[str, ...]


class Cuts:
    """Minimum cuts of one model between the internet and its targets.

    Every derivation crosses the cut, so at least one of its causes is true:
    reach <= 1 - prod(1 - p) over the distinct causes of the cut. The capacities are
    -ln(1 - p), which makes the minimum cut the best such bound when causes are not
    shared. Steps that share premise and causes share one arc. Of a body with two facts
    the one that is harder to get is enough: a bound stays a bound when more ways count.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._chance = self._rules.graph.chance
        self._pipes, self._cause = _pipes(self._rules)
        self._tide = _tide(self._pipes)
        self._known: dict[int, Cut] = {}

    def to(self, target: str) -> Cut:
        """Return the best cut found; unreachable: bound 0; nothing to cut: bound 1."""
        goal = self._rules.number_of(target)
        if goal == NONE:
            return Cut(bound=0.0, causes=())
        if goal == SOURCE:
            return Cut(bound=1.0, causes=())
        if goal not in self._known:
            self._known[goal] = self._to(goal)
        return self._known[goal]

    def _to(self, goal: int) -> Cut:
        value, arcs, _ = minimum_cut(self._pipes, self._tide, SOURCE, goal, EFFORT)
        if value >= ENDLESS:
            return Cut(bound=1.0, causes=())
        crossed = sorted(set(self._cause[arcs].tolist()))
        ids = self._rules.graph.cause_ids
        return Cut(
            bound=_any_of([float(self._chance[each]) for each in crossed]),
            causes=tuple(sorted(ids[each] for each in crossed)),
        )


def _any_of(chances: list[float]) -> float:
    """Return the chance that at least one of some independent causes is true."""
    if 1.0 in chances:
        return 1.0
    return -math.expm1(math.fsum(math.log1p(-chance) for chance in chances))


def _pipes(rules: Rules) -> tuple[Pipes, I64]:
    """Return the arcs, and the cause of each (-1: an arc that cannot be cut).

    A fact and a cause that guards steps from it are joined by one arc with room for
    the cause; from its end arcs that cannot be cut lead to all that those steps win.
    """
    graph, works = rules.graph, rules.forest.works
    near = rules.forest.chains.cost
    harder = (graph.second != NONE) & (near[graph.second] > near[graph.first])
    tail = np.where(harder, graph.second, graph.first).astype(np.int64)
    guarded = works & (graph.cause != NONE)
    free = works & (graph.cause == NONE)
    facts, causes = len(graph.facts), len(graph.cause_ids)
    doors, door_of = np.unique(
        tail[guarded] * causes + graph.cause[guarded], return_inverse=True
    )
    room = _room(graph)[doors % causes] if causes else np.zeros(0, np.int64)
    beyond = facts + np.arange(len(doors))
    certain = len(door_of) + int(free.sum())
    tails = np.concatenate([doors // max(causes, 1), facts + door_of, tail[free]])
    heads = np.concatenate([beyond, graph.head[guarded], graph.head[free]])
    nodes = facts + len(doors)
    out = _index(tails, nodes)
    into = _index(heads, nodes)
    pipes = Pipes(
        tail=tails.astype(np.int32),
        head=heads.astype(np.int32),
        room=np.concatenate([room, np.full(certain, ENDLESS, np.int64)]),
        out_ptr=out.ptr,
        out=out.items,
        into_ptr=into.ptr,
        into=into.items,
    )
    cause = np.concatenate([doors % max(causes, 1), np.full(certain, NONE, np.int64)])
    return pipes, cause


def _index(keys: I64, size: int) -> Index:
    arcs = np.arange(len(keys), dtype=np.int32)
    return index(keys.astype(np.int32), arcs, size=size)


def _room(graph: Graph) -> I64:
    """Return the room that each cause leaves."""
    chances, place = np.unique(graph.chance, return_inverse=True)
    rooms = [
        CERTAIN if chance >= 1.0 else round(-math.log1p(-chance) * SCALE)
        for chance in chances.tolist()
    ]
    room: I64 = np.clip(np.array(rooms, np.int64), 1, CERTAIN)[place]
    return room


def _tide(pipes: Pipes) -> Tide:
    nodes = len(pipes.out_ptr) - 1
    return Tide(
        flow=np.zeros(len(pipes.tail), np.int64),
        seen=np.zeros((2, nodes), np.int64),
        by=np.zeros((2, nodes), np.int32),
        queue=np.zeros((2, nodes), np.int32),
        size=np.zeros(2, np.int64),
        turn=np.zeros(nodes, np.int64),
        clock=np.zeros(1, np.int64),
    )
