"""EtherNet/IP: list the identity, then read it once more over an explicit message.

Source: ODVA, The CIP Networks Library, volume 2, chapter 2.
"""

import struct
from collections.abc import Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Level,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Line
from exposure.probes.text import label

LIST_IDENTITY = bytes.fromhex("6300") + bytes(22)
REGISTER = bytes.fromhex("65000400") + bytes(20) + bytes.fromhex("01000000")
# Get_Attributes_All (service 1) of class 1, instance 1: the identity object.
GET_IDENTITY = bytes.fromhex("010220012401")
_ITEMS = bytes.fromhex("00000000050002000000 0000b2000600") + GET_IDENTITY

SEND_DATA, UNREGISTER = 0x006F, 0x0066
HEADER = 24
VENDORS = {
    1: "Rockwell Automation",
    47: "Omron",
    90: "HMS",
    243: "Schneider Electric",
}


def send_identity_request(session: bytes) -> bytes:
    """Return the explicit message in a session; `session` is 4 bytes from the device."""
    return struct.pack("<HH", SEND_DATA, len(_ITEMS)) + session + bytes(16) + _ITEMS


def unregister(session: bytes) -> bytes:
    """Return the message that ends a session; it has no answer."""
    return struct.pack("<HH", UNREGISTER, 0) + session + bytes(16)


async def run(target: Target, *, dialer: Dialer) -> None:
    """List the identity; if it is one, open a session, read, close the session."""
    async with dialer.connect(target) as line:
        if not _identity(await _ask(line, LIST_IDENTITY)):
            return
        session = _session(await _ask(line, REGISTER))
        if session:
            try:
                await _ask(line, send_identity_request(session))
            finally:
                await line.send(unregister(session))


async def run_udp(target: Target, *, dialer: Dialer) -> None:
    """List the identity. A session exists over TCP only, so nothing more is read."""
    async with dialer.datagrams(target) as line:
        await line.ask(LIST_IDENTITY, answers=lambda data: bool(_identity(data)))


async def _ask(line: Line, message: bytes) -> bytes:
    await line.send(message)
    return await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return HEADER + int.from_bytes(header[2:4], "little")


def _session(answer: bytes) -> bytes:
    accepted = answer[:2] == REGISTER[:2] and answer[8:12] == bytes(4)
    return answer[4:8] if accepted else b""


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the identity and whether an explicit message was carried out."""
    if echoes(exchanges):
        return ECHO
    level: Level = "L1"
    facts: dict[str, Fact] = {}
    for turn in turns(exchanges):
        if turn.sent == LIST_IDENTITY:
            facts |= _identity(turn.received)
        elif turn.sent[:2] == struct.pack("<H", SEND_DATA):
            facts |= _status(turn.received)
    if not facts:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    if facts.get("cip_status") == 0:
        level = "L3"
    return Parsed(Outcome.IDENTIFIED, level, facts)


def _identity(answer: bytes) -> dict[str, Fact]:
    # One item of type 0C: 2 bytes version, 16 bytes socket address, then identity.
    if (
        len(answer) < 63
        or answer[:2] != LIST_IDENTITY[:2]
        or answer[26:28] != b"\x0c\0"
    ):
        return {}
    vendor, kind, code, major, minor, _, serial, size = struct.unpack(
        "<HHHBBHIB", answer[48:63]
    )
    return {
        "vendor": VENDORS.get(vendor, f"vendor {vendor}"),
        "vendor_id": vendor,
        "device_type": kind,
        "product_code": code,
        "product": label(answer[63 : 63 + size]),
        "version": f"{major}.{minor:03}",
        "serial": f"{serial:08x}",
    }


def _status(answer: bytes) -> dict[str, Fact]:
    # Header, 6 bytes, item count, null item, data item: then the CIP answer itself.
    if len(answer) < 44 or answer[8:12] != bytes(4):
        return {}
    return {"cip_status": answer[42]}


PROBE = Probe(
    name="enip",
    version=1,
    ports=(44818,),
    is_ot=True,
    messages=(
        LIST_IDENTITY,
        REGISTER,
        send_identity_request(b"\1\0\0\0"),
        unregister(b"\1\0\0\0"),
    ),
    run=run,
    parse=parse,
)
PROBE_UDP = Probe(
    name="enip-udp",
    version=1,
    ports=(44818,),
    is_ot=True,
    messages=(LIST_IDENTITY,),
    run=run_udp,
    parse=parse,
    transport="udp",
)
