"""SSH: read the version and the algorithms on offer, then leave.

Source: RFC 4253, 4.2 and 7.1. No key exchange is begun and no sign-in is tried.
"""

from collections.abc import Sequence

from exposure.probes.base import (
    IT_CAPS,
    Direction,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible

GREETING = b"SSH-2.0-exposure-check\r\n"
LONGEST_LINE = 1024
MOST_LINES = 20
KEY_EXCHANGE = 20
# The first five lists of the packet that matter; the rest repeats them backwards.
LISTS = {0: "key_exchange", 1: "host_keys", 2: "ciphers", 4: "macs"}
MOST_ALGORITHMS = 40


async def run(target: Target, *, dialer: Dialer) -> None:
    """Read the server's version line, send ours, read its list of algorithms."""
    async with dialer.connect(target) as line:
        for _ in range(MOST_LINES):
            if (await line.line(LONGEST_LINE)).startswith(b"SSH-"):
                break
        else:
            return
        await line.send(GREETING)
        await line.frame(4, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return 4 + int.from_bytes(header)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the version line and the algorithms."""
    heard = b"".join(e.data for e in exchanges if e.direction is Direction.RECEIVED)
    start = 0 if heard.startswith(b"SSH-") else heard.find(b"\nSSH-") + 1
    if not heard[start:].startswith(b"SSH-"):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    banner, _, packet = heard[start:].partition(b"\n")
    facts: dict[str, Fact] = {"banner": visible(banner.rstrip(b"\r"))}
    software = banner.rstrip(b"\r").split(b"-", 2)[-1]
    facts["product"] = visible(software.split(b" ")[0])
    return Parsed(Outcome.IDENTIFIED, "L1", facts | _algorithms(packet))


def _algorithms(packet: bytes) -> dict[str, Fact]:
    # Length 4, padding length 1, message number 1, cookie 16, then ten lists.
    if len(packet) < 22 or packet[5] != KEY_EXCHANGE:
        return {}
    found: dict[str, Fact] = {}
    rest = packet[22:]
    for index in range(max(LISTS) + 1):
        size = int.from_bytes(rest[:4])
        if len(rest) < 4 + size:
            break
        if index in LISTS:
            names = rest[4 : 4 + size].split(b",", MOST_ALGORITHMS)
            found[LISTS[index]] = [
                visible(n, limit=80) for n in names[:MOST_ALGORITHMS]
            ]
        rest = rest[4 + size :]
    return found


PROBE = Probe(
    name="ssh",
    version=1,
    ports=(22,),
    is_ot=False,
    messages=(GREETING,),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
