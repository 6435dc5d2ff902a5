"""Oracle: ask the listener for its version, and read what it answers or refuses.

Source: the TNS connect packet as Wireshark's dissector and public scanners describe it.
No service is named and no sign-in begun; a listener since 10g refuses, and its refusal
holds the version. Tested on recordings only.
"""

import re
from collections.abc import Sequence

from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible

_COMMAND = b"(CONNECT_DATA=(COMMAND=version))"
# Type 1 (connect), TNS version 312 down to 300, the command at offset 58.
_HEAD = bytes.fromhex(
    "0000" + "01000000" + "0138" + "012c" + "0000" + "0800" + "7fff" + "7f08" + "0000"
)
_HEAD += bytes.fromhex("0001") + len(_COMMAND).to_bytes(2) + bytes.fromhex("003a")
_HEAD += bytes.fromhex("00000000" + "0000") + bytes(24)
ASK_VERSION = (2 + len(_HEAD) + len(_COMMAND)).to_bytes(2) + _HEAD + _COMMAND

HEADER = 8
ACCEPTED, REFUSED, REDIRECTED, RESEND = 2, 4, 5, 11
KINDS = {
    ACCEPTED: "accepted",
    REFUSED: "refused",
    REDIRECTED: "redirected",
    RESEND: "asked to repeat",
}
_NUMBER = re.compile(rb"VSNNUM=(\d{1,10})")
_ERROR = re.compile(rb"ERR=(\d{1,6})")


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask once."""
    async with dialer.connect(target) as line:
        await line.send(ASK_VERSION)
        await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return int.from_bytes(header[:2])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the listener's version, if its answer holds it."""
    turn = {each.sent: each.received for each in turns(exchanges)}
    answer = turn.get(ASK_VERSION, b"")
    if len(answer) < HEADER or answer[4] not in KINDS or any(answer[2:4]):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    if _frame_size(answer) != len(answer):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {
        "vendor": "Oracle",
        "product": "TNS listener",
        "answer": KINDS[answer[4]],
    }
    if number := _NUMBER.search(answer):
        facts["version"] = _version(int(number[1]))
    if error := _ERROR.search(answer):
        facts["error"] = visible(error[1])
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _version(number: int) -> str:
    """Return the five parts that a version number packs into 32 bits.

    >>> _version(318767104), _version(186647552)
    ('19.0.0.0.0', '11.2.0.4.0')
    """
    if number >> 24 >= 18:  # since 18c: 8, 8, 4, 8 and 4 bits
        parts = (24, 0xFF), (16, 0xFF), (12, 0xF), (4, 0xFF), (0, 0xF)
    else:
        parts = (24, 0xFF), (20, 0xF), (12, 0xFF), (8, 0xF), (0, 0xFF)
    return ".".join(str(number >> shift & mask) for shift, mask in parts)


PROBE = Probe(
    name="oracle",
    version=1,
    ports=(1521,),
    is_ot=False,
    messages=(ASK_VERSION,),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
