"""When a line may stand still or a network be worked on, and when nothing is changed."""

import datetime as dt
import uuid
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput
from exposure.logic.paths.plans.freezing import network_of
from exposure.logic.paths.plans.items import Freeze, Window
from exposure.models import Blackout, Line, MaintenanceWindow, Site
from exposure.services.hours import zone_of
from tenants.models import Membership
from tenants.services import ledger

MOST_WINDOWS = 500
LONGEST = dt.timedelta(days=60)


@transaction.atomic
def add_window(
    line_id: uuid.UUID,
    *,
    begins_at: dt.datetime,
    ends_at: dt.datetime,
    note: str,
    by: Membership,
) -> MaintenanceWindow:
    """Say that a line may stand still then.

    Raises InvalidInput with the field for a window that is over, ends before it begins
    or is longer than sixty days, and Conflict when there are too many.
    """
    line = Line.objects.select_related("site__workspace").get(pk=line_id)
    return _added(line.site, line, (begins_at, ends_at), note=note, by=by)


@transaction.atomic
def add_network_window(
    site_id: uuid.UUID,
    *,
    begins_at: dt.datetime,
    ends_at: dt.datetime,
    note: str,
    by: Membership,
) -> MaintenanceWindow:
    """Say that the network of a site may be worked on then; no line stands still for it.

    Raises what `add_window` does.
    """
    site = Site.objects.select_related("workspace").get(pk=site_id)
    return _added(site, None, (begins_at, ends_at), note=note, by=by)


def _added(
    site: Site,
    line: Line | None,
    time: tuple[dt.datetime, dt.datetime],
    *,
    note: str,
    by: Membership,
) -> MaintenanceWindow:
    begins_at, ends_at = time
    if ends_at <= begins_at:
        raise InvalidInput("ends_at", "The window ends before it begins.")
    if ends_at <= timezone.now():
        raise InvalidInput("ends_at", "This time is over.")
    if ends_at - begins_at > LONGEST:
        raise InvalidInput("ends_at", "A window is sixty days long at most.")
    if MaintenanceWindow.objects.count() >= MOST_WINDOWS:
        raise Conflict(f"There are {MOST_WINDOWS} windows already; remove some first.")
    window = MaintenanceWindow.objects.create(
        site=site,
        line=line,
        begins_at=begins_at,
        ends_at=ends_at,
        note=note,
        added_by=by.user,
    )
    does = "may stand still" if line else "may be worked on"
    text = f"{window.place} {does} {_when(window)}."
    _record("window.added", window, by=by, text=text)
    return window


@transaction.atomic
def remove_window(window_id: uuid.UUID, *, by: Membership) -> None:
    """Take a window back. Plans that used it stay as they are."""
    rows = MaintenanceWindow.objects.select_related("line", "site__workspace")
    window = rows.get(pk=window_id)
    does = "does not stand still" if window.line else "is not worked on"
    text = f"{window.place} {does} {_when(window)} any more."
    _record("window.removed", window, by=by, text=text)
    window.delete()


def windows_to_come() -> list[MaintenanceWindow]:
    """Return the windows that are not over, by time."""
    rows = MaintenanceWindow.objects.filter(ends_at__gt=timezone.now())
    rows = rows.select_related("line", "site__workspace")
    return list(rows.order_by("begins_at", "pk"))


def planned_windows(*, ahead: dt.timedelta = dt.timedelta(0)) -> tuple[Window, ...]:
    """Return the windows that are not over as the planner takes them.

    Only what is left of each in `ahead` from now counts; that may be no time at all.
    """
    now = timezone.now() + ahead
    return tuple(_planned(row, now) for row in windows_to_come())


def _planned(row: MaintenanceWindow, now: dt.datetime) -> Window:
    start = max(row.begins_at, now)
    hours = (row.ends_at - start) / dt.timedelta(hours=1)
    return Window(
        id=str(row.pk),
        line_id=str(row.line_id) if row.line_id else network_of(str(row.site_id)),
        start=start if hours > 0 else row.begins_at,
        end=row.ends_at,
        hours=max(hours, 0.0),
    )


def freezes() -> tuple[Freeze, ...]:
    """Return when nothing is changed: the blackouts of the production calendar.

    One that names a line is about that line, any other about all lines of its site and
    about its network.
    """
    return tuple(_freezes())


def _freezes() -> Iterator[Freeze]:
    lines: dict[uuid.UUID, list[uuid.UUID]] = {}
    for pk, site in Line.objects.values_list("pk", "site_id"):
        lines.setdefault(site, []).append(pk)
    for row in Blackout.objects.filter(ends_at__gt=timezone.now()):
        named = [row.line_id] if row.line_id else lines.get(row.site_id, [])
        places = [str(line) for line in named]
        if not row.line_id:
            places.append(network_of(str(row.site_id)))
        for place in places:
            yield Freeze(place, row.begins_at, row.ends_at)


def _when(window: MaintenanceWindow) -> str:
    zone = ZoneInfo(zone_of(window.site))
    begins, ends = (
        each.astimezone(zone) for each in (window.begins_at, window.ends_at)
    )
    return f"from {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M}"


def _record(
    action: str, window: MaintenanceWindow, *, by: Membership, text: str
) -> None:
    ledger.append(
        action,
        by=by,
        about=f"line {window.line_id}" if window.line_id else window.place[:80],
        text=text,
        site_id=window.site_id,
    )
