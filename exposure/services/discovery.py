"""One discovery run, from the scope to identified services; it can be resumed."""

import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from exposure.logic.ports import ports_of_interest
from exposure.logic.run_states import LIVE, check_move
from exposure.logic.scope import Permit, Refusal, ScopeRule, decide
from exposure.models import Authorisation, Run, RunState, RunTarget, Stage, TargetState
from exposure.probes.base import ProbeResult
from exposure.probes.registry import probes_for
from exposure.probes.runner import Host, OpenPort, identify_hosts
from exposure.services import recording
from exposure.services.runs import (
    add_seconds,
    end_run,
    enter_stage,
    is_stop_requested,
    log_line,
)
from exposure.services.scope import allowed_private, rule_of, why_not_now
from exposure.services.sweeping import sweep_targets
from exposure.services.targets import expand
from exposure.services.watch import Watch, stream
from tenants.scope import workspace_scope


@dataclass(slots=True)
class Fence:
    """What every connection of a run must pass; the rule may change meanwhile."""

    rule: ScopeRule
    watch: Watch | None = None

    def should_stop(self) -> bool:
        """Whether the work must stop now."""
        return self.watch is not None and self.watch.should_stop()

    def is_current(self) -> bool:
        """Whether the last answer to that is fresh."""
        return self.watch is not None and self.watch.is_current()

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one connection, right before it is made."""
        return decide(
            address,
            port,
            now=timezone.now(),
            rules=[self.rule],
            allowed_private=allowed_private(),
        )


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
        fence.rule = rule_for_run(run)
        with workspace_scope():
            return is_stop_requested(run_id)

    with Watch(ask) as fence.watch:
        with _timed(run, Stage.SWEEP):
            sweep_targets(run, fence, ports_of=ports_of_interest)
        if not fence.should_stop():
            with _timed(run, Stage.IDENTIFY):
                _identify(run, fence)
    _hand_over(run_id)


def rule_for_run(run: Run) -> ScopeRule:
    """Return the fence of the run's authorisation as it stands now."""
    with workspace_scope():
        return rule_of(Authorisation.objects.get(pk=run.authorisation_id))


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
def _hand_over(run_id: uuid.UUID) -> None:
    """Leave the run to the second check, or end it where somebody stopped it."""
    with workspace_scope():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state not in LIVE:
            return
        if run.stop_requested_at is not None:
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
