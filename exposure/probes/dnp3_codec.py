"""Frames of the DNP3 link layer: check sums, writing one, reading many.

Source: IEEE 1815-2012, 9.2.4.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

START = bytes.fromhex("0564")
HEADER = 10
BLOCK, CHECK = 16, 2
_POLYNOMIAL = 0xA6BC


class Frame(NamedTuple):
    """One frame; `user` is the data without its check sums."""

    control: int
    destination: int
    source: int
    user: bytes

    @property
    def function(self) -> int:
        """Return the function of the link layer."""
        return self.control & 0x0F

    @property
    def is_from_outstation(self) -> bool:
        """Say whether the direction bit is that of an outstation."""
        return not self.control & 0x80


def checksum(data: bytes) -> bytes:
    """Return the check sum that follows a header or a block.

    >>> checksum(bytes.fromhex("0564 05c9 0100 0100")).hex()
    '9025'
    """
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ _POLYNOMIAL if value & 1 else value >> 1
    return struct.pack("<H", value ^ 0xFFFF)


def frame(control: int, *, destination: int, source: int, user: bytes = b"") -> bytes:
    """Return one frame with its check sums."""
    head = START + struct.pack("<BBHH", 5 + len(user), control, destination, source)
    blocks = [user[at : at + BLOCK] for at in range(0, len(user), BLOCK)]
    return head + checksum(head) + b"".join(b + checksum(b) for b in blocks)


def size(header: bytes) -> int:
    """Return how long a frame is; 0 when the header is none of DNP3."""
    if header[:2] != START or header[2] < 5:
        return 0
    users = header[2] - 5
    return HEADER + users + CHECK * -(-users // BLOCK)


def frames(data: bytes) -> Iterator[Frame]:
    """Yield the frames with correct check sums; stop at anything else."""
    while len(data) >= HEADER:
        whole = size(data)
        if not HEADER <= whole <= len(data):
            return
        user = _checked(data[:whole])
        if user is None:
            return
        control, destination, source = struct.unpack("<BHH", data[3:8])
        yield Frame(control, destination, source, user)
        data = data[whole:]


def _checked(data: bytes) -> bytes | None:
    """Return the user data of one whole frame; None when a check sum is wrong."""
    if checksum(data[:8]) != data[8:HEADER]:
        return None
    user = b""
    for at in range(HEADER, len(data), BLOCK + CHECK):
        block = data[at : at + BLOCK + CHECK]
        if checksum(block[:-CHECK]) != block[-CHECK:]:
            return None
        user += block[:-CHECK]
    return user
