"""One discovery run, from the scope to identified services; it can be resumed."""

import datetime as dt
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone

from exposure.logic.scope import CompiledScope, Permit, Refusal, ScopeRule
from exposure.models import Authorisation, Run, RunTarget, Stage, TargetState
from exposure.probes.budget import Spent
from exposure.probes.dialer import SENDING
from exposure.probes.runner import Host, Note, NoteKind, Seen, visit_hosts
from exposure.services import (
    device_locks,
    looking,
    noting,
    parts,
    recording,
    run_flow,
)
from exposure.services.asking import ask_over_udp
from exposure.services.entries import allowed_private
from exposure.services.find_names import find_for_run
from exposure.services.runs import add_seconds, enter_stage, log_line, must_halt
from exposure.services.scope import rule_of
from exposure.services.sweeping import sweep_targets
from exposure.services.targets import expand
from exposure.services.watch import Watch, stream
from tenants.scope import workspace_scope


@dataclass(slots=True)
class Fence:
    """What every connection of a run must pass; the rule may change meanwhile."""

    rule: ScopeRule
    watch: Watch | None = None
    last_sent_at: dt.datetime | None = None  # when something was let through last
    _compiled: CompiledScope | None = None

    def should_stop(self) -> bool:
        """Whether the work must stop now: somebody said so, or the hours are over.

        An edge of the hours stops here at once, so that nothing counts as looked at that
        was only refused.
        """
        asked = self.watch is not None and self.watch.should_stop()
        return asked or bool(self.rule.why_closed(timezone.now()))

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
        fence.renew(rule_for_run(run))
        with workspace_scope():
            return must_halt(run_id) or run_flow.hours_closed(run_id)

    with Watch(ask) as fence.watch:
        _look(run, fence, vantage_id)
        if afterwards is not None and not fence.should_stop():
            afterwards(fence.watch)
        closed_at = timezone.now()
    run_flow.hand_over(
        run_id, vantage_id, last_packet_at=fence.last_sent_at, closed_at=closed_at
    )


def _look(run: Run, fence: Fence, vantage_id: uuid.UUID | None) -> None:
    """Go from names to addresses, to open ports, to services."""
    if vantage_id is None:
        with _timed(run, Stage.SCOPE, vantage_id):
            _prepare(run, fence)
    if not fence.should_stop():
        with _timed(run, Stage.SWEEP, vantage_id):
            sweep_targets(
                run,
                fence,
                targets=_targets(run, vantage_id),
                ports_of=partial(looking.ports_to_try, profile=run.looks),
            )
    if not fence.should_stop():
        with _timed(run, Stage.IDENTIFY, vantage_id):
            _identify(run, fence, vantage_id)
            _ask_over_udp(run, fence, vantage_id)


def rule_for_run(run: Run) -> ScopeRule:
    """Return the fence of the run's authorisation as it stands now."""
    with workspace_scope():
        rows = Authorisation.objects.select_related("site")
        return rule_of(rows.get(pk=run.authorisation_id))


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
        parts.make_parts(run)


def _targets(run: Run, vantage_id: uuid.UUID | None) -> QuerySet[RunTarget]:
    with workspace_scope():
        return parts.own_targets(run, vantage_id)


def _identify(run: Run, fence: Fence, vantage_id: uuid.UUID | None) -> None:
    with workspace_scope():
        swept = list(
            parts.own_targets(run, vantage_id)
            .filter(state=TargetState.SWEPT)
            .select_related("vantage")
            .order_by("address")
        )
    for place in sorted({target.vantage_id for target in swept}):
        mine = {t.address: t for t in swept if t.vantage_id == place}
        turns = device_locks.in_turn(list(mine), should_stop=fence.should_stop)
        for addresses in turns:
            _visit(run, {each: mine[each] for each in addresses}, fence)


def _ask_over_udp(run: Run, fence: Fence, vantage_id: uuid.UUID | None) -> None:
    if run.looks.udp:
        ask_over_udp(
            run,
            fence,
            targets=looking.asked_over_udp(_targets(run, vantage_id)),
            per_second=float(run.packets_per_second),
            consents=fence.rule.consents,
        )


def _visit(run: Run, targets: dict[str, RunTarget], fence: Fence) -> None:
    hosts = _hosts(run, targets, fence.rule.consents)

    def results() -> AsyncGenerator[Seen, None]:
        return visit_hosts(
            hosts,
            permit=fence.permit,
            should_stop=fence.should_stop,
            at_once=run.looks.hosts_at_once,
        )

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


def _hosts(
    run: Run, targets: dict[str, RunTarget], consents: frozenset[str]
) -> list[Host]:
    with workspace_scope():
        kinds = noting.kinds_of(list(targets))
        spent = noting.spent_in(run, list(targets))
    return [
        Host(
            address,
            looking.open_ports(target, run.looks, consents),
            kind=kinds.get(address, ""),
            tried=len(looking.ports_to_try(target, run.looks)),
            spent=spent.get(address, Spent()),
            consents=consents,
        )
        for address, target in targets.items()
    ]


@contextmanager
def _timed(run: Run, stage: Stage, vantage_id: uuid.UUID | None) -> Iterator[None]:
    began = time.monotonic()
    if vantage_id is None:  # the others' stages run beside ours, within identify
        with workspace_scope():
            enter_stage(run, stage)
    yield
    with workspace_scope():
        add_seconds(run, stage, time.monotonic() - began)
