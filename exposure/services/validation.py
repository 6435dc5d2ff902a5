"""The second, independent check of a finding, and the re-test that alone closes it."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from django.utils import timezone

from exposure.logic.checks import BY_ID, WeaknessCheck
from exposure.logic.predicates import Verdict
from exposure.logic.run_states import LIVE
from exposure.models import (
    EvidenceKind,
    Finding,
    FindingState,
    Observation,
    Run,
    RunState,
    Stage,
)
from exposure.services import findings, halts
from exposure.services.discovery import Fence
from exposure.services.runs import add_seconds, end_run, enter_stage, log_line
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
        here = Run.objects.filter(state__in=LIVE, stage=Stage.VALIDATE)
        mine = list(here.values_list("pk", flat=True))
        waiting = list(
            Finding.objects.filter(state=FindingState.VALIDATING)
            .select_related(
                "service__vantage",
                "service__last_run__authorisation",
                "asset",
            )
            .order_by("service__address", "service__port")
        )

    def ask() -> bool:
        heartbeat()
        with workspace_scope():
            stopped = Run.objects.exclude(stop_requested_at=None)
            return stopped.filter(state__in=LIVE, stage=Stage.VALIDATE).exists()

    with Watch(ask) as watch:
        for finding in waiting:
            if not _run_was_stopped(finding.service.last_run_id):
                _check_again(finding, watch, kind=EvidenceKind.SECOND)
    with workspace_scope():
        rows = here.filter(pk__in=mine).select_for_update()
        for run in rows:
            add_seconds(run, Stage.VALIDATE, time.monotonic() - began)
            if run.stop_requested_at is not None:
                log_line(run, "Stopped before the second check was through.")
                end_run(run, RunState.STOPPED)
            elif not watch.should_stop():
                enter_stage(run, Stage.PATHS)
        if watch.should_stop():  # the runs that nobody stopped are checked further
            enqueue("exposure.validate", key="flow")


def retest(finding_id: uuid.UUID, *, heartbeat: Callable[[], None]) -> None:
    """Look again from the same vantage; close the finding only if it is proven gone.

    Gone means twice in a row, over connections of its own, the target answered and
    the weakness was not there. No answer, or no valid authorisation, proves nothing.
    """
    with workspace_scope():
        finding = Finding.objects.select_related(
            "service__vantage", "service__last_run__authorisation", "asset"
        ).get(pk=finding_id)
        if finding.state != FindingState.VERIFYING:
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
    return why_not_now(finding.service.last_run.authorisation, now=timezone.now())


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


def _run_was_stopped(run_id: uuid.UUID) -> bool:
    with workspace_scope():
        return Run.objects.filter(pk=run_id).exclude(stop_requested_at=None).exists()
