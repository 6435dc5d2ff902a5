"""The figures above the history: exposure-days, open ways, OT assets, how long open."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from exposure.logic.exposure_days import ExposureDays
from exposure.services.totals import WINDOWS, Dwell, Totals

SMALLEST = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DaysCell:
    """Exposure-days of a window of so many days; `since` where it was counted for less."""

    window: int
    total: float | None
    mean: float | None
    since: dt.datetime | None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site; see exposure/paths/_totals.html."""

    name: str
    days: list[DaysCell]
    ot_reached: int | None


@dataclass(frozen=True, slots=True)
class TotalsPart:
    """The context of exposure/paths/_totals.html."""

    days: list[DaysCell]
    ways: int | None
    lines: int
    ot_reached: int | None
    dwell: Dwell | None
    oldest_url: str
    sites: list[SiteRow]


def totals_part(
    found: Totals | None, *, now: dt.datetime, finding_url: Callable[[str], str]
) -> TotalsPart | None:
    """Return the figures as the page shows them; sites only where there are several.

    `finding_url` gives the address of "SL-4".
    """
    if found is None:
        return None
    return TotalsPart(
        days=_cells(found.days, now=now),
        ways=found.ways,
        lines=found.lines,
        ot_reached=found.ot_reached,
        dwell=found.dwell,
        oldest_url=finding_url(found.dwell.oldest_ref) if found.dwell else "",
        sites=[
            SiteRow(site.name, _cells(site.days, now=now), site.ot_reached)
            for site in found.sites
        ]
        if len(found.sites) > 1
        else [],
    )


def _cells(
    days: tuple[ExposureDays | None, ...], *, now: dt.datetime
) -> list[DaysCell]:
    return [
        _cell(window, each, start=now - dt.timedelta(days=window))
        for window, each in zip(WINDOWS, days, strict=True)
    ]


def _cell(window: int, found: ExposureDays | None, *, start: dt.datetime) -> DaysCell:
    if found is None:
        return DaysCell(window, None, None, None)
    late = found.since - start >= SMALLEST
    return DaysCell(window, found.total, found.mean, found.since if late else None)
