"""One visit to one host: what is asked in which order, and when to leave it alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from exposure.logic.ot_smell import smell_of_inventory
from exposure.probes.base import (
    Outcome,
    Probe,
    ProbeResult,
    Target,
)
from exposure.probes.budget import OT_BUDGET, Purse
from exposure.probes.conversation import run_probe
from exposure.probes.dialer import (
    Dialer,
    Gate,
    PermitCallback,
    StopCallback,
    StopRequested,
)
from exposure.probes.hosts import (
    REAL_TIME,
    Host,
    Note,
    NoteKind,
    Pace,
    Seen,
    plan,
)
from exposure.probes.impression import Impression, health_in_words
from exposure.probes.outcomes import interrupted

# A device that made us back off gets this rest before it is asked how it is.
REST_AFTER_TROUBLE = 2.0
WAS_CONTROLLER = "it was treated as one before"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a visit must keep to; the callbacks run in the event loop."""

    permit: PermitCallback
    should_stop: StopCallback
    pace: Pace = REAL_TIME


async def visit(
    host: Host, terms: Terms, *, ask_health: bool = True
) -> AsyncGenerator[Seen, None]:
    """Yield the answer of each probe that fits an open port, and what follows from it.

    One connection at a time. Industrial ports come first and quiet questions next, so
    that a controller is recognised early; from then on it has a budget, is asked
    slowly and hears no probe that spares machines. A visit to a controller ends with its first
    question once more. Whoever refuses twice in a row, grows slow or looks like a
    decoy is left alone. A stop ends the visit; a conversation that it broke off is yielded,
    because the ledger needs what was sent.
    """
    visitor = _Visitor(host, terms)
    async with aclosing(visitor.ask_all()) as answers:
        async for seen in answers:
            yield seen
    if ask_health and visitor.wants_health_check:
        async for seen in visitor.look_back():
            yield seen
    if not visitor.was_stopped:
        yield Note(host.address, NoteKind.DONE)


class _Visitor:
    """Asks one host and keeps its rules."""

    def __init__(self, host: Host, terms: Terms) -> None:
        self.host, self._terms = host, terms
        self.purse = Purse(host.spent)
        self.was_stopped = False
        self._named: set[tuple[Target, str]] = set()
        pace = terms.pace
        self._gate = Gate(clock=pace.clock, pause=pace.pause, ceiling=pace.ceiling)
        if any(port.is_industrial for port in host.ports):
            self._gate.go_gently()
        self.impression = Impression(
            smell=smell_of_inventory(host.kind)
            or (WAS_CONTROLLER if host.was_controller else ""),
            # Over UDP a port is asked without knowing whether it is open.
            industrial=[
                (port.port, port.hint)
                for port in host.ports
                if port.is_industrial and port.transport == "tcp"
            ],
            open_ports=len(host.ports),
            tried_ports=host.tried,
        )

    @property
    def wants_health_check(self) -> bool:
        """Whether the visit ends with its first question once more."""
        return self.impression.wants_health_check and not self.was_stopped

    async def ask_all(self) -> AsyncGenerator[Seen, None]:
        """Ask one thing after the other, as long as the host bears it."""
        for note in (*self._care(), *self._notes()):
            yield note
        for target, probe in self._steps():
            if reason := self.purse.why_not(probe.caps):
                yield self._left_alone(reason)
                return
            result = await self._ask(probe, target)
            if result.connections or not self.was_stopped:
                yield result
            for note in () if self.was_stopped else self._take(probe, result):
                yield note

    def _steps(self) -> Iterator[tuple[Target, Probe]]:
        for target, probe in plan(self.host):
            if self.impression.is_over or self.was_stopped:
                return
            if self._is_wanted(probe, target):
                yield target, probe

    def _is_wanted(self, probe: Probe, target: Target) -> bool:
        if probe.spares_machines and self._gate.is_gentle:
            return False
        return not any((target, other) in self._named for other in probe.yields_to)

    async def _ask(self, probe: Probe, target: Target) -> ProbeResult:
        """Ask once; what was sent until somebody stopped the run is a result too."""
        dialer = Dialer(
            permit=self._terms.permit,
            should_stop=self._terms.should_stop,
            gate=self._gate,
            caps=probe.caps,
            clock=self._terms.pace.clock,
            purse=self.purse,
        )
        try:
            result = await run_probe(
                probe,
                target,
                dialer=dialer,
                should_stop=self._terms.should_stop,
                seconds=self._terms.pace.probe_seconds,
            )
        except StopRequested:
            self.was_stopped = True
            return interrupted(probe, target, dialer)
        self.purse.add_bytes(result.bytes_out + result.bytes_in)
        return result

    def _take(self, probe: Probe, result: ProbeResult) -> list[Note]:
        """Learn from an answer; return what is to be said about it."""
        if result.outcome is Outcome.IDENTIFIED:
            self._named.add((result.target, probe.name))
        was_smelled = bool(self.impression.smell)
        self.impression.take(probe, result)
        return [*(() if was_smelled else self._care()), *self._notes()]

    async def look_back(self) -> AsyncGenerator[Seen, None]:
        """Ask the first question once more and compare."""
        first = self.impression.first
        if first is None:
            return
        if self.impression.left_alone:
            await self._terms.pace.pause(REST_AFTER_TROUBLE)
        self.purse.open_reserve()
        probe, before = first
        if reason := self.purse.why_not(probe.caps):
            yield self._left_alone(reason)
            return
        after = replace(await self._ask(probe, before.target), is_repeat=True)
        if after.connections or not self.was_stopped:
            yield after
        if self.was_stopped:
            return
        # A fence that closed meanwhile says nothing about the device.
        was_asked = after.outcome is not Outcome.ERROR or after.connections > 0
        if was_asked and (text := health_in_words(probe, before, after)):
            yield Note(self.host.address, NoteKind.CHANGED, text, after)

    def _care(self) -> list[Note]:
        if not self.impression.smell:
            return []
        self.purse.limit(OT_BUDGET)
        self._gate.go_gently()
        text = f"treated as a controller because {self.impression.smell}"
        return [Note(self.host.address, NoteKind.CONTROLLER, text)]

    def _notes(self) -> list[Note]:
        impression = self.impression
        if impression.deception:
            text = f"deception suspected: {impression.deception}"
            return [Note(self.host.address, NoteKind.DECEPTION, text)]
        if impression.left_alone:
            return [self._left_alone(impression.left_alone)]
        return []

    def _left_alone(self, reason: str) -> Note:
        text = f"left alone for the rest of this run: {reason}"
        return Note(self.host.address, NoteKind.LEFT_ALONE, text)
