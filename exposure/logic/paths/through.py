"""How much of the exposure an attacker reaches through one cause."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from exposure.logic.paths.graph import I32, I64, NONE, U64, Graph
from exposure.logic.paths.ground import Ground, leading_to
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.gains import Flags, Forest
from exposure.logic.paths.kernels.onward import Goals, Starts, through_each

Needed = Callable[[Iterable[str]], Mapping[str, Collection[str]]]
"""From facts to all facts without which each cannot be derived, itself included."""


@dataclass(frozen=True, slots=True)
class Passage:
    """`units` that somebody who uses the cause goes on to reach, and the lines."""

    units: float
    line_ids: tuple[str, ...]


class Passages:
    """Counts, block by block, what an attacker gets to through each of some causes.

    The attacker uses a step of the cause and goes on from what it won, without walking
    back through a fact that was needed to come that far (an AND/OR dominator of the
    step). Never less than what closing the cause removes, never more than the
    exposure. O(causes) times the part of the graph that lies onward of each.
    """

    def __init__(
        self, ground: Ground, cause_ids: Sequence[str], *, needed: Needed
    ) -> None:
        self._ground = ground
        self._causes = tuple(cause_ids)
        self._starts = starts_of(ground.graph, self._causes, needed=needed)
        self._goals = goals_of(ground.graph)
        self._points = np.zeros(len(self._causes))
        words = -(-len(self._goals.fact) // 64)
        self._reached = np.zeros((len(self._causes), words), np.uint64)

    def add(self, forest: Forest) -> None:
        """Count the worlds of one more block."""
        ground = self._ground
        through_each(
            ground.net,
            forest,
            ground.desk,
            self._starts,
            self._goals,
            self._points,
            self._reached,
        )

    def found(self) -> dict[str, Passage]:
        """Return what was found in the worlds counted so far, for each cause."""
        graph, worlds = self._ground.graph, self._ground.worlds
        goals = self._goals.number[graph.target]
        units = (self._points / worlds).tolist()
        passages = {}
        for row, cause in enumerate(self._causes):
            lines = np.flatnonzero(_flags(self._reached[row])[goals])
            ids = tuple(graph.line_ids[line] for line in lines.tolist())
            passages[cause] = Passage(units=units[row], line_ids=ids)
        return passages


def _flags(words: U64) -> Flags:
    """Return the bits of some words as flags, the lowest of the first word first."""
    octets = words.astype("<u8").view(np.uint8)
    return np.unpackbits(octets, bitorder="little").astype(np.bool_)


def goals_of(graph: Graph) -> Goals:
    """Return the facts that lines are lost by, as goals."""
    facts = np.unique(graph.target)
    wanted = np.zeros(len(graph.facts), np.bool_)
    wanted[facts] = True
    number = np.full(len(graph.facts), NONE, np.int32)
    number[facts] = np.arange(len(facts))
    return Goals(
        fact=facts,
        number=number,
        won=np.zeros((len(facts), WORDS), np.uint64),
        hit=np.empty(len(facts), np.int32),
        size=np.zeros(1, np.int64),
        near=leading_to(graph, wanted),
        closed=np.zeros(len(graph.facts), np.bool_),
    )


def starts_of(graph: Graph, cause_ids: Iterable[str], *, needed: Needed) -> Starts:
    """Return where each cause begins and what its user may not walk back through."""
    number = {cause: place for place, cause in enumerate(graph.cause_ids)}
    groups = [_by_body(graph, number[cause_id]) for cause_id in cause_ids]
    bodies = {fact for group in groups for body in group for fact in body}
    walls = _numbered(graph, needed(graph.facts[fact] for fact in sorted(bodies)))
    steps = [each for group in groups for each in group.values()]
    blocked = [
        sorted(frozenset[int]().union(*(walls[fact] for fact in body)))
        for group in groups
        for body in group
    ]
    return Starts(
        ptr=_pointers(map(len, groups)),
        step_ptr=_pointers(map(len, steps)),
        step=_joined(steps),
        wall_ptr=_pointers(map(len, blocked)),
        wall=_joined(blocked),
    )


def _by_body(graph: Graph, cause: int) -> dict[tuple[int, ...], list[int]]:
    """Return the steps of a cause by the facts they need.

    Of a step that is a chain of links it is the last link, with what all of them need.
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    guards = graph.guards.items[graph.guards.ptr[cause] : graph.guards.ptr[cause + 1]]
    for origin in sorted({*graph.origin[guards].tolist()}):
        # Numbers of another type would make it copy all of the array first.
        both = np.array([origin, origin + 1], graph.origin.dtype)
        start, end = np.searchsorted(graph.origin, both)
        own = graph.head[start : end - 1]
        bodies = np.concatenate([graph.first[start:end], graph.second[start:end]])
        body = sorted({*bodies.tolist()} - {*own.tolist(), NONE})
        groups.setdefault(tuple(body), []).append(int(end) - 1)
    return groups


def _numbered(
    graph: Graph, needed: Mapping[str, Collection[str]]
) -> dict[int, frozenset[int]]:
    number = {fact: place for place, fact in enumerate(graph.facts)}
    return {
        number[fact]: frozenset(number[each] for each in facts)
        for fact, facts in needed.items()
    }


def _pointers(sizes: Iterable[int]) -> I64:
    return np.array([0, *accumulate(sizes)], np.int64)


def _joined(lists: Iterable[Sequence[int]]) -> I32:
    return np.array([each for row in lists for each in row], np.int32)
