"""What the list of runs shows, and whether a run may start."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.template.defaultfilters import pluralize
from django.utils import timezone

from exposure.logic.run_states import LIVE
from exposure.models import Authorisation, Run, RunState, Schedule, Service
from exposure.services.run_counts import counted_runs, counts_of
from exposure.services.scope import why_not_now

ON_A_PAGE = 50
BANDS = {
    RunState.FAILED: "immediate",
    RunState.STOPPED: "out_of_cycle",
    RunState.PAUSED: "out_of_cycle",
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of the list; the fields are described in exposure/runs/list.html."""

    number: int
    url: str
    started_at: dt.datetime | None
    state: str
    band: str
    took: dt.timedelta | None
    asked: str
    profile: str
    addresses: int
    services: int
    new: int
    refused: int


@dataclass(frozen=True, slots=True)
class Cadence:
    """One schedule that is switched on: what is published."""

    text: str
    next_at: dt.datetime | None
    trouble: str


@dataclass(frozen=True, slots=True)
class RunsPage:
    """The context of exposure/runs/list.html, without its forms."""

    claim: str
    lead: str
    blocked: str
    cadence: list[Cadence]
    authorisations: list[Authorisation]
    page: Page[Run]


def runs_page(*, number: str, run_url: Callable[[int], str]) -> RunsPage:
    """Return one page of runs, newest first."""
    authorisations = list(
        Authorisation.objects.select_related("site").order_by("-valid_until")
    )
    now = timezone.now()
    reasons = [why_not_now(each, now=now) for each in authorisations]
    usable = [
        each for each, reason in zip(authorisations, reasons, strict=True) if not reason
    ]
    page = Paginator(counted_runs(), ON_A_PAGE).get_page(number)
    newest = Run.objects.select_related("site").order_by("-number").first()
    rows = [_row(run, url=run_url(run.number)) for run in page.object_list]
    page.object_list = rows  # type: ignore[assignment]  # rows in place of models
    return RunsPage(
        claim=_claim(newest),
        lead=_lead(usable),
        blocked=_blocked(newest, usable, reasons),
        cadence=_cadence(),
        authorisations=usable,
        page=page,
    )


def _cadence() -> list[Cadence]:
    rows = Schedule.objects.filter(enabled=True).select_related("site")
    return [
        Cadence(
            text=f"{row.site.name} {row}, {row.looks.label.lower()} profile",
            next_at=row.next_at,
            trouble=row.trouble,
        )
        for row in rows.order_by("next_at")
    ]


def _row(run: Run, *, url: str) -> RunRow:
    ended, counts = run.finished_at, counts_of(run)
    return RunRow(
        number=run.number,
        url=url,
        started_at=run.started_at,
        state=run.get_state_display(),
        band=BANDS.get(RunState(run.state), ""),
        took=ended - run.started_at if ended and run.started_at else None,
        asked=run.requested_by.name if run.requested_by else "by schedule",
        profile=run.get_profile_display(),
        addresses=counts.addresses,
        services=counts.services,
        new=counts.new,
        refused=counts.refused,
    )


def _claim(newest: Run | None) -> str:
    if newest is None:
        return "Nothing was tested yet"
    if newest.state == RunState.PAUSED:
        return f"Run {newest.number} is paused at {newest.site.name}"
    if newest.state in LIVE:
        return f"Run {newest.number} is under way at {newest.site.name}"
    if newest.state == RunState.FINISHED:
        new = Service.objects.filter(first_run=newest).count()
        found = f"{new} new service{pluralize(new)}" if new else "nothing new"
        return f"The last run found {found}"
    return f"The last run {newest.get_state_display().lower()} before its end"


def _lead(usable: list[Authorisation]) -> str:
    if not usable:
        return "No authorisation is valid now, so nothing is sent."
    until = timezone.localtime(usable[0].valid_until)
    return (
        f"Authorisation {usable[0].reference} for {usable[0].site.name} is signed and "
        f"valid until {until:%-d %B %Y}. A run reads and never writes."
    )


def _blocked(
    newest: Run | None, usable: list[Authorisation], reasons: list[str]
) -> str:
    if not reasons:
        return "There is no authorisation yet."
    if not usable:
        return " ".join(reasons[:3])
    if newest is not None and newest.state in LIVE and len(usable) == 1:
        how = "paused" if newest.state == RunState.PAUSED else "under way"
        return f"Run {newest.number} is {how}; a site has one run at a time."
    return ""
