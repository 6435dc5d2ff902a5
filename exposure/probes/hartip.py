"""HART-IP: open a session as secondary master, read the identity (command 0), close it.

A gateway has few sessions, and ours takes one for a moment. So it is opened only with
the written consent "hartip_session", and ends by itself after ten seconds.

Source: FieldComm Group, HART-IP (HCF_SPEC-085) and command 0 (HCF_SPEC-127); header
bytes from the public recording of CISA's icsnpp-hart-ip. Tested on recordings only,
made from those layouts.
"""

from collections.abc import Iterator, Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
    heard,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Line

CONSENT = "hartip_session"
OPEN = bytes.fromhex("010000000001000d0000002710")
READ_IDENTITY = bytes.fromhex("010003000002000d0280000082")
CLOSE = bytes.fromhex("0100010000030008")

HEADER = 8
VERSION, ANSWER, ERROR = 1, 1, 15
SESSION, TOKEN = 0, 3
NUMBERS = {SESSION: OPEN[4:6], TOKEN: READ_IDENTITY[4:6]}
OPENED, OPENED_WITH_CHANGES = 0, 8
LONG_ADDRESS, ACKNOWLEDGE = 0x80, 0x06
MANUFACTURERS = {
    0x11: "Endress+Hauser",
    0x1A: "ABB",
    0x26: "Rosemount",
    0x2A: "Siemens",
}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Open a session; if it was granted, read the identity and close it."""
    async with dialer.connect(target) as line:
        opened = await _ask(line, OPEN)
        if opened[1] != ANSWER or opened[3] not in (OPENED, OPENED_WITH_CHANGES):
            return
        try:
            await _ask(line, READ_IDENTITY)
        finally:
            await line.send(CLOSE)


async def _ask(line: Line, message: bytes) -> bytes:
    await line.send(message)
    return await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return int.from_bytes(header[6:8]) if header[0] in (1, 2) else 0


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return maker, type and revision of the device, or that no session was free."""
    if echoes(exchanges):
        return ECHO
    messages = list(_messages(heard(exchanges)))
    opened = next((each for each in messages if each[2] == SESSION), b"")
    if not opened:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"session_status": opened[3]}
    if any(each[4:6] != NUMBERS.get(each[2], each[4:6]) for each in messages):
        facts["anomaly"] = "It answered a question that was not asked."
        return Parsed(Outcome.ANOMALY, "L1", facts)
    if opened[3] not in (OPENED, OPENED_WITH_CHANGES):
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    for each in messages:
        if each[2] == TOKEN and (found := _identity(each[HEADER:])):
            facts |= found
            return Parsed(Outcome.IDENTIFIED, "L2", facts)
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _messages(data: bytes) -> Iterator[bytes]:
    """Yield the whole answers; stop at anything else."""
    while len(data) >= HEADER and data[0] == VERSION and data[1] in (ANSWER, ERROR):
        size = _frame_size(data)
        if not HEADER <= size <= len(data):
            return
        yield data[:size]
        data = data[size:]


def _identity(pdu: bytes) -> dict[str, Fact]:
    """Return the answer to command 0 in a HART frame; {} when it is none.

    Delimiter, address (1 or 5 bytes), command, count, two bytes of status, data.
    """
    if not pdu or pdu[0] & 0x07 != ACKNOWLEDGE:
        return {}
    at = 6 if pdu[0] & LONG_ADDRESS else 2
    count = int.from_bytes(pdu[at + 1 : at + 2])
    data = pdu[at + 4 : at + 2 + count]
    if len(data) < 12 or pdu[at] != 0 or pdu[at + 2] & 0x7F or data[0] != 254:
        return {}
    # From revision 7 on the maker has two bytes of its own, near the end.
    maker = int.from_bytes(data[17:19]) if len(data) >= 19 else data[1]
    return {
        "vendor": MANUFACTURERS.get(maker, f"HART maker {maker}"),
        "product": f"device type {data[1:3].hex()}",
        "version": f"{data[5]}.{data[6]}",
        "hart_revision": data[4],
        "serial": data[9:12].hex(),
        "read_answered": True,
    }


PROBE = Probe(
    name="hartip",
    version=1,
    ports=(5094,),
    is_ot=True,
    messages=(OPEN, READ_IDENTITY, CLOSE),
    run=run,
    parse=parse,
    consent=CONSENT,
)
