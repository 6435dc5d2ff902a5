"""VNC: repeat the server's version, read its security types, stop.

Source: RFC 6143, 7.1. The session is not opened: that could throw out the operator.
"""

from collections.abc import Sequence

from exposure.probes.base import (
    IT_CAPS,
    Direction,
    Exchange,
    Fact,
    Level,
    Outcome,
    Parsed,
    Probe,
    Target,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible

VERSIONS = (b"RFB 003.003\n", b"RFB 003.007\n", b"RFB 003.008\n")
NO_AUTHENTICATION = 1
GREETING = 12


async def run(target: Target, *, dialer: Dialer) -> None:
    """Read the version, answer with the newest both speak, read the types."""
    async with dialer.connect(target) as line:
        greeting = await line.exactly(GREETING)
        if not greeting.startswith(b"RFB "):
            return
        chosen = _chosen(greeting)
        await line.send(chosen)
        if chosen == VERSIONS[0]:
            await line.exactly(4)
        else:
            await line.exactly((await line.exactly(1))[0])


def _chosen(greeting: bytes) -> bytes:
    return max((v for v in VERSIONS if v <= greeting), default=VERSIONS[0])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the version and the security types; type 1 is no authentication."""
    heard = b"".join(e.data for e in exchanges if e.direction is Direction.RECEIVED)
    greeting, rest = heard[:GREETING], heard[GREETING:]
    if len(greeting) < GREETING or not greeting.startswith(b"RFB "):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"version": visible(greeting[4:11])}
    types = _types(_chosen(greeting), rest)
    if types:
        facts["security_types"] = [*types]
    level: Level = "L2" if NO_AUTHENTICATION in types else "L1"
    return Parsed(Outcome.IDENTIFIED, level, facts)


def _types(chosen: bytes, rest: bytes) -> list[int]:
    if chosen == VERSIONS[0]:
        kind = int.from_bytes(rest[:4])
        return [kind] if len(rest) >= 4 and kind else []
    # A count of zero announces a refusal in words instead of types.
    return list(rest[1 : 1 + rest[0]]) if rest and len(rest) > rest[0] else []


PROBE = Probe(
    name="vnc",
    version=1,
    ports=(5900, 5901, 5902, 5903),
    is_ot=False,
    messages=VERSIONS,
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
