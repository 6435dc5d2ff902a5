"""The part of a plant that some lines rest on, for plans that speak of these alone."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from exposure.logic.paths.edits import Edit
from exposure.logic.paths.graph import NONE, SOURCE, Graph, indexed
from exposure.logic.paths.ground import leading_to
from exposure.logic.paths.plans.items import MOST_CHANGES, Candidate


def to_plan_with(
    graph: Graph,
    candidates: Sequence[Candidate],
    *,
    lines: Collection[str] | None,
    named: Collection[str],
) -> tuple[Graph, Sequence[Candidate]]:
    """Return the graph and the candidates that a plan for these lines is made with.

    Every line (None) and few enough candidates: both as they are. Otherwise the graph
    is what leads to the lines, and candidates that end nothing there are left out:
    they cannot help, whatever else is done. Those `named` (ids), and what others need,
    stay in any case. Reach and draws of the lines are those of the whole graph.
    """
    if lines is None and len(candidates) <= MOST_CHANGES:
        return graph, candidates
    part = part_for(graph, graph.line_ids if lines is None else lines)
    causes = frozenset(part.cause_ids)
    rows = {row.id: row for row in candidates}
    stay = {row.id for row in candidates if not causes.isdisjoint(row.edit.keep)}
    waiting = [*stay, *(each for each in named if each in rows)]
    while waiting:
        change = waiting.pop()
        stay.add(change)
        waiting += [each for each in rows[change].needs if each not in stay]
    return part, [_within(row, causes) for row in candidates if row.id in stay]


def part_for(graph: Graph, lines: Collection[str]) -> Graph:
    """Return the graph of all steps that can help to lose one of these lines (ids).

    What is left out cannot, so in each world these lines are lost as in the whole
    graph. Steps keep the numbers of the model (`origin`), causes their luck. O(steps).
    """
    wanted = frozenset(lines)
    kept = [place for place, each in enumerate(graph.line_ids) if each in wanted]
    target = graph.target[kept]
    goals = np.zeros(len(graph.facts), np.bool_)
    goals[target] = True
    steps = np.flatnonzero(leading_to(graph, goals)[graph.head])
    first, second, head = graph.first[steps], graph.second[steps], graph.head[steps]
    facts = np.unique(
        np.concatenate([[SOURCE], first, second[second != NONE], head, target])
    )
    number = np.full(len(graph.facts) + 1, NONE, np.int32)  # the last: no second fact
    number[facts] = np.arange(len(facts))
    causes = np.unique(graph.cause[steps])
    causes = causes[causes != NONE]
    place = np.full(len(graph.chance) + 1, NONE, np.int32)  # the last: no cause
    place[causes] = np.arange(len(causes))
    return indexed(
        facts=tuple(graph.facts[each] for each in facts.tolist()),
        cause_ids=tuple(graph.cause_ids[each] for each in causes.tolist()),
        line_ids=tuple(graph.line_ids[each] for each in kept),
        first=number[first],
        second=number[second],
        head=number[head],
        cause=place[graph.cause[steps]],
        origin=graph.origin[steps],
        chance=graph.chance[causes],
        width=graph.width[causes],
        key=graph.key[causes],
        target=number[target],
        points=graph.points[kept],
    )


def _within(row: Candidate, causes: Collection[str]) -> Candidate:
    """Return a candidate that speaks of these causes alone."""
    keep = {cause: share for cause, share in row.edit.keep.items() if cause in causes}
    return replace(row, edit=Edit(row.edit.id, keep))
