"""What a run asks over UDP: every address, gently, many addresses at a time.

A UDP port that does not answer may be closed, filtered or busy. Nothing is concluded
from that: the ledger keeps what was sent, and no service comes of it.
"""

import datetime as dt
from collections.abc import AsyncGenerator, Iterator
from itertools import groupby
from typing import Protocol
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from exposure.logic.ports import hints_of, udp_ports_of_interest
from exposure.logic.scope import Permit, Refusal
from exposure.models import Run, RunTarget
from exposure.probes.base import Direction, ProbeResult
from exposure.probes.budget import Spent
from exposure.probes.dialer import Ceiling
from exposure.probes.registry import probes_for
from exposure.probes.runner import (
    Host,
    Note,
    NoteKind,
    OpenPort,
    Pace,
    Seen,
    visit_hosts,
)
from exposure.services import noting, recording
from exposure.services.device_locks import MOST_AT_ONCE, in_turn
from exposure.services.runs import log_line
from exposure.services.watch import Watch, stream
from tenants.scope import workspace_scope

HOSTS_AT_ONCE = MOST_AT_ONCE
BATCH = 2048  # addresses; the rows of more are not held in memory at once
NO_CONSENTS: frozenset[str] = frozenset()


class Fence(Protocol):
    """What every datagram must pass; see `exposure.services.discovery`."""

    watch: Watch | None

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one datagram, right before it is sent."""

    def should_stop(self) -> bool:
        """Whether the work must stop now."""


def ask_over_udp(
    run: Run,
    fence: Fence,
    *,
    targets: QuerySet[RunTarget],
    per_second: float,
    consents: frozenset[str] = NO_CONSENTS,
) -> None:
    """Ask the UDP ports of those targets of the run that were not asked yet.

    At most `per_second` datagrams go out in a second, over all hosts.
    A host is asked at the pace of an industrial device, one question at a time, since
    what answers over UDP may well be one; a host that was left alone is not asked.
    `consents` are the probes beyond the usual that the customer allowed in writing. Can
    be called again after a crash.
    """
    ceiling = Ceiling(per_second)
    for batch in _batches(targets):
        with workspace_scope():
            rows = targets.filter(pk__in=batch).select_related("vantage")
            waiting = {row.address: row for row in rows.order_by("address")}
        for addresses in in_turn(list(waiting), should_stop=fence.should_stop):
            mine = {each: row for each, row in waiting.items() if each in addresses}
            with workspace_scope():
                notes = _notes(run, mine, consents)
            if notes:
                _ask(run, notes, fence, ceiling)
        if fence.should_stop():
            return


def _batches(targets: QuerySet[RunTarget]) -> Iterator[list[UUID]]:
    """Yield the targets to ask, from one vantage at a time.

    An address may be looked at from two vantages, so they do not share a batch.
    """
    with workspace_scope():
        waiting = targets.filter(udp_asked=[], left_because="", doubt="")
        in_order = waiting.order_by("vantage_id", "address")
        rows = list(in_order.values_list("vantage_id", "pk"))
    for _, group in groupby(rows, key=lambda row: row[0]):
        pks = [pk for _, pk in group]
        for start in range(0, len(pks), BATCH):
            yield pks[start : start + BATCH]


def _host(
    target: RunTarget, consents: frozenset[str], *, kind: str, spent: Spent
) -> Host:
    hints = hints_of(target.port_hints, "udp")
    ports = [
        OpenPort(port, hints.get(port, ""), "udp")
        for port in udp_ports_of_interest(hints)
    ]
    return Host(
        target.address,
        [
            port
            for port in ports
            if probes_for(port.port, port.hint, port.transport, consents)
        ],
        kind=kind,
        was_controller=bool(target.careful_because),
        spent=spent,
        consents=consents,
    )


def _notes(
    run: Run, targets: dict[str, RunTarget], consents: frozenset[str]
) -> dict[str, "_Notes"]:
    kinds = noting.kinds_of(list(targets))
    spent = noting.spent_in(run, list(targets))
    notes = {}
    for address, row in targets.items():
        borne = spent.get(address, Spent())
        host = _host(row, consents, kind=kinds.get(address, ""), spent=borne)
        if host.ports:
            notes[address] = _Notes(row, host)
    return notes


def _ask(run: Run, notes: dict[str, "_Notes"], fence: Fence, ceiling: Ceiling) -> None:
    def results() -> AsyncGenerator[Seen, None]:
        return visit_hosts(
            [note.host for note in notes.values()],
            permit=fence.permit,
            should_stop=fence.should_stop,
            pace=Pace(ceiling=ceiling),
            # More hosts than datagrams a second would only wait for each other.
            at_once=max(1, min(HOSTS_AT_ONCE, int(ceiling.per_second), len(notes))),
        )

    try:
        for seen in stream(results):
            if isinstance(seen, Note):
                notes[seen.address].hear(run, seen)
                if seen.kind is NoteKind.CHANGED and fence.watch is not None:
                    fence.watch.stop()
            else:
                notes[seen.target.address].take(run, seen)
    finally:
        # What was sent is written down, whatever ended the work.
        with workspace_scope():
            for note in notes.values():
                note.write(run)


class _Notes:
    """What one address answered, until it is written down in one piece."""

    def __init__(self, target: RunTarget, host: Host) -> None:
        self.host = host
        self._target = target
        self._answered: set[int] = set()
        self._unheard: list[tuple[dt.datetime, ProbeResult]] = []

    def take(self, run: Run, result: ProbeResult) -> None:
        """Write an answer at once; keep the rest until the host's last question."""
        # A question that a stop cut short is in the ledger, and will be asked again.
        if result.was_stopped or not was_heard(result):
            self._unheard.append((timezone.now(), result))
            return
        self._answered.add(result.target.port)
        with workspace_scope():
            found = recording.record_result(self._target, run, result, site=run.site)
            recording.log_result(run, result, found)

    def hear(self, run: Run, note: Note) -> None:
        """Act on what is said about the host; at its end, mark it as asked."""
        with workspace_scope():
            is_known = note.kind is NoteKind.CONTROLLER and self._target.careful_because
            if not is_known:
                noting.take_note(self._target, run, note)
            if note.kind is NoteKind.DONE:
                self.write(run)
                self._target.udp_asked = [port.port for port in self.host.ports]
                self._target.udp_answered = sorted(self._answered)
                self._target.save(update_fields=["udp_asked", "udp_answered"])

    def write(self, run: Run) -> None:
        """Write the ledger of what stayed unanswered, and what the scope refused."""
        if not self._unheard:
            return
        recording.record_unheard(self._target, run, self._unheard)
        refused = [each for _, each in self._unheard if not each.connections]
        if refused:
            log_line(
                run,
                f"refused, {len(refused)} UDP ports: {refused[0].detail}",
                target=self._target.address,
            )
        self._unheard = []


def was_heard(result: ProbeResult) -> bool:
    """Say whether anything came back; an ICMP refusal is no word of a service."""
    return any(each.direction is Direction.RECEIVED for each in result.exchanges)
