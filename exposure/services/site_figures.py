"""What each site adds to the newest revision: rows that overviews read."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from exposure.logic.paths.by_site import SiteChange, SiteResult
from exposure.models import (
    ChangeCost,
    Conduit,
    Credential,
    Finding,
    Line,
    PathRevision,
    Site,
    SiteExposure,
    VendorAccess,
    Zone,
)
from exposure.services import paths
from tenants.scope import site_limit

STALE = dt.timedelta(days=1)
"""Rebuilds look every hour; figures that none confirmed for so long may be wrong."""

ELSEWHERE = "a change at another site"
LONGEST = 300
NO_LINES = SiteResult("", 0.0, 0.0, 0.0, lines=0, reached=0, worst="", change=None)
STANDS = {
    "finding": Finding,
    "conduit": Conduit,
    "credential": Credential,
    "vendor": VendorAccess,
    "same_zone": Zone,
}
"""What a change is about, and so at which site it is made."""


@dataclass(frozen=True, slots=True)
class SiteCount:
    """What a revision counts at one site, with when a rebuild last confirmed it."""

    units: float
    low: float
    high: float
    moved: float | None
    lines: int
    reached: int
    worst_line: str
    change_label: str
    change_removes: float
    checked_at: dt.datetime

    def is_stale(self, *, now: dt.datetime) -> bool:
        """Whether no rebuild has confirmed it for longer than it should."""
        return now - self.checked_at > STALE


def sites_of_lines() -> dict[str, str]:
    """Map the id of each line to that of its site."""
    rows = Line.objects.values_list("pk", "site_id")
    return {str(line): str(site) for line, site in rows}


def keep(
    revision: PathRevision, results: Iterable[SiteResult], *, at: dt.datetime
) -> None:
    """Store what each site adds to a revision; a site without lines adds nothing.

    What it moved is counted over the lines that are at the site today.
    """
    known = {row.site_id: row for row in results}
    before = _before(revision)
    moves = _moves(before.by_line, known) if before else {}
    rows = [
        _row(revision, pk, known.get(str(pk), NO_LINES), moves.get(str(pk)), at)
        for pk in Site.objects.values_list("pk", flat=True)
    ]
    SiteExposure.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["workspace", "revision", "site"],
        update_fields=[*(each.name for each in fields(SiteCount)), "change_site_id"],
    )


def are_lacking(sites: Mapping[str, str]) -> bool:
    """Whether the newest revision was not counted for the sites and lines of now.

    Nor with what was said since of changes that cannot be made.
    """
    lines = Counter(sites.values())
    now = {str(pk): lines[str(pk)] for pk in Site.objects.values_list("pk", flat=True)}
    kept = list(SiteExposure.objects.filter(revision=paths.newest_revision()))
    counted_at = min((row.checked_at for row in kept), default=timezone.now())
    return now != {str(row.site_id): row.lines for row in kept} or (
        ChangeCost.objects.filter(said_at__gt=counted_at).exists()
    )


def confirm(by_site: Sequence[SiteResult] | None, *, at: dt.datetime) -> None:
    """Note that the newest revision still holds; `by_site` fills in what was lacking."""
    revision = paths.newest_revision()
    if by_site is not None and revision is not None:
        keep(revision, by_site, at=at)
    SiteExposure.objects.filter(revision=revision, checked_at__lt=at).update(
        checked_at=at
    )


def as_column() -> ArraySubquery:
    """Return the reader's sites as a column that any query may carry; see `read`."""
    newest = PathRevision.objects.order_by("-number").values("pk")[:1]
    kept = SiteExposure.objects.filter(site=OuterRef("pk"), revision__in=newest)
    names = [*(each.name for each in fields(SiteCount)), "change_site_id"]
    count = JSONObject(**{name: name for name in names})
    rows = Site.objects.order_by("name").values(
        found=JSONObject(name="name", count=Subquery(kept.values(found=count)[:1]))
    )
    return ArraySubquery(rows)


def read(column: Iterable[Mapping[str, Any]]) -> dict[str, SiteCount | None]:
    """Return what `as_column` found: sites by name, None for one that was not counted."""
    return {row["name"]: _count(row["count"]) for row in column}


def _count(row: Mapping[str, Any] | None) -> SiteCount | None:
    if row is None:
        return None
    values = {**row, "checked_at": dt.datetime.fromisoformat(row["checked_at"])}
    site_id, limit = values.pop("change_site_id"), site_limit()
    if limit is not None and site_id is not None and uuid.UUID(site_id) not in limit:
        values["change_label"] = ELSEWHERE
    return SiteCount(**values)


def _before(revision: PathRevision) -> PathRevision | None:
    rows = PathRevision.objects.only("by_line").filter(number__lt=revision.number)
    return rows.order_by("-number").first()


def _moves(
    before: Mapping[str, dict[str, float]], now: Mapping[str, SiteResult]
) -> dict[str, float]:
    """Return by how much each site moved; one of which nothing was counted is left out."""
    was: dict[str, float] = {}
    for line_id, site_id in sites_of_lines().items():
        if line_id in before:
            was[site_id] = was.get(site_id, 0.0) + before[line_id]["units"]
    return {key: now[key].exposure - units for key, units in was.items() if key in now}


def _row(
    revision: PathRevision,
    site_id: uuid.UUID,
    result: SiteResult,
    moved: float | None,
    at: dt.datetime,
) -> SiteExposure:
    stands = _stands(result.change) if result.change else None
    change = result.change if stands else None  # what is gone meanwhile has no name
    return SiteExposure(
        workspace_id=revision.workspace_id,
        revision=revision,
        site_id=site_id,
        units=result.exposure,
        low=result.low,
        high=result.high,
        moved=moved,
        lines=result.lines,
        reached=result.reached,
        worst_line=result.worst,
        change_label=_label(change, stands)[:LONGEST] if change else "",
        change_site_id=stands.site_id if stands else None,
        change_removes=change.removes if change else 0.0,
        checked_at=at,
    )


def _stands(change: SiteChange) -> Any:
    return STANDS[change.kind]._default_manager.filter(pk=change.subject_id).first()


def _label(change: SiteChange, stands: Any) -> str:
    """A sign-in is closed everywhere: the device that is named first means nothing."""
    return stands.name if isinstance(stands, Credential) else change.label
