"""One discovery run, from the scope to identified services; it can be resumed."""

import datetime as dt
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from exposure.collectors.sweep import SweepLimits, SweepResult, sweep
from exposure.logic.ports import ports_of_interest
from exposure.logic.run_states import LIVE, check_move
from exposure.logic.scope import CompiledScope, Permit, Refusal, ScopeRule
from exposure.models import Authorisation, Run, RunState, RunTarget, Stage, TargetState
from exposure.probes.base import ProbeResult
from exposure.probes.dialer import SENDING
from exposure.probes.registry import probes_for
from exposure.probes.runner import Host, OpenPort, identify_hosts
from exposure.services import halts, recording
from exposure.services.entries import allowed_private
from exposure.services.runs import (
    add_seconds,
    end_run,
    enter_stage,
    is_stop_requested,
    log_line,
)
from exposure.services.scope import rule_of, why_not_now
from exposure.services.targets import expand
from exposure.services.watch import Watch, stream
from tenants.scope import workspace_scope

SWEEP_BATCH = 32  # addresses; after each batch the run can be resumed from there
SWEEP_TIMEOUT = 1.0  # seconds; catches everything but satellite links


@dataclass(slots=True)
class Fence:
    """What every connection of a run must pass; the rule may change meanwhile."""

    rule: ScopeRule
    watch: Watch | None = None
    last_sent_at: dt.datetime | None = None
    _compiled: CompiledScope | None = None

    def should_stop(self) -> bool:
        """Whether the work must stop now."""
        return self.watch is not None and self.watch.should_stop()

    def renew(self, rule: ScopeRule) -> None:
        """Go by another rule from the next connection on."""
        if rule != self.rule:
            self.rule = rule

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one connection, right before it is made."""
        compiled = self._compiled
        if compiled is None or compiled.rules != (self.rule,):
            compiled = CompiledScope([self.rule], allowed_private=allowed_private())
            self._compiled = compiled
        now = timezone.now()
        verdict = compiled.decide(address, port, now=now, probe=SENDING.get())
        if isinstance(verdict, Permit):
            self.last_sent_at = now
        return verdict


def discover(run_id: uuid.UUID, *, heartbeat: Callable[[], None]) -> None:
    """Do the run's work up to its second check; safe to call again after a crash.

    `heartbeat` is called about five times a second and raises when the work was
    given to somebody else. Addresses that were done stay done.
    """
    began = time.monotonic()
    run = _begin(run_id)
    if run is None:
        return
    with workspace_scope():
        add_seconds(run, Stage.SCOPE, time.monotonic() - began)

    fence = Fence(rule_for_run(run))

    def ask() -> bool:
        heartbeat()
        # An exclusion or a withdrawn signature holds from the next connection on.
        fence.renew(rule_for_run(run))
        with workspace_scope():
            return is_stop_requested(run_id)

    with Watch(ask) as fence.watch:
        with _timed(run, Stage.SWEEP):
            _sweep(run, fence)
        if not fence.should_stop():
            with _timed(run, Stage.IDENTIFY):
                _identify(run, fence)
        closed_at = timezone.now()
    _hand_over(run_id, last_sent_at=fence.last_sent_at, closed_at=closed_at)


def rule_for_run(run: Run) -> ScopeRule:
    """Return the fence of the run's authorisation as it stands now."""
    with workspace_scope():
        rows = Authorisation.objects.select_related("site")
        return rule_of(rows.get(pk=run.authorisation_id))


def _begin(run_id: uuid.UUID) -> Run | None:
    with workspace_scope():
        run = (
            Run.objects.select_for_update(of=("self",))
            .select_related("authorisation", "site")
            .get(pk=run_id)
        )
        if run.state not in LIVE:
            return None
        if reason := why_not_now(run.authorisation, now=timezone.now()):
            log_line(run, f"{reason} Nothing was sent.")
            end_run(run, RunState.FAILED, error=reason)
            return None
        if run.state == RunState.RUNNING:
            run.resumed += 1
            log_line(run, "The worker had stopped. Going on with what was not done.")
        else:
            check_move(run.state, RunState.RUNNING)
            run.state, run.started_at = RunState.RUNNING, timezone.now()
        run.save(update_fields=["state", "started_at", "resumed"])
        count = expand(run)
        log_line(run, f"{count} addresses allowed by {run.authorisation.reference}.")
        return run


def _sweep(run: Run, fence: Fence) -> None:
    limits = SweepLimits(
        rate_per_second=run.authorisation.packets_per_second, timeout=SWEEP_TIMEOUT
    )
    while not fence.should_stop():
        with workspace_scope():
            pending = run.targets.filter(state=TargetState.PENDING)
            batch = list(pending.order_by("vantage_id", "address")[:SWEEP_BATCH])
        if not batch:
            return
        # One vantage at a time: an address may be looked at from two of them.
        mine = {t.address: t for t in batch if t.vantage_id == batch[0].vantage_id}
        results: dict[str, list[SweepResult]] = {address: [] for address in mine}
        for result in sweep(
            _sockets(mine),
            limits=limits,
            permit=fence.permit,
            should_stop=fence.should_stop,
        ):
            results[result.address].append(result)
        _record_batch(run, mine, results, complete=not fence.should_stop())


def _sockets(targets: dict[str, RunTarget]) -> Iterator[tuple[str, int]]:
    """Take turns between hosts, so that no host is hurried."""
    ports = {
        address: list(ports_of_interest([int(p) for p in target.port_hints]))
        for address, target in targets.items()
    }
    for turn in range(max(len(own) for own in ports.values())):
        for address, own in ports.items():
            if turn < len(own):
                yield address, own[turn]


def _record_batch(
    run: Run,
    targets: dict[str, RunTarget],
    results: dict[str, list[SweepResult]],
    *,
    complete: bool,
) -> None:
    with workspace_scope():
        for address, target in targets.items():
            recording.record_sweep(target, run, results[address], complete=complete)


def _identify(run: Run, fence: Fence) -> None:
    with workspace_scope():
        swept = list(
            run.targets.filter(state=TargetState.SWEPT)
            .select_related("vantage")
            .order_by("address")
        )
    for vantage_id in {target.vantage_id for target in swept}:
        mine = {t.address: t for t in swept if t.vantage_id == vantage_id}
        _identify_from(run, mine, fence)


def _identify_from(run: Run, targets: dict[str, RunTarget], fence: Fence) -> None:
    hosts = [
        Host(
            target.address,
            [
                OpenPort(port, target.port_hints.get(str(port), ""))
                for port in target.open_ports
            ],
        )
        for target in targets.values()
    ]

    def results() -> AsyncGenerator[ProbeResult, None]:
        return identify_hosts(hosts, permit=fence.permit, should_stop=fence.should_stop)

    for result in stream(results):
        with workspace_scope():
            target = targets[result.target.address]
            found = recording.record_result(target, run, result, site=run.site)
            recording.log_result(run, result, found)
            if (result.target.port, result.probe) == _last_look(target):
                target.state = TargetState.DONE
                target.save(update_fields=["state"])
    if not fence.should_stop():
        with workspace_scope():
            pks = [target.pk for target in targets.values()]
            run.targets.filter(pk__in=pks).update(state=TargetState.DONE)


def _last_look(target: RunTarget) -> tuple[int, str]:
    """Return port and probe that end a host; one that refuses may end earlier."""
    port = target.open_ports[-1]
    probes = probes_for(port, target.port_hints.get(str(port), ""))
    return port, probes[-1].name


@transaction.atomic
def _hand_over(
    run_id: uuid.UUID, *, last_sent_at: dt.datetime | None, closed_at: dt.datetime
) -> None:
    """Leave the run to the second check, or end it where somebody stopped it."""
    with workspace_scope():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state not in LIVE:
            return
        if run.stop_requested_at is not None:
            halts.note_stop(run, last_sent_at=last_sent_at, closed_at=closed_at)
            left = run.targets.exclude(state=TargetState.DONE).count()
            log_line(run, f"Stopped. {left} addresses were not looked at.")
            end_run(run, RunState.STOPPED)
            return
        recording.mark_gone(run)
        enter_stage(run, Stage.VALIDATE)


@contextmanager
def _timed(run: Run, stage: Stage) -> Iterator[None]:
    began = time.monotonic()
    with workspace_scope():
        enter_stage(run, stage)
    yield
    with workspace_scope():
        add_seconds(run, stage, time.monotonic() - began)
