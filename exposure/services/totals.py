"""Figures of progress, from what is kept of revisions and from the open findings."""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Max, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from exposure.logic.exposure_days import ExposureDays, Level, exposure_days
from exposure.logic.paths.ot import reached_ot
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.models import (
    COUNTED,
    Asset,
    Evidence,
    EvidenceKind,
    Finding,
    PathRevision,
    Site,
    SiteExposure,
)
from exposure.services import paths
from tenants.scope import site_limit

WINDOWS = (30, 90)
"""Days that exposure is added up over."""


@dataclass(frozen=True, slots=True)
class Dwell:
    """How long the findings that count now have been open.

    A finding that came back is open since it came back.
    """

    number: int
    median: dt.timedelta
    longest: dt.timedelta
    oldest_ref: str


@dataclass(frozen=True, slots=True)
class SiteTotals:
    """Exposure-days of one site by window, None without a count; OT assets reached."""

    name: str
    days: tuple[ExposureDays | None, ...]
    ot_reached: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures for the reader's sites, `days` in the order of `WINDOWS`.

    `ways` are those that the newest revision names, up to four a line. It and
    `ot_reached` are None in a revision of before they were kept.
    """

    days: tuple[ExposureDays | None, ...]
    ways: int | None
    lines: int
    ot_reached: int | None
    dwell: Dwell | None
    sites: tuple[SiteTotals, ...]


def kept_of(analysis: PathAnalysis, snapshot: PlantSnapshot) -> dict[str, Any]:
    """Return what is kept of an answer for these figures, beside its summary.

    `ways`: how many ways are named to each line, and the assets on the best one;
    `ot_reached`: how many OT assets of each site are reached.
    """
    reached = set(reached_ot(analysis, snapshot))
    assets = Asset.objects.values_list("pk", "site_id")
    at_site = Counter(str(site) for pk, site in assets if str(pk) in reached)
    return {
        "ways": {
            line.line_id: {
                "count": 1 + len(line.others),
                "best": [h.to_id for h in line.best.hops if h.to_kind == "asset"],
            }
            for line in analysis.lines
            if line.best
        },
        "ot_reached": dict(at_site),
    }


def totals(*, now: dt.datetime) -> Totals | None:
    """Return the figures as of now; None before the first revision."""
    newest = paths.newest_revision()
    if newest is None:
        return None
    sites = dict(Site.objects.order_by("name").values_list("pk", "name"))
    since = _since(now)
    by_site = _site_levels(since)
    whole = _together(by_site) if site_limit() is not None else _levels(since)
    reached, lines = _ot_reached(newest, sites), paths.lines_here()
    return Totals(
        days=_days(whole, now=now),
        ways=_ways(newest, lines),
        lines=newest.reachable_lines
        if lines is None
        else paths.reached_of(newest.by_line, lines),
        ot_reached=None if reached is None else sum(reached.values()),
        dwell=_dwell(now),
        sites=tuple(
            SiteTotals(
                name=name,
                days=_days(by_site.get(pk, ()), now=now),
                ot_reached=None if reached is None else reached.get(pk, 0),
            )
            for pk, name in sites.items()
        ),
    )


def _days(
    levels: Sequence[Level], *, now: dt.datetime
) -> tuple[ExposureDays | None, ...]:
    return tuple(
        exposure_days(levels, start=now - dt.timedelta(days=days), end=now)
        for days in WINDOWS
    )


def _since(now: dt.datetime) -> QuerySet[PathRevision]:
    """Return the revisions of the longest window, and the one that stood before it."""
    start = now - dt.timedelta(days=max(WINDOWS))
    before = PathRevision.objects.filter(created_at__lte=start).aggregate(
        last=Max("number")
    )
    return PathRevision.objects.filter(number__gte=before["last"] or 0)


def _levels(since: QuerySet[PathRevision]) -> list[Level]:
    rows = since.order_by("number").values_list("created_at", "exposure_units")
    return [Level(at, units) for at, units in rows]


def _site_levels(since: QuerySet[PathRevision]) -> dict[uuid.UUID, list[Level]]:
    """Return the levels of the reader's sites; old revisions were not counted by site."""
    levels: dict[uuid.UUID, list[Level]] = defaultdict(list)
    rows = SiteExposure.objects.filter(revision__in=since.values("pk"))
    for site_id, at, units in rows.order_by("revision__number").values_list(
        "site_id", "revision__created_at", "units"
    ):
        levels[site_id].append(Level(at, units))
    return levels


def _together(by_site: Mapping[uuid.UUID, Sequence[Level]]) -> list[Level]:
    together: dict[dt.datetime, float] = defaultdict(float)
    for levels in by_site.values():
        for level in levels:
            together[level.at] += level.units
    return [Level(at, units) for at, units in sorted(together.items())]


def _ways(newest: PathRevision, lines: frozenset[str] | None) -> int | None:
    kept: Mapping[str, Any] | None = (newest.summary or {}).get("ways")
    if kept is None:
        return None
    counts: Mapping[str, int] = {key: way["count"] for key, way in kept.items()}
    return sum(n for key, n in counts.items() if lines is None or key in lines)


def _ot_reached(
    newest: PathRevision, sites: Mapping[uuid.UUID, str]
) -> dict[uuid.UUID, int] | None:
    kept = (newest.summary or {}).get("ot_reached")
    return None if kept is None else {pk: kept.get(str(pk), 0) for pk in sites}


def _dwell(now: dt.datetime) -> Dwell | None:
    came_back = (
        Evidence.objects.filter(
            finding=OuterRef("pk"), kind=EvidenceKind.CHECK, holds=True
        )
        .order_by("-at")
        .values("at")[:1]
    )
    rows = (
        Finding.objects.filter(state__in=COUNTED)
        .annotate(
            opened=Case(
                When(
                    reopen_count__gt=0,
                    then=Coalesce(Subquery(came_back), F("detected_at")),
                ),
                default=F("detected_at"),
            )
        )
        .order_by("opened", "number")
    )
    number = rows.count()
    if not number:
        return None
    oldest = rows[0]
    middle = list(
        rows.values_list("opened", flat=True)[(number - 1) // 2 : number // 2 + 1]
    )
    ages = [now - at for at in middle]
    return Dwell(
        number=number,
        median=sum(ages, dt.timedelta(0)) / len(ages),
        longest=now - oldest.opened,
        oldest_ref=oldest.ref,
    )
