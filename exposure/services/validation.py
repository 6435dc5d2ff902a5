"""The second, independent check of a finding, and the re-test that alone closes it."""

import time
import uuid
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils import timezone

from exposure.logic.checks import BY_ID, WeaknessCheck, evaluate
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
    Service,
    Stage,
)
from exposure.probes.base import Outcome, ProbeResult, Transport
from exposure.probes.runner import Host, OpenPort, identify_hosts
from exposure.services import findings, parts, run_flow
from exposure.services.discovery import Fence
from exposure.services.recording import record_observation
from exposure.services.runs import (
    add_seconds,
    end_run,
    enter_stage,
    log_line,
    next_opening,
    pause_now,
)
from exposure.services.scope import rule_of, why_not_now
from exposure.services.watch import Watch, stream
from tenants.scope import workspace_scope
from tenants.services.jobs import enqueue

# An attempt proves absence only if the target spoke: a refusal or its own protocol.
CONFIRMATIONS = 2


@dataclass(frozen=True, slots=True)
class Attempt:
    """One look at one service, and what it says about one check."""

    result: ProbeResult
    verdict: Verdict


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
        return False

    with Watch(ask) as watch:
        _check_again(finding, watch, kind=EvidenceKind.RETEST)


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
        authorisation = finding.service.last_run.authorisation
        reason = why_not_now(authorisation, now=timezone.now())
        reason = reason or _why_only_listen(finding, authorisation)
        fence = Fence(rule_of(authorisation), watch)
    attempts: list[Attempt] = []
    needed = CONFIRMATIONS if kind is EvidenceKind.RETEST else 1
    while not reason and len(attempts) < needed:
        attempt = _look(finding.service, check, fence)
        if attempt is None:  # somebody stopped the run: nothing is concluded
            return
        attempts.append(attempt)
        if attempt.verdict.holds is not False:
            break
    with workspace_scope():
        _conclude(finding, check, attempts, reason=reason, kind=kind)


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
    run = finding.service.last_run if kind is EvidenceKind.SECOND else None
    observations = [
        record_observation(each.result, vantage=finding.service.vantage, run=run)
        for each in attempts
    ]
    if not attempts:
        observation: Observation = finding.service.observation
        verdict = Verdict(None, f"{reason} Nothing was sent.")
    else:
        observation, verdict = observations[-1], attempts[-1].verdict
    if len(attempts) > 1 and verdict.holds is False:
        verdict = replace(
            verdict, reason=f"{verdict.reason} Seen {len(attempts)} times in a row."
        )
    findings.conclude(row, check, verdict, observation, kind=kind)


def _look(service: Service, check: WeaknessCheck, fence: Fence) -> Attempt | None:
    """Ask the service once more; None when the work was stopped meanwhile."""
    host = Host(
        service.address, [OpenPort(service.port, service.protocol, _transport(service))]
    )

    def results() -> AsyncGenerator[ProbeResult, None]:
        return identify_hosts(
            [host], permit=fence.permit, should_stop=fence.should_stop
        )

    heard: list[ProbeResult] = []
    for result in stream(results):
        heard.append(result)
        if result.outcome is Outcome.IDENTIFIED:
            for candidate, verdict in evaluate(
                result.facts, result.probe, now=timezone.now()
            ):
                if candidate.id == check.id:
                    return Attempt(result, verdict)
    if not heard or fence.should_stop():
        return None
    # One probe without a clear answer leaves the question open, whatever others heard.
    unclear = (each for each in heard if _without_identity(each).holds is None)
    last = next(unclear, heard[-1])
    return Attempt(last, _without_identity(last))


def _transport(service: Service) -> Transport:
    return "udp" if service.transport == "udp" else "tcp"


def _without_identity(result: ProbeResult) -> Verdict:
    """Judge a target that did not speak the protocol this time.

    A port that takes the connection and breaks it off may be busy, or guarded by
    somebody who blocks us: only a refused connection counts as a refusal.
    """
    if result.outcome is Outcome.REFUSED and not result.exchanges:
        return Verdict(
            holds=False,
            reason=f"The target answers and refuses port {result.target.port}.",
        )
    if result.outcome is Outcome.OTHER_PROTOCOL:
        return Verdict(
            holds=False,
            reason=f"Something else answers on port {result.target.port} now.",
        )
    return Verdict(
        None, f"No usable answer ({result.outcome.value}). That proves nothing."
    )


def _run_was_halted(run_id: uuid.UUID) -> bool:
    with workspace_scope():
        row = Run.objects.filter(pk=run_id)
        return row.exclude(stop_requested_at=None, pause_requested_at=None).exists()
