"""Asks a zone's own server for the whole zone (AXFR, RFC 5936), within bounds."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from exposure.collectors.pacing import Endpoint
from exposure.logic.names.messages import (
    Answer,
    Garbage,
    Question,
    Record,
    Status,
    decode,
    encode,
)


class Transferred(StrEnum):
    """What the server did."""

    GIVEN = "given"
    CUT = "given, and cut by us"
    REFUSED = "refused"
    SILENT = "no answer"


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """Where we hang up: a zone that never ends is as open as one that does."""

    records: int = 5000
    size: int = 4 << 20  # bytes
    seconds: float = 15.0
    wait: float = 2.0  # seconds for the first byte, and between two


@dataclass(slots=True)
class Transfer:
    """What came of it, with the bytes of both ways for the ledger of probes."""

    outcome: Transferred
    records: list[Record] = field(default_factory=list)
    bytes_out: int = 0
    bytes_in: int = 0


def transfer(
    zone: str,
    server: Endpoint,
    *,
    should_stop: Callable[[], bool],
    limits: TransferLimits | None = None,
) -> Transfer:
    """Ask one server for one zone over one connection; it is closed in any case."""
    bounds = limits or TransferLimits()
    found = Transfer(Transferred.SILENT)
    ends_at = time.monotonic() + bounds.seconds
    try:
        with socket.create_connection(server, timeout=bounds.wait) as line:
            message = encode(Question(zone, "AXFR"), 1, recurse=False)
            line.sendall(len(message).to_bytes(2, "big") + message)
            found.bytes_out = len(message) + 2
            while not should_stop() and time.monotonic() < ends_at:
                if _take(_message(line, found), found, zone, bounds):
                    return found
    except (OSError, Garbage):
        pass
    # It ended early, on its side or ours: what was given, was given.
    if len(found.records) > 1:
        found.outcome = Transferred.CUT
    return found


def _take(message: bytes, found: Transfer, zone: str, bounds: TransferLimits) -> bool:
    """Add one message of the answer; return whether it was the last one."""
    answer: Answer = decode(message, Question(zone, "AXFR"))
    first = not found.records
    if answer.status is not Status.ANSWERED or (first and not answer.records):
        found.outcome = Transferred.REFUSED
        return True
    if first and answer.records[0].type != "SOA":
        raise Garbage("a zone begins with its SOA record")
    found.records += answer.records[: bounds.records - len(found.records)]
    # It ends with the record that it began with.
    if [r.type for r in found.records].count("SOA") > 1:
        found.outcome = Transferred.GIVEN
        return True
    if len(found.records) >= bounds.records or found.bytes_in >= bounds.size:
        found.outcome = Transferred.CUT
        return True
    return False


def _message(line: socket.socket, found: Transfer) -> bytes:
    size = int.from_bytes(_exactly(line, 2, found), "big")
    return _exactly(line, size, found)


def _exactly(line: socket.socket, size: int, found: Transfer) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = line.recv(size - len(data))
        if not part:
            raise ConnectionError("the server hung up")
        data += part
        found.bytes_in += len(part)
    return bytes(data)
