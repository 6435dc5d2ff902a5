"""When the lines of each plant may stand still and when not, as the reader may see it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from exposure.logic.paths.plans.freezing import network_of
from exposure.logic.paths.plans.items import NETWORK
from exposure.models import Blackout, Line, MaintenanceWindow, Site
from exposure.services import maintenance
from exposure.services.hours import zone_of

MOST_BLACKOUTS = 200


@dataclass(slots=True)
class PlantCalendar:
    """One plant: its time zone, its lines by name, windows and freezes by time."""

    site: Site
    zone: str
    lines: list[Line] = field(default_factory=list)
    windows: list[MaintenanceWindow] = field(default_factory=list)
    blackouts: list[Blackout] = field(default_factory=list)


def plant_calendars() -> list[PlantCalendar]:
    """Return the calendar of every plant that has lines or windows, by name, from now on."""
    found: dict[uuid.UUID, PlantCalendar] = {}
    rows = Line.objects.select_related("site__workspace")
    rows = rows.order_by("site__name", "name", "pk")
    for line in rows:
        calendar = found.setdefault(
            line.site_id, PlantCalendar(line.site, zone_of(line.site))
        )
        calendar.lines.append(line)
    for window in maintenance.windows_to_come():
        if window.site_id not in found:  # a plant that has a network and no line
            site = window.site
            found[site.pk] = PlantCalendar(site, zone_of(site))
        found[window.site_id].windows.append(window)
    ahead = Blackout.objects.filter(ends_at__gt=timezone.now()).select_related("line")
    for blackout in ahead.order_by("begins_at", "pk")[:MOST_BLACKOUTS]:
        if blackout.site_id in found:
            found[blackout.site_id].blackouts.append(blackout)
    return sorted(found.values(), key=lambda row: row.site.name)


def network_names(calendars: list[PlantCalendar]) -> dict[str, str]:
    """Return what the network of each plant is called, by what stands for it."""
    names = {
        network_of(str(row.site.pk)): f"Network of {row.site}" for row in calendars
    }
    return {NETWORK: "Network", **names}


def zones_of(calendars: list[PlantCalendar]) -> Mapping[str, str]:
    """Return the time zone of each line and each network, by what stands for it."""
    lines = {str(line.pk): row.zone for row in calendars for line in row.lines}
    return lines | {network_of(str(row.site.pk)): row.zone for row in calendars}
