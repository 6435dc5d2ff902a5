"""What a probe is, what it says and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from exposure.probes.dialer import Dialer

Scalar: TypeAlias = str | int | float | bool | None
Fact: TypeAlias = Scalar | list[Scalar]
Facts: TypeAlias = Mapping[str, Fact]
Transport: TypeAlias = Literal["tcp", "udp"]
Level: TypeAlias = Literal["", "L0", "L1", "L2", "L3"]


class Direction(StrEnum):
    """Who spoke: we (sent) or the service (received)."""

    SENT = "sent"
    RECEIVED = "received"


class Outcome(StrEnum):
    """How a conversation with one port ended."""

    IDENTIFIED = "identified"
    SILENT = "silent"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    OTHER_PROTOCOL = "other_protocol"
    ANOMALY = "anomaly"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Target:
    """One port of one literal IP address; `server_name` fills Host and TLS SNI."""

    address: str
    port: int
    server_name: str = ""
    transport: Transport = "tcp"

    @property
    def host_header(self) -> str:
        """Return what to name the server in a request: its name, or its address."""
        if self.server_name:
            return self.server_name
        return f"[{self.address}]" if ":" in self.address else self.address


@dataclass(frozen=True, slots=True)
class Exchange:
    """Bytes that went one way, `at` seconds after the probe began."""

    at: float
    direction: Direction
    data: bytes


@dataclass(frozen=True, slots=True)
class Caps:
    """How long a probe waits (seconds) and how much it keeps (bytes)."""

    answer_bytes: int = 64 * 1024
    probe_bytes: int = 128 * 1024
    connect_seconds: float = 3.0
    read_seconds: float = 2.0


OT_CAPS = Caps()
IT_CAPS = Caps(answer_bytes=256 * 1024, probe_bytes=512 * 1024, read_seconds=4.0)


class Parsed(NamedTuple):
    """What a transcript proves."""

    outcome: Outcome
    level: Level
    facts: Facts


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One finished probe: what it proved, and every byte that proves it.

    `detail` says in words what went wrong or was odd; "" when nothing was.
    `connections` counts the connections tried, answered or not. `bytes_out` and
    `bytes_in` are what went over the wire, below TLS and whether or not it was read.
    `is_repeat` marks the look at a device's health at the end of a visit, `was_stopped`
    a conversation that a stop broke off: neither says anything about the service.
    """

    probe: str
    version: int
    target: Target
    outcome: Outcome
    level: Level = ""
    facts: Facts = field(default_factory=dict)
    exchanges: tuple[Exchange, ...] = ()
    connections: int = 0
    detail: str = ""
    bytes_out: int = 0
    bytes_in: int = 0
    is_repeat: bool = False
    was_stopped: bool = False

    @property
    def is_aside(self) -> bool:
        """Whether it belongs into the ledger and says nothing about the service."""
        return self.is_repeat or self.was_stopped


class Talk(Protocol):
    """Speaks to the target; everything said and heard is recorded by the dialer."""

    async def __call__(self, target: Target, *, dialer: Dialer) -> None:
        """Hold the conversation; raises OSError, TimeoutError or EOFError."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A read-only question to one protocol.

    `messages` lists every message the probe can send, with placeholders filled in by
    example values, so that tests and documents can inspect all of them. `parse` is
    pure: a stored transcript gives the same facts again. `consent` names the written
    consent without which the probe is never run; "" needs none. A probe is not run on a
    port where one of those it `yields_to` has identified the service. An industrial host
    does not hear a probe that `spares_machines`. `moving` names facts that change by
    themselves, beside those whose name says so (see `exposure.logic.health`).
    """

    name: str
    version: int
    ports: tuple[int, ...]
    is_ot: bool
    messages: tuple[bytes, ...]
    run: Talk
    parse: Callable[[Sequence[Exchange]], Parsed]
    caps: Caps = OT_CAPS
    transport: Transport = "tcp"
    consent: str = ""
    yields_to: frozenset[str] = frozenset()
    spares_machines: bool = False
    moving: frozenset[str] = frozenset()


class Turn(NamedTuple):
    """One thing we said, and all that came back before we spoke again."""

    sent: bytes
    received: bytes


def turns(exchanges: Iterable[Exchange]) -> list[Turn]:
    """Group a transcript into turns; bytes heard before we spoke have `sent` empty."""
    grouped: list[Turn] = []
    for exchange in exchanges:
        if exchange.direction is Direction.SENT:
            grouped.append(Turn(exchange.data, b""))
        elif grouped:
            sent, received = grouped[-1]
            grouped[-1] = Turn(sent, received + exchange.data)
        else:
            grouped.append(Turn(b"", exchange.data))
    return grouped


def is_echo(turn: Turn) -> bool:
    """Say whether a service only repeats what it was told, as no device does."""
    return bool(turn.sent) and turn.received.startswith(turn.sent)


ECHO = Parsed(Outcome.ANOMALY, "", {"anomaly": "It repeats what it is told."})


def echoes(exchanges: Iterable[Exchange]) -> bool:
    """Say whether any answer of a conversation only repeats the question."""
    return any(is_echo(turn) for turn in turns(exchanges))


def heard(exchanges: Iterable[Exchange]) -> bytes:
    """Return everything that the service said."""
    return b"".join(e.data for e in exchanges if e.direction is Direction.RECEIVED)
