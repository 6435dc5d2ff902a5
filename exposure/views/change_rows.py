"""The rows of the changes that could be made, and of what they leave together."""

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.template.defaultfilters import pluralize

from exposure.logic.paths.results import ChangeValue
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.services.making import Making
from exposure.services.what_if import Left, Tried
from exposure.views.path_words import names_of
from exposure.views.stop_money import StopRow, rates_of, stop_rows

ABOUT = {
    "conduit": "Close this way through the plant",
    "vendor": "End this remote access",
    "credential": "Take this sign-in away",
    "same_zone": "Filter between the devices of this zone",
}


PER_HOUR = "per-hour"
ORDERS = {"": "Removes", PER_HOUR: "Per hour of downtime"}
UNKNOWN = Making()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One way to sort."""

    url: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What one change removes, counted alone; `ticked`: it is tried at the moment.

    `token` stands for its id, which a reader of some sites may not learn. `cannot` says
    why nobody can make it, "" if somebody can. `hours` of engineering are None where
    plans know no change that does all of it; `stops` are the lines of the reader that
    stand still for `downtime` hours together. `per_hour`: units for each of these, None
    without any.
    """

    token: str
    label: str
    about: str
    removes: float
    leaves: float
    works_with: str
    cannot: str
    hours: float | None
    downtime: float
    stops: list[StopRow]
    is_assumed: bool
    per_hour: float | None
    ticked: bool


@dataclass(frozen=True, slots=True)
class LeftRow:
    """What is left of one line: units before and after, and the way that still leads."""

    name: str
    before: float
    after: float
    names: list[str]
    is_closed: bool


@dataclass(frozen=True, slots=True)
class TriedRows:
    """Figures of `number` changes together; `percent` of the exposure is removed."""

    number: int
    before: float
    after: float
    removed: float
    percent: int
    lines: list[LeftRow]


def change_rows(
    changes: Iterable[ChangeValue],
    snapshot: PlantSnapshot,
    *,
    known: Mapping[str, Making],
    most: int,
    order: str = "",
    ticked: Collection[str] = (),
) -> list[ChangeRow]:
    """Return the changes that do something, alone or with others, and the ticked ones.

    `known` says by id how a change could be made. They come with what removes most
    first; with the `order` PER_HOUR, with what stops no line first, then with what
    removes most for each hour that lines stand still.
    """
    changes = list(changes)
    if order == PER_HOUR:
        changes.sort(key=lambda row: _place(row, known.get(row.id, UNKNOWN)))
    lines = {row.id: row.name for row in snapshot.lines}
    rates = rates_of(snapshot.lines)
    titles = {row.id: row.title for row in snapshot.findings}
    labels = {change.id: change.label for change in changes}
    told = [row for row in changes if row.removes > 0 or row.works_with]
    shown = told[:most]
    shown += [row for row in changes if row.id in ticked and row not in shown]
    return [
        _change(
            row,
            known.get(row.id, UNKNOWN),
            about=titles.get(row.subject_id, ABOUT.get(row.kind, "")),
            works_with=_together([labels[key] for key in row.works_with]),
            stops=stop_rows(
                known.get(row.id, UNKNOWN).downtime, names=lines, rates=rates
            ),
            ticked=row.id in ticked,
        )
        for row in shown
    ]


def _change(
    row: ChangeValue,
    making: Making,
    *,
    about: str,
    works_with: str,
    stops: list[StopRow],
    ticked: bool,
) -> ChangeRow:
    return ChangeRow(
        token=token_of(row),
        label=row.label,
        about=about,
        removes=row.removes,
        leaves=row.leaves,
        works_with=works_with,
        cannot=making.cannot,
        hours=making.hours,
        downtime=making.stops,
        stops=stops,
        is_assumed=making.is_assumed,
        per_hour=row.removes / making.stops if making.stops else None,
        ticked=ticked,
    )


def _place(row: ChangeValue, making: Making) -> tuple[int, float, float, str]:
    """Sort by what is removed for an hour of downtime: without any is without end.

    Then what nobody knows the hours of, what cannot be made, what removes nothing alone.
    """
    rank = 0 if making.hours is not None else 1
    if making.cannot:
        rank = 2
    if row.removes <= 0:
        rank = 3
    rate = row.removes / making.stops if making.stops else math.inf
    return rank, -rate, -row.removes, row.id


def order_in(asked: str) -> str:
    """Return a way to sort that there is; "" is by what is removed."""
    return asked if asked in ORDERS else ""


def order_rows(current: str, *, query: Callable[[str], str]) -> list[OrderRow]:
    """Return the ways to sort; `query` gives the query string of each."""
    return [
        OrderRow(f"{query(order)}#changes", label, current=current == order)
        for order, label in ORDERS.items()
    ]


def token_of(change: ChangeValue) -> str:
    """Return what stands for a change in an address: the same in every revision."""
    return hashlib.sha256(change.id.encode()).hexdigest()[:16]


def tried_rows(tried: Tried) -> TriedRows:
    """Return what the page shows of some changes together; lines that lose first."""
    lines = [_left(row) for row in tried.lines if row.figures.before or row.way]
    return TriedRows(
        number=len(tried.changes),
        before=tried.before,
        after=tried.after,
        removed=tried.removed,
        percent=round(100 * tried.removed / tried.before) if tried.before else 0,
        lines=lines,
    )


def _left(row: Left) -> LeftRow:
    return LeftRow(
        name=row.name,
        before=row.figures.before,
        after=row.figures.after,
        names=names_of(row.way) if row.way else [],
        is_closed=row.way is None,
    )


def _together(labels: list[str]) -> str:
    shown = ", ".join(labels[:2])
    more = len(labels) - 2
    return f"{shown} and {more} other{pluralize(more)}" if more > 0 else shown
