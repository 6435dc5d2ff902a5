"""What a run asks over UDP: every address, gently, many addresses at a time.

A UDP port that does not answer may be closed, filtered or busy. Nothing is concluded
from that: the ledger keeps what was sent, and no service comes of it.
"""

import datetime as dt
from collections.abc import AsyncGenerator, Iterator
from itertools import groupby
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from exposure.logic.ports import hints_of, udp_ports_of_interest
from exposure.logic.scope import Permit, Refusal
from exposure.models import Run, RunTarget
from exposure.probes.base import Direction, ProbeResult
from exposure.probes.dialer import Ceiling
from exposure.probes.outcomes import STOPPED
from exposure.probes.registry import probes_for
from exposure.probes.runner import Host, OpenPort, Pace, identify_hosts
from exposure.services import recording
from exposure.services.runs import log_line
from exposure.services.watch import stream
from tenants.scope import workspace_scope

HOSTS_AT_ONCE = 500
BATCH = 2048  # addresses; the rows of more are not held in memory at once
NO_CONSENTS: frozenset[str] = frozenset()


class Fence(Protocol):
    """What every datagram must pass."""

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one datagram, right before it is sent."""

    def should_stop(self) -> bool:
        """Whether the work must stop now."""


def ask_over_udp(
    run: Run, fence: Fence, consents: frozenset[str] = NO_CONSENTS
) -> None:
    """Ask the UDP ports of every address of the run that was not asked yet.

    A host is asked at the pace of an industrial device, one question at a time, since
    what answers over UDP may well be one. `consents` are the probes beyond the usual
    that the customer allowed in writing. Can be called again after a crash.
    """
    for batch in _batches(run):
        if fence.should_stop():
            return
        with workspace_scope():
            rows = run.targets.filter(pk__in=batch).select_related("vantage")
            targets = {row.address: row for row in rows.order_by("address")}
        hosts = {
            address: host
            for address, row in targets.items()
            if (host := _host(row, consents)).ports
        }
        if hosts:
            _ask(run, targets, hosts, fence)


def _batches(run: Run) -> Iterator[list[UUID]]:
    """Yield the targets to ask, from one vantage at a time.

    An address may be looked at from two vantages, so they do not share a batch.
    """
    with workspace_scope():
        waiting = run.targets.filter(udp_asked=[]).order_by("vantage_id", "address")
        rows = list(waiting.values_list("vantage_id", "pk"))
    for _, group in groupby(rows, key=lambda row: row[0]):
        pks = [pk for _, pk in group]
        for start in range(0, len(pks), BATCH):
            yield pks[start : start + BATCH]


def _host(target: RunTarget, consents: frozenset[str]) -> Host:
    hints = hints_of(target.port_hints, "udp")
    ports = [
        OpenPort(port, hints.get(port, ""), "udp")
        for port in udp_ports_of_interest(hints)
    ]
    return Host(
        target.address,
        [port for port in ports if _probes(port, consents)],
        consents=consents,
    )


def _probes(port: OpenPort, consents: frozenset[str]) -> int:
    return len(probes_for(port.port, port.hint, port.transport, consents))


def _ask(
    run: Run, targets: dict[str, RunTarget], hosts: dict[str, Host], fence: Fence
) -> None:
    per_second = float(run.authorisation.packets_per_second)
    # More hosts than datagrams a second would only wait for each other.
    at_once = max(1, min(HOSTS_AT_ONCE, int(per_second), len(hosts)))

    def results() -> AsyncGenerator[ProbeResult, None]:
        return identify_hosts(
            hosts.values(),
            permit=fence.permit,
            should_stop=fence.should_stop,
            pace=Pace(ceiling=Ceiling(per_second)),
            at_once=at_once,
        )

    notes = {address: _Notes(targets[address], host) for address, host in hosts.items()}
    complete = False
    try:
        for result in stream(results):
            notes[result.target.address].take(run, result)
        complete = not fence.should_stop()
    finally:
        # What was sent is written down, whatever ended the work.
        with workspace_scope():
            for note in notes.values():
                if not note.is_written:
                    note.write(run, through=complete)


class _Notes:
    """What one address answered, until it is written down in one piece."""

    def __init__(self, target: RunTarget, host: Host) -> None:
        self._target = target
        self._asked = [port.port for port in host.ports]
        self._answered: set[int] = set()
        self._left = sum(_probes(port, host.consents) for port in host.ports)
        self._unheard: list[tuple[dt.datetime, ProbeResult]] = []

    @property
    def is_written(self) -> bool:
        """Say whether everything of a host that is through was written down."""
        return not self._unheard and bool(self._target.udp_asked)

    def take(self, run: Run, result: ProbeResult) -> None:
        """Write an answer at once; keep the rest until the host's last question."""
        # A question that a stop cut short is in the ledger, and will be asked again.
        was_stopped = result.detail == STOPPED
        self._left -= not was_stopped
        with workspace_scope():
            if was_heard(result) and not was_stopped:
                self._answered.add(result.target.port)
                found = recording.record_result(
                    self._target, run, result, site=run.site
                )
                recording.log_result(run, result, found)
            else:
                self._unheard.append((timezone.now(), result))
            if self._left == 0:
                self.write(run, through=True)

    @transaction.atomic
    def write(self, run: Run, *, through: bool) -> None:
        """Write the ledger of what stayed unanswered; mark a host that is `through`."""
        recording.record_unheard(self._target, run, self._unheard)
        refused = [each for _, each in self._unheard if not each.connections]
        if refused:
            log_line(
                run,
                f"refused, {len(refused)} UDP ports: {refused[0].detail}",
                target=self._target.address,
            )
        self._unheard = []
        if through and not self._target.udp_asked:
            self._target.udp_asked = self._asked
            self._target.udp_answered = sorted(self._answered)
            self._target.save(update_fields=["udp_asked", "udp_answered"])


def was_heard(result: ProbeResult) -> bool:
    """Say whether anything came back; an ICMP refusal is no word of a service."""
    return any(each.direction is Direction.RECEIVED for each in result.exchanges)
