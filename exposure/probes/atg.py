"""Tank gauge (Guardian AST, Veeder-Root): read the list of tanks (I20100).

Source: Veeder-Root 576013-635, function 201; published answers of gauges. Tested on
recordings only, made from that layout.
"""

import re
from collections.abc import Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Scalar,
    Target,
    echoes,
    heard,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible

READ_TANKS = b"\x01I20100\n"
END = b"\x03"
LONGEST = 16 * 1024
MOST_TANKS = 32
REFUSED = b"9999FF"
TANK = re.compile(rb"^ {0,3}(\d{1,2})  ?(\S.{0,19}?) {2,}[\d.-]+ ", re.MULTILINE)


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask for the list and read to its end mark."""
    async with dialer.connect(target) as line:
        await line.send(READ_TANKS)
        await line.until(END, LONGEST)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return how many tanks there are and what is in them; no levels are kept."""
    if echoes(exchanges):
        return ECHO
    answer = heard(exchanges).replace(b"\r", b"")
    facts: dict[str, Fact] = {"product": "tank gauge"}
    if answer.lstrip(b"\x01\n").startswith(REFUSED):
        return Parsed(Outcome.IDENTIFIED, "L1", facts | {"command_refused": True})
    head, found, table = answer[:LONGEST].partition(b"IN-TANK INVENTORY")
    if not found or b"I20100" not in head:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    tanks: list[Scalar] = [
        visible(match[2].strip(), limit=40) for match in TANK.finditer(table)
    ]
    facts |= {
        "tanks": len(tanks),
        "contents": tanks[:MOST_TANKS],
        "read_answered": True,
    }
    if station := _station(head):
        facts["station"] = station
    return Parsed(Outcome.IDENTIFIED, "L2", facts)


def _station(head: bytes) -> str:
    """Return the first line after the command and the date."""
    lines = [line.strip() for line in head.split(b"\n") if line.strip(b"\x01 \t")]
    return visible(lines[2]) if len(lines) > 2 else ""


PROBE = Probe(
    name="atg",
    version=1,
    ports=(10001,),
    is_ot=True,
    messages=(READ_TANKS,),
    run=run,
    parse=parse,
)
