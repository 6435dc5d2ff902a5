"""The lightest choice that meets every one of many groups: a minimum hitting set."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

MOST_ROUNDS = 200
MOST_NODES = 20_000
"""Branches that the solver may open for one choice; a clock would not be repeatable."""

NEARLY = 1e-6
"""What the solver calls equal, as a share."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`chosen` items do it; nothing that weighs less than `at_least` does."""

    chosen: frozenset[int]
    weight: float
    at_least: float

    @property
    def is_proven(self) -> bool:
        """Whether no lighter choice exists."""
        return self.weight <= self.at_least + NEARLY * max(1.0, self.weight)


Needs = Mapping[int, Collection[int]]
"""By item: which others must be chosen with it."""

Missed = Callable[[frozenset[int]], Collection[frozenset[int]]]
"""Says which groups a choice does not meet: some of them, or none when it meets all."""


def lightest_choice(
    weights: Sequence[float],
    missed: Missed,
    *,
    needs: Needs | None = None,
    rounds: int = MOST_ROUNDS,
    stopped: Callable[[], bool] = lambda: False,
) -> Choice | None:
    """Return the lightest choice of items 0, 1, ... that meets every group.

    What an item `needs` is chosen with it, and weighs. The groups may be far too many to list: `missed` is asked for some that the choice
    so far does not meet, until there are none (implicit hitting sets: Reiter 1987;
    Moreno-Centeno and Karp 2013). Each choice is solved exactly by HiGHS, so the last
    one is the lightest of all. An empty group cannot be met: None. After so many `rounds`,
    or once `stopped` says so between two of them, the groups still missed are met item by item, and `at_least` tells the difference.
    """
    groups: dict[frozenset[int], None] = {}
    chosen: frozenset[int] = frozenset()
    at_least = 0.0
    needed = needs or {}
    for _ in range(rounds):
        new = missed(chosen)
        if not new:
            return _choice(chosen, weights, at_least)
        if frozenset() in new:
            return None
        if stopped():
            break
        groups.update(dict.fromkeys(new))
        chosen, at_least = _solved(weights, list(groups), needed)
    while new := missed(chosen):
        if frozenset() in new:
            return None
        lightest = (min(group, key=lambda item: (weights[item], item)) for group in new)
        chosen |= with_needs(lightest, needed)
    return _choice(chosen, weights, at_least)


def with_needs(items: Iterable[int], needs: Needs) -> frozenset[int]:
    """Return items with all they need, and what those need."""
    found = set(items)
    todo = sorted(found)
    while todo:
        new = set(needs.get(todo.pop(), ())) - found
        found |= new
        todo += sorted(new)
    return frozenset(found)


def _choice(chosen: frozenset[int], weights: Sequence[float], low: float) -> Choice:
    weight = sum(weights[item] for item in sorted(chosen))
    return Choice(chosen=chosen, weight=weight, at_least=min(low, weight))


def _solved(
    weights: Sequence[float], groups: list[frozenset[int]], needs: Needs
) -> tuple[frozenset[int], float]:
    """Return the lightest choice for these groups, and the bound that is proven."""
    items = sorted(with_needs(frozenset().union(*groups), needs))
    column = {item: place for place, item in enumerate(items)}
    pairs = [
        (item, each)
        for item in items
        for each in sorted({*needs.get(item, ())} - {item})
    ]
    terms = [[(column[item], 1.0) for item in sorted(group)] for group in groups]
    terms += [[(column[item], -1.0), (column[each], 1.0)] for item, each in pairs]
    flat = [term for row in terms for term in row]
    rows = csr_array(
        (
            [factor for _, factor in flat],
            [place for place, _ in flat],
            np.cumsum([0, *map(len, terms)]),
        ),
        shape=(len(terms), len(items)),
    )
    least = np.array([1.0] * len(groups) + [0.0] * len(pairs))
    cost = np.array([weights[item] for item in items])
    solved = milp(
        cost,
        constraints=LinearConstraint(rows, lb=least),
        integrality=np.ones(len(items)),
        bounds=Bounds(0.0, 1.0),
        options={"node_limit": MOST_NODES, "mip_rel_gap": 0.0},
    )
    if solved.x is None:  # stopped before anything was found: everything meets them
        return frozenset(items), 0.0
    chosen = frozenset(items[place] for place in np.flatnonzero(solved.x > 0.5))
    return chosen, float(solved.mip_dual_bound)
