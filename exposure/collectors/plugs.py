"""Sockets at rest, which serve more than once, and sockets that wait for an answer."""

from __future__ import annotations

import errno
import heapq
import itertools
import resource
import select
import socket
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from exposure.collectors.manners import HostWork, Knock
from exposure.collectors.targets import PortState

SHARE_OF_DESCRIPTORS = 0.8
# What the kernel says when our own machine has no room.
SCARCE = frozenset(
    {
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.EADDRNOTAVAIL,
        errno.EAGAIN,
    }
)
V4, V6 = int(socket.AF_INET), int(socket.AF_INET6)


class Plugs:
    """Sockets to knock with. The kernel lets one that was refused knock again."""

    def __init__(self, poll: select.epoll) -> None:
        """Register each with this epoll, once."""
        self._poll = poll
        self._at_rest: dict[int, list[socket.socket]] = {V4: [], V6: []}

    def take(self, family: int) -> socket.socket:
        """Return a socket that is not connected; raises OSError where none is left."""
        at_rest = self._at_rest[family]
        if at_rest:
            return at_rest.pop()
        plug = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        # Told once for each change: a socket at rest would be reported for ever.
        self._poll.register(plug, select.EPOLLOUT | select.EPOLLET)
        return plug

    def give_back(self, plug: socket.socket, family: int) -> None:
        """Keep a socket that was refused."""
        self._at_rest[family].append(plug)

    def close(self) -> None:
        """Close all of them."""
        for plug in itertools.chain(*self._at_rest.values()):
            plug.close()


class Flight(NamedTuple):
    """One connection that is not decided yet."""

    plug: socket.socket
    work: HostWork
    knock: Knock
    began: float


# What became of one knock: the reason is an errno, or words.
Reason: TypeAlias = int | str


class Event(NamedTuple):
    """What became of one knock that was sent at `at`, by the engine's clock."""

    work: HostWork
    port: int
    state: PortState
    attempt: int
    reason: Reason
    at: float


class Flights:
    """The connections that are not decided yet, and when each is given up."""

    def __init__(self) -> None:
        """Begin with none."""
        self._live: dict[int, Flight] = {}
        self._deadlines: list[tuple[float, int, int, Flight]] = []
        self._serial = itertools.count()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._live)

    def __iter__(self) -> Iterator[Flight]:
        """Go through all of them."""
        return iter(self._live.values())

    def add(self, flight: Flight, *, due: float) -> None:
        """Wait for this one until then."""
        descriptor = flight.plug.fileno()
        self._live[descriptor] = flight
        heapq.heappush(self._deadlines, (due, next(self._serial), descriptor, flight))

    def get(self, descriptor: int) -> Flight | None:
        """Return the one with this descriptor."""
        return self._live.get(descriptor)

    def remove(self, descriptor: int) -> None:
        """Wait for it no longer."""
        del self._live[descriptor]

    def next_due(self) -> float:
        """Return when the next one, which may be settled by now, is given up."""
        return self._deadlines[0][0] if self._deadlines else float("inf")

    def pop_due(self, now: float) -> Flight | None:
        """Take out one that has waited long enough."""
        while self._deadlines:
            due, _, descriptor, flight = self._deadlines[0]
            # A settled socket's number may belong to another one by now.
            is_live = self._live.get(descriptor) is flight
            if is_live and due > now:
                return None
            heapq.heappop(self._deadlines)
            if is_live:
                del self._live[descriptor]
                return flight
        return None


def spare_descriptors() -> int:
    """Return how many sockets one engine may have open."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, int(allowed * SHARE_OF_DESCRIPTORS))
