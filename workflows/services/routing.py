"""Opens a case for every open finding, and tells how runs ended."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from exposure.models import Finding, FindingState, Run, RunState
from exposure.services import figures
from tenants.models import Workspace
from tenants.scope import current_workspace_id
from workflows.logic.clocks import decide_by
from workflows.logic.routing import Facts, route
from workflows.logic.signoff import SLOT_WORDS
from workflows.models import Case, Event
from workflows.services.banding import Reach, bands_of, reach_of
from workflows.services.events import About, record, run_ref

RUN_EVENTS = {
    RunState.FINISHED: ("scan.finished", "finished"),
    RunState.STOPPED: ("scan.stopped", "was stopped"),
    RunState.FAILED: ("scan.failed", "failed"),
}
LOOK_BACK = dt.timedelta(days=30)


@transaction.atomic
def route_open_findings() -> int:
    """Open a case for each open finding without one; return how many.

    May be repeated: a finding has one case, and a run is told about once.
    """
    rows = (
        Finding.objects.select_for_update(of=("self",))
        .filter(state=FindingState.OPEN, case__isnull=True)
        .select_related("asset__zone", "asset__line", "service__vantage")
        .order_by("number")
    )
    opened = sum(_open(finding) for finding in list(rows))
    _tell_ended_runs()
    return opened


def due(band: str, *, start: dt.datetime) -> dt.datetime:
    """Return until when a joint decision is wanted, in the customer's time zone."""
    name = Workspace.objects.values_list("time_zone", flat=True).get(
        pk=current_workspace_id()
    )
    return decide_by(band, start=start, zone=ZoneInfo(name))


def _open(finding: Finding) -> bool:
    reach = reach_of(finding)
    found = route(_facts(finding, reach))
    bands = bands_of(finding, reach=reach)
    now = timezone.now()
    case, is_new = Case.objects.get_or_create(
        finding=finding,
        defaults={
            "lead": found.lead,
            "slots": list(found.slots),
            "rule": found.rule,
            "reason": found.reason,
            "band": bands.asked.value,
            "indicated_band": bands.indicated.value,
            "routed_at": now,
            "decide_by": due(bands.asked, start=now),
            "seen_revision": finding.revision,
            "seen_state": finding.state,
        },
    )
    if is_new:
        figures.set_urgency(finding, case.band)
        sides = " and ".join(SLOT_WORDS[slot] for slot in found.slots)
        record(
            "finding.routed",
            text=f"{finding.ref} goes to {sides}: {found.reason}",
            about=About.finding(case),
            data={
                "finding": finding.ref,
                "band": case.band,
                "slots": case.slots,
                "lead": case.lead,
                "state": finding.state,
            },
        )
    return is_new


def _facts(finding: Finding, reach: Reach) -> Facts:
    asset = finding.asset
    return Facts(
        level=asset.zone.level if asset.zone else None,
        is_safety=bool(asset.zone and asset.zone.is_safety),
        kind=asset.kind,
        protocol=finding.service.protocol,
        leads_to_ot=reach.leads_to_ot,
    )


def _tell_ended_runs() -> None:
    ended = Run.objects.filter(
        state__in=RUN_EVENTS, finished_at__gte=timezone.now() - LOOK_BACK
    ).order_by("number")
    ended = ended.select_for_update()  # two of us at once tell about a run once
    types = [event_type for event_type, _ in RUN_EVENTS.values()]
    told = set(
        Event.objects.filter(
            type__in=types, object_ref__in=[run_ref(run) for run in ended]
        ).values_list("object_ref", flat=True)
    )
    for run in ended:
        if run_ref(run) not in told:
            event_type, words = RUN_EVENTS[RunState(run.state)]
            record(
                event_type,
                text=f"Run {run.number} {words}.",
                about=About.run(run),
                data={"run": run.number, "state": run.state},
            )
