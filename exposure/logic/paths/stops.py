"""The fewest changes after which no way to a target is left."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.derive import Rules, desk_of
from exposure.logic.paths.graph import I64, NONE
from exposure.logic.paths.hitting import MOST_ROUNDS, Choice, lightest_choice
from exposure.logic.paths.kernels.derivation import Desk, derivation_of
from exposure.logic.paths.kernels.shortest import (
    FAR,
    STEP_BITS,
    Flags,
    Tree,
    cheapest,
    cheapest_without,
)
from exposure.logic.paths.model import ModelRefused

Group = frozenset[int]


@dataclass(frozen=True, slots=True)
class Stop:
    """After all `changes` (ids, in order) no target can be derived any more.

    `weight` is their sum; no set that weighs less than `at_least` does it. Where the
    two are equal (`is_proven`) nothing lighter exists.
    """

    changes: tuple[str, ...]
    weight: float
    at_least: float
    is_proven: bool


def fewest_changes(  # noqa: PLR0913 - all but two are options, by name
    rules: Rules,
    targets: Collection[str],
    *,
    closes: Mapping[str, Collection[str]],
    weights: Mapping[str, float] | None = None,
    needs: Mapping[str, Collection[str]] | None = None,
    rounds: int = MOST_ROUNDS,
    stopped: Callable[[], bool] = lambda: False,
) -> Stop | None:
    """Return the lightest set of changes that cuts every way to every target.

    `closes` says which causes (ids) a change makes impossible; `weights` what it costs
    (0 or more; default 1 each, so the set is the smallest), `needs` which others are
    made with it, all of them in `closes`. A change that leaves a cause a chance closes
    nothing: leave that cause out. None: some way needs nothing that a change closes.
    Targets that nobody reaches: no changes. Exact also with shared causes, complete
    bodies and cycles, where a minimum cut is not; where the search ends after `rounds`,
    or once `stopped` says so, `at_least` says how far it came. Raises `ModelRefused` for a weight that is no number of 0 or more.
    """
    ids = sorted(closes)
    number = {each: place for place, each in enumerate(ids)}
    costs = [1.0 if weights is None else float(weights[each]) for each in ids]
    for each, cost in zip(ids, costs, strict=True):
        if not 0.0 <= cost < float("inf"):  # NaN fails every comparison
            raise ModelRefused(f"The change {each} weighs {cost}.")
    goals = [goal for each in targets if (goal := rules.number_of(each)) != NONE]
    changes = _Changes(rules, [closes[each] for each in ids])
    found: Choice | None = lightest_choice(
        costs,
        lambda chosen: changes.ways_left(chosen, goals),
        needs={
            number[each]: [number[other] for other in others]
            for each, others in (needs or {}).items()
        },
        rounds=rounds,
        stopped=stopped,
    )
    if found is None:
        return None
    return Stop(
        changes=tuple(ids[each] for each in sorted(found.chosen)),
        weight=found.weight,
        at_least=found.at_least,
        is_proven=found.is_proven,
    )


class _Changes:
    """Finds derivations that few changes can break, with some changes made."""

    def __init__(self, rules: Rules, closes: Sequence[Collection[str]]) -> None:
        self._rules = rules
        self._steps = [rules.steps_of(causes) for causes in closes]
        self._breakers: dict[int, set[int]] = defaultdict(set)
        for change, steps in enumerate(self._steps):
            for step in steps.tolist():
                self._breakers[step].add(change)
        net = rules.net._replace(price=self._prices())
        self._desk: Desk = desk_of(rules.graph, net=net)
        self._open: Tree = cheapest(net, rules.forest.works, together=True)

    def _prices(self) -> I64:
        """Each step that a change can break costs 1, so ways with few come first."""
        prices = np.ones(len(self._rules.graph.head), np.int64)
        prices[sorted(self._breakers)] += 1 << STEP_BITS
        return prices

    def ways_left(self, chosen: Group, goals: Sequence[int]) -> list[Group]:
        """Return for some ways that are left which changes would break them.

        No two of them can be broken by the same change, so that each round tells much:
        after each way all that would break it is thought gone.
        """
        net = self._desk.net
        works = self._without(self._rules.forest.works, chosen)
        tree = cheapest_without(net, works, self._open, together=True)
        found: list[Group] = []
        for goal in goals:
            while tree.cost[goal] < FAR:
                steps = derivation_of(self._desk, tree.via, goal).tolist()
                group = Group().union(*(self._breakers.get(each, ()) for each in steps))
                found.append(group)
                if not group:
                    return found
                works = self._without(works, group)
                tree = cheapest_without(net, works, tree, together=True)
        return found

    def _without(self, works: Flags, changes: Collection[int]) -> Flags:
        left = works.copy()
        for change in changes:
            left[self._steps[change]] = False
        return left
