"""Which ways to the lines a set of changes leaves open, by name."""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.edits import Edit
from exposure.logic.paths.graph import NONE, Graph
from exposure.logic.paths.plans.answer import WayLeft


def ways_left(graph: Graph, edits: Iterable[Edit]) -> list[WayLeft | None]:
    """Return for each line the likeliest way found after some edits; None: no way.

    The effects of edits on one cause multiply.
    """
    changed = replace(graph, chance=graph.chance.copy())
    number = {cause: place for place, cause in enumerate(graph.cause_ids)}
    for edit in edits:
        for cause, keep in edit.keep.items():
            changed.chance[number[cause]] *= keep
    rules = Rules(changed)
    finder = PathFinder(rules)
    found: dict[int, WayLeft | None] = {}
    for target in graph.target.tolist():
        if target not in found:
            ways = finder.steps_to(graph.facts[target], most=1)
            found[target] = _way(rules, ways[0]) if ways else None
    return [found[target] for target in graph.target.tolist()]


def _way(rules: Rules, steps: np.ndarray[tuple[int], np.dtype[np.int32]]) -> WayLeft:
    graph = rules.graph
    causes = np.unique(graph.cause[steps])
    causes = causes[causes != NONE]
    ends = steps[rules.last[steps]]
    return WayLeft(
        p=math.prod(graph.chance[causes].tolist()),
        facts=tuple(graph.facts[fact] for fact in graph.head[ends]),
        steps=tuple(graph.origin[ends].tolist()),
        cause_ids=tuple(graph.cause_ids[cause] for cause in causes),
    )
