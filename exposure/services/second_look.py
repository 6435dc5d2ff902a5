"""One more look at one service: all that is sent is written down, whatever it proves."""

from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from django.utils import timezone

from exposure.logic.checks import WeaknessCheck, evaluate
from exposure.logic.predicates import Verdict
from exposure.logic.scope import Permit, Refusal, ScopeRule
from exposure.models import Observation, Run, RunTarget, Service
from exposure.probes.base import Outcome, ProbeResult, Transport
from exposure.probes.budget import Spent
from exposure.probes.registry import probes_for
from exposure.probes.runner import Host, Note, NoteKind, OpenPort, Seen, visit_hosts
from exposure.services import health, noting
from exposure.services.device_locks import in_turn
from exposure.services.recording import record_observation
from exposure.services.watch import stream
from tenants.scope import workspace_scope

WEB = frozenset({"http", "https"})


class Fence(Protocol):
    """What every connection must pass; see `exposure.services.discovery`."""

    rule: ScopeRule

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one connection, right before it is made."""

    def should_stop(self) -> bool:
        """Whether the work must stop now."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One look at one service, and what it says about one check."""

    observation: Observation
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """What came of a look: an attempt, or the reason why nothing can be concluded.

    Without either, somebody stopped the work.
    """

    attempt: Attempt | None = None
    reason: str = ""


def look(
    service: Service, check: WeaknessCheck, fence: Fence, *, run: Run | None
) -> Look:
    """Ask the service what the check needs, at the pace and budget of its host.

    `run` is the run that this belongs to; a re-test has none. A visit to a controller
    ends with the look at its health, as in a run.
    """
    turns = in_turn([service.address], should_stop=fence.should_stop)
    with closing(turns):
        for _ in turns:
            return _look(service, check, fence, run=run)
    return Look()


def _look(
    service: Service, check: WeaknessCheck, fence: Fence, *, run: Run | None
) -> Look:
    with workspace_scope():
        host = _host(service, check, run, fence.rule.consents)

    def results() -> AsyncGenerator[Seen, None]:
        return visit_hosts([host], permit=fence.permit, should_stop=fence.should_stop)

    heard: list[tuple[ProbeResult, Observation]] = []
    reason = left = ""
    for seen in stream(results):
        with workspace_scope():
            if isinstance(seen, Note):
                reason = _take_note(service, seen) or reason
                if seen.kind is NoteKind.LEFT_ALONE:
                    left = f"The device was {seen.text}."
                continue
            observation = record_observation(seen, vantage=service.vantage, run=run)
        if not seen.is_aside:
            heard.append((seen, observation))
    if reason or (left and not heard):
        return Look(reason=reason or left)
    if not heard or fence.should_stop():
        return Look()
    return Look(_judge(check, heard))


def _host(
    service: Service,
    check: WeaknessCheck,
    run: Run | None,
    consents: frozenset[str],
) -> Host:
    port = _port(service, check, consents)
    spent = noting.spent_in(run, [service.address]) if run else {}
    return Host(
        service.address,
        [port],
        kind=noting.kinds_of([service.address]).get(service.address, ""),
        was_controller=_was_controller(service),
        spent=spent.get(service.address, Spent()),
        consents=consents,
    )


def _port(service: Service, check: WeaknessCheck, consents: frozenset[str]) -> OpenPort:
    """Return the port with the questions of this check alone, if any of them fits."""
    transport: Transport = "udp" if service.transport == "udp" else "tcp"
    wanted = WEB if check.probe in WEB else {check.probe}
    fitting = {
        probe.name
        for probe in probes_for(service.port, service.protocol, transport, consents)
    }
    only = tuple(sorted(wanted & fitting))
    return OpenPort(service.port, service.protocol, transport, only)


def _was_controller(service: Service) -> bool:
    rows = RunTarget.objects.filter(run=service.last_run_id, address=service.address)
    return rows.exclude(careful_because="").exists()


def _take_note(service: Service, note: Note) -> str:
    """Act on a note; return why nothing can be concluded, "" when something can."""
    if note.kind is NoteKind.CHANGED and note.result is not None:
        health.device_changed(service.last_run, note.result, note.text)
        return "The device does not answer as it did before it was asked."
    return ""


def _judge(
    check: WeaknessCheck, heard: list[tuple[ProbeResult, Observation]]
) -> Attempt:
    for result, observation in heard:
        if result.outcome is not Outcome.IDENTIFIED:
            continue
        verdicts = evaluate(result.facts, result.probe, now=timezone.now())
        for candidate, verdict in verdicts:
            if candidate.id == check.id:
                return Attempt(observation, verdict)
    # One probe without a clear answer leaves the question open, whatever others heard.
    unclear = (each for each in heard if _without_identity(each[0]).holds is None)
    result, observation = next(unclear, heard[-1])
    return Attempt(observation, _without_identity(result))


def _without_identity(result: ProbeResult) -> Verdict:
    """Judge a target that did not speak the protocol this time.

    A port that takes the connection and breaks it off may be busy, or guarded by
    somebody who blocks us: only a refused connection counts as a refusal. Over UDP the
    host's own "port unreachable" is one.
    """
    over_udp = result.target.transport == "udp"
    if result.outcome is Outcome.REFUSED and (over_udp or not result.exchanges):
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
