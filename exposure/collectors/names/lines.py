"""UDP sockets to resolvers, and what waits for an answer on each."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from exposure.collectors.pacing import Endpoint
from exposure.logic.names.messages import Question

BUFFER = 1 << 20  # bytes


@dataclass(slots=True)
class Waiting:
    """A question that was sent, or is to be sent again."""

    question: Question
    tries: int = 0
    garbage: bool = False


@dataclass(slots=True)
class Line:
    """One UDP socket and what waits for an answer on it, by id."""

    socket: socket.socket
    endpoint: Endpoint
    waiting: dict[int, Waiting] = field(default_factory=dict)


def open_lines(resolvers: Sequence[Endpoint], each_has: int) -> list[Line]:
    """Open some sockets to each resolver that there is a way to."""
    lines: list[Line] = []
    failure = OSError("nobody to ask")
    for endpoint in resolvers:
        try:
            lines += [_open(endpoint) for _ in range(each_has)]
        except OSError as error:
            failure = error
    if not lines:
        raise failure
    return lines


def _open(endpoint: Endpoint) -> Line:
    family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
    line = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    try:
        # Connected: the kernel drops what comes from anybody else.
        line.connect(endpoint)
    except OSError:
        line.close()
        raise
    return Line(line, endpoint)
