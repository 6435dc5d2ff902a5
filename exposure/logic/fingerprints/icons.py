"""The number by which public tables know a site's icon.

It is MurmurHash3 (32 bits, x86, seed 0; Austin Appleby, public domain) over the icon in
Base64 with a line feed after each 76 characters, as Shodan computes it.
"""

import base64

_C1, _C2, _MASK = 0xCC9E2D51, 0x1B873593, 0xFFFFFFFF


def icon_hash(icon: bytes) -> int:
    """Return the number of an icon, signed as the tables write it.

    >>> icon_hash(b"")
    0
    """
    return _signed(murmur3(base64.encodebytes(icon)))


def murmur3(data: bytes) -> int:
    """Return MurmurHash3 of bytes as an unsigned number.

    >>> hex(murmur3(b"hello"))
    '0x248bfa47'
    """
    value = 0
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        value ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        value = (_rotated(value, 13) * 5 + 0xE6546B64) & _MASK
    if whole < len(data):
        value ^= _mixed(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    value = ((value ^ value >> 16) * 0x85EBCA6B) & _MASK
    value = ((value ^ value >> 13) * 0xC2B2AE35) & _MASK
    return value ^ value >> 16


def _mixed(block: int) -> int:
    return (_rotated(block * _C1 & _MASK, 15) * _C2) & _MASK


def _rotated(value: int, by: int) -> int:
    return (value << by | value >> 32 - by) & _MASK


def _signed(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value
