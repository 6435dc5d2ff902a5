"""What each single change removes, exactly, in the worlds the exposure came from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.edits import closing, table_of
from exposure.logic.paths.graph import F64, I32, Graph
from exposure.logic.paths.ground import EVERY_WORLD, Ground
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.gains import Forest
from exposure.logic.paths.kernels.removed import Table, gains
from exposure.logic.paths.model import Cause
from exposure.logic.paths.pairs import Pairs
from exposure.logic.paths.through import Needed, starts_of
from exposure.logic.paths.worlds import counted

CHANGEABLE = ("finding", "conduit", "vendor", "credential", "same_zone")
MOST_PARTNERS = 6
MOST_PAIRED = 100
"""So many changes that remove nothing alone are tried in pairs, the likeliest first."""

PAIR_BLOCKS = 2
"""Pairs are looked for in the first 1 024 worlds. What is found there holds in all."""


@dataclass(frozen=True, slots=True)
class Change:
    """Closing one thing (a finding, a way, a sign-in): all its `causes` end."""

    id: str
    kind: str
    subject_id: str
    label: str
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worth:
    """`removes` and `leaves` are units; `nothing_alone`: no world changes by it.

    `works_with`: ids of changes that remove more with this one than alone.
    """

    change: Change
    removes: float
    leaves: float
    nothing_alone: bool
    works_with: tuple[str, ...]


def candidates(causes: Iterable[Cause]) -> list[Change]:
    """Return every change that could be made, ordered by id."""
    groups: dict[tuple[str, str], list[Cause]] = defaultdict(list)
    for cause in causes:
        if cause.kind in CHANGEABLE:
            groups[cause.kind, cause.subject_id].append(cause)
    return [
        Change(
            id=f"{kind}:{subject_id}",
            kind=kind,
            subject_id=subject_id,
            label=group[0].label,
            causes=tuple(cause.id for cause in group),
        )
        for (kind, subject_id), group in sorted(groups.items())
    ]


class Worths:
    """Counts, block by block, what each of some changes removes by itself.

    Everything is in points x worlds: whole numbers, so nothing is rounded.
    """

    def __init__(
        self,
        ground: Ground,
        changes: Sequence[Change],
        *,
        needed: Needed,
        alone: I32 | None = None,
    ) -> None:
        """Count changes, and the causes `alone` (numbers, ascending) one by one."""
        self._ground = ground
        self._changes = tuple(changes)
        self._needed = needed
        edits = [closing(change.id, change.causes) for change in changes]
        self._table = table_of(ground.graph, edits)
        self._alone = np.empty(0, np.int32) if alone is None else alone
        self._counted = self._with_causes()
        self._removed = np.zeros(len(self._counted.ptr) - 1)
        self._before = 0.0
        self._kept: list[Forest] = []

    def add(self, forest: Forest) -> None:
        """Count the worlds of one more block; the first ones are kept for pairs."""
        ground = self._ground
        gains(ground.net, forest, ground.desk, self._counted, self._removed)
        self._before += ground.points(forest)
        if len(self._kept) < PAIR_BLOCKS:
            self._kept.append(forest)

    @property
    def lost(self) -> float:
        """The points x worlds that are lost as it is."""
        return self._before

    def removed_alone(self) -> F64:
        """Return the points x worlds that each cause of `alone` removes by itself."""
        removed: F64 = self._removed[self._places]
        return removed

    def found(self) -> list[Worth]:
        """Return the worth of every change, most first (then by id); asked once.

        A change that removes nothing alone is tried together with a few of those on
        which the lines behind it rest once it is made, because two doors must both be
        closed; least useful first, as they are the likely twins.
        """
        idle = np.flatnonzero(self._removed[: len(self._changes)] == 0.0)
        pairs = self._pairs(self._likeliest(idle)[:MOST_PAIRED])
        self._kept.clear()  # 100 MB each in a group
        worlds = self._ground.worlds
        rows = [
            Worth(
                change=change,
                removes=float(self._removed[place]) / worlds,
                leaves=float(self._before - self._removed[place]) / worlds,
                nothing_alone=not self._removed[place],
                works_with=pairs.get(place, ()),
            )
            for place, change in enumerate(self._changes)
        ]
        return sorted(rows, key=lambda row: (-row.removes, row.change.id))

    def _with_causes(self) -> Table:
        """Return the changes, and behind them the causes that none of them is."""
        ptr, causes = self._table.ptr, self._table.cause
        single = np.flatnonzero(np.diff(ptr) == 1)
        place = np.full(len(self._ground.graph.chance), -1)
        place[causes[ptr[single]]] = single
        more = self._alone[place[self._alone] < 0]
        place[more] = len(ptr) - 1 + np.arange(len(more))
        self._places = place[self._alone]
        rows = len(causes) + len(more)
        return Table(
            ptr=np.concatenate([ptr, ptr[-1] + 1 + np.arange(len(more))]),
            cause=np.concatenate([causes, more]),
            gone=np.full((rows, WORDS), EVERY_WORLD),
        )

    def _likeliest(self, places: Iterable[int]) -> list[int]:
        """Sort changes by how often one of their causes is true, then by id."""
        true = np.sum([counted(forest.true) for forest in self._kept], axis=0)
        often = {
            place: max((int(true[each]) for each in self._causes(place)), default=0)
            for place in map(int, places)
        }
        return sorted(often, key=lambda each: (-often[each], self._changes[each].id))

    def _pairs(self, places: Sequence[int]) -> dict[int, tuple[str, ...]]:
        ids = [change.id for change in self._changes]
        pairs = Pairs(self._ground, self._kept, self._table)
        starts = starts_of(
            self._ground.graph,
            [cause for place in places for cause in self._changes[place].causes],
            needed=self._needed,
        )
        first = 0
        found = {}
        for place in places:
            last = first + len(self._changes[place].causes)
            used = pairs.ways_round(place, starts, range(first, last))
            first = last
            used.sort(key=lambda other: (self._removed[other], ids[other]))
            more = pairs.more_together(place, used[:MOST_PARTNERS])
            found[place] = tuple(ids[other] for other in more)
        return found

    def _causes(self, place: int) -> I32:
        return self._table.cause[self._table.ptr[place] : self._table.ptr[place + 1]]


def worth_of_changes(
    graph: Graph, changes: Sequence[Change], *, needed: Needed, seed: int, worlds: int
) -> list[Worth]:
    """Return the worth of each change in these worlds, most first (then by id)."""
    ground = Ground(graph, seed=seed, worlds=worlds)
    worths = Worths(ground, changes, needed=needed)
    for forest in ground.forests():
        worths.add(forest)
    return worths.found()
