"""From the plant to the attack model: each rule applied to each row it fits."""

from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.causes import Reasons
from exposure.logic.paths.checks import check_snapshot
from exposure.logic.paths.graph import I32, NONE, Graph, Table, graph_from
from exposure.logic.paths.model import (
    MAX_STEPS,
    AttackModel,
    Cause,
    Step,
    Target,
    line_fact,
)
from exposure.logic.paths.moves import Moves, step_id
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.rules import RULES
from exposure.logic.paths.sentences import sentence_of, technique_of
from exposure.logic.paths.snapshot import PlantSnapshot

MOST_STEPS = 4_000_000
"""So many steps are compiled at all; the readable form holds fewer (`MAX_STEPS`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A plant as an attack model: arrays, and what each step says when it is asked.

    A step is nine numbers until somebody asks for it by its number, so that a group of plants
    fits into memory. The same plant and policy give the same numbers, whatever the
    order of rows.
    """

    plant: Plant
    graph: Graph
    causes: tuple[Cause, ...]
    targets: tuple[Target, ...]
    rule: I32
    """By step: its place in `RULES`."""
    row: I32
    """By step: the place of the row it came from in the plant's list of its kind."""
    begins: I32
    """By step: its first link in the graph."""

    def __len__(self) -> int:
        return len(self.rule)

    def __getitem__(self, number: int) -> Step:
        """Return a step, readable. `Graph.origin` says which step a link belongs to."""
        graph, rule = self.graph, RULES[self.rule[number]]
        first = int(self.begins[number])
        last = first
        while last + 1 < len(graph.origin) and graph.origin[last + 1] == number:
            last += 1
        links = range(first, last + 1)
        facts = [graph.first[first], *(graph.second[each] for each in links)]
        body = tuple(graph.facts[fact] for fact in facts if fact != NONE)
        causes = tuple(
            graph.cause_ids[graph.cause[each]]
            for each in links
            if graph.cause[each] != NONE
        )
        head, row = graph.facts[graph.head[last]], int(self.row[number])
        return Step(
            id=step_id(head, body, causes),
            head=head,
            body=body,
            causes=causes,
            technique=technique_of(rule, row, plant=self.plant),
            sentence=sentence_of(rule, row, head=head, body=body, plant=self.plant),
        )

    def model(self) -> AttackModel:
        """Return the readable form. Raises `ModelRefused` for more than `MAX_STEPS`."""
        return AttackModel(
            causes=self.causes,
            steps=tuple(self[number] for number in range(len(self))),
            targets=self.targets,
        )


def compile_plant(
    snapshot: PlantSnapshot, *, policy: ScoringPolicy, most: int = MOST_STEPS
) -> Compiled:
    """Return the attack model of a plant, the same for every order of its rows.

    O(conduits x services of the zones they lead to). Raises `ModelRefused` when a
    row points at nothing or the plant has more than `most` steps.
    """
    check_snapshot(snapshot)
    plant = Plant(snapshot)
    moves = Moves(Reasons(plant, policy), most=most)
    targets = tuple(
        Target(line_id=line.id, fact=line_fact(line.id), points=line.points)
        for line in plant.lines
    )
    causes, place = _in_order(moves)
    rule, row, first, second, head, cause, origin = moves.columns()
    begins = np.flatnonzero(np.diff(origin, prepend=-1)).astype(np.int32)
    place[-1] = NONE  # of the steps that need no cause
    table = Table(
        facts=tuple(moves.facts),
        first=first,
        second=second,
        head=head,
        cause=place[cause],
        origin=origin,
    )
    return Compiled(
        plant=plant,
        graph=graph_from(
            table,
            causes=causes,
            target=[moves.facts[each.fact] for each in targets],
            targets=targets,
        ),
        causes=causes,
        targets=targets,
        rule=rule[begins],
        row=row[begins],
        begins=begins,
    )


def compile_graph(snapshot: PlantSnapshot, *, policy: ScoringPolicy) -> Graph:
    """Return the arrays of a plant, equal to `graph_of(compile_model(...))`."""
    return compile_plant(snapshot, policy=policy).graph


def compile_model(snapshot: PlantSnapshot, *, policy: ScoringPolicy) -> AttackModel:
    """Return the readable attack model of a plant; see `compile_plant`."""
    return compile_plant(snapshot, policy=policy, most=MAX_STEPS).model()


def _in_order(moves: Moves) -> tuple[tuple[Cause, ...], I32]:
    """Return the causes by id, and for each number it had the number it has now."""
    rows = [moves.causes[cause_id] for cause_id in sorted(moves.causes)]
    place = np.zeros(len(rows) + 1, np.int32)
    place[[number for number, _ in rows]] = np.arange(len(rows))
    return tuple(cause for _, cause in rows), place
