"""One discovery run, from the scope to identified services; it can be resumed."""

import datetime as dt
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from exposure.logic.ports import hints_of, ports_of_interest
from exposure.logic.run_states import LIVE, check_move
from exposure.logic.scope import CompiledScope, Permit, Refusal, ScopeRule
from exposure.models import Authorisation, Run, RunState, RunTarget, Stage, TargetState
from exposure.probes.budget import Spent
from exposure.probes.dialer import SENDING
from exposure.probes.runner import Host, Note, NoteKind, OpenPort, Seen, visit_hosts
from exposure.services import device_locks, halts, noting, recording
from exposure.services.asking import ask_over_udp
from exposure.services.entries import allowed_private
from exposure.services.find_names import find_for_run
from exposure.services.gone import mark_gone
from exposure.services.runs import (
    add_seconds,
    end_run,
    enter_stage,
    is_stop_requested,
    log_line,
)
from exposure.services.scope import rule_of, why_not_now
from exposure.services.sweeping import sweep_targets
from exposure.services.targets import expand
from exposure.services.watch import Watch, stream
from tenants.scope import workspace_scope


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

    def is_current(self) -> bool:
        """Whether the last answer to that is fresh."""
        return self.watch is not None and self.watch.is_current()

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
        with _timed(run, Stage.SCOPE):
            _prepare(run, fence)
        with _timed(run, Stage.SWEEP):
            sweep_targets(run, fence, ports_of=ports_of_interest)
        if not fence.should_stop():
            with _timed(run, Stage.IDENTIFY):
                _identify(run, fence)
                _ask_over_udp(run, fence)
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
        return run


def _prepare(run: Run, fence: Fence) -> None:
    """Look at the names of the scope, and write down every address of the run."""

    def must_stop() -> bool:
        # A signature that falls holds from the next question on.
        return bool(fence.rule.why_closed(timezone.now())) or fence.should_stop()

    find_for_run(run, should_stop=must_stop)
    count = expand(run, should_stop=fence.should_stop)
    if fence.should_stop():
        return
    with workspace_scope():
        log_line(run, f"{count} addresses allowed by {run.authorisation.reference}.")


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


def _ask_over_udp(run: Run, fence: Fence) -> None:
    with workspace_scope():
        targets = run.targets.all()
    per_second = float(run.authorisation.packets_per_second)
    ask_over_udp(run, fence, targets=targets, per_second=per_second)


def _identify_from(run: Run, targets: dict[str, RunTarget], fence: Fence) -> None:
    parts = device_locks.in_turn(list(targets), should_stop=fence.should_stop)
    for addresses in parts:
        mine = {each: row for each, row in targets.items() if each in addresses}
        _visit(run, mine, fence)


def _visit(run: Run, targets: dict[str, RunTarget], fence: Fence) -> None:
    hosts = _hosts(run, targets)

    def results() -> AsyncGenerator[Seen, None]:
        return visit_hosts(hosts, permit=fence.permit, should_stop=fence.should_stop)

    for seen in stream(results):
        with workspace_scope():
            if isinstance(seen, Note):
                noting.take_note(targets[seen.address], run, seen)
                if seen.kind is NoteKind.CHANGED and fence.watch is not None:
                    fence.watch.stop()
                continue
            target = targets[seen.target.address]
            found = recording.record_result(target, run, seen, site=run.site)
            recording.log_result(run, seen, found)


def _hosts(run: Run, targets: dict[str, RunTarget]) -> list[Host]:
    with workspace_scope():
        kinds = noting.kinds_of(list(targets))
        spent = noting.spent_in(run, list(targets))
    return [
        Host(
            address,
            [
                OpenPort(port, target.port_hints.get(str(port), ""))
                for port in target.open_ports
            ],
            kind=kinds.get(address, ""),
            tried=len(ports_of_interest([*hints_of(target.port_hints, "tcp")])),
            spent=spent.get(address, Spent()),
        )
        for address, target in targets.items()
    ]


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
        mark_gone(run)
        enter_stage(run, Stage.VALIDATE)


@contextmanager
def _timed(run: Run, stage: Stage) -> Iterator[None]:
    began = time.monotonic()
    with workspace_scope():
        enter_stage(run, stage)
    yield
    with workspace_scope():
        add_seconds(run, stage, time.monotonic() - began)
