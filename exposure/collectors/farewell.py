"""Hanging up politely on many connections at once."""

from __future__ import annotations

import select
import socket
from collections import deque
from collections.abc import Callable

WAIT_SECONDS = 1.0
MOST_BYTES = 64 * 1024
CHUNK = 4096


class Farewells:
    """Connections that were sent a FIN and wait for the other side's.

    What the service says meanwhile is read and dropped: closing on unread bytes would
    send a reset. Who neither stops nor hangs up is cut off after a second or 64 KiB.
    """

    def __init__(self, poll: select.epoll, clock: Callable[[], float]) -> None:
        self._poll = poll
        self._clock = clock
        self._open: dict[int, tuple[socket.socket, int]] = {}
        self._deadlines: deque[tuple[float, int, socket.socket]] = deque()

    @property
    def count(self) -> int:
        """Return how many connections are still open."""
        return len(self._open)

    def begin(self, plug: socket.socket) -> None:
        """Send FIN on a connected, registered socket and take it over."""
        descriptor = plug.fileno()
        self._open[descriptor] = plug, 0
        self._deadlines.append((self._clock() + WAIT_SECONDS, descriptor, plug))
        try:
            plug.shutdown(socket.SHUT_WR)
        except OSError:
            self._finish(descriptor)
            return
        self._poll.modify(descriptor, select.EPOLLIN)

    def read(self, descriptor: int) -> None:
        """Drop what has come on one connection; close it when that was the end."""
        plug, heard = self._open[descriptor]
        try:
            chunk = plug.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk or heard + len(chunk) > MOST_BYTES:
            self._finish(descriptor)
        else:
            self._open[descriptor] = plug, heard + len(chunk)

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
                self._finish(descriptor)

    def close(self) -> None:
        """Close every connection at once."""
        for descriptor in list(self._open):
            self._finish(descriptor)

    def _finish(self, descriptor: int) -> None:
        plug, _ = self._open.pop(descriptor)
        self._poll.unregister(descriptor)
        plug.close()
