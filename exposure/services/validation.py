"""The second, independent check of a finding, and the re-test that alone closes it."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from django.db.models import QuerySet
from django.utils import timezone

from exposure.logic.checks import BY_ID, WeaknessCheck
from exposure.logic.predicates import Verdict
from exposure.logic.run_states import AT_WORK
from exposure.logic.vantage_rules import Mode, mode_of
from exposure.models import (
    Authorisation,
    EvidenceKind,
    Finding,
    FindingState,
    Observation,
    Run,
    RunState,
    Stage,
)
from exposure.services import findings, halts, parts, run_flow
from exposure.services.discovery import Fence
from exposure.services.runs import (
    add_seconds,
    end_run,
    enter_stage,
    log_line,
    next_opening,
    pause_now,
)
from exposure.services.scope import rule_of, why_not_now
from exposure.services.second_look import Attempt, look
from exposure.services.watch import Watch
from tenants.scope import workspace_scope
from tenants.services.jobs import enqueue

# An attempt proves absence only if the target spoke: a refusal or its own protocol.
CONFIRMATIONS = 2
NOTHING_SENT = "Nothing was sent."
STOPPED = "Somebody stopped all sending there. That proves nothing."


def validate_findings(*, heartbeat: Callable[[], None]) -> None:
    """Check every new finding a second time over connections of its own.

    Then hand its runs on to the path engine. A stopped run is not checked further.
    """
    began = time.monotonic()
    with workspace_scope():
        # A run that comes here later has a check of its own to wait for.
        here = Run.objects.filter(state__in=AT_WORK, stage=Stage.VALIDATE)
        mine = list(here.values_list("pk", flat=True))
        waiting = list(_waiting().filter(service__vantage__own_worker=False))

    def ask() -> bool:
        heartbeat()
        with workspace_scope():
            for pk in mine:
                run_flow.hours_closed(pk)  # asks for a pause
            halted = Run.objects.exclude(
                stop_requested_at=None, pause_requested_at=None
            )
            return halted.filter(state__in=AT_WORK, stage=Stage.VALIDATE).exists()

    with Watch(ask) as watch:
        for finding in waiting:
            _check_second(finding, watch)
    with workspace_scope():
        for run in here.filter(pk__in=mine).select_for_update():
            add_seconds(run, Stage.VALIDATE, time.monotonic() - began)
            _hand_on(run, checked=not watch.should_stop())
        if watch.should_stop():  # the runs that nobody halted are checked further
            enqueue("exposure.validate", key="flow")


def _hand_on(run: Run, *, checked: bool) -> None:
    if run.stop_requested_at is not None:
        log_line(run, "Stopped before the second check was through.")
        run.closed_at = timezone.now()
        run.save(update_fields=["closed_at"])
        end_run(run, RunState.STOPPED)
    elif run.pause_requested_at is not None:
        pause_now(run)
    elif checked:
        enter_stage(run, Stage.PATHS)


def validate_from(vantage_id: uuid.UUID, *, watch: Watch) -> None:
    """Check what was found from one vantage a second time, by the worker that is there."""
    with workspace_scope():
        waiting = list(_waiting().filter(service__vantage=vantage_id))
    for finding in waiting:
        _check_second(finding, watch)


def _waiting() -> QuerySet[Finding]:
    return (
        Finding.objects.filter(state=FindingState.VALIDATING)
        .select_related("service__vantage", "service__last_run__authorisation", "asset")
        .order_by("service__address", "service__port")
    )


def _check_second(finding: Finding, watch: Watch) -> None:
    run = finding.service.last_run
    if _run_was_halted(run.pk) or watch.should_stop():
        return
    with workspace_scope():
        waits = next_opening(run.authorisation, now=timezone.now()) is not None
    if not waits:
        _check_again(finding, watch, kind=EvidenceKind.SECOND)


def retest(finding_id: uuid.UUID, *, heartbeat: Callable[[], None]) -> None:
    """Look again from the same vantage; close the finding only if it is proven gone.

    Gone means twice in a row, over connections of its own, the target answered and
    the weakness was not there. No answer, or no valid authorisation, proves nothing.
    """
    with workspace_scope():
        finding = Finding.objects.select_related(
            "service__vantage", "service__last_run__authorisation", "asset"
        ).get(pk=finding_id)
        if finding.state != FindingState.VERIFYING or _comes_too_early(finding):
            return

    def ask() -> bool:
        heartbeat()
        with workspace_scope():
            return halts.stops(finding.service.address, finding.asset.site_id)

    with Watch(ask) as watch:
        _check_again(finding, watch, kind=EvidenceKind.RETEST)
    if watch.should_stop():
        with workspace_scope():
            row = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
            if row.state == FindingState.VERIFYING:
                findings.leave_open(row, STOPPED, kind=EvidenceKind.RETEST)


def _comes_too_early(finding: Finding) -> bool:
    """Whether a re-test must wait, for its hours or for another worker; asks again then."""
    service, now = finding.service, timezone.now()
    later = next_opening(service.last_run.authorisation, now=now)
    if later is None and parts.talks_to(service.address, besides=service.vantage):
        later = now + parts.TURN
    if later is None:
        return False
    enqueue(
        "exposure.retest",
        args={"finding_id": str(finding.pk)},
        key=str(finding.pk),
        run_after=later,
        queue=service.vantage.queue,
    )
    return True


def _check_again(finding: Finding, watch: Watch, *, kind: EvidenceKind) -> None:
    check = BY_ID[finding.check_id]
    with workspace_scope():
        reason = _why_not(finding)
        reason = f"{reason} {NOTHING_SENT}" if reason else ""
        fence = Fence(rule_of(finding.service.last_run.authorisation), watch)
    attempts: list[Attempt] = []
    needed = CONFIRMATIONS if kind is EvidenceKind.RETEST else 1
    run = finding.service.last_run if kind is EvidenceKind.SECOND else None
    while not reason and len(attempts) < needed:
        seen = look(finding.service, check, fence, run=run)
        if seen.attempt is None and not seen.reason:
            return  # somebody stopped the run: nothing is concluded
        reason = seen.reason
        if seen.attempt is None:
            attempts = []
        else:
            attempts.append(seen.attempt)
            if seen.attempt.verdict.holds is not False:
                break
    with workspace_scope():
        _conclude(finding, check, attempts, reason=reason, kind=kind)


def _why_not(finding: Finding) -> str:
    """Return why the service is not asked again; "" when it may be."""
    if doubt := finding.service.doubt:
        return f"{doubt[:1].upper()}{doubt[1:]}."
    authorisation = finding.service.last_run.authorisation
    reason = why_not_now(authorisation, now=timezone.now())
    return reason or _why_only_listen(finding, authorisation)


def _why_only_listen(finding: Finding, authorisation: Authorisation) -> str:
    """Return why nothing may be said there from a worker inside; "" if it may be."""
    inside, zone = finding.service.vantage.zone, finding.asset.zone
    mode = mode_of(
        inside.level if inside else None,
        zone.level if zone else None,
        more_allowed=authorisation.all_from_inside,
    )
    if mode is not Mode.LISTEN_ONLY:
        return ""
    return f"From {finding.service.vantage} this device may only be listened to."


def _conclude(
    finding: Finding,
    check: WeaknessCheck,
    attempts: list[Attempt],
    *,
    reason: str,
    kind: EvidenceKind,
) -> None:
    row = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    if row.state != finding.state:  # somebody else concluded meanwhile
        return
    if not attempts:
        observation: Observation = finding.service.observation
        verdict = Verdict(None, reason)
    else:
        observation, verdict = attempts[-1].observation, attempts[-1].verdict
    if len(attempts) > 1 and verdict.holds is False:
        verdict = replace(
            verdict, reason=f"{verdict.reason} Seen {len(attempts)} times in a row."
        )
    findings.conclude(row, check, verdict, observation, kind=kind)


def _run_was_halted(run_id: uuid.UUID) -> bool:
    with workspace_scope():
        row = Run.objects.filter(pk=run_id)
        return row.exclude(stop_requested_at=None, pause_requested_at=None).exists()
