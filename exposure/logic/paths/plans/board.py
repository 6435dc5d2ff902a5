"""Changes ticked by hand: counted as a plan of exactly these would count them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.items import NETWORK, Window
from exposure.logic.paths.plans.telling import in_order


@dataclass(frozen=True, slots=True)
class Work:
    """The work of one change on one line; `window` None: it fits into none."""

    change_id: str
    hours: float
    window: Window | None


@dataclass(frozen=True, slots=True)
class LineWork:
    """For how long one line stands still, and for what.

    `windows` is how many windows the line has, `room` the hours that are left in the
    one with most room.
    """

    line_id: str
    hours: float
    works: tuple[Work, ...]
    windows: int
    room: float

    @property
    def is_network(self) -> bool:
        """Whether it is work on a network, for which no line stands still."""
        return self.line_id.startswith(NETWORK)


def work_by_line(allowed: Allowed, chosen: Collection[int]) -> tuple[LineWork, ...]:
    """Return what each line stands still for, in the windows the planner would take.

    What stands longest comes first; the work of a line is in order of time. What is made
    in windows of a network comes last, as work of that network.
    """
    lines = {line for place in chosen for line in allowed.works[place]}
    rows = [_line(allowed, line, chosen) for line in sorted(lines)]
    return in_rows(rows)


def in_rows(rows: Iterable[LineWork]) -> tuple[LineWork, ...]:
    """Return works as they are listed: lines before networks, what stands longest first."""
    order = sorted(rows, key=lambda row: (row.is_network, -row.hours, row.line_id))
    return tuple(order)


def order_to_make(
    allowed: Allowed, chosen: Collection[int], *, alone: Sequence[float]
) -> tuple[list[int], int]:
    """Return the changes in the order to make them, and how many stop no line before.

    `alone`: what each candidate removes when nothing else is done, in their order.
    """
    asked = frozenset(chosen)
    order = in_order(allowed, asked, alone=np.asarray(alone, np.float64))
    order = [place for place in order if place in asked]
    stopping = (at for at, place in enumerate(order) if allowed.minutes(place)[0])
    return order, next(stopping, len(order))


def _line(allowed: Allowed, line: str, chosen: Collection[int]) -> LineWork:
    where = allowed.placed_on(line, chosen)
    left = {
        at: row.hours * 60
        for at, row in enumerate(allowed.windows)
        if row.line_id == line
    }
    for place, at in where.items():
        left[at] -= allowed.works[place][line]
    places = [place for place in chosen if line in allowed.works[place]]
    places.sort(key=lambda place: (where.get(place, len(allowed.windows)), place))
    return LineWork(
        line_id=line,
        hours=sum(allowed.works[place][line] for place in places) / 60,
        works=tuple(
            Work(
                change_id=allowed.candidates[place].id,
                hours=allowed.works[place][line] / 60,
                window=allowed.windows[where[place]] if place in where else None,
            )
            for place in places
        ),
        windows=len(left),
        room=max(left.values(), default=0.0) / 60,
    )
