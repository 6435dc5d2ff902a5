"""Which TCP ports answer: one process, one epoll, and nothing is said.

A connection is opened and closed again with FIN; no byte goes over it. On a host with
an industrial port open, later stages open two connections a second at most; the sweep
itself keeps to its own ceiling for each host.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from exposure.collectors.farewell import Farewells
from exposure.collectors.pacing import Bucket, Endpoint, HostQueue
from exposure.logic.scope import Permit, Refusal

STOP_POLL_SECONDS = 0.05
LONGEST_WAIT = 0.05
EVENTS_AT_ONCE = 1024
SHARE_OF_DESCRIPTORS = 0.8


class PortState(StrEnum):
    """What a port did when somebody knocked."""

    OPEN = "open"
    CLOSED = "closed"
    FILTERED = "filtered"
    REFUSED_BY_SCOPE = "refused_by_scope"


@dataclass(frozen=True, slots=True)
class SweepLimits:
    """Ceilings: sockets at once, seconds to wait, connections a second."""

    max_half_open: int = 500
    timeout: float = 1.0
    rate_per_second: float = 500.0
    rate_per_host: float = 40.0


@dataclass(frozen=True, slots=True)
class SweepResult:
    """One port, `at` seconds after the sweep began; `error` is the reason in words."""

    address: str
    port: int
    state: PortState
    at: float
    error: str = ""


STANDARD_LIMITS = SweepLimits()


def sweep(
    targets: Iterable[Endpoint],
    *,
    permit: Callable[[str, int], Permit | Refusal],
    should_stop: Callable[[], bool],
    limits: SweepLimits = STANDARD_LIMITS,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[SweepResult]:
    """Yield one result per target, as they come.

    `permit` is asked right before each connection; where it refuses, nothing is sent.
    Once `should_stop` is true, every socket is closed and the sweep ends, with targets
    left over. Closing the generator early does the same. An address that is no literal
    IP address is refused by scope.
    """
    engine = _Sweep(targets, permit, should_stop, limits, clock)
    try:
        while not engine.is_finished and not engine.is_stopped():
            yield from engine.step()
    finally:
        engine.close()


class _Sweep:
    """The sockets in flight and the ceilings they keep to."""

    def __init__(
        self,
        targets: Iterable[Endpoint],
        permit: Callable[[str, int], Permit | Refusal],
        should_stop: Callable[[], bool],
        limits: SweepLimits,
        clock: Callable[[], float],
    ) -> None:
        self._queue = HostQueue(targets, rate_per_host=limits.rate_per_host)
        self._bucket = Bucket(limits.rate_per_second)
        self._permit = permit
        self._should_stop = should_stop
        self._stopped = False
        self._next_stop_poll = float("-inf")
        self._timeout = limits.timeout
        self._room = min(limits.max_half_open, _spare_descriptors())
        self._clock = clock
        self._began = clock()
        self._poll = select.epoll()
        self._live: dict[int, tuple[socket.socket, Endpoint]] = {}
        self._deadlines: deque[tuple[float, int, socket.socket]] = deque()
        self._farewells = Farewells(self._poll, clock)

    @property
    def is_finished(self) -> bool:
        return self._queue.is_empty and not self._live and not self._farewells.count

    def is_stopped(self) -> bool:
        """Ask whether to stop, if the last answer is too old to act on."""
        now = self._clock()
        if now >= self._next_stop_poll:
            self._next_stop_poll = now + STOP_POLL_SECONDS
            self._stopped = self._stopped or self._should_stop()
        return self._stopped

    def step(self) -> Iterator[SweepResult]:
        """Open what may be opened, then take in what has happened."""
        yield from self._open_more()
        yield from self._expire()
        for descriptor, _ in self._poll.poll(self._patience(), EVENTS_AT_ONCE):
            if descriptor in self._live:
                yield self._settle(descriptor)
            else:
                self._farewells.read(descriptor)
        self._farewells.expire()

    def close(self) -> None:
        """Close every socket at once."""
        for plug, _ in self._live.values():
            plug.close()
        self._live.clear()
        self._farewells.close()
        self._poll.close()

    def _open_more(self) -> Iterator[SweepResult]:
        while self._has_room() and not self.is_stopped():
            now = self._clock()
            if self._bucket.ready_at() > now:
                return
            target = self._queue.next(now)
            if target is None:
                return
            if refusal := self._why_not(target):
                yield self._result(target, PortState.REFUSED_BY_SCOPE, error=refusal)
                continue
            self._bucket.take(now)
            if result := self._connect(target, now):
                yield result

    def _has_room(self) -> bool:
        return len(self._live) + self._farewells.count < self._room

    def _why_not(self, target: Endpoint) -> str:
        """Return why this target must not be touched; "" if it may be, right now."""
        address, port = target
        try:
            # A name would be resolved by the system, past every check of ours.
            socket.inet_pton(_family(address), address)
        except OSError:
            return f"“{address[:60]}” is not a literal address."
        if not 1 <= port <= 65535:
            return f"There is no port {port}."
        verdict = self._permit(address, port)
        return verdict.reason if isinstance(verdict, Refusal) else ""

    def _connect(self, target: Endpoint, now: float) -> SweepResult | None:
        plug = socket.socket(
            _family(target[0]), socket.SOCK_STREAM | socket.SOCK_NONBLOCK
        )
        code = plug.connect_ex(target)
        if code in (0, errno.EINPROGRESS):
            self._poll.register(plug, select.EPOLLOUT)
            self._live[plug.fileno()] = plug, target
            self._deadlines.append((now + self._timeout, plug.fileno(), plug))
            return None
        plug.close()
        return self._refused(target, code)

    def _settle(self, descriptor: int) -> SweepResult:
        plug, target = self._live.pop(descriptor)
        code = plug.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._poll.unregister(descriptor)
            plug.close()
            return self._refused(target, code)
        self._farewells.begin(plug)
        return self._result(target, PortState.OPEN)

    def _expire(self) -> Iterator[SweepResult]:
        now = self._clock()
        while self._deadlines:
            due, descriptor, plug = self._deadlines[0]
            # A settled socket's number may belong to another one by now.
            is_live = self._live.get(descriptor, (None,))[0] is plug
            if is_live and due > now:
                return
            self._deadlines.popleft()
            if is_live:
                _, target = self._live.pop(descriptor)
                plug.close()
                yield self._result(target, PortState.FILTERED, error="no answer")

    def _patience(self) -> float:
        """Return how long the poll may sleep without missing anything due."""
        now = self._clock()
        waits = [LONGEST_WAIT]
        if self._deadlines:
            waits.append(self._deadlines[0][0] - now)
        if not self._queue.is_empty and self._has_room():
            waits.append(max(self._bucket.ready_at() - now, self._queue.wait(now)))
        return max(0.0, min(waits))

    def _refused(self, target: Endpoint, code: int) -> SweepResult:
        closed = code == errno.ECONNREFUSED
        state = PortState.CLOSED if closed else PortState.FILTERED
        return self._result(target, state, error=os.strerror(code))

    def _result(
        self, target: Endpoint, state: PortState, *, error: str = ""
    ) -> SweepResult:
        at = round(self._clock() - self._began, 4)
        return SweepResult(target[0], target[1], state, at, error)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _spare_descriptors() -> int:
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, int(allowed * SHARE_OF_DESCRIPTORS))
