"""Hanging up politely on many connections at once."""

from __future__ import annotations

import errno
import select
import socket
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

WAIT_SECONDS = 1.0
MOST_BYTES = 64 * 1024
CHUNK = 4096

Owner = TypeVar("Owner")


class Farewells(Generic[Owner]):
    """Connections that were sent a FIN and wait for the other side's.

    What the service says meanwhile is read and dropped: closing on unread bytes would
    send a reset. Who neither stops nor hangs up is cut off after a second or 64 KiB.
    `parted` is told of the end of each, and whether the other side reset it.
    """

    def __init__(
        self,
        poll: select.epoll,
        clock: Callable[[], float],
        parted: Callable[[Owner, bool], None],
    ) -> None:
        self._poll = poll
        self._clock = clock
        self._parted = parted
        self._open: dict[int, tuple[socket.socket, Owner, int]] = {}
        self._deadlines: deque[tuple[float, int, socket.socket]] = deque()

    def __len__(self) -> int:
        """Return how many connections are still open."""
        return len(self._open)

    def begin(self, plug: socket.socket, owner: Owner) -> None:
        """Send FIN on a connected, registered socket and take it over."""
        descriptor = plug.fileno()
        self._open[descriptor] = plug, owner, 0
        self._deadlines.append((self._clock() + WAIT_SECONDS, descriptor, plug))
        try:
            plug.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._finish(descriptor, was_reset=error.errno == errno.ECONNRESET)
            return
        self._poll.modify(descriptor, select.EPOLLIN)

    def holds(self, descriptor: int) -> bool:
        """Say whether this is one of its connections."""
        return descriptor in self._open

    def read(self, descriptor: int) -> None:
        """Drop what has come on one connection; close it when that was the end."""
        plug, owner, heard = self._open[descriptor]
        was_reset = False
        try:
            chunk = plug.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            chunk, was_reset = b"", error.errno == errno.ECONNRESET
        if not chunk or heard + len(chunk) > MOST_BYTES:
            self._finish(descriptor, was_reset=was_reset)
        else:
            self._open[descriptor] = plug, owner, heard + len(chunk)

    def expire(self) -> None:
        """Close what has waited long enough."""
        now = self._clock()
        while self._deadlines:
            due, descriptor, plug = self._deadlines[0]
            is_open = self._open.get(descriptor, (None,))[0] is plug
            if is_open and due > now:
                return
            self._deadlines.popleft()
            if is_open:
                self._finish(descriptor, was_reset=False)

    def close(self) -> None:
        """Close every connection at once."""
        for descriptor in list(self._open):
            self._finish(descriptor, was_reset=False)

    def _finish(self, descriptor: int, *, was_reset: bool) -> None:
        plug, owner, _ = self._open.pop(descriptor)
        plug.close()
        self._parted(owner, was_reset)
