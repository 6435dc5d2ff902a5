"""The best set of changes, with proof: a sampled-worlds integer program, cut by cut.

Minimise the sum over (world, line) of points x lost, where `lost` plus the changes that
break a way is at least one for each way known. Ways are added while the best set of the
program leaves some open (implicit hitting set; stochastic network interdiction after
Cormican, Morton and Wood 1998). HiGHS solves the program.
"""

import math
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from exposure.logic.paths.graph import F64
from exposure.logic.paths.plans.allowed import Allowed, Row
from exposure.logic.paths.plans.pool import Pool

GAP = 1e-4
MOST_ROUNDS = 500

Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Best:
    """The best set found, and how good it is at least.

    `loss` is points x worlds that `chosen` leaves, `bound` what no allowed set gets
    below. They are equal when the set is proven the best. `ended`: neither time nor
    patience ran out before that was shown.
    """

    chosen: frozenset[int]
    loss: float
    bound: float
    ended: bool

    @property
    def gap(self) -> float:
        """How far the set may be from the best one, as a share of what it leaves."""
        return max(0.0, self.loss - self.bound) / max(self.loss, 1.0)


def best_set(
    pool: Pool,
    allowed: Allowed,
    *,
    warm: Iterable[Collection[int]] = (),
    seconds: float = 60.0,
    stopped: Stopped = lambda: False,
    on_better: Callable[[Best], None] = lambda _: None,
) -> Best:
    """Return the allowed set that loses least in the worlds of the pool.

    `warm` are sets to begin with, beside what is fixed; those not allowed are passed
    over. `on_better` is told of each set that is better than all before it. Ends when
    the gap is proven to be a hundredth of a percent, after `seconds`, or when `stopped`
    says so (a program that is being solved is not interrupted); the bound is honest in
    all three cases. The same input gives the same answer unless time runs out.
    """
    until = time.monotonic() + seconds
    tried = _begun(pool, allowed, warm)
    bound, ended = 0.0, False
    for _ in range(MOST_ROUNDS):
        left = until - time.monotonic()
        if left <= 0 or stopped():
            break
        answer = _solve_pool(pool, allowed, seconds=left)
        bound = max(bound, answer.bound)
        if answer.made is None:
            break
        known, best = answer.made in tried, min(tried.values())
        loss = tried[answer.made] = pool.look(answer.made)
        if loss < best:
            on_better(Best(answer.made, loss, min(bound, loss), ended=False))
        best = min(best, loss)
        ended = best - bound <= GAP * max(best, 1.0)
        if known or ended:
            break
    chosen = min(tried, key=lambda each: (tried[each], sorted(each)))
    loss = tried[chosen]
    chosen = pruned(pool, allowed, chosen, loss=loss)
    return Best(chosen, loss, min(bound, loss), ended)


def _begun(
    pool: Pool, allowed: Allowed, warm: Iterable[Collection[int]]
) -> dict[frozenset[int], float]:
    """Return what sets that are known lose: those of them that are allowed."""
    pool.look(())
    first = allowed.with_needs(allowed.fixed)
    return {
        each: pool.look(each)
        for each in dict.fromkeys([first, *map(frozenset, warm)])
        if allowed.fits(each) and allowed.fixed <= each
    }


def pruned(
    pool: Pool, allowed: Allowed, chosen: frozenset[int], *, loss: float
) -> frozenset[int]:
    """Return a set of changes without those that remove nothing beside the others.

    `loss` is what the set leaves. What stops lines longest goes first; fixed changes
    and what they need stay.
    """
    stay = allowed.with_needs(allowed.fixed)
    order = sorted(chosen - stay, key=lambda each: (*allowed.minutes(each), -each))
    for place in reversed(order):
        if place not in chosen or place in pool.needed(chosen):
            continue
        fewer = chosen - allowed.needing(place, chosen)
        if stay <= fewer and pool.look(fewer) <= loss:
            chosen = fewer
    return chosen


@dataclass(frozen=True, slots=True)
class _Answer:
    """`made`: the changes made, None when no set was found; `bound` of the cost."""

    made: frozenset[int] | None
    bound: float


def _solve_pool(pool: Pool, allowed: Allowed, *, seconds: float) -> _Answer:
    """Solve the program over the ways known so far: changes, slots, then groups."""
    rows, slots = allowed.rows()
    groups = pool.groups()
    lost = sum(weight for cuts, weight in groups if frozenset() in cuts)
    open_groups = [row for row in groups if frozenset() not in row[0]]
    whole = len(allowed.candidates) + len(slots)
    for offset, (cuts, _) in enumerate(open_groups):
        for cut in sorted(cuts, key=sorted):
            terms = [(place, 1.0) for place in sorted(cut)]
            rows.append(Row([*terms, (whole + offset, 1.0)], lowest=1.0))
    weights = np.array([weight for _, weight in open_groups], np.float64)
    scale = max(float(weights.sum()), 1.0)  # a cost near 1, as solvers like it
    cost = np.concatenate([np.zeros(whole), weights / scale])
    answer = _solve(rows, cost, allowed=allowed, whole=whole, seconds=seconds)
    return _Answer(answer.made, lost + answer.bound * scale)


def _solve(
    rows: list[Row],
    cost: F64,
    *,
    allowed: Allowed,
    whole: int,
    seconds: float,
) -> _Answer:
    """Minimise `cost` over 0 to 1; the first `whole` variables are 0 or 1."""
    lowest, highest = np.zeros(len(cost)), np.ones(len(cost))
    lowest[sorted(allowed.fixed)] = 1.0
    highest[sorted(allowed.forbidden)] = 0.0
    kinds = np.zeros(len(cost))
    kinds[:whole] = 1
    if not len(cost):
        return _Answer(frozenset(), 0.0)
    result = optimize.milp(
        cost,
        constraints=_constraints(rows, size=len(cost)),
        bounds=optimize.Bounds(lowest, highest),
        integrality=kinds,
        options={"time_limit": seconds, "mip_rel_gap": GAP / 2},
    )
    bound = 0.0 if result.mip_dual_bound is None else float(result.mip_dual_bound)
    if not math.isfinite(bound):
        bound = 0.0
    if result.x is None:
        return _Answer(None, bound)
    made = np.flatnonzero(result.x[: len(allowed.candidates)] > 0.5)
    return _Answer(frozenset(made.tolist()), bound)


def _constraints(rows: list[Row], *, size: int) -> list[optimize.LinearConstraint]:
    rows = [row for row in rows if row.terms]
    if not rows:
        return []
    at = np.repeat(np.arange(len(rows)), [len(row.terms) for row in rows])
    terms = np.array([term for row in rows for term in row.terms])
    matrix = sparse.csr_array(
        (terms[:, 1], (at, terms[:, 0].astype(int))), shape=(len(rows), size)
    )
    lowest = np.array([row.lowest for row in rows])
    highest = np.array([row.highest for row in rows])
    return [optimize.LinearConstraint(matrix, lowest, highest)]
