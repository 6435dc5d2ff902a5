"""Where a change is made, and when freezes leave time for one that no window dates."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exposure.logic.paths.plans.items import (
    EVERY_LINE,
    NETWORK,
    Candidate,
    Freeze,
    Window,
)
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.snapshot import AssetRow, ConduitRow, VendorAccessRow

LONGEST = 8_760.0
"""Hours: what takes more than a year is looked at as if it took a year."""


@dataclass(frozen=True, slots=True)
class Task:
    """A change without a window: the places it touches, and what it takes.

    `stops` are the hours for which lines stand still; without any it takes `hours`.
    """

    places: Collection[str]
    hours: float
    stops: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """Time between freezes. None: from now on, and without an end."""

    begins: datetime | None
    ends: datetime | None


def network_of(site: str) -> str:
    """Return what stands for the network of a site (id) where a line could stand."""
    return f"{NETWORK}{site}"


class Touching:
    """Which lines a change is made on: those of the devices it is made or leads to."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._found_on = {row.id: row.asset_id for row in plant.snapshot.findings}
        self._assets = {row.id: row for row in plant.assets}
        ways: tuple[ConduitRow | VendorAccessRow, ...]
        ways = (*plant.conduits, *plant.vendor_accesses)
        self._ways = {row.id: row for row in ways}
        self._credentials = {row.id: row for row in plant.credentials}

    def lines(self, kind: str, subject: str) -> tuple[str, ...]:
        """Return the lines by id; none for what is not in the plant."""
        found = {
            line for each in self._made_to(kind, subject) for line in each.line_ids
        }
        return tuple(sorted(found))

    def _made_to(self, kind: str, subject: str) -> Iterable[AssetRow]:
        if kind == "same_zone":
            return self._plant.in_zone(subject)
        if subject in self._ways:
            return self._plant.behind(self._ways[subject])
        if subject in self._credentials:
            openings = self._plant.openings(self._credentials[subject])
            return [asset for asset, _ in openings]
        # A service is called "asset:port".
        on = self._found_on.get(subject) or subject.rpartition(":")[0]
        return [self._assets[on]] if on in self._assets else []


def is_frozen(row: Candidate, window: Window, freezes: Iterable[Freeze]) -> bool:
    """Whether a place that a change touches and does not stop is frozen in a window."""
    return any(
        freeze.start < window.end and window.start < freeze.end
        for freeze in freezes
        if freeze.line_id in row.touches and freeze.line_id not in row.downtime
    )


def free_times(
    tasks: Iterable[Task], freezes: Sequence[Freeze], *, now: datetime
) -> Iterator[Span]:
    """Yield for each task the first time between freezes that is long enough for it.

    Tasks come in the order in which they are made: what stops a line is made after what
    stopped it before. Hours run around the clock. No task is ever without a time,
    because freezes end.
    """
    ready: dict[str, datetime] = {}
    for task in tasks:
        hours = min(max(task.stops.values(), default=task.hours), LONGEST)
        long = timedelta(hours=hours)
        earliest = max([now, *(ready[line] for line in task.stops if line in ready)])
        for begins, ends in _between(freezes, task.places, now=now):
            start = max(begins, earliest)
            if ends is None or start + long <= ends:
                ready.update(dict.fromkeys(task.stops, start + long))
                yield Span(begins if begins > now else None, ends)
                break


def _between(
    freezes: Sequence[Freeze], places: Collection[str], *, now: datetime
) -> Iterator[tuple[datetime, datetime | None]]:
    at = now
    mine = (row for row in freezes if row.line_id in (EVERY_LINE, *places))
    for row in sorted(mine, key=lambda row: (row.start, row.end)):
        if row.start > at:
            yield at, row.start
        at = max(at, row.end)
    yield at, None
