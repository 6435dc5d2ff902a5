"""The best single ways to a target: chains a person can follow and multiply by hand."""

import heapq
import itertools
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import networkx as nx

from exposure.logic.paths.derive import Rules
from exposure.logic.paths.model import AttackModel, Step

MOST_PATHS = 4
MOST_SEARCHES = 32
MOST_OVERLAP = 0.5

# Among equally likely ways the one with fewer steps is easier to argue about.
PER_STEP = 1e-9


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


class PathFinder:
    """Finds likely derivations in one model; the same model gives the same answer.

    Dijkstra on -ln p runs over the projection in which one fact of a body is enough;
    the missing facts of each body are then closed with their cheapest derivation
    (Knuth 1977) and the whole is scored again by its distinct causes. What comes out
    is a real derivation, so its p is a lower bound of the reach. With shared causes it
    is the best found, not proven the most likely.
    """

    def __init__(self, model: AttackModel) -> None:
        self._chance = {cause.id: cause.p for cause in model.causes}
        self._rules = Rules(model)
        self._source = model.source
        self._has_ands = any(len(step.body) > 1 for step in self._rules.steps)
        self._price = {step.id: self._price_of(step) for step in self._rules.steps}
        self._graph = nx.DiGraph()
        self._graph.add_node(self._source)
        for step in self._rules.steps:
            for fact in step.body:
                if not self._graph.has_edge(fact, step.head):
                    self._graph.add_edge(fact, step.head, steps=[])
                self._graph.edges[fact, step.head]["steps"].append(step)
        for _, _, steps in self._graph.edges(data="steps"):
            steps.sort(key=lambda step: (self._price[step.id], step.id))
        # With nothing forbidden one search finds the chains to all facts; it is kept.
        self._chains: dict[str, list[str]] | None = None
        self._cheapest_of_all: dict[str, Step | None] | None = None

    def ways(self, target: str) -> list[Derivation]:
        """Return up to four ways, most likely first, that share few causes.

        The first is the best found. Each further one overlaps each earlier one in at
        most half of their causes (Jaccard). New ways come from forbidding one cause
        of a found way at a time, so a cause that every way needs is never wasted on.
        At most 32 searches of O(E log V). No way: [].
        """
        first = self.likeliest(target)
        if first is None:
            return []
        number = 0  # of the search: the last word between equally likely ways
        queue = [(-first.p, number, frozenset[str](), first)]
        asked: set[frozenset[str]] = {frozenset()}
        known = {first.causes}
        kept: list[Derivation] = []
        while queue and len(kept) < MOST_PATHS:
            _, _, banned, found = heapq.heappop(queue)
            if all(overlap(found.causes, old.causes) <= MOST_OVERLAP for old in kept):
                kept.append(found)
            for wider in (banned | {cause} for cause in sorted(found.causes)):
                if wider in asked or len(asked) >= MOST_SEARCHES:
                    continue
                asked.add(wider)
                other = self.likeliest(target, without=wider)
                if other is not None and other.causes not in known:
                    known.add(other.causes)
                    number += 1
                    heapq.heappush(queue, (-other.p, number, wider, other))
        return kept

    def likeliest(
        self, target: str, *, without: Collection[str] = ()
    ) -> Derivation | None:
        """Return the best way found that uses none of the causes in `without`."""
        banned = frozenset(without)
        cheapest = self._cheapest(banned) if self._has_ands else {}
        if self._has_ands and target not in cheapest:
            return None
        chain = self._chain(target, banned, cheapest)
        if chain is None:
            return None
        found = self._score(chain, target)
        if not self._has_ands:
            return found
        tree = self._score(self._closed([], [target], cheapest), target)
        full = self._score(self._closed(chain, [], cheapest), target)
        return max(full, tree, key=lambda way: way.p)

    def _chain(
        self, target: str, banned: Collection[str], cheapest: dict[str, Step | None]
    ) -> list[Step] | None:
        """Return the steps of the shortest chain in the projection."""

        def choose(steps: Iterable[Step]) -> Step | None:
            for step in steps:  # cheapest first
                if any(cause in banned for cause in step.causes):
                    continue
                if not self._has_ands or all(fact in cheapest for fact in step.body):
                    return step
            return None

        def weight(_start: str, _end: str, edge: dict[str, list[Step]]) -> float | None:
            step = choose(edge["steps"])
            return None if step is None else self._price[step.id]

        if not banned and self._chains is None:
            self._chains = nx.single_source_dijkstra_path(
                self._graph, self._source, weight=weight
            )
        try:
            facts = (
                nx.dijkstra_path(self._graph, self._source, target, weight=weight)
                if banned or self._chains is None
                else self._chains[target]
            )
        except (nx.NetworkXNoPath, nx.NodeNotFound, KeyError):
            return None
        chosen = (
            choose(self._graph.edges[start, end]["steps"])
            for start, end in itertools.pairwise(facts)
        )
        return [step for step in chosen if step is not None]

    def _cheapest(self, banned: Collection[str]) -> dict[str, Step | None]:
        """Return for each derivable fact the last step of its cheapest derivation."""
        if not banned and self._cheapest_of_all is not None:
            return self._cheapest_of_all
        allowed = [
            step
            for step in self._rules.steps
            if not any(cause in banned for cause in step.causes)
        ]
        missing = {step.id: len(set(step.body)) for step in allowed}
        cost: dict[str, float] = {}
        last: dict[str, Step | None] = {}
        queue: list[tuple[float, str, str]] = [(0.0, self._source, "")]
        by_id = {step.id: step for step in allowed}
        while queue:
            price, fact, step_id = heapq.heappop(queue)
            if fact in cost:
                continue
            cost[fact], last[fact] = price, by_id.get(step_id)
            for step in self._rules.uses.get(fact, ()):
                if step.id not in missing:
                    continue
                missing[step.id] -= 1
                if not missing[step.id] and step.head not in cost:
                    total = self._price[step.id] + sum(cost[b] for b in set(step.body))
                    heapq.heappush(queue, (total, step.head, step.id))
        if not banned:
            self._cheapest_of_all = last
        return last

    def _closed(
        self, chain: list[Step], goals: list[str], cheapest: dict[str, Step | None]
    ) -> list[Step]:
        """Return the chain and goals with every missing fact derived before its use."""
        ordered: dict[str, Step] = {}
        for step in chain:
            for fact in step.body:
                self._derive(fact, ordered, cheapest)
            ordered.setdefault(step.head, step)
        for goal in goals:
            self._derive(goal, ordered, cheapest)
        return list(ordered.values())

    def _derive(
        self, goal: str, ordered: dict[str, Step], cheapest: dict[str, Step | None]
    ) -> None:
        """Append the cheapest derivation of `goal`, leaving out what is there."""
        stack = [goal]
        while stack:
            step = cheapest[stack[-1]]
            if step is None or stack[-1] in ordered:  # None: the source itself
                stack.pop()
                continue
            lacking = [
                fact
                for fact in step.body
                if fact != self._source and fact not in ordered
            ]
            if lacking:
                stack.extend(lacking)
            else:
                ordered[stack.pop()] = step

    def _score(self, steps: list[Step], target: str) -> Derivation:
        needed: list[Step] = []
        wanted = {target}
        for step in reversed(steps):
            if step.head in wanted:
                needed.append(step)
                wanted.update(step.body)
        causes = frozenset(cause for step in needed for cause in step.causes)
        chance = math.prod(self._chance[cause] for cause in sorted(causes))
        return Derivation(p=chance, steps=tuple(reversed(needed)), causes=causes)

    def _price_of(self, step: Step) -> float:
        chances = (self._chance[cause] for cause in sorted(set(step.causes)))
        return PER_STEP - sum(math.log(chance) for chance in chances)


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard overlap of two sets of causes: shared over all, in [0, 1]."""
    return len(one & other) / len(one | other) if one | other else 1.0
