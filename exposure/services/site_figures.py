"""What each site adds to the newest revision: rows that overviews read, worst first."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from exposure.logic.paths.by_site import SiteResult
from exposure.models import Finding, Line, PathRevision, Site, SiteExposure
from exposure.services import paths
from tenants.scope import site_limit

STALE = dt.timedelta(days=1)
"""Rebuilds look every hour; figures that none confirmed for so long may be wrong."""

ELSEWHERE = "a change at another site"
NO_LINES = SiteResult("", 0.0, 0.0, 0.0, lines=0, reached=0, worst="", change=None)


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """One site in the newest revision; `row` is None while that was not counted by site."""

    name: str
    row: SiteExposure | None
    change: str


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
    changed = [
        field.name
        for field in SiteExposure._meta.fields
        if field.name not in {"id", "workspace", "revision", "site"}
    ]
    SiteExposure.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["workspace", "revision", "site"],
        update_fields=changed,
    )


def are_lacking(sites: Mapping[str, str]) -> bool:
    """Whether the newest revision was not counted for the sites and lines of now."""
    lines = Counter(sites.values())
    now = {str(pk): lines[str(pk)] for pk in Site.objects.values_list("pk", flat=True)}
    kept = SiteExposure.objects.filter(revision=_newest()).values_list("site", "lines")
    return now != {str(pk): number for pk, number in kept}


def confirm(by_site: Sequence[SiteResult] | None, *, at: dt.datetime) -> None:
    """Note that the newest revision still holds; `by_site` fills in what was lacking."""
    revision = _newest()
    if by_site is not None and revision is not None:
        keep(revision, by_site, at=at)
    SiteExposure.objects.filter(revision=revision, checked_at__lt=at).update(
        checked_at=at
    )


def sites() -> list[SiteFigures]:
    """Return the reader's sites in the newest revision, the most exposed first.

    Sites that were not counted come first: nothing is known of them.
    """
    newest = PathRevision.objects.order_by("-number").values("pk")[:1]
    rows = SiteExposure.objects.filter(revision__in=newest).select_related("revision")
    found = {row.site_id: row for row in rows.defer(*_heavy())}
    shown = _shown(found.values())
    figures = [
        SiteFigures(name, found.get(pk), shown.get(pk, ""))
        for pk, name in Site.objects.values_list("pk", "name")
    ]
    return sorted(figures, key=_worst_first)


def is_stale(checked_at: dt.datetime, *, now: dt.datetime | None = None) -> bool:
    """Whether no rebuild has confirmed the figures for longer than it should."""
    return (now or timezone.now()) - checked_at > STALE


def _worst_first(figures: SiteFigures) -> tuple[bool, float, str]:
    row = figures.row
    return (row is not None, -row.units if row else 0.0, figures.name)


def _heavy() -> list[str]:
    return [f"revision__{name}" for name in paths.HEAVY]


def _newest() -> PathRevision | None:
    return PathRevision.objects.defer(*paths.HEAVY).order_by("-number").first()


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
    change = result.change
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
        change_kind=change.kind if change else "",
        change_subject=change.subject_id if change else "",
        change_label=change.label[:300] if change else "",
        change_removes=change.removes if change else 0.0,
        checked_at=at,
    )


def _shown(rows: Iterable[SiteExposure]) -> dict[uuid.UUID, str]:
    """Return what the change of each site is called; of another site it has no name."""
    rows = [row for row in rows if row.change_kind]
    if site_limit() is None:
        return {row.site_id: row.change_label for row in rows}
    ids = {row.change_subject for row in rows if row.change_kind == "finding"}
    known = {
        str(pk)
        for pk in Finding.objects.filter(pk__in=ids).values_list("pk", flat=True)
    }
    sight = paths.sight_here()
    known |= sight.ids if sight else frozenset()
    return {
        row.site_id: row.change_label if row.change_subject in known else ELSEWHERE
        for row in rows
    }
