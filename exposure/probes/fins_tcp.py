"""Omron FINS over TCP: take a node number, read model and version (command 05 01).

Source: Omron W342 (FINS commands, 5-3-7) and W421 (FINS/TCP, 7-4); public recordings of
a CP1L and a CJ2M. Tested on recordings only.
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
    echoes,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Line
from exposure.probes.text import label

MAGIC = b"FINS"
TAKE_NODE = MAGIC + bytes.fromhex("0000000c000000000000000000000000")
NODES_GIVEN, CARRIES_FINS = 1, 2
FRAME_HEADER, HEADER = 8, 16
SERVER_AT, SERVER_END = 23, 24
RESPONSES = (0xC0, 0xC1)
SERVICE = 5
READ_CONTROLLER = bytes.fromhex("0501")


def read_controller(server: bytes) -> bytes:
    """Return the read of the controller's data; `server` is its node, one byte."""
    return (
        MAGIC
        + bytes.fromhex("000000150000000200000000800002")
        + b"\0"
        + server
        + bytes.fromhex("000000ef")
        + bytes([SERVICE])
        + READ_CONTROLLER
        + b"\0"
    )


async def run(target: Target, *, dialer: Dialer) -> None:
    """Take a node number; if one was given, read the controller's data."""
    async with dialer.connect(target) as line:
        nodes = await _ask(line, TAKE_NODE)
        if len(nodes) >= SERVER_END and _kind(nodes) == (NODES_GIVEN, 0):
            await _ask(line, read_controller(nodes[SERVER_AT:SERVER_END]))


async def _ask(line: Line, message: bytes) -> bytes:
    await line.send(message)
    return await line.frame(FRAME_HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    if not header.startswith(MAGIC):
        return 0
    return FRAME_HEADER + int.from_bytes(header[4:8])


def _kind(frame: bytes) -> tuple[int, int]:
    """Return command and error of the frame around FINS."""
    return int.from_bytes(frame[8:12]), int.from_bytes(frame[12:16])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return model and version, or the code with which the controller refused."""
    if echoes(exchanges):
        return ECHO
    answers = [turn.received for turn in turns(exchanges) if turn.sent]
    if not answers or not answers[0].startswith(MAGIC) or len(answers[0]) < HEADER:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {
        "vendor": "Omron",
        "connection_error": _kind(answers[0])[1],
    }
    data = answers[1][HEADER:] if len(answers) > 1 else b""
    if len(data) < 14 or _kind(answers[1]) != (CARRIES_FINS, 0):
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    if data[0] not in RESPONSES or data[9] != SERVICE or data[10:12] != READ_CONTROLLER:
        facts["anomaly"] = "It answered a question that was not asked."
        return Parsed(Outcome.ANOMALY, "L1", facts)
    facts["end_code"] = data[12:14].hex()
    # The upper bits of the second byte report alarms of the CPU, not a refusal.
    if data[12] or data[13] & 0x3F or not label(data[14:34]):
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    facts |= {
        "product": label(data[14:34]),
        "version": label(data[34:54]),
        "read_answered": True,
    }
    return Parsed(Outcome.IDENTIFIED, "L2", facts)


PROBE = Probe(
    name="fins",
    version=1,
    ports=(9600,),
    is_ot=True,
    messages=(TAKE_NODE, read_controller(b"\5")),
    run=run,
    parse=parse,
)
