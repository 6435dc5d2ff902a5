"""One question over TCP, step by step, for answers that fit into no datagram."""

from __future__ import annotations

import socket
from random import SystemRandom

from exposure.collectors.pacing import Endpoint
from exposure.logic.names.messages import Garbage, Question, encode

LARGEST = 65_535 + 2
_random = SystemRandom()


class Conversation:
    """A TCP connection to a resolver that asks one thing; nothing here blocks."""

    __slots__ = ("_id", "_in", "_out", "ends_at", "question", "socket")

    def __init__(
        self,
        question: Question,
        endpoint: Endpoint,
        *,
        ends_at: float,
        recurse: bool = True,
    ) -> None:
        """Begin to connect; `ends_at` is when the caller gives up (monotonic)."""
        self.question, self.ends_at = question, ends_at
        self._id = _random.getrandbits(16)
        message = encode(question, self._id, recurse=recurse)
        self._out = len(message).to_bytes(2, "big") + message
        self._in = bytearray()
        family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.socket.connect_ex(endpoint)  # what went wrong is told by the first send

    @property
    def is_asked(self) -> bool:
        """Whether the whole question was sent."""
        return not self._out

    def go_on(self) -> bytes | None:
        """Send or read what is possible; return the answer once it is complete.

        Raises OSError when the connection ends, and Garbage for another id.
        """
        if self._out:
            self._out = self._out[self.socket.send(self._out) :]
            return None
        data = self.socket.recv(LARGEST)
        if not data:
            raise ConnectionError("the resolver hung up")
        self._in += data
        size = int.from_bytes(self._in[:2], "big")
        if len(self._in) < 2 or len(self._in) < size + 2:
            return None
        message = bytes(self._in[2 : size + 2])
        if int.from_bytes(message[:2], "big") != self._id:
            raise Garbage("the answer to another question")
        return message

    def close(self) -> None:
        """End the connection."""
        self.socket.close()
