"""Moxa serial device servers: is there one?

Source: the vendor's search over UDP port 4800, as public scanners describe it (function
01 in a message of eight bytes; the answer has the vendor's MAC address in it). Tested on
recordings only: no device was at hand, and the meaning of the other bytes is not public.
"""

from collections.abc import Sequence

from exposure.probes.base import Exchange, Fact, Parsed, Probe, Target
from exposure.probes.datagrams import read_answers
from exposure.probes.dialer import Dialer

SEARCH = bytes.fromhex("0100000800000000")
_ANSWER_BYTES, _FUNCTION, _MAC_AT = 24, 0x81, 14
_MOXA = bytes.fromhex("0090e8")


async def run(target: Target, *, dialer: Dialer) -> None:
    """Send the search, to this one address and never to a whole network."""
    async with dialer.datagrams(target) as line:
        await line.ask(SEARCH, answers=_is_answer)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return vendor and MAC address."""
    return read_answers(exchanges, _facts)


def _facts(datagram: bytes) -> dict[str, Fact]:
    if not _is_answer(datagram):
        return {}
    mac = datagram[_MAC_AT : _MAC_AT + 6].hex(":")
    return {"vendor": "Moxa", "product": "device server", "mac": mac}


def _is_answer(datagram: bytes) -> bool:
    return (
        len(datagram) == _ANSWER_BYTES
        and datagram[0] == _FUNCTION
        and datagram[_MAC_AT : _MAC_AT + 3] == _MOXA
    )


PROBE = Probe(
    name="moxa",
    version=1,
    ports=(4800,),
    is_ot=True,
    messages=(SEARCH,),
    run=run,
    parse=parse,
    transport="udp",
)
