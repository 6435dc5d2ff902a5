"""Microsoft SQL Server: the prelogin message, which asks version and encryption.

Source: MS-TDS 2.2.6.5 and 2.2.3.1. It precedes every sign-in and holds none.
"""

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

# Header, then the options version and encryption (0: off unless the server insists).
PRELOGIN = bytes.fromhex(
    "1201001a00000100"  # prelogin, last packet, 26 bytes, packet 1
    "00000b0006"  # version: offset 11, 6 bytes
    "0100110001"  # encryption: offset 17, 1 byte
    "ff"
    "000000000000"
    "00"
)
ANSWER, LAST = 4, 1
HEADER = 8
VERSION, ENCRYPTION, TERMINATOR = 0, 1, 0xFF
ENCRYPTIONS = {
    0: "off",
    1: "on",
    2: "not supported",
    3: "required",
}
# Major versions as Microsoft's build lists name them.
NAMES = {
    8: "2000",
    9: "2005",
    10: "2008",
    11: "2012",
    12: "2014",
    13: "2016",
    14: "2017",
    15: "2019",
    16: "2022",
    17: "2025",
}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask once."""
    async with dialer.connect(target) as line:
        await line.send(PRELOGIN)
        await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return int.from_bytes(header[2:4])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the version, and whether the session is encrypted beyond the sign-in."""
    answer = {turn.sent: turn.received for turn in turns(exchanges)}.get(PRELOGIN, b"")
    if len(answer) < HEADER + 6 or answer[0] != ANSWER or answer[1] != LAST:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    options = _options(answer[HEADER : _frame_size(answer)])
    version, encryption = options.get(VERSION, b""), options.get(ENCRYPTION, b"")
    if len(version) < 4:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    build = int.from_bytes(version[2:4])
    facts: dict[str, Fact] = {
        "vendor": "Microsoft",
        "product": f"SQL Server {NAMES.get(version[0], '')}".strip(),
        "version": f"{version[0]}.{version[1]}.{build}",
    }
    if encryption:
        kind = encryption[0]
        facts["encryption"] = ENCRYPTIONS.get(kind, str(kind))
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _options(body: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for at in range(0, len(body) - 4, 5):
        kind = body[at]
        if kind == TERMINATOR:
            break
        start = int.from_bytes(body[at + 1 : at + 3])
        size = int.from_bytes(body[at + 3 : at + 5])
        found[kind] = body[start : start + size]
    return found


PROBE = Probe(
    name="mssql",
    version=1,
    ports=(1433,),
    is_ot=False,
    messages=(PRELOGIN,),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
