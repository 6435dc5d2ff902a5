"""The sweep of one run: which ports answer, written down as it becomes known."""

import datetime as dt
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from exposure.collectors import crew
from exposure.collectors.child import Ended, Heard
from exposure.collectors.fence import ScopeFence
from exposure.collectors.targets import (
    ANSWERS,
    PORTS,
    PortState,
    SweepHost,
    SweepLimits,
    SweepResult,
    mark_of,
)
from exposure.logic.ports import hints_of
from exposure.logic.scope import ScopeRule
from exposure.models import ProbeBatch, Run, RunTarget, TargetState
from exposure.probes.registry import OT_PORTS, is_ot_port
from exposure.services import probe_ledger
from exposure.services.entries import allowed_private
from exposure.services.probe_ledger import Kind, Sent
from exposure.services.runs import log_line
from exposure.services.shares import Share
from exposure.services.watch import Watch
from tenants.scope import workspace_scope

CONNECT, CONNECT_VERSION = "connect", 2
PAGE = 200  # addresses read from the database at once
WRITE_SECONDS = 1.0  # what is younger than this may be lost with the worker
# Above this rate one process has no time left; below it a second one wins nothing.
RATE_OF_ONE_PROCESS = 10_000

PortsOf = Callable[[RunTarget], Sequence[int]]


class Rules(Protocol):
    """What a run must keep to; it may change while the run goes on."""

    rule: ScopeRule
    last_sent_at: dt.datetime | None

    def should_stop(self) -> bool:
        """Whether the work must stop now."""

    def is_current(self) -> bool:
        """Whether the last answer to that is fresh."""


@dataclass(slots=True)
class _Progress:
    """What is known of one address."""

    target: RunTarget
    open_ports: set[int] = field(default_factory=set)
    answered: bool = False
    refused: int = 0
    failed: int = 0
    why_refused: str = ""
    why_failed: str = ""

    def learn(self, result: SweepResult) -> None:
        if result.state in ANSWERS:
            self.answered = True
        if result.state is PortState.OPEN:
            self.open_ports.add(result.port)
        elif result.state is PortState.REFUSED_BY_SCOPE:
            self.refused, self.why_refused = self.refused + 1, result.error
        elif result.state is PortState.ERROR:
            self.failed, self.why_failed = self.failed + 1, result.error

    def lines(self) -> Iterator[str]:
        """Yield what people should read about ports that were not asked."""
        if self.refused:
            reason = self.why_refused
            yield f"refused by scope, {self.refused} ports, nothing sent: {reason}"
        if self.failed:
            reason = self.why_failed
            yield f"{self.failed} ports were not asked, our own machine: {reason}"


def sweep_targets(
    run: Run, rules: Rules, *, targets: QuerySet[RunTarget], ports_of: PortsOf
) -> None:
    """Find the open ports of those targets of the run that wait; safe to call again.

    What was asked before, and written down, is not asked again. `targets` are all that
    are looked at from their vantages; `ports_of` returns the ports of one.
    """
    with workspace_scope():
        waiting = targets.filter(state=TargetState.PENDING)
        vantages = sorted(set(waiting.values_list("vantage_id", flat=True)))
    # One vantage at a time: an address may be looked at from two of them.
    for vantage_id in vantages:
        _Sweep(run, rules, vantage_id, ports_of).run_to_the_end()


class _Sweep:
    """The sweep of a run from one vantage."""

    def __init__(
        self, run: Run, rules: Rules, vantage_id: uuid.UUID, ports_of: PortsOf
    ) -> None:
        self._run, self._rules = run, rules
        self._vantage_id, self._ports_of = vantage_id, ports_of
        self._known: dict[str, _Progress] = {}
        self._unwritten: defaultdict[str, list[Sent]] = defaultdict(list)
        self._ended: list[Ended] = []
        self._written_at = time.monotonic()
        self._fence = ScopeFence([rules.rule], allowed_private())
        self._rule = self._read = rules.rule

    def run_to_the_end(self) -> None:
        """Sweep until nothing waits, or until it must stop."""
        share = Share()

        def renew() -> bool:
            share.renew()
            return False

        try:
            with Watch(renew) as keeper:
                self._sweep(share, keeper)
        finally:
            share.end()

    def _sweep(self, share: Share, keeper: Watch) -> None:
        rules, most = self._rules, limits_of(self._run)

        def limits() -> SweepLimits:
            return share.part_of(
                most, rate=settings.SWEEP_RATE, half_open=settings.SWEEP_HALF_OPEN
            )

        control = crew.Control(
            fence=self._current_fence,
            limits=limits,
            should_stop=lambda: rules.should_stop() or keeper.should_stop(),
            is_current=lambda: rules.is_current() and share.is_current(),
        )
        processes = processes_for(most.rate_per_second)
        seed = self._run.pk.int & 0xFFFF_FFFF
        try:
            for heard in crew.sweep(
                self._hosts(), control=control, processes=processes, seed=seed
            ):
                self._take_in(heard)
        finally:
            self._write()

    def _take_in(self, heard: Heard) -> None:
        for result in heard.results:
            self._known[result.address].learn(result)
            if result.was_sent:
                sent = _sent(result)
                self._unwritten[result.address].append(sent)
                self._rules.last_sent_at = max(
                    self._rules.last_sent_at or sent.at, sent.at
                )
        self._ended += heard.ended
        if time.monotonic() - self._written_at > WRITE_SECONDS:
            self._write()

    def _current_fence(self) -> ScopeFence:
        """Return the same fence until the rule, which is read anew all the time, differs."""
        rule = self._rules.rule
        if rule is not self._read:
            self._read = rule
            if rule != self._rule:
                self._rule, self._fence = rule, ScopeFence([rule], allowed_private())
        return self._fence

    def _hosts(self) -> Iterator[SweepHost]:
        """Yield the addresses that wait, in order, a page at a time."""
        last = None
        while True:
            with workspace_scope():
                waiting = self._run.targets.filter(
                    state=TargetState.PENDING, vantage_id=self._vantage_id
                ).order_by("address")
                if last is not None:
                    waiting = waiting.filter(address__gt=last)
                page = list(waiting[:PAGE])
                marks = self._begin(page)
            if not page:
                return
            last = page[-1].address
            for target in page:
                yield self._host(target, bytes(marks.get(target.address, b"")))

    def _begin(self, page: Sequence[RunTarget]) -> dict[str, bytearray]:
        """Return what the ledger has of these addresses: a run may go on here."""
        self._known.update({each.address: _Progress(each) for each in page})
        found: dict[str, bytearray] = {}
        batches = ProbeBatch.objects.filter(
            run=self._run,
            vantage_id=self._vantage_id,
            probe=CONNECT,
            transport="tcp",
            address__in=[target.address for target in page],
        )
        asked = batches.order_by("at").values_list("address", "ports", "result")
        for address, ports, told in asked.iterator():
            marks = found.setdefault(address, bytearray(PORTS))
            state = PortState(told)
            for port in ports:
                self._known[address].learn(SweepResult(address, port, state, 0.0))
                if mark := mark_of(state, 2 if marks[port] else 1):
                    marks[port] = mark
        return found

    def _host(self, target: RunTarget, marks: bytes) -> SweepHost:
        hints = hints_of(target.port_hints, "tcp")
        ports = self._ports_of(target)
        ot = {p for p, hint in hints.items() if p in ports and is_ot_port(p, hint)}
        ot |= {port for port in OT_PORTS if port in ports}
        return SweepHost(target.address, ports, frozenset(ot), marks)

    def _write(self) -> None:
        """Write down what was asked, and then who is done: never the other way round."""
        with workspace_scope():
            for address, sent in self._unwritten.items():
                probe_ledger.write(
                    sent, run=self._run, vantage_id=self._vantage_id, address=address
                )
            for ended in self._ended:
                self._finish(self._known.pop(ended.address), ended.note)
        self._unwritten.clear()
        self._ended.clear()
        self._written_at = time.monotonic()

    def _finish(self, known: _Progress, note: str) -> None:
        if known.refused and self._rules.rule.why_closed(timezone.now()):
            return  # the hours ended in its middle: it is asked when they open
        target = known.target
        target.open_ports = sorted(known.open_ports)
        target.answered = known.answered
        target.state = TargetState.SWEPT if known.open_ports else TargetState.DONE
        target.save(update_fields=["open_ports", "answered", "state"])
        for line in (*known.lines(), note):
            if line:
                log_line(self._run, line, target=target.address)


def _sent(result: SweepResult) -> Sent:
    kind = Kind("tcp", CONNECT, CONNECT_VERSION, result.state.value, 1, 0, 0)
    return Sent(dt.datetime.fromtimestamp(result.at, dt.UTC), result.port, kind)


def limits_of(run: Run) -> SweepLimits:
    """Return the ceilings of a run: its profile's within the customer's signature, and
    this installation's.
    """
    looks = run.looks
    return SweepLimits(
        max_half_open=min(looks.half_open, settings.SWEEP_CUSTOMER_HALF_OPEN),
        rate_per_second=min(run.packets_per_second, settings.SWEEP_CUSTOMER_RATE),
        rate_per_host=looks.per_host,
        rate_per_ot_host=min(looks.per_host, settings.SWEEP_OT_HOST_RATE),
    )


def processes_for(rate: float) -> int:
    """Return how many processes keep up with this rate, as many as we may have."""
    return max(1, min(settings.SWEEP_PROCESSES, -int(-rate // RATE_OF_ONE_PROCESS)))
