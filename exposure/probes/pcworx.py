"""Phoenix Contact PCWorx: register as a reader and read type and firmware.

Source: public recordings of an ILC 151 and an ILC 191, and nmap's pcworx-info for the
places of the texts. Every frame tells its whole length in bytes 3 and 4. Tested on
recordings only.
"""

from collections.abc import Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    Turn,
    echoes,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Line
from exposure.probes.text import label

OPEN = bytes.fromhex("0101001a0000000078800003000c494245544830314e305f4d00")
ANSWER = 0x81
OPENED, REGISTERED, INFO = 0x01, 0x05, 0x06
SESSION_AT, SESSION_END = 17, 18
PLACES = {
    "product": 30,
    "version": 66,
    "firmware_date": 79,
    "firmware_time": 91,
    "order_number": 152,
}


def register(session: bytes) -> bytes:
    """Return the second message; `session` is one byte from the device."""
    return (
        bytes.fromhex("0105001600010000788000")
        + session
        + bytes.fromhex("00000006000402950000")
    )


def read_info(session: bytes) -> bytes:
    """Return the read of the device info."""
    return bytes.fromhex("0106000e00020000000000") + session + bytes.fromhex("0400")


async def run(target: Target, *, dialer: Dialer) -> None:
    """Open, register, read: each only after the one before was answered."""
    async with dialer.connect(target) as line:
        opened = await _ask(line, OPEN)
        session = opened[SESSION_AT:SESSION_END]
        if opened[0] != ANSWER or not session:
            return
        registered = await _ask(line, register(session))
        if registered[0] == ANSWER:
            await _ask(line, read_info(session))


async def _ask(line: Line, message: bytes) -> bytes:
    await line.send(message)
    return await line.frame(4, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return int.from_bytes(header[2:4])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return type, order number and firmware."""
    if echoes(exchanges):
        return ECHO
    answered = turns(exchanges)
    opened = next((t.received for t in answered if t.sent == OPEN), b"")
    if len(opened) < SESSION_END or opened[:2] != bytes([ANSWER, OPENED]):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"vendor": "Phoenix Contact"}
    if any(_answers_another(turn) for turn in answered):
        facts["anomaly"] = "It answered a question that was not asked."
        return Parsed(Outcome.ANOMALY, "L1", facts)
    info = next((t.received for t in answered if t.sent[1:2] == b"\x06"), b"")
    found = {name: label(info[at : at + 36]) for name, at in PLACES.items()}
    if not found["product"]:
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    facts |= {name: text for name, text in found.items() if text}
    facts["read_answered"] = True
    return Parsed(Outcome.IDENTIFIED, "L2", facts)


def _answers_another(turn: Turn) -> bool:
    """Say whether an answer belongs to another question than the one before it."""
    return turn.received[:1] == bytes([ANSWER]) and turn.received[1:2] != turn.sent[1:2]


PROBE = Probe(
    name="pcworx",
    version=1,
    ports=(1962,),
    is_ot=True,
    messages=(OPEN, register(b"\1"), read_info(b"\1")),
    run=run,
    parse=parse,
)
