"""A socket that counts what goes over the wire, below TLS."""

import fcntl
import socket
import struct
import termios
from collections.abc import Iterable
from typing import Any


class CountingSocket(socket.socket):
    """Counts payload bytes: sent, and received, whether or not anybody read them.

    Both are final once it is closed. What a peer sends after that is answered by the
    kernel with a reset and counted by nobody.
    """

    bytes_out = 0
    bytes_in = 0

    def send(self, data: Any, *flags: int) -> int:
        """Send, and count what the kernel took."""
        count = super().send(data, *flags)
        self.bytes_out += count
        return count

    def sendmsg(self, buffers: Iterable[Any], *more: Any) -> int:
        """Send several pieces, and count what the kernel took."""
        count = super().sendmsg(buffers, *more)
        self.bytes_out += count
        return count

    def recv(self, size: int, *flags: int) -> bytes:
        """Receive, and count."""
        data = super().recv(size, *flags)
        self.bytes_in += len(data)
        return data

    def recv_into(self, buffer: Any, *more: int) -> int:
        """Receive into a buffer, and count."""
        count = super().recv_into(buffer, *more)
        self.bytes_in += count
        return count

    def close(self) -> None:
        """Count what arrived unread, then close."""
        if self.fileno() >= 0:
            self.bytes_in += _unread(self)
        super().close()


def _unread(plug: socket.socket) -> int:
    try:
        answer = fcntl.ioctl(plug.fileno(), termios.FIONREAD, bytes(4))
    except OSError:
        return 0  # a socket that never was connected
    return int(struct.unpack("i", answer)[0])
