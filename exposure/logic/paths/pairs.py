"""Two doors to one room: which changes are worth more together than alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from exposure.logic.paths.edits import EditTable
from exposure.logic.paths.graph import I32
from exposure.logic.paths.ground import EVERY_WORLD, Ground
from exposure.logic.paths.kernels.draws import WORDS
from exposure.logic.paths.kernels.gains import Forest
from exposure.logic.paths.kernels.onward import Starts, causes_behind, through
from exposure.logic.paths.kernels.removed import find_useful, gain
from exposure.logic.paths.kernels.shift import shift
from exposure.logic.paths.through import goals_of


class Pairs:
    """Looks for pairs in a few blocks of worlds, among changes that close causes.

    Only for a first change that removes nothing alone: with it made, another one
    removes at least as much as alone, in every world.
    """

    def __init__(
        self, ground: Ground, forests: Sequence[Forest], table: EditTable
    ) -> None:
        self._ground = ground
        self._forests = forests
        self._table = table
        self._goals = goals_of(ground.graph)
        self._alone: dict[int, float] = {}
        self._owner: dict[int, list[int]] = {}
        for place in range(len(table.ptr) - 1):
            for cause in self._causes(place).tolist():
                self._owner.setdefault(cause, []).append(place)

    def ways_round(self, place: int, starts: Starts, own: Sequence[int]) -> list[int]:
        """Return the other changes that close what is used once this one is made.

        Used by the lines that the change leads to, in those worlds. `own` are the
        places of its causes in `starts`.
        """
        ground, goals = self._ground, self._goals
        used = np.zeros(len(ground.graph.chance) + 1, np.bool_)
        for forest in self._forests:
            won = np.zeros_like(goals.won)
            for each in own:
                through(ground.net, forest, ground.desk, starts, goals, each)
                won |= goals.won
            goals.won[:] = won
            if won.any():
                with self._made(forest, place):
                    causes_behind(ground.net, forest, ground.desk, goals, used)
                goals.won[:] = 0
        others = {
            other
            for cause in np.flatnonzero(used).tolist()
            for other in self._owner.get(cause, ())
        }
        return sorted(others - {place})

    def more_together(self, place: int, others: Sequence[int]) -> list[int]:
        """Return those of the others that remove more once this change is made."""
        new = [other for other in others if other not in self._alone]
        self._alone |= dict.fromkeys(new, 0.0)
        together = dict.fromkeys(others, 0.0)
        for forest in self._forests:
            for other, gained in zip(new, self._gains(forest, new), strict=True):
                self._alone[other] += gained
            with self._made(forest, place):
                gains = self._gains(forest, others)
            for other, gained in zip(others, gains, strict=True):
                together[other] += gained
        return [other for other in others if together[other] > self._alone[other]]

    def _gains(self, forest: Forest, places: Sequence[int]) -> list[float]:
        """Return what each of some changes removes now."""
        if not places:
            return []
        ground, gains = self._ground, []
        useful = ground.desk.useful
        find_useful(ground.net, forest, ground.desk, useful)
        for place in places:
            causes = self._causes(place)
            every = np.full((len(causes), WORDS), EVERY_WORLD)
            gains.append(gain(ground.net, forest, ground.desk, causes, every, useful))
        return gains

    @contextmanager
    def _made(self, forest: Forest, place: int) -> Iterator[None]:
        """Close the causes of a change, and open them again."""
        ground, causes = self._ground, self._causes(place)
        before = forest.true[causes]
        shift(ground.net, forest, ground.desk, causes, np.zeros_like(before))
        yield
        shift(ground.net, forest, ground.desk, causes, before)

    def _causes(self, place: int) -> I32:
        return self._table.cause[self._table.ptr[place] : self._table.ptr[place + 1]]
