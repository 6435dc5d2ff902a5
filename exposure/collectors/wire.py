"""What a sweep process and the one that started it say to each other, over two pipes.

Down come a length and a compressed pickle: a host, a fence, ceilings, the end of the list. A
length of 0 is a sign of life. Nobody else holds that pipe. Up come small frames of
numbers only: the process that talks to strangers cannot make its parent run anything.
"""

from __future__ import annotations

import os
import pickle
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from exposure.collectors.targets import Fence, PortState, SweepHost, SweepLimits

CHUNK = 1 << 16
LONGEST_FRAME = 1 << 22

STATES = tuple(PortState)
NUMBER_OF = {state: number for number, state in enumerate(STATES)}
# Codes from here on are places in the list of words that came before.
WORDS = 0x8000


@dataclass(frozen=True, slots=True)
class AddHost:
    """Take on one more host."""

    handle: int
    host: SweepHost


@dataclass(frozen=True, slots=True)
class Begin:
    """The order's seed, the first fence and the first ceilings."""

    seed: int
    fence: Fence
    limits: SweepLimits


@dataclass(frozen=True, slots=True)
class NewFence:
    """Ask this one from now on."""

    fence: Fence


@dataclass(frozen=True, slots=True)
class NewLimits:
    """Keep to these from now on."""

    limits: SweepLimits


@dataclass(frozen=True, slots=True)
class NoMoreHosts:
    """End when the hosts are done."""


Order: TypeAlias = AddHost | Begin | NewFence | NewLimits | NoMoreHosts
SIGN_OF_LIFE = bytes(4)


def frame_down(order: Order) -> bytes:
    """Return one order as it is sent."""
    data = zlib.compress(pickle.dumps(order, protocol=pickle.HIGHEST_PROTOCOL), 1)
    return struct.pack("<I", len(data)) + data


class Up(IntEnum):
    """The kinds of frames that come up."""

    ALIVE = 0
    EVENTS = 1
    WORDS = 2
    ENDED = 3


# handle, port, state, attempt, code, and when it was sent, in UNIX time
EVENT = struct.Struct("<IHBBHd")
ENDED = struct.Struct("<IH")  # handle, place of the note in the list of words
_HEAD = struct.Struct("<BI")


def frame_up(kind: Up, data: bytes = b"") -> bytes:
    """Return one frame as it is sent."""
    return _HEAD.pack(kind, len(data)) + data


class Inbox:
    """Cuts what comes through a pipe into frames."""

    def __init__(self, descriptor: int) -> None:
        """Read from this pipe, which does not block."""
        self._descriptor = descriptor
        self._buffer = bytearray()
        self.has_ended = False

    def fill(self) -> bool:
        """Read once; say whether anything came. The end of the pipe is noted."""
        try:
            data = os.read(self._descriptor, CHUNK)
        except BlockingIOError:
            return False
        self.has_ended = not data
        self._buffer += data
        return bool(data)

    def orders(self) -> Iterator[Order | None]:
        """Yield the orders that are there as a whole; None is a sign of life."""
        while len(self._buffer) >= 4:
            (length,) = struct.unpack_from("<I", self._buffer)
            if len(self._buffer) < 4 + length:
                return
            data = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            yield _order(data) if data else None

    def frames(self) -> Iterator[tuple[Up, bytes]]:
        """Yield the frames that are there as a whole.

        Raises ValueError for what is no frame: the other side has gone mad.
        """
        while len(self._buffer) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._buffer)
            if length > LONGEST_FRAME:
                raise ValueError("a frame longer than any")
            whole = _HEAD.size + length
            if len(self._buffer) < whole:
                return
            data = bytes(self._buffer[_HEAD.size : whole])
            del self._buffer[:whole]
            yield Up(kind), data


def _order(data: bytes) -> Order:
    order: Order = pickle.loads(zlib.decompress(data))  # noqa: S301 - from our parent, over a pipe that nobody else holds
    return order


class Outbox:
    """Sends through a pipe without ever waiting for the other side."""

    def __init__(self, descriptor: int) -> None:
        """Write into this pipe, which does not block."""
        self._descriptor = descriptor
        self._buffer = bytearray()

    def __len__(self) -> int:
        """Return how many bytes wait."""
        return len(self._buffer)

    def put(self, data: bytes) -> None:
        """Send this, in its turn."""
        self._buffer += data

    def flush(self) -> None:
        """Send what the pipe takes. Raises BrokenPipeError when nobody reads it."""
        while self._buffer:
            try:
                sent = os.write(self._descriptor, self._buffer[:CHUNK])
            except BlockingIOError:
                return
            del self._buffer[:sent]
