"""Lines that hardly any world loses: their reach as a product of likelier parts.

Ten thousand worlds say nothing of a line that one attempt in a million takes. But what
nobody can do without multiplies. A cause that every way needs is taken as true and its
chance set aside. A fact d that every way passes splits the way in two, provided that
nothing behind d needs a fact from before it: the line is lost exactly in the worlds in
which d is won and the line is won from d alone. Where the two parts share no uncertain
cause they are independent, so their reaches multiply. Each part is likelier than the
whole, and is sampled by itself.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from exposure.logic.paths.draws import BLOCK, MAX_WORLDS
from exposure.logic.paths.graph import I32, I64, NONE, SOURCE, Graph, indexed
from exposure.logic.paths.without import Flags, Without, first_ways, way_to
from exposure.logic.paths.worlds import Worlds, sample

FEW = 16
"""Fewer hits than these say too little: the error is above a quarter."""

MOST_LINES = 16
MOST_STEPS = 3_000_000
"""Steps x lines that are looked at; one line at least, and sixteen at most."""

WORK = 100_000_000
"""Steps x worlds that are spent on one part, 512 worlds at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A reach = `chance` x the reaches of the only lines of `graphs`.

    `chance` is the product over the causes that every way needs; they are certain in
    the graphs. No two graphs share an uncertain cause.
    """

    chance: float
    graphs: tuple[Graph, ...]


def rare_reaches(worlds: Worlds, *, seed: int) -> dict[int, float]:
    """Return the reach of lines that fewer than 16 of the worlds lose, by line number.

    Sixteen lines at most, those with most points first. A line that nothing leads to
    is left out, and so is one with a part that is too rare to be sampled. A figure for
    the line alone: it is in no sum, and changes are not weighed by it.
    """
    graph = worlds.graph
    hits = worlds.hits[graph.target]
    seldom = np.flatnonzero((hits < FEW) & (hits < worlds.count))
    seldom = seldom[np.argsort(-graph.points[seldom], kind="stable")]
    found = {}
    for line, parts in parts_of(graph, seldom.tolist()).items():
        reach = _reach(parts, seed=seed)
        if reach is not None:
            found[line] = reach
    return found


def _reach(parts: Parts, *, seed: int) -> float | None:
    """Multiply the reaches; parts share no luck, so the same worlds serve all."""
    reach = parts.chance
    for graph in parts.graphs:
        count = min(MAX_WORLDS, max(BLOCK, WORK // len(graph.head)))
        part = sample(graph, count=count, seed=seed)
        if part.hits[graph.target[0]] < FEW:
            return None
        reach *= float(part.reaches[0])
    return reach


def parts_of(graph: Graph, lines: Sequence[int]) -> dict[int, Parts]:
    """Return the parts of lines (numbers), as many as are looked at at once.

    Left out: lines that nothing leads to, and what exceeds 16 lines (fewer in a graph of
    more than 187 500 steps) or 512 facts and causes on one way to each.
    """
    most = max(1, min(MOST_LINES, MOST_STEPS // max(1, len(graph.head))))
    via = first_ways(graph)
    ways: dict[int, tuple[list[int], list[int]]] = {}
    facts: set[int] = set()
    causes: set[int] = set()
    for line in lines:
        if via[graph.target[line]] == NONE:
            continue
        held, needs = way_to(graph, via, int(graph.target[line]))
        more = len(facts.union(held)) + len(causes.union(needs))
        if len(ways) == most or more > BLOCK:
            break
        ways[line] = (held, needs)
        facts.update(held)
        causes.update(needs)
    if not ways:
        return {}
    without = Without(graph, facts=sorted(facts), causes=sorted(causes), via=via)
    return {
        line: _parts(without, int(graph.target[line]), facts=held, causes=needs)
        for line, (held, needs) in ways.items()
    }


def _parts(
    without: Without, target: int, *, facts: list[int], causes: list[int]
) -> Parts:
    graph, needed = without.graph, without.needed(target, facts=facts, causes=causes)
    chances = graph.chance.copy()
    chances[needed.causes] = 1.0
    doubt = (chances > 0.0) & (chances < 1.0)
    ends, segments = _segments(without, target, needed.facts)
    last = np.full(len(chances), NONE)  # the last segment that needs a cause
    used = []
    for place, steps in enumerate(segments):
        mine = np.unique(graph.cause[steps])
        used.append(mine[(mine != NONE) & doubt[mine]])
        last[used[-1]] = place
    return Parts(
        chance=math.prod(graph.chance[needed.causes].tolist()),
        graphs=tuple(
            _part(
                replace(graph, chance=chances),
                np.concatenate(segments[first:end]),
                source=ends[first],
                target=ends[end],
            )
            for first, end in _joined(used, last)
        ),
    )


def _segments(
    without: Without, target: int, needed: list[int]
) -> tuple[list[int], list[I32]]:
    """Return facts one after the other, and the steps from each to the next one."""
    graph, steps = without.graph, without.leading_to(target)
    behind = {fact: without.behind(fact) for fact in {SOURCE, target, *needed}}
    inner = [
        fact
        for fact in needed
        if fact != target and _splits(graph, steps, fact, behind[fact])
    ]
    inner.sort(key=lambda fact: -int(behind[fact].sum()))  # what comes first has most
    ends = [SOURCE, *inner, target]
    segments = []
    for start, end in pairwise(ends):
        later = behind[end].copy()
        here = steps & behind[start][graph.head] & ~later[graph.head]
        later[end] = True
        second = graph.second
        here &= ~later[graph.first] & ((second == NONE) | ~later[second])
        segments.append(np.flatnonzero(here).astype(np.int32))
    return ends, segments


def _splits(graph: Graph, steps: Flags, fact: int, behind: Flags) -> bool:
    """Return whether nothing behind a fact needs anything from before it."""
    inside = behind.copy()
    inside[fact] = True
    here = np.flatnonzero(steps & behind[graph.head])
    second = graph.second[here]
    whole = inside[graph.first[here]] & ((second == NONE) | inside[second])
    return bool(whole.all())


def _joined(used: list[I32], last: I64) -> Iterator[tuple[int, int]]:
    """Yield runs of segments, so that none shares a cause with another one."""
    first = 0
    while first < len(used):
        place, end = first, first + 1
        while place < end:
            end = max(end, int(last[used[place]].max(initial=NONE)) + 1)
            place += 1
        yield first, end
        first = end


def _part(graph: Graph, steps: I32, *, source: int, target: int) -> Graph:
    """Return the graph of some steps alone, from one fact to another one."""
    first, second, head = graph.first[steps], graph.second[steps], graph.head[steps]
    facts = np.unique(np.concatenate([[target], first, head, second]))
    facts = np.concatenate([[source], facts[(facts != source) & (facts != NONE)]])
    number = np.full(len(graph.facts) + 1, NONE, np.int32)  # the last: no second fact
    number[facts] = np.arange(len(facts))
    causes = np.unique(graph.cause[steps])
    causes = causes[causes != NONE]
    place = np.full(len(graph.chance) + 1, NONE, np.int32)
    place[causes] = np.arange(len(causes))
    return indexed(
        facts=tuple(graph.facts[each] for each in facts.tolist()),
        cause_ids=tuple(graph.cause_ids[each] for each in causes.tolist()),
        line_ids=(graph.facts[target],),
        first=number[first],
        second=number[second],
        head=number[head],
        cause=place[graph.cause[steps]],
        origin=np.arange(len(steps), dtype=np.int32),
        chance=graph.chance[causes],
        width=graph.width[causes],
        key=graph.key[causes],
        target=number[[target]],
        points=np.ones(1),
    )
