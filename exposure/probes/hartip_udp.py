"""HART-IP over UDP: read which field device or gateway it is.

Source: FieldComm HART-IP (session and pass-through messages), HART command 0 (read
unique identifier). A session takes one of a gateway's few slots, so the customer must
allow it in writing. Tested on recordings only: the answers are laid out after the
specification and public samples; no device was at hand.
"""

from collections.abc import Callable, Sequence

from exposure.probes.base import Exchange, Fact, Parsed, Probe, Target
from exposure.probes.datagrams import read_answers
from exposure.probes.dialer import Dialer

CONSENT = "hartip_session"

# Version 1, a request; then message id, status, sequence number and length. The session
# is a secondary master's and ends by itself after 5 seconds without a word.
OPEN = bytes.fromhex("010000000001000d00" + "00001388")
READ_IDENTITY = bytes.fromhex("010003000002000d" + "0280000082")
CLOSE = bytes.fromhex("0100010000030008")

_RESPONSE = 1
_OPEN, _CLOSE, _PASS_THROUGH = 0, 1, 3
_HEADER = 8
_MARK = 0xFE  # what the first byte of command 0's data always is
VENDORS = {
    17: "Endress+Hauser",
    23: "Honeywell",
    26: "ABB",
    38: "Rosemount",
    55: "Yokogawa",
    176: "Phoenix Contact",
}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Open a session, read the identity, close the session whatever happened."""
    async with dialer.datagrams(target) as line:
        opened = await line.ask(OPEN, answers=_answers(_OPEN))
        if opened[3]:  # refused, with this status
            return
        try:
            await line.ask(READ_IDENTITY, answers=_answers(_PASS_THROUGH), tries=1)
        finally:
            await line.ask(CLOSE, answers=_answers(_CLOSE), tries=1)


def _answers(kind: int) -> Callable[[bytes], bool]:
    return lambda data: len(data) >= _HEADER and data[:3] == bytes([1, _RESPONSE, kind])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return maker, device type and revisions, or only that a session was offered."""
    return read_answers(
        exchanges,
        _facts,
        level_of=lambda facts: "L2" if "device_id" in facts else "L1",
    )


def _facts(datagram: bytes) -> dict[str, Fact]:
    if _answers(_OPEN)(datagram):
        return {"session_status": datagram[3]}
    return _identity(datagram[_HEADER:]) if _answers(_PASS_THROUGH)(datagram) else {}


def _identity(frame: bytes) -> dict[str, Fact]:
    """Return what the answer to command 0 says; {} for anything else."""
    # The delimiter's bit 7 means a long address; bits 5 and 6 count extra bytes.
    if not frame:
        return {}
    at = 1 + (5 if frame[0] & 0x80 else 1) + (frame[0] >> 5 & 3)
    if frame[at : at + 1] != b"\0" or len(frame) < at + 4 + 12:
        return {}
    data = frame[at + 4 :]
    if frame[at + 2] or data[0] != _MARK:
        return {}
    facts: dict[str, Fact] = {
        "device_type": int.from_bytes(data[1:3], "big"),
        "hart_revision": data[4],
        "device_revision": data[5],
        "version": f"{data[6]}",
        "device_id": data[9:12].hex(),
    }
    # Up to revision 6 the maker is the first half of the device type.
    maker = int.from_bytes(data[17:19], "big") if len(data) >= 19 else data[1]
    facts["vendor"] = VENDORS.get(maker, f"HART maker {maker}")
    facts["product"] = f"device type {facts['device_type']}"
    return facts


PROBE = Probe(
    name="hartip-udp",
    version=1,
    ports=(5094,),
    is_ot=True,
    messages=(OPEN, READ_IDENTITY, CLOSE),
    run=run,
    parse=parse,
    transport="udp",
    consent=CONSENT,
)
