"""BACnet/IP messages: the few that are sent, and how an answer is read.

Source: ANSI/ASHRAE 135, clauses 6 (network layer), 20 (application layer) and annex J
(BACnet/IP).
"""

import struct
from collections.abc import Callable
from typing import NamedTuple

from exposure.probes.text import label

ANY_DEVICE = bytes.fromhex("023fffff")  # device, instance 4194303: whoever hears this
WHO_IS = bytes.fromhex("810a000801001008")
READ_BROADCAST_TABLE = bytes.fromhex("81020004")
DEVICE = 8
INSTANCE_BITS = 22

_BVLL, _UNICAST, _BROADCAST, _FORWARDED = 0x81, 0x0A, 0x0B, 0x04
_NETWORK_MESSAGE, _HAS_DESTINATION, _HAS_SOURCE = 0x80, 0x20, 0x08
_READ_PROPERTY, _I_AM = 0x0C, 0x00
COMPLEX_ACK, ERROR, REJECT, ABORT = 0x30, 0x50, 0x60, 0x70
_UNSIGNED, _TEXT, _OBJECT = 2, 7, 12


class Answer(NamedTuple):
    """One application message: its type (upper half of byte 0), and the rest of it."""

    kind: int
    body: bytes


def read_property(device: bytes, number: int) -> bytes:
    """Return a ReadProperty request for one property of a device object.

    `device` is the object identifier, 4 bytes. The property's number is the invoke id
    too, so that an answer tells to which question it belongs.
    """
    question = bytes([0x00, 0x05, number, _READ_PROPERTY, 0x0C, *device, 0x19, number])
    return bytes([_BVLL, _UNICAST, 0, 6 + len(question), 0x01, 0x04]) + question


def application(datagram: bytes) -> Answer | None:
    """Return the application message in a datagram; None if there is none."""
    start = {_UNICAST: 4, _BROADCAST: 4, _FORWARDED: 10}
    if len(datagram) < 6 or datagram[0] != _BVLL or datagram[1] not in start:
        return None
    network = datagram[start[datagram[1]] : int.from_bytes(datagram[2:4], "big")]
    if len(network) < 2 or network[0] != 1 or network[1] & _NETWORK_MESSAGE:
        return None
    at, control = 2, network[1]
    for flag in (_HAS_DESTINATION, _HAS_SOURCE):
        if control & flag:  # network number, length of the address, the address
            at += 3 + (network[at + 2] if len(network) > at + 2 else 0)
    at += bool(control & _HAS_DESTINATION)  # hop count
    body = network[at:]
    return Answer(body[0] & 0xF0, body) if body else None


def answers_read(number: int) -> Callable[[bytes], bool]:
    """Return whether a datagram answers the question for that property."""

    def answers(datagram: bytes) -> bool:
        found = application(datagram)
        return (
            found is not None
            and found.kind in (COMPLEX_ACK, ERROR, REJECT, ABORT)
            and found.body[1:2] == bytes([number])
        )

    return answers


def is_i_am(datagram: bytes) -> bool:
    """Say whether a datagram is a device's answer to who it is."""
    return bool(announced(datagram))


def announced(datagram: bytes) -> bytes:
    """Return the 4-byte identifier of the device that announces itself, or b""."""
    found = application(datagram)
    if found is None or found.body[:3] != bytes([0x10, _I_AM, 0xC4]):
        return b""
    device = found.body[3:7]
    is_device = len(device) == 4 and _kind_of(device) == DEVICE
    return device if is_device else b""


def is_broadcast_table(datagram: bytes) -> bool:
    """Say whether a datagram answers the question for the broadcast table."""
    return datagram[:1] == bytes([_BVLL]) and datagram[1:2] in (b"\x00", b"\x03")


def broadcast_entries(datagram: bytes) -> int | None:
    """Return how many devices a broadcast table names; None if there is no table."""
    if datagram[:2] != bytes([_BVLL, 0x03]) or len(datagram) < 4:
        return None
    return (len(datagram) - 4) // 10


def value_of(datagram: bytes, number: int) -> str | int | bytes | None:
    """Return what a ReadProperty answer holds: text, a number, or an object's bytes.

    None when it is no such answer, or of a type that is not asked for here.
    """
    found = application(datagram)
    head = bytes([0x19, number, 0x3E])
    if (
        found is None
        or found.kind != COMPLEX_ACK
        or found.body[1:3] != bytes([number, _READ_PROPERTY])
        or found.body[8:11] != head
    ):
        return None
    return _primitive(found.body[11:])


def device_of(datagram: bytes, number: int) -> bytes:
    """Return the 4-byte object identifier that a ReadProperty answer holds, or b""."""
    value = value_of(datagram, number)
    is_device = isinstance(value, bytes) and _kind_of(value) == DEVICE
    return value if isinstance(value, bytes) and is_device else b""


def instance_of(device: bytes) -> int:
    """Return the instance number in an object identifier of 4 bytes."""
    return int.from_bytes(device, "big") & ((1 << INSTANCE_BITS) - 1)


def _kind_of(device: bytes) -> int:
    return int.from_bytes(device, "big") >> INSTANCE_BITS


def _primitive(data: bytes) -> str | int | bytes | None:
    if not data or data[0] & 0x08:  # empty, or a tag of another class
        return None
    tag, size, start = data[0] >> 4, data[0] & 0x07, 1
    if size == 5 and len(data) > 1:
        size, start = data[1], 2
        if size == 254 and len(data) > 3:
            size, start = int.from_bytes(data[2:4], "big"), 4
    content = data[start : start + size]
    if len(content) < size or not content:
        return None
    if tag == _TEXT:
        return _text(content)
    if tag == _UNSIGNED:
        return int.from_bytes(content, "big")
    return content if tag == _OBJECT and size == struct.calcsize("I") else None


def _text(content: bytes) -> str:
    charset, text = content[0], content[1:]
    if charset == 4:  # UCS-2, most significant byte first
        return label(text.decode("utf-16-be", "replace").encode())
    return label(text)
