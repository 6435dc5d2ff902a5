"""The frame around S7 and MMS: TPKT with the ISO transport inside.

Source: RFC 1006, RFC 905.
"""

from exposure.probes.base import Outcome
from exposure.probes.line import Line

VERSION = b"\3\0"
CONFIRMED, REFUSED = 0xD0, 0x80
HEADER = 4


async def ask(line: Line, message: bytes) -> bytes:
    """Send one message and read one frame."""
    await line.send(message)
    return await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return int.from_bytes(header[2:4])


def is_confirmed(answer: bytes) -> bool:
    """Say whether the other side took the connection."""
    return answer[5:6] == bytes([CONFIRMED])


def stranger(heard: bytes) -> Outcome:
    """Return how a conversation ended in which the expected protocol was not heard.

    A device that is busy refuses the transport, or takes it and says no more. That is
    no answer, and must not pass for another service on the port.
    """
    while len(heard) > HEADER + 1 and heard[:2] == VERSION:
        if heard[5] not in (CONFIRMED, REFUSED):
            break
        heard = heard[max(HEADER, _frame_size(heard)) :]
    return Outcome.OTHER_PROTOCOL if heard else Outcome.SILENT
