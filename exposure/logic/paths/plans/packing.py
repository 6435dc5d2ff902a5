"""Puts the work on one line into its windows: each job into one, none over its room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

MOST_BACK = 1_000
"""So often the search goes back before the solver is asked."""
MOST_NODES = 1_000
"""So many nodes the solver looks at; a count, not a time, so that it ends the same way."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work of so many minutes, and the windows that are open to it."""

    minutes: int
    windows: Sequence[int]


def packed(jobs: Sequence[Job], room: Sequence[int]) -> list[int] | None:
    """Return the window of each job, the first ones as early as can be.

    `room` is the minutes of each window. None when there is no placement, or none was
    found among as many nodes as the solver looks at.
    """
    if not _may_fit(jobs, room):
        return None
    found, is_over = _tried(jobs, room)
    return found if is_over else _solved(jobs, room)


def _may_fit(jobs: Sequence[Job], room: Sequence[int]) -> bool:
    """Whether each job has a window and all of them together have room enough."""
    if any(all(room[at] < job.minutes for at in job.windows) for job in jobs):
        return False
    used = {at for job in jobs for at in job.windows}
    return sum(job.minutes for job in jobs) <= sum(room[at] for at in used)


def _tried(jobs: Sequence[Job], room: Sequence[int]) -> tuple[list[int] | None, bool]:
    """Go through the placements in order; return one, and whether the search is over."""
    search, place, back = _Search(jobs, room), 0, 0
    while 0 <= place < len(jobs):
        if search.move(place):
            place += 1
            continue
        place, back = place - 1, back + 1
        if back > MOST_BACK:
            return None, False
    return (search.where if place == len(jobs) else None), True


class _Search:
    """Where the jobs are so far; each job moves on through its windows."""

    def __init__(self, jobs: Sequence[Job], room: Sequence[int]) -> None:
        self.jobs, self.left = jobs, list(room)
        self.where = [-1] * len(jobs)
        self._tried: list[set[tuple[int, int]]] = [set() for _ in jobs]
        self._open_to = [0] * len(room)  # bits of the jobs
        for place, job in enumerate(jobs):
            for at in job.windows:
                self._open_to[at] |= 1 << place

    def move(self, place: int) -> bool:
        """Take a job to its next window with room; False, and out, if there is none."""
        job, before = self.jobs[place], self.where[place]
        if before >= 0:
            self.left[before] += job.minutes
        self.where[place] = -1
        for at in job.windows[job.windows.index(before) + 1 if before >= 0 else 0 :]:
            # An equal window would end the same way.
            same = (self.left[at], self._open_to[at] >> place)
            if self.left[at] >= job.minutes and same not in self._tried[place]:
                self._tried[place].add(same)
                self.where[place] = at
                self.left[at] -= job.minutes
                return True
        self._tried[place].clear()
        return False


def _solved(jobs: Sequence[Job], room: Sequence[int]) -> list[int] | None:
    """Ask the solver: one variable says that a job is done in a window."""
    slots = [(place, at) for place, job in enumerate(jobs) for at in job.windows]
    columns = np.arange(len(slots))
    places, windows = (np.array(each) for each in zip(*slots, strict=True))
    minutes = np.array([job.minutes for job in jobs])[places]
    shape = (len(jobs), len(slots))
    once = coo_array((np.ones(len(slots)), (places, columns)), shape=shape)
    full = coo_array((minutes, (windows, columns)), shape=(len(room), len(slots)))
    answer = milp(
        np.zeros(len(slots)),
        constraints=[
            LinearConstraint(once.tocsr(), 1.0, 1.0),
            LinearConstraint(full.tocsr(), ub=np.array(room, dtype=float)),
        ],
        integrality=np.ones(len(slots)),
        bounds=Bounds(0.0, 1.0),
        options={"node_limit": MOST_NODES},
    )
    if answer.x is None:
        return None
    where = [-1] * len(jobs)
    left = list(room)
    for (place, at), chosen in zip(slots, answer.x, strict=True):
        if chosen > 1 / 2:
            where[place] = at
            left[at] -= jobs[place].minutes
    return where if min(left) >= 0 and -1 not in where else None
