"""How one host is treated: its order of ports, its pace, and when to leave it alone."""

from __future__ import annotations

import zlib
from array import array
from collections import deque
from collections.abc import Iterator
from typing import TypeAlias

from exposure.collectors.order import shuffled
from exposure.collectors.pacing import Bucket
from exposure.collectors.targets import (
    ANSWERS,
    PortState,
    SweepHost,
    SweepLimits,
    ports_marked,
)
from exposure.logic.ports import DEFAULT_PORTS

Knock: TypeAlias = tuple[int, int]  # port, attempt
FIRST, PATIENT, CHECK = 1, 2, 3

# Silences in a row, on a host that answered before, until it is asked whether it still
# does; an ICMP error counts for five. Doubled each time that it does.
SILENCES, UNREACHABLES = 10, 2
CHECKS = 2
REST_SECONDS = 3.0
# Patient knocks in a row without an answer: the silence is a firewall's, not a loss.
PATIENT_KNOCKS = 32
# An answer is slow that takes five times as long as the first, and 0.2 s more.
SLOWER, SLOWER_BY = 5.0, 0.2
IN_A_ROW = 2
SLOWEST_RATE = 1.0

WENT_SILENT = "It had answered and has stopped answering; left alone."
ANSWERS_SLOWLY = "Its answers took five times as long as at first; slowed down."
RESETS = "It reset connections that it had accepted; slowed down."


class HostWork:
    """The knocks that one host still gets, and what its answers say about it.

    `busy` counts its connections, those that say goodbye too; `cap` is their ceiling.
    """

    __slots__ = (
        "_first_rtt",
        "_in_vain",
        "_is_checking",
        "_is_patient",
        "_limits",
        "_missed_checks",
        "_order",
        "_rate",
        "_resets",
        "_retries",
        "_rttvar",
        "_silences",
        "_silent_most",
        "_slow_answers",
        "_srtt",
        "_urgent",
        "_witness",
        "address",
        "answered",
        "bucket",
        "busy",
        "cap",
        "family",
        "handle",
        "has_ended",
        "is_finished",
        "is_ot",
        "is_queued",
        "note",
        "ot_ports",
        "timeout",
    )

    def __init__(
        self, handle: int, host: SweepHost, limits: SweepLimits, *, seed: int
    ) -> None:
        """Begin with a host; `handle` is the caller's number for it."""
        self.handle, self.address, self.ot_ports = handle, host.address, host.ot_ports
        self.family = host.family
        self.busy, self.cap, self.is_queued = 0, 1, False
        self.timeout = limits.timeout
        self.is_ot = self.answered = self.has_ended = self.is_finished = False
        self.note = ""
        self._limits, self._rate = limits, limits.rate_per_host
        self.bucket = Bucket(self._rate)
        self._urgent: deque[Knock] = deque()
        self._srtt = self._rttvar = self._first_rtt = 0.0
        self._is_checking = self._is_patient = False
        self._silences, self._silent_most, self._missed_checks = 0, SILENCES, 0
        self._slow_answers = self._resets = self._in_vain = self._witness = 0
        self._retries = array("H")
        if host.seen:
            self._remember(host.seen)
        self._order = self._plan(host, seed ^ zlib.crc32(host.address.encode()))

    def next_knock(self) -> Knock | None:
        """Return what comes next; None: nothing more, or not before an answer."""
        if self.has_ended:
            return None
        return self._urgent.popleft() if self._urgent else self._pull()

    def is_over(self) -> bool:
        """Say whether nothing more will come; asked when no connection is open."""
        if not self._urgent and (knock := self._pull()):
            self._urgent.append(knock)
        return self.has_ended or not self._urgent

    def _pull(self) -> Knock | None:
        if self._is_checking or self.has_ended:
            return None
        knock = next(self._order, None)
        if knock is None and not self.busy and not self._is_patient:
            self._begin_patience()
        if knock is None and self._is_patient:
            return self._patient_knock()
        return knock

    def put_back(self, knock: Knock) -> None:
        """Take back a knock for which our own machine had no room."""
        self._urgent.append(knock)

    def give_up_check(self) -> None:
        """Go on without the check that could not be made."""
        self._is_checking = False

    def settle(
        self, knock: Knock, state: PortState, *, rtt: float | None, now: float
    ) -> None:
        """Learn from what one knock gave; `rtt` is None where it was too short."""
        port, attempt = knock
        answered = state is PortState.CLOSED or state is PortState.OPEN
        if answered:
            self._heard(port, state, now)
            if attempt == PATIENT:
                self._in_vain = 0
            if rtt is not None:
                self._measure(rtt, now)
        elif state is PortState.FILTERED:
            self._silences += 1
            if attempt == FIRST:
                self._retries.append(port)
        else:
            self._silences += SILENCES // UNREACHABLES
        if attempt == CHECK:
            self._judge(answered=answered, now=now)
        elif self._silences >= self._silent_most and self.answered:
            self._ask_again()

    def part(self, *, was_reset: bool, now: float) -> None:
        """Learn from the end of a connection."""
        self._resets = self._resets + 1 if was_reset else 0
        if self._resets >= IN_A_ROW:
            self._resets = 0
            self._slow_down(RESETS, now)

    def _plan(self, host: SweepHost, seed: int) -> Iterator[Knock]:
        """Yield the knocks: industrial ports one at a time, then the others."""
        seen = host.seen
        for port in shuffled(sorted(host.ot_ports), seed=seed):
            if not (seen and seen[port]):
                yield port, FIRST
        if not self.is_ot:
            self.cap = self._limits.per_host
        for port in shuffled(host.ports, seed=seed):
            if port not in host.ot_ports and not (seen and seen[port]):
                yield port, FIRST

    def _remember(self, seen: bytes) -> None:
        self.answered = bool(ports_marked(seen, ANSWERS))
        self._retries.extend(
            ports_marked(seen, frozenset({PortState.FILTERED}), once=True)
        )
        opened = ports_marked(seen, frozenset({PortState.OPEN}))
        if not self.ot_ports.isdisjoint(opened):
            self._treat_as_ot(float("-inf"))

    def _begin_patience(self) -> None:
        """Knock once more, and wait longer, where silence may be a loss on the way."""
        self._is_patient = True
        if not self.answered:
            self._retries = array("H")
        # Taken from the end: what a plant is likely to have comes first.
        likely = frozenset(DEFAULT_PORTS)
        self._retries = array("H", sorted(self._retries, key=lambda p: p in likely))

    def _patient_knock(self) -> Knock | None:
        if not self._retries or self._in_vain >= PATIENT_KNOCKS:
            return None
        self._in_vain += 1
        self.timeout = self._limits.patience
        return self._retries.pop(), PATIENT

    def _heard(self, port: int, state: PortState, now: float) -> None:
        self.answered = True
        self._silences = 0
        if state is PortState.CLOSED:
            self._witness = port
            return
        self._witness = self._witness or port
        if port in self.ot_ports and not self.is_ot:
            self._treat_as_ot(now)

    def _treat_as_ot(self, now: float) -> None:
        self.is_ot, self.cap = True, 1
        self._pace(min(self._rate, self._limits.rate_per_ot_host), now)

    def _measure(self, rtt: float, now: float) -> None:
        """Follow the time of its answers, after RFC 6298, and notice when it grows."""
        if not self._first_rtt:
            self._first_rtt, self._srtt, self._rttvar = rtt, rtt, rtt / 2
        else:
            self._rttvar += (abs(self._srtt - rtt) - self._rttvar) / 4
            self._srtt += (rtt - self._srtt) / 8
        if not self._is_patient:
            wanted = self._srtt + 4 * self._rttvar
            self.timeout = min(
                max(wanted, self._limits.quickest), self._limits.patience
            )
        slow = rtt > max(SLOWER * self._first_rtt, self._first_rtt + SLOWER_BY)
        self._slow_answers = self._slow_answers + 1 if slow else 0
        if self._slow_answers >= IN_A_ROW:
            self._slow_answers = 0
            self._slow_down(ANSWERS_SLOWLY, now)

    def _ask_again(self) -> None:
        if not self._is_checking:
            self._is_checking = True
            self._urgent.append((self._witness, CHECK))

    def _judge(self, *, answered: bool, now: float) -> None:
        """Go on where a port that had answered still does; else rest, or leave."""
        if answered:
            self._is_checking, self._missed_checks = False, 0
            self._silent_most *= 2
            return
        self._missed_checks += 1
        if self._missed_checks >= CHECKS:
            self.has_ended, self.note = True, WENT_SILENT
            return
        self._slow_down("", now)
        self.bucket.hold(now + REST_SECONDS)
        self._urgent.append((self._witness, CHECK))

    def _slow_down(self, why: str, now: float) -> None:
        self.cap, self.note = 1, why or self.note
        self._pace(max(SLOWEST_RATE, self._rate / 4), now)

    def _pace(self, rate: float, now: float) -> None:
        self._rate = min(rate, self._rate)
        self.bucket = Bucket(self._rate)
        self.bucket.take(now)
