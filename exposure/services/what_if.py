"""What if these changes were made: the newest answer with other figures, nothing stored."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from common.kept import Kept
from exposure.logic.paths.best import PathFinder
from exposure.logic.paths.changes import candidates
from exposure.logic.paths.derive import Rules
from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.edits import Edit, closing
from exposure.logic.paths.graph import Graph
from exposure.logic.paths.hops import found_path
from exposure.logic.paths.model import line_fact
from exposure.logic.paths.results import ChangeValue, FoundPath
from exposure.logic.paths.sight import Sight
from exposure.logic.paths.whatif import Comparison, LineChange, WhatIf, what_if
from exposure.services.paths import PathAnswer, compiled_of
from tenants.scope import current_workspace_id

KEPT = 2
MOST_BYTES = 128 << 20
"""So much is remembered of a plant between two questions; a bigger one starts over."""

WORLDS_IN_A_ROW, BYTES_OF_A_ROW = 512, 64


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a line: its figures, and the likeliest way that still leads there."""

    name: str
    figures: LineChange
    way: FoundPath | None


@dataclass(frozen=True, slots=True)
class Tried:
    """Some changes made together, beside the plant as it is, in the same worlds."""

    changes: tuple[ChangeValue, ...]
    before: float
    after: float
    lines: tuple[Left, ...]

    @property
    def removed(self) -> float:
        """The units that they remove together."""
        return self.before - self.after


def try_changes(answer: PathAnswer, change_ids: Collection[str]) -> Tried:
    """Return what an answer becomes when these of its changes are made.

    Ids that are none of its changes are left out. Lines are in the order of the answer.
    The figures are exact: those of a plant in which the changes are made, in the worlds
    of the answer.
    """
    wanted = frozenset(change_ids)
    changes = tuple(each for each in answer.analysis.changes if each.id in wanted)
    desk = _desk(answer)
    with desk.lock:
        compared = desk.ask([each.id for each in changes])
        figures = {each.line_id: each for each in compared.lines}
        ways = desk.ways([each.id for each in changes], to=list(figures))
    lines = tuple(
        Left(
            line.name,
            figures[line.line_id],
            _shown(ways[line.line_id], answer.sight),
        )
        for line in answer.analysis.lines
    )
    return Tried(changes, compared.before, compared.after, lines)


def remembering(
    graph: Graph, edits: Sequence[Edit], *, seed: int, worlds: int
) -> WhatIf | None:
    """Return what remembers a graph between questions; None for one that is too big."""
    if bytes_of(graph, worlds=worlds) > MOST_BYTES:
        return None
    return WhatIf(graph, edits, seed=seed, worlds=worlds)


def bytes_of(graph: Graph, *, worlds: int) -> int:
    """Return how much is remembered of a graph."""
    blocks = -(-worlds // WORLDS_IN_A_ROW)
    return (len(graph.facts) + len(graph.head)) * blocks * BYTES_OF_A_ROW


def _shown(way: FoundPath | None, sight: Sight | None) -> FoundPath | None:
    return way if way is None or sight is None else sight.of_path(way)


class _Desk:
    """One answer, ready to be asked again and again; who asks holds its lock."""

    def __init__(self, answer: PathAnswer) -> None:
        self.lock = threading.Lock()
        compiled = compiled_of(answer)
        self._graph, self._plant = compiled.graph, compiled.plant
        self._seed = seed_number(answer.analysis.seed)
        self._worlds = answer.analysis.worlds
        self._causes = {cause.id: cause for cause in compiled.causes}
        closes = {each.id: each.causes for each in candidates(compiled.causes)}
        self._edits = {key: closing(key, causes) for key, causes in closes.items()}
        self._finder = PathFinder(Rules(compiled.graph), steps=compiled)
        self._asked = remembering(
            self._graph,
            list(self._edits.values()),
            seed=self._seed,
            worlds=self._worlds,
        )

    def ask(self, change_ids: Sequence[str]) -> Comparison:
        if self._asked is not None:
            return self._asked.ask(change_ids)
        edits = [self._edits[each] for each in change_ids]
        return what_if(self._graph, edits, seed=self._seed, worlds=self._worlds)

    def ways(
        self, change_ids: Sequence[str], *, to: Sequence[str]
    ) -> dict[str, FoundPath | None]:
        gone = {cause for each in change_ids for cause in self._edits[each].keep}
        return {line_id: self._way(line_id, gone) for line_id in to}

    def _way(self, line_id: str, gone: Collection[str]) -> FoundPath | None:
        way = self._finder.likeliest(line_fact(line_id), without=gone)
        if way is None:
            return None
        return found_path(way, plant=self._plant, causes=self._causes)


_desks: Kept[_Desk] = Kept(KEPT)


def _desk(answer: PathAnswer) -> _Desk:
    """Return the desk of an answer: never one workspace's or reader's for another one."""
    key = (
        current_workspace_id(),
        answer.revision.pk,
        answer.sight,
        answer.counted,
    )
    return _desks.get(key, lambda: _Desk(answer))
