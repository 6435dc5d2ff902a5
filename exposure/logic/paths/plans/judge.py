"""What sets of changes are worth in worlds in which nobody planned."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.edits import Edit
from exposure.logic.paths.effects import Effects, State
from exposure.logic.paths.graph import F64, Graph


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What each change removes, and how often each line is lost, as shares of worlds.

    By number of change: `alone`, and `more` on top of all that are made. In the
    `order` they are made in: `removed`, each after those before it.
    """

    alone: F64
    order: list[int]
    removed: list[float]
    more: F64
    reach_before: list[float]
    reach: list[float]


class Judge:
    """Counts in many worlds, with the draws of an analysis of the same seed."""

    def __init__(
        self, graph: Graph, edits: Sequence[Edit], *, seed: int, worlds: int
    ) -> None:
        self._graph, self._worlds = graph, worlds
        self._effects = Effects(graph, edits, seed=seed, worlds=worlds)
        self._known: dict[frozenset[int], float] = {}

    def exposure(self, chosen: Collection[int]) -> float:
        """Return the exposure that is left, in units."""
        key = frozenset(chosen)
        if key not in self._known:
            self._known[key] = self._effects.loss(self._effects.state(key))
        return self._known[key]

    def weigh(self, in_order: Callable[[F64], list[int]]) -> Weighed:
        """Weigh the changes that `in_order` names, given what each removes alone."""
        effects = self._effects
        state = effects.state()
        alone, reach_before = effects.gains(state), self._reach(state)
        order, losses = in_order(alone), [effects.loss(state)]
        for place in order:
            state = effects.after(state, place)
            losses.append(effects.loss(state))
        return Weighed(
            alone=alone,
            order=order,
            removed=(-np.diff(losses)).tolist(),
            more=effects.gains(state),
            reach_before=reach_before,
            reach=self._reach(state),
        )

    def _reach(self, state: State) -> list[float]:
        counts = np.zeros(len(self._graph.target), np.int64)
        for forest in state.forests:
            rows = forest.held[self._graph.target]
            counts += np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
        return [int(count) / self._worlds for count in counts]
