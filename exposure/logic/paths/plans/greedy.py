"""Two greedy plans, exact in each step: by what a change removes, and that per hour."""

from collections.abc import Callable, Iterator

import numpy as np

from exposure.logic.paths.effects import Effects, State
from exposure.logic.paths.graph import F64
from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.sample import Sample

MINUTE = 1.0 / 60.0

ROUNDING = 1.0 + 1e-9
"""Bounds are sums of floats: they are taken for a little more than they are."""

Stopped = Callable[[], bool]
Score = Callable[[Allowed, frozenset[int], float], float]


class Greedy:
    """Exact greedy sets, in the worlds of one sample, whose edits are the candidates'.

    A move is a change with all it needs. Each step takes the move with the highest
    exact score among those that still fit. Moves are tried in the order of an upper
    bound (the loss whose known way they break) until no bound beats the best score, so
    nothing is assumed about how gains change: risk reduction is not submodular.
    """

    def __init__(self, sample: Sample, allowed: Allowed) -> None:
        self._sample, self._allowed = sample, allowed
        self._effects = Effects(
            sample.graph, sample.edits, seed=sample.seed, worlds=sample.worlds
        )
        self._bounds: dict[frozenset[int], F64] = {}
        self._gains: dict[tuple[frozenset[int], frozenset[int]], float] = {}

    def by_gain(self, *, stopped: Stopped = lambda: False) -> frozenset[int]:
        """Return the set that takes what removes most; so far, once `stopped`."""
        return self._grown(_gain, stopped=stopped)

    def by_gain_per_hour(self, *, stopped: Stopped = lambda: False) -> frozenset[int]:
        """Return the set that takes what removes most per hour of work and downtime."""
        return self._grown(_per_hour, stopped=stopped)

    def _grown(self, score: Score, *, stopped: Stopped) -> frozenset[int]:
        allowed = self._allowed
        state = self._effects.state(allowed.with_needs(allowed.fixed))
        while not stopped():
            best, best_score = frozenset[int](), 0.0
            for bound, new in self._moves(state.chosen, score=score):
                if bound <= best_score or stopped():
                    break
                value = score(allowed, new, self._gain_of(state, new))
                if value > best_score:
                    best, best_score = new, value
            if not best:
                break
            state = self._after(state, best)
        return state.chosen

    def _moves(
        self, chosen: frozenset[int], *, score: Score
    ) -> Iterator[tuple[float, frozenset[int]]]:
        """Yield (bound of the score, what the move adds), the highest bound first."""
        allowed = self._allowed
        if chosen not in self._bounds:
            removed = self._sample.bounds(chosen) / self._sample.worlds
            self._bounds[chosen] = removed * ROUNDING
        bounds = self._bounds[chosen]
        rows: dict[frozenset[int], float] = {}
        for place in range(len(allowed.candidates)):
            if place in chosen or place in allowed.forbidden:
                continue
            new = allowed.with_needs([place]) - chosen
            # Breaking the known ways of one or the other: at most the sum of both.
            rows[new] = score(allowed, new, float(np.sum(bounds[sorted(new)])))
        for new in sorted(rows, key=lambda each: (-rows[each], sorted(each))):
            if rows[new] > 0.0 and allowed.fits(chosen | new):
                yield rows[new], new

    def _gain_of(self, state: State, new: frozenset[int]) -> float:
        key = (state.chosen, new)
        if key not in self._gains:
            self._gains[key] = (
                self._effects.gain(state, next(iter(new)))
                if len(new) == 1
                else self._effects.loss(state)
                - self._effects.loss(self._after(state, new))
            )
        return self._gains[key]

    def _after(self, state: State, new: frozenset[int]) -> State:
        for place in sorted(new):
            state = self._effects.after(state, place)
        return state


def _gain(_allowed: Allowed, _new: frozenset[int], gain: float) -> float:
    return gain


def _per_hour(allowed: Allowed, new: frozenset[int], gain: float) -> float:
    minutes = sum(
        allowed.hours[place] + sum(allowed.stops[place].values()) for place in new
    )
    return gain / max(minutes / 60.0, MINUTE)
