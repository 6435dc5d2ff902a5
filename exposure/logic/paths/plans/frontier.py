"""The curve of exposure against downtime: how much standing still is worth."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from exposure.logic.paths.plans.milp import Best

STEP = 15
"""Minutes of downtime that are told apart."""

Solve = Callable[[int], Best]
"""Returns the best set for so many minutes of downtime."""

Minutes = Callable[[frozenset[int]], int]


@dataclass(frozen=True, slots=True)
class _Between:
    """Nothing is known for downtimes between these two; `drop` is what is at stake."""

    low: int
    high: int
    at_low: float
    at_high: float

    @property
    def drop(self) -> float:
        return self.at_low - self.at_high


def along(best: Best, *, solve: Solve, minutes: Minutes, points: int) -> Iterator[Best]:
    """Yield the best sets for less downtime than `best` takes, the least one first.

    Each further one is where most is at stake: half way between the two neighbours
    that differ most. At most `points` sets are worked out; what is no better than one
    with less downtime is not yielded.
    """
    used = minutes(best.chosen)
    if not used or points < 1:
        return
    least = solve(0)
    yield least
    begin = minutes(least.chosen)
    todo = [_Between(begin, used, least.loss, best.loss)]
    for _ in range(points - 1):
        todo = [each for each in todo if each.drop > 0 and each.high - each.low > STEP]
        if not todo:
            return
        widest = max(todo, key=lambda each: (each.drop, -each.low))
        todo.remove(widest)
        middle = (widest.low + widest.high) // 2
        found = solve(middle)
        taken, loss = minutes(found.chosen), min(found.loss, widest.at_low)
        if found.loss < widest.at_low:
            todo.append(_Between(widest.low, taken, widest.at_low, loss))
            yield found
        todo.append(_Between(middle, widest.high, loss, widest.at_high))


def undominated(sets: list[Best], *, minutes: Minutes) -> list[Best]:
    """Return those that are better than all with less downtime, by downtime."""
    kept: list[Best] = []
    for each in sorted(sets, key=lambda row: (minutes(row.chosen), row.loss)):
        if not kept or each.loss < kept[-1].loss:
            kept.append(each)
    return kept
