"""MySQL and MariaDB: read the greeting and leave. Nothing is sent.

Source: the handshake packet (protocol version 10) of the MySQL Internals manual and of
MariaDB's knowledge base.
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

HEADER = 4
PROTOCOL, REFUSED = 10, 0xFF
CLIENT_SSL = 0x0800
# Servers with a replication prefix say 5.5.5- before MariaDB's own version.
PREFIX = b"5.5.5-"


async def run(target: Target, *, dialer: Dialer) -> None:
    """Read one packet."""
    async with dialer.connect(target) as line:
        await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return HEADER + int.from_bytes(header[:3], "little")


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return product, version and whether TLS is on offer."""
    heard = b"".join(e.data for e in exchanges if e.direction is Direction.RECEIVED)
    size = _frame_size(heard[:HEADER].ljust(HEADER, b"\0"))
    packet = heard[HEADER:size]
    if len(heard) < size or len(packet) < 5 or heard[3] != 0:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    if packet[0] == REFUSED:
        return _refusal(packet)
    if packet[0] != PROTOCOL or b"\0" not in packet:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    version, _, rest = packet[1:].partition(b"\0")
    # Thread id 4, half of the salt 8, a zero, then the lower half of the abilities.
    if len(rest) < 15:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    maria = b"mariadb" in version.lower()
    facts: dict[str, Fact] = {
        "product": "MariaDB" if maria else "MySQL",
        "version": visible(version.removeprefix(PREFIX), limit=80),
        "tls_offered": bool(int.from_bytes(rest[13:15], "little") & CLIENT_SSL),
        "refused": False,
    }
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _refusal(packet: bytes) -> Parsed:
    # Error number 2, then a sentence: the server takes no client from our address.
    text = packet[3:]
    if not text.isascii() or (not text[:1].isalnum() and text[:1] != b"#"):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {
        "product": "MariaDB" if b"mariadb" in text.lower() else "MySQL or MariaDB",
        "refusal": visible(text),
        "error": int.from_bytes(packet[1:3], "little"),
        "refused": True,
    }
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


PROBE = Probe(
    name="mysql",
    version=1,
    ports=(3306,),
    is_ot=False,
    messages=(),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
