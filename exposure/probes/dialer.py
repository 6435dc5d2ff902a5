"""The only thing here that opens sockets: fenced, paced, bounded and recorded."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import TypeAlias

from exposure.logic.scope import Permit, Refusal
from exposure.probes.base import OT_CAPS, Caps, Direction, Exchange, Target
from exposure.probes.budget import OT_BUDGET, Purse, Spent
from exposure.probes.datagrams import Datagrams
from exposure.probes.line import Line, TlsTerms, tls_terms
from exposure.probes.wire import CountingSocket

PermitCallback: TypeAlias = Callable[[str, int], Permit | Refusal]
StopCallback: TypeAlias = Callable[[], bool]
Clock: TypeAlias = Callable[[], float]
Pause: TypeAlias = Callable[[float], Awaitable[None]]

# The probe whose connection is asked about: the fence may allow a port, but not a probe.
SENDING: ContextVar[str] = ContextVar("probe", default="")
HANDSHAKE_SECONDS = 5.0
FAREWELL_SECONDS = 1.0
FAREWELL_BYTES = 64 * 1024
STREAM_BUFFER = 16 * 1024
GENTLE_REST, GENTLE_SPACING = OT_BUDGET.rest, OT_BUDGET.spacing


class ScopeRefused(Exception):
    """The scope forbids this connection, so nothing was sent; the text says why."""


class StopRequested(Exception):
    """Someone stopped the run before this connection, so nothing was sent."""


class Ceiling:
    """Lets at most `per_second` datagrams of many hosts go out in a second."""

    def __init__(
        self,
        per_second: float,
        *,
        clock: Clock = time.monotonic,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.per_second = per_second
        self._clock = clock
        self._pause = pause
        self._next = 0.0

    async def turn(self) -> None:
        """Return when one more may go."""
        now = self._clock()
        mine = max(now, self._next)
        self._next = mine + 1.0 / self.per_second
        if mine > now:
            await self._pause(mine - now)


class Gate:
    """One connection at a time to one host, with a rest between two.

    `rest` seconds pass after a hang-up and `spacing` seconds between two dials before
    the next one. Small controllers free a connection slowly and lock out the plant's
    own stations when strangers hurry. `ceiling` holds the datagrams of all hosts together
    to a rate.
    """

    def __init__(
        self,
        *,
        rest: float = 0.0,
        spacing: float = 0.0,
        clock: Clock = time.monotonic,
        pause: Pause = asyncio.sleep,
        ceiling: Ceiling | None = None,
    ) -> None:
        self.ceiling = ceiling
        self._rest = rest
        self._spacing = spacing
        self._clock = clock
        self._pause = pause
        self._lock = asyncio.Lock()
        self._next_dial = 0.0

    @property
    def is_gentle(self) -> bool:
        """Say whether the host gets a rest between two connections."""
        return self._rest > 0

    def go_gently(self) -> None:
        """Treat the host as industrial from now on."""
        self._rest = max(self._rest, GENTLE_REST)
        self._spacing = max(self._spacing, GENTLE_SPACING)
        if self._next_dial:  # it was called before, so it gets its rest now
            self._next_dial = max(self._next_dial, self._clock() + self._rest)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the only connection to the host for the length of the block."""
        async with self._lock:
            wait = self._next_dial - self._clock()
            if wait > 0:
                await self._pause(wait)
            dialled = self._clock()
            try:
                yield
            finally:
                self._next_dial = max(
                    self._clock() + self._rest, dialled + self._spacing
                )


class Dialer:
    """Opens the connections of one probe and records what goes over them.

    `permit` is asked about the literal address right before each connection and
    `should_stop` right before each connection too; over UDP, before each datagram.
    `exchanges` grows as bytes go by; `connections` counts the connections tried and
    the datagrams sent, `established` the connections that came about. `bytes_out` and
    `bytes_in` count what went over TCP, TLS records included. `purse` holds the host's
    budget of connections.
    """

    def __init__(
        self,
        *,
        permit: PermitCallback,
        should_stop: StopCallback,
        gate: Gate,
        caps: Caps = OT_CAPS,
        clock: Clock = time.monotonic,
        purse: Purse | None = None,
    ) -> None:
        self.exchanges: list[Exchange] = []
        self.connections = 0
        self.established = 0
        self.bytes_out = 0
        self.bytes_in = 0
        self.caps = caps
        self._purse = purse or Purse(Spent())
        self._permit = permit
        self._should_stop = should_stop
        self._gate = gate
        self._clock = clock
        self._began = clock()

    @property
    def is_gentle(self) -> bool:
        """Say whether the host is industrial: probes then do without what can wait."""
        return self._gate.is_gentle

    def go_gently(self) -> None:
        """Tell the host's other probes that it turned out to be industrial."""
        self._gate.go_gently()

    @asynccontextmanager
    async def connect(
        self, target: Target, *, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator[Line]:
        """Open one connection, lend it for the block, hang up politely.

        Raises ScopeRefused and StopRequested before anything is sent, and OSError or
        TimeoutError when the connection does not come about.
        """
        async with self._gate.turn():
            self._may_dial(target)
            self._purse.take_connection()
            self.connections += 1
            async with self._counted(target) as plug:
                reader, writer = await self._dial(plug, target, tls)
                try:
                    yield Line(reader, writer, caps=self.caps, record=self._record)
                finally:
                    await _hang_up(reader, writer)

    @asynccontextmanager
    async def datagrams(self, target: Target) -> AsyncIterator[Datagrams]:
        """Lend a UDP socket that hears this target only, for the length of the block.

        The host's gate is held meanwhile, as for a connection. Sending raises
        ScopeRefused and StopRequested before a datagram goes out. The socket is never
        allowed to broadcast.
        """

        async def may_send() -> None:
            if self._gate.ceiling is not None:
                await self._gate.ceiling.turn()
            self._may_dial(target)

        def record(direction: Direction, data: bytes) -> None:
            self.connections += direction is Direction.SENT
            self._record(direction, data)

        async with self._gate.turn():
            self._may_dial(target)
            kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
            with socket.socket(_family(target), kind) as plug:
                plug.connect((target.address, target.port))
                yield Datagrams(plug, caps=self.caps, may_send=may_send, record=record)

    def _may_dial(self, target: Target) -> None:
        if self._should_stop():
            raise StopRequested
        verdict = self._permit(target.address, target.port)
        if isinstance(verdict, Refusal):
            raise ScopeRefused(verdict.reason)

    @asynccontextmanager
    async def _counted(self, target: Target) -> AsyncIterator[CountingSocket]:
        """Lend a socket; it is closed and what went over it is counted."""
        kind = socket.SOCK_STREAM | socket.SOCK_NONBLOCK
        plug = CountingSocket(_family(target), kind)
        try:
            yield plug
        finally:
            plug.close()
            self.bytes_out += plug.bytes_out
            self.bytes_in += plug.bytes_in

    async def _dial(
        self, plug: socket.socket, target: Target, tls: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(self.caps.connect_seconds):
            loop = asyncio.get_running_loop()
            await loop.sock_connect(plug, (target.address, target.port))
        self.established += 1
        return await asyncio.open_connection(
            sock=plug,
            limit=STREAM_BUFFER,
            ssl=tls,
            server_hostname=target.server_name if tls else None,
            ssl_handshake_timeout=HANDSHAKE_SECONDS if tls else None,
            ssl_shutdown_timeout=FAREWELL_SECONDS if tls else None,
        )

    def _record(self, direction: Direction, data: bytes) -> None:
        at = round(self._clock() - self._began, 4)
        self.exchanges.append(Exchange(at, direction, data))

    def record_terms(self, line: Line) -> TlsTerms:
        """Write down what the TLS handshake settled, and return it."""
        terms = tls_terms(line)
        self._record(Direction.RECEIVED, terms.to_bytes())
        return terms


def _family(target: Target) -> socket.AddressFamily:
    # A literal address never goes through a resolver, so what was permitted is what is
    # connected to.
    address = ipaddress.ip_address(target.address)
    return socket.AF_INET if address.version == 4 else socket.AF_INET6


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send FIN and wait for the other side's, but only so long.

    Closing with unread bytes would send a reset, which some controllers answer by
    holding the connection slot until it times out.
    """
    try:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                if writer.can_write_eof():
                    writer.write_eof()
                    await _drain(reader)
                writer.close()
                await writer.wait_closed()
    finally:
        writer.transport.abort()
        # The transport closes its socket on the next round of the loop.
        await asyncio.sleep(0)


async def _drain(reader: asyncio.StreamReader) -> None:
    left = FAREWELL_BYTES
    while left > 0 and (chunk := await reader.read(4096)):
        left -= len(chunk)
