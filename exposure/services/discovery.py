"""One discovery run, from the scope to identified services; it can be resumed."""

import datetime as dt
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils import timezone

from exposure.collectors.sweep import SweepResult, sweep
from exposure.logic.ports import ports_of_interest
from exposure.logic.profiles import Profile
from exposure.logic.scope import Permit, Refusal, ScopeRule, decide
from exposure.models import Authorisation, Run, RunTarget, Stage, TargetState
from exposure.probes.base import ProbeResult
from exposure.probes.runner import Host, identify_hosts
from exposure.services import looking, parts, recording, run_flow
from exposure.services.runs import add_seconds, enter_stage, must_halt
from exposure.services.scope import allowed_private, rule_of
from exposure.services.watch import Watch, stream
from tenants.scope import workspace_scope

SWEEP_BATCH = 32  # addresses; after each batch the run can be resumed from there
SWEEP_TIMEOUT = 1.0  # seconds; catches everything but satellite links


@dataclass(slots=True)
class Fence:
    """What every connection of a run must pass; the rule may change meanwhile."""

    rule: ScopeRule
    watch: Watch | None = None
    last_permit: dt.datetime | None = None  # when the last connection was let through

    def should_stop(self) -> bool:
        """Whether the work must stop now."""
        return self.watch is not None and self.watch.should_stop()

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one connection, right before it is made."""
        now = timezone.now()
        verdict = decide(
            address,
            port,
            now=now,
            rules=[self.rule],
            allowed_private=allowed_private(),
        )
        if isinstance(verdict, Permit):
            self.last_permit = now
        return verdict


# What is done from a vantage after its services are known: the second check.
Afterwards = Callable[[Watch], None]


def discover(
    run_id: uuid.UUID,
    *,
    heartbeat: Callable[[], None],
    vantage_id: uuid.UUID | None = None,
    afterwards: Afterwards | None = None,
) -> None:
    """Do a part of a run up to its second check; safe to call again after a crash.

    The part is that of one vantage with a worker of its own, or else of all the others.
    `heartbeat` is called about five times a second and raises when the work was
    given to somebody else. Addresses that were done stay done. Whatever ends it early
    (a stop, a pause, hours that close) leaves the rest as it was.
    """
    began = time.monotonic()
    run = run_flow.begin(run_id, vantage_id)
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
            return must_halt(run_id) or run_flow.hours_closed(run_id)

    with Watch(ask) as fence.watch:
        with _timed(run, Stage.SWEEP, vantage_id):
            _sweep(run, fence, vantage_id)
        if not fence.should_stop():
            with _timed(run, Stage.IDENTIFY, vantage_id):
                _identify(run, fence, vantage_id)
        if afterwards is not None and not fence.should_stop():
            afterwards(fence.watch)
    run_flow.hand_over(run_id, vantage_id, last_packet_at=fence.last_permit)


def rule_for_run(run: Run) -> ScopeRule:
    """Return the fence of the run's authorisation as it stands now."""
    with workspace_scope():
        return rule_of(Authorisation.objects.get(pk=run.authorisation_id))


def _sweep(run: Run, fence: Fence, vantage_id: uuid.UUID | None) -> None:
    limits = looking.limits_of(run, timeout=SWEEP_TIMEOUT)
    while not fence.should_stop():
        with workspace_scope():
            pending = parts.own_targets(run, vantage_id).filter(
                state=TargetState.PENDING
            )
            batch = list(pending.order_by("vantage_id", "address")[:SWEEP_BATCH])
        if not batch:
            return
        # One vantage at a time: an address may be looked at from two of them.
        mine = {t.address: t for t in batch if t.vantage_id == batch[0].vantage_id}
        results: dict[str, list[SweepResult]] = {address: [] for address in mine}
        for result in sweep(
            _sockets(mine, run.looks),
            limits=limits,
            permit=fence.permit,
            should_stop=fence.should_stop,
        ):
            results[result.address].append(result)
        _record_batch(run, mine, results, complete=not fence.should_stop())


def _sockets(
    targets: dict[str, RunTarget], profile: Profile
) -> Iterator[tuple[str, int]]:
    """Take turns between hosts, so that no host is hurried."""
    ports = {
        address: looking.ports_to_try(
            target, profile, ports_of_interest([int(p) for p in target.port_hints])
        )
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


def _identify(run: Run, fence: Fence, vantage_id: uuid.UUID | None) -> None:
    with workspace_scope():
        swept = list(
            parts.own_targets(run, vantage_id)
            .filter(state=TargetState.SWEPT)
            .select_related("vantage")
            .order_by("address")
        )
    for place in {target.vantage_id for target in swept}:
        mine = {t.address: t for t in swept if t.vantage_id == place}
        _identify_from(run, mine, fence)


def _identify_from(run: Run, targets: dict[str, RunTarget], fence: Fence) -> None:
    hosts = [
        Host(target.address, looking.open_ports(target, run.looks))
        for target in targets.values()
    ]

    def results() -> AsyncGenerator[ProbeResult, None]:
        return identify_hosts(
            hosts,
            permit=fence.permit,
            should_stop=fence.should_stop,
            at_once=run.looks.hosts_at_once,
        )

    for result in stream(results):
        with workspace_scope():
            target = targets[result.target.address]
            found = recording.record_result(target, run, result, site=run.site)
            recording.log_result(run, result, found)
            if (result.target.port, result.probe) == _last_look(target, run.looks):
                target.state = TargetState.DONE
                target.save(update_fields=["state"])
    if not fence.should_stop():
        with workspace_scope():
            pks = [target.pk for target in targets.values()]
            run.targets.filter(pk__in=pks).update(state=TargetState.DONE)


def _last_look(target: RunTarget, profile: Profile) -> tuple[int, str]:
    """Return port and probe that end a host; one that refuses may end earlier."""
    port = target.open_ports[-1]
    return port, looking.probe_names(target, profile, port)[-1]


@contextmanager
def _timed(run: Run, stage: Stage, vantage_id: uuid.UUID | None) -> Iterator[None]:
    began = time.monotonic()
    if vantage_id is None:  # the others' stages run beside ours, within identify
        with workspace_scope():
            enter_stage(run, stage)
    yield
    with workspace_scope():
        add_seconds(run, stage, time.monotonic() - began)
