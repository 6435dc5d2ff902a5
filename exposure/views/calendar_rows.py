"""The calendars of windows and freezes as their template reads them."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone

from exposure.logic.calendar_chart import (
    EVERY_LINE,
    CalendarChart,
    Closed,
    Opening,
    calendar_chart,
)
from exposure.logic.paths.plans.freezing import network_of
from exposure.models import Blackout, MaintenanceWindow
from exposure.services.plant_calendar import PlantCalendar

MOST_PLANTS = 12
MOST_TOLD = 60


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One window as text, and how many changes of the set use it."""

    line: str
    begins: dt.datetime
    ends: dt.datetime
    changes: int


@dataclass(frozen=True, slots=True)
class FreezeRow:
    """One freeze as text; `line` "" is every line of the plant."""

    line: str
    reason: str
    begins: dt.datetime
    ends: dt.datetime


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One plant; `id` is of use in the page only. Lists name at most sixty each."""

    id: uuid.UUID
    plant: str
    zone: str
    chart: CalendarChart
    windows: list[WindowRow]
    freezes: list[FreezeRow]


def calendar_rows(
    calendars: Collection[PlantCalendar],
    *,
    used: Mapping[str, int] | None = None,
    stops: Collection[str] = (),
) -> list[CalendarRow]:
    """Return the calendars of plants with windows or freezes, or whose lines stand still.

    `used`: how many changes are made in a window, by its id; `stops`: ids of the lines
    that stand still, which come first. At most twelve plants.
    """
    used = used or {}
    told = [
        row
        for row in calendars
        if row.windows
        or row.blackouts
        or any(str(line.pk) in stops for line in row.lines)
    ]
    return [_calendar(row, used, stops) for row in told[:MOST_PLANTS]]


def _calendar(
    row: PlantCalendar, used: Mapping[str, int], stops: Collection[str]
) -> CalendarRow:
    zone = ZoneInfo(row.zone)
    network = network_of(str(row.site.pk))
    names = {network: "Network"} | {str(line.pk): line.name for line in row.lines}
    shown = {_place(window) for window in row.windows} | {*stops}
    shown |= {str(each.line_id) for each in row.blackouts if each.line_id}
    if not shown.intersection(names):  # every line is frozen, and nothing else is known
        shown = names.keys() - {network}
    lines = [(key, name) for key, name in names.items() if key in shown]
    lines.sort(key=lambda each: (each[0] != network, each[0] not in stops))
    return CalendarRow(
        id=row.site.pk,
        plant=row.site.name,
        zone=row.zone,
        chart=calendar_chart(
            lines,
            [_opening(each, used) for each in row.windows],
            [_closed(each, zone) for each in row.blackouts],
            now=timezone.now(),
            zone=zone,
        ),
        windows=[
            WindowRow(
                names.get(_place(each), ""),
                each.begins_at,
                each.ends_at,
                used.get(str(each.pk), 0),
            )
            for each in row.windows[:MOST_TOLD]
        ],
        freezes=[
            FreezeRow(
                each.line.name if each.line else "",
                each.reason,
                each.begins_at,
                each.ends_at,
            )
            for each in row.blackouts[:MOST_TOLD]
        ],
    )


def _place(row: MaintenanceWindow) -> str:
    return str(row.line_id) if row.line_id else network_of(str(row.site_id))


def _opening(row: MaintenanceWindow, used: Mapping[str, int]) -> Opening:
    return Opening(_place(row), row.begins_at, row.ends_at, used.get(str(row.pk), 0))


def _closed(row: Blackout, zone: ZoneInfo) -> Closed:
    begins, ends = (each.astimezone(zone) for each in (row.begins_at, row.ends_at))
    days = f"{begins.day} {begins:%b}"
    if ends.date() != begins.date():
        days += f" to {ends.day} {ends:%b}"
    who = f"{row.line.name}: " if row.line else ""
    return Closed(
        str(row.line_id) if row.line_id else EVERY_LINE,
        row.begins_at,
        row.ends_at,
        f"{who}{row.reason}, {days}",
    )
