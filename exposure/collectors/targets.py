"""What a sweep is asked, and what it says: hosts, ceilings, states and results."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from exposure.logic.scope import Permit, Refusal


class PortState(StrEnum):
    """What a port did when somebody knocked.

    CLOSED is a refusal, whoever sent it: a firewall that rejects looks the same.
    UNREACHABLE is an ICMP error on the way. FILTERED is silence. CUT_SHORT was asked
    and hung up on, because the sweep was stopped. ERROR is our own side: nothing was
    sent, and nothing is known.
    """

    OPEN = "open"
    CLOSED = "closed"
    FILTERED = "filtered"
    UNREACHABLE = "unreachable"
    CUT_SHORT = "cut_short"
    ERROR = "error"
    REFUSED_BY_SCOPE = "refused_by_scope"


ANSWERS = frozenset({PortState.OPEN, PortState.CLOSED})
NOTHING_SENT = frozenset({PortState.ERROR, PortState.REFUSED_BY_SCOPE})
# What a sweep that goes on asks again.
NOT_KEPT = NOTHING_SENT | {PortState.CUT_SHORT}


class SweepResult(NamedTuple):
    """One knock that was sent at `at` (UNIX time); `error` is the reason in words.

    `attempt` is 1 for the first knock, 2 for the patient one, 3 for a port that had
    answered and was asked again to see whether the host still does.
    """

    address: str
    port: int
    state: PortState
    at: float
    error: str = ""
    attempt: int = 1

    @property
    def was_sent(self) -> bool:
        """Say whether anything left for the host."""
        return self.state not in NOTHING_SENT


@dataclass(frozen=True, slots=True)
class SweepLimits:
    """Ceilings and time-outs of one sweep, in connections a second, and in seconds.

    `timeout` holds for a host that has not answered yet; then its own answers decide,
    between `quickest` and `patience`. Both end just before the kernel would repeat a
    SYN, after one second and three. A host gets at most `per_host` connections at
    once and `rate_per_host` a second; while its industrial ports are asked, and from
    the moment one of them is open, one at a time; then also `rate_per_ot_host`.
    """

    max_half_open: int = 500
    rate_per_second: float = 500.0
    rate_per_host: float = 40.0
    rate_per_ot_host: float = 2.0
    per_host: int = 8
    timeout: float = 0.95
    quickest: float = 0.3
    patience: float = 2.95
    hosts_at_once: int = 64

    def part(self, parts: int) -> SweepLimits:
        """Return the ceilings of one of several processes that share them."""
        return SweepLimits(
            max(1, self.max_half_open // parts),
            self.rate_per_second / parts,
            self.rate_per_host,
            self.rate_per_ot_host,
            self.per_host,
            self.timeout,
            self.quickest,
            self.patience,
            max(1, self.hosts_at_once // parts),
        )


@dataclass(frozen=True, slots=True)
class SweepHost:
    """One address and its ports, any number of them; `ot_ports` are asked first.

    `seen` is empty, or holds the mark of each port, see `mark_of`; what has one is not
    asked for the first time again. Raises ValueError for an address that is no literal
    one: the system would resolve a name, past every check of ours.
    """

    address: str
    ports: Sequence[int]
    ot_ports: frozenset[int] = frozenset()
    seen: bytes = b""

    def __post_init__(self) -> None:
        """Check the address."""
        try:
            socket.inet_pton(self.family, self.address)
        except OSError:
            shown = self.address[:60]
            raise ValueError(f"“{shown}” is not a literal address.") from None

    @property
    def family(self) -> int:
        """Return the family of its address, as sockets want it."""
        return int(socket.AF_INET6 if ":" in self.address else socket.AF_INET)


class Fence(Protocol):
    """Decides about each connection; it travels to the process that opens them."""

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one connection, right before it is made."""


# What a host's memory holds for each port: 0, or the state as below.
MARKS = {state: number for number, state in enumerate(PortState, 1)}
ASKED_TWICE = 0x80
PORTS = 65536


def mark_of(state: PortState, attempt: int) -> int:
    """Return the mark of a result; 0: it leaves the port to be asked, or changes nothing."""
    if state in NOT_KEPT or attempt > 2:
        return 0
    return MARKS[state] | (ASKED_TWICE if attempt == 2 else 0)


def ports_marked(
    seen: bytes, states: frozenset[PortState], *, once: bool = False
) -> list[int]:
    """Return the ports in one of these states; `once`: that were asked only once."""
    wanted = {MARKS[state] for state in states}
    if not once:
        wanted |= {mark | ASKED_TWICE for mark in wanted}
    return [port for port, mark in enumerate(seen) if mark in wanted]
