"""A proven upper bound of the reach, and the few causes that prove it."""

import math
from dataclasses import dataclass

import networkx as nx

from exposure.logic.paths.derive import Rules
from exposure.logic.paths.model import AttackModel

# Whole numbers keep the maximum flow free of rounding; a cause that is certain can
# still be cut, only last.
SCALE = 1_000_000
CERTAIN = 100 * SCALE

Node = tuple[str, ...]


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
    shared. Steps that share premise and causes share one arc. Of a body with several
    facts one is enough: a bound stays a bound when more ways count.
    """

    def __init__(self, model: AttackModel) -> None:
        self._chance = {cause.id: cause.p for cause in model.causes}
        self._source: Node = (model.source,)
        rules = Rules(model)
        held = rules.derivable()
        self._graph = nx.DiGraph()
        self._graph.add_node(self._source)
        for step in rules.steps:
            if not held.issuperset(step.body):
                continue
            node: Node = (min(step.body),)
            for cause in sorted(set(step.causes)):
                self._graph.add_edge(
                    node,
                    (*node, cause),
                    capacity=_capacity(self._chance[cause]),
                    cause=cause,
                )
                node = (*node, cause)
            self._graph.add_edge(node, (step.head,))  # no capacity: cannot be cut

    def to(self, target: str) -> Cut:
        """Return the best cut found; unreachable: bound 0; nothing to cut: bound 1."""
        if (target,) not in self._graph:
            return Cut(bound=0.0, causes=())
        try:
            _, (inside, _) = nx.minimum_cut(self._graph, self._source, (target,))
        except nx.NetworkXUnbounded:
            return Cut(bound=1.0, causes=())
        crossed = {
            data["cause"]
            for start, end, data in self._graph.out_edges(inside, data=True)
            if start in inside and end not in inside
        }
        escape = math.prod(1.0 - self._chance[cause] for cause in sorted(crossed))
        return Cut(bound=1.0 - escape, causes=tuple(sorted(crossed)))


def _capacity(chance: float) -> int:
    if chance >= 1.0:
        return CERTAIN
    return max(1, min(CERTAIN, round(-math.log1p(-chance) * SCALE)))
