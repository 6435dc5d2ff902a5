"""IKE: does a VPN gateway answer, in which versions, and whose is it.

Source: RFC 2408 and 2409 (version 1), RFC 7296 (version 2). Tested on recordings only:
the answers are laid out after the RFCs; no gateway was at hand.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from exposure.probes.base import (
    ECHO,
    Direction,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
)
from exposure.probes.datagrams import Unanswered
from exposure.probes.dialer import Dialer

COOKIE = b"exposure"  # our side's cookie or SPI, eight bytes
HEADER = 28
_V1_SA, _V1_VENDOR = 1, 13
_V2_SA, _V2_KEY, _V2_NONCE, _V2_VENDOR = 33, 34, 40, 43
_MAIN_MODE, _SA_INIT = 2, 34
_INITIATOR, _RESPONSE = 0x08, 0x20
_MOST_PAYLOADS = 32
_MOST_VENDOR_IDS = 16

# What a vendor id begins with, and whose product sends it.
VENDOR_IDS = {
    "882fe56d6fd20dbc2251613b2ebe5beb": ("strongSwan", "strongSwan"),
    "8299031757a36082c6a621de": ("Fortinet", "FortiGate"),
    "f4ed19e0c114eb516faaac0ee37daf2807b4381f": ("Check Point", "Firewall-1"),
    "1e2b516905991c7d7c96fcbfb587e461": ("Microsoft", "Windows"),
    "1f07f70eaa6514d3b0fa96542a": ("Cisco", "VPN 3000"),
    b"CISCO-DELETE-REASON".hex(): ("Cisco", "IOS or ASA"),
    b"FLEXVPN-SUPPORTED".hex(): ("Cisco", "IOS"),
    "9b096d9ac3275a7d6fe8b91c583111b09efed1a0": ("Juniper", "NetScreen"),
    "166f932d55eb64d8e4df4fd37e2313f0d0fd8451": ("Juniper", "ScreenOS or Junos"),
    "404bf439522ca3f6": ("SonicWall", "SonicOS"),
    "7003cbc1097dbe9c2600ba6983bc8b35": ("KAME", "racoon"),
}


class Message(NamedTuple):
    """One answer: its version (1 or 2) and its payloads by kind."""

    version: int
    payloads: tuple[tuple[int, bytes], ...]


def _header(first: int, version: int, exchange: int, flags: int, body: bytes) -> bytes:
    size = HEADER + len(body)
    return (
        COOKIE
        + bytes(8)
        + struct.pack(">BBBBII", first, version << 4, exchange, flags, 0, size)
        + body
    )


def _payload(following: int, content: bytes) -> bytes:
    return struct.pack(">BBH", following, 0, 4 + len(content)) + content


def _chain(following: int, contents: Sequence[bytes]) -> bytes:
    """Return payloads of one kind after another; the last one is followed by none."""
    last = len(contents) - 1
    return b"".join(
        _payload(following if place < last else 0, content)
        for place, content in enumerate(contents)
    )


def _main_mode() -> bytes:
    # Cipher and key bits, hash, sign-in (1 shared key, 3 certificate), group.
    suites = [
        (7, 256, 4, 1, 14),
        (7, 256, 2, 1, 14),
        (7, 128, 2, 1, 2),
        (5, 0, 2, 1, 2),
        (7, 256, 2, 3, 14),
        (5, 0, 2, 3, 2),
    ]
    transforms = []
    for place, (cipher, bits, digest, sign_in, group) in enumerate(suites, start=1):
        values = [(1, cipher), (2, digest), (3, sign_in), (4, group)]
        values += [(14, bits)] * bool(bits) + [(11, 1), (12, 28800)]
        attributes = b"".join(struct.pack(">HH", 0x8000 | k, v) for k, v in values)
        transforms.append(bytes([place, 1, 0, 0]) + attributes)
    proposal = bytes([1, 1, 0, len(transforms)]) + _chain(3, transforms)
    association = struct.pack(">II", 1, 1) + _payload(0, proposal)
    return _header(_V1_SA, 1, _MAIN_MODE, 0, _payload(0, association))


def _sa_init() -> bytes:
    # Kind (cipher, random function, integrity, group), number, key bits.
    choices = [
        (1, 12, 256),
        (1, 12, 128),
        (2, 5, 0),
        (2, 2, 0),
        (3, 12, 0),
        (3, 2, 0),
        (4, 14, 0),
    ]
    transforms = [
        struct.pack(">BBH", kind, 0, number)
        + (struct.pack(">HH", 0x800E, bits) if bits else b"")
        for kind, number, bits in choices
    ]
    proposal = bytes([1, 1, 0, len(transforms)]) + _chain(3, transforms)
    # A valid number of the group whose secret nobody knows: no key can come of it.
    public = COOKIE * 32
    return _header(
        _V2_SA,
        2,
        _SA_INIT,
        _INITIATOR,
        _payload(_V2_KEY, _payload(0, proposal))
        + _payload(_V2_NONCE, struct.pack(">HH", 14, 0) + public)
        + _payload(0, COOKIE * 4),
    )


HELLO_V1 = _main_mode()
HELLO_V2 = _sa_init()


async def run(target: Target, *, dialer: Dialer) -> None:
    """Say hello in version 2, then in version 1, once each; answer nothing."""
    async with dialer.datagrams(target) as line:
        with suppress(Unanswered):
            await line.ask(HELLO_V2, answers=lambda data: _is_version(data, 2), tries=1)
        await line.ask(HELLO_V1, answers=lambda data: _is_version(data, 1), tries=1)


def _is_version(datagram: bytes, version: int) -> bool:
    found = message_of(datagram)
    return found is not None and found.version == version


def message_of(datagram: bytes) -> Message | None:
    """Return the answer to one of our hellos; None when it is none."""
    if len(datagram) < HEADER or datagram[:8] != COOKIE:
        return None
    first, version, exchange, flags = datagram[16:20]
    version >>= 4
    if version not in (1, 2) or (version == 2 and not flags & _RESPONSE):
        return None
    if version == 2 and exchange != _SA_INIT:
        return None
    return Message(version, tuple(_walk(first, datagram[HEADER:])))


def _walk(kind: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    for _ in range(_MOST_PAYLOADS):
        if not kind or len(data) < 4:
            return
        size = int.from_bytes(data[2:4], "big")
        if not 4 <= size <= len(data):
            return
        yield kind, data[4:size]
        kind, data = data[0], data[size:]


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the versions that were answered, and whose vendor ids came."""
    if echoes(exchanges):
        return ECHO
    heard = [
        message
        for exchange in exchanges
        if exchange.direction is Direction.RECEIVED
        and (message := message_of(exchange.data)) is not None
    ]
    if not heard:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {
        "ike_versions": [str(each) for each in sorted({one.version for one in heard})],
        "proposal_accepted": any(
            kind in (_V1_SA, _V2_SA) for one in heard for kind, _ in one.payloads
        ),
    }
    return Parsed(Outcome.IDENTIFIED, "L1", facts | _vendor(heard))


def _vendor(heard: Sequence[Message]) -> dict[str, Fact]:
    ids = [
        content.hex()[:128]
        for one in heard
        for kind, content in one.payloads
        if kind in (_V1_VENDOR, _V2_VENDOR)
    ]
    ids = list(dict.fromkeys(ids))[:_MOST_VENDOR_IDS]
    facts: dict[str, Fact] = {"vendor_ids": [*ids]} if ids else {}
    for each in ids:
        for beginning, (vendor, product) in VENDOR_IDS.items():
            if each.startswith(beginning):
                return facts | {"vendor": vendor, "product": product}
    return facts


PROBE = Probe(
    name="ike",
    version=1,
    ports=(500,),
    is_ot=False,
    messages=(HELLO_V2, HELLO_V1),
    run=run,
    parse=parse,
    transport="udp",
)
