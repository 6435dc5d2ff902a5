"""What can be planned: changes with what they cost, and what the plant allows."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from common.errors import DomainError
from exposure.logic.paths.edits import Edit
from exposure.logic.paths.plans.costs import ChangeKind

MOST_HOURS = 100_000.0
"""More than ten years of one line: what is above is a slip of the keyboard."""

MOST_CHANGES = 5_000

EVERY_LINE = ""

NETWORK = "network:"
"""What stands in the place of a line for the network of a site; its id follows."""

_FORGIVEN = 1e-6


class PlanRefused(DomainError, ValueError):
    """A plan that cannot be made, with what is in the way."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One change that could be made.

    `hours` of engineering; `downtime` hours for each line it stops. `needs` are ids of
    changes that must be made too; of those with the same `group` ("" is none) at most
    one is made. `only_in` are ids of the windows its lines may stand still in for it,
    () any of theirs; a change that
    stops no line is made in windows of a network then, where it takes its `hours`. `cannot` says why it cannot be made here at all, "" if it can.
    `assumed`: the hours come from the table of costs, nobody has said so. `touches` are
    the lines and networks it is made on, whether they stop for it or not: while one of
    them is frozen it is not made.
    """

    edit: Edit
    kind: ChangeKind
    subject_kind: str
    subject_id: str
    label: str
    hours: float
    downtime: Mapping[str, float] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    group: str = ""
    only_in: tuple[str, ...] = ()
    cannot: str = ""
    assumed: bool = True
    touches: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of its edit."""
        return self.edit.id


@dataclass(frozen=True, slots=True)
class Window:
    """A line may stand still from `start` to `end`, for `hours` of work at most.

    Where `line_id` begins with `NETWORK` a network may be worked on and no line stops.
    """

    id: str
    line_id: str
    start: datetime
    end: datetime
    hours: float


@dataclass(frozen=True, slots=True)
class Freeze:
    """Nothing is changed on a line ("" is every line) from `start` to `end`."""

    line_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What the plant allows. None is no limit.

    `hours` of engineering, `total_downtime` summed over the lines, `downtime` for each
    line; `names` are what sentences call lines, by id. With `windows`, a line stands still only in one of its own, and work on one
    change is not spread over two; `freezes` take hours from windows, and hold without
    windows as well (`freezing`). Changes in one window are made one after the other. `fixed` and `forbidden` are ids of changes that
    must be and must not be made.
    """

    hours: float | None = None
    total_downtime: float | None = None
    downtime: Mapping[str, float] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    fixed: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)


def minutes_needed(hours: float) -> int:
    """Return whole minutes, rounded up; a rounding error of floats is forgiven.

    >>> minutes_needed(1.1), minutes_allowed(1.1), minutes_needed(0.001)
    (66, 66, 1)
    """
    return math.ceil(hours * 60 - _FORGIVEN)


def minutes_allowed(hours: float) -> int:
    """Return whole minutes, rounded down; a rounding error of floats is forgiven."""
    return math.floor(hours * 60 + _FORGIVEN)


def usable(windows: Iterable[Window], freezes: Sequence[Freeze]) -> list[Window]:
    """Return the windows in order of time, each with what freezes leave of it.

    Work is not interrupted: of a window that is cut in two, the longer part stays.
    """
    left = (_outside(window, freezes) for window in windows)
    open_ones = (window for window in left if window.hours > 0)
    return sorted(open_ones, key=lambda row: (row.start, row.line_id, row.end))


def closed_since(used: Iterable[Window], limits: Limits) -> frozenset[str]:
    """Return the ids of windows that are not in the limits, or partly frozen by them.

    `used` are windows as a plan took them, with what freezes had left of them then.
    """
    left = {row.id for row in limits.windows}
    return frozenset(
        row.id
        for row in used
        if row.id not in left
        or any(
            freeze.line_id in (EVERY_LINE, row.line_id)
            and freeze.start < row.end
            and row.start < freeze.end
            for freeze in limits.freezes
        )
    )


def _outside(window: Window, freezes: Sequence[Freeze]) -> Window:
    best = (window.start, window.start)
    at = window.start
    relevant = (row for row in freezes if row.line_id in (EVERY_LINE, window.line_id))
    for freeze in sorted(relevant, key=lambda row: (row.start, row.end)):
        stop = min(max(freeze.start, window.start), window.end)
        best = max(best, (at, stop), key=_length)
        at = max(at, min(freeze.end, window.end))
    start, end = max(best, (at, window.end), key=_length)
    hours = min(window.hours, (end - start) / timedelta(hours=1))
    return replace(window, start=start, end=end, hours=hours)


def _length(part: tuple[datetime, datetime]) -> timedelta:
    return part[1] - part[0]


def check_candidates(candidates: Collection[Candidate]) -> None:
    """Raise `PlanRefused` for hours that are none, ids used twice or not at all."""
    known = {row.id for row in candidates}
    if len(known) < len(candidates):
        raise PlanRefused("Two changes have the same id.")
    if len(known) > MOST_CHANGES:
        raise PlanRefused(
            f"{len(known)} changes are too many to plan with at once, {MOST_CHANGES} "
            "is the most. Make a plan for one site."
        )
    for row in candidates:
        check_hours(row.hours, of=f"the engineering of {row.label}")
        for hours in row.downtime.values():
            check_hours(hours, of=f"the downtime of {row.label}")
        for needed in row.needs:
            if needed not in known:
                raise PlanRefused(
                    f"{row.label} needs the change {needed}, which is not there."
                )


def check_limits(limits: Limits, *, known: Collection[str]) -> None:
    """Raise `PlanRefused` for limits that are no numbers or speak of nothing."""
    _check_budgets(limits)
    if len({row.id for row in limits.windows}) < len(limits.windows):
        raise PlanRefused("Two windows have the same id.")
    spans: list[Window | Freeze] = [*limits.windows, *limits.freezes]
    for span in spans:
        if span.start.tzinfo is None or span.end.tzinfo is None:
            raise PlanRefused("A window or freeze does not say its time zone.")
        if span.end <= span.start:
            raise PlanRefused("A window or freeze ends before it begins.")
    for change in sorted(limits.fixed | limits.forbidden):
        if change not in known:
            raise PlanRefused(f"The change {change} is not one of those to plan with.")
    both = sorted(limits.fixed & limits.forbidden)
    if both:
        raise PlanRefused(f"The change {both[0]} is both fixed and forbidden.")


def _check_budgets(limits: Limits) -> None:
    for hours, of in (
        (limits.hours, "the engineering allowed"),
        (limits.total_downtime, "the downtime allowed"),
    ):
        if hours is not None:
            check_hours(hours, of=of)
    for hours in limits.downtime.values():
        check_hours(hours, of="the downtime allowed for a line")
    for window in limits.windows:
        check_hours(window.hours, of="a window")


def check_hours(hours: float, *, of: str) -> None:
    """Raise `PlanRefused` for what is no number of hours."""
    if not 0.0 <= hours <= MOST_HOURS:  # NaN fails every comparison
        raise PlanRefused(
            f"The hours for {of} are {hours:g}; choose from 0 to {MOST_HOURS:g}."
        )
