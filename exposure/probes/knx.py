"""KNXnet/IP: what a gateway to a building bus says it is and offers.

Source: EN 13321-2, KNX specification 03_08_02 (description request and response).
Tested on recordings only: the answers were built by the xknx library from its own
classes; no KNX gateway was at hand.
"""

from collections.abc import Iterator, Sequence

from exposure.probes.base import Exchange, Fact, Parsed, Probe, Target
from exposure.probes.datagrams import read_answers
from exposure.probes.dialer import Dialer
from exposure.probes.text import label

# Answer to where this came from: address and port are zero, as behind a router.
DESCRIBE = bytes.fromhex("06100203000e0801000000000000")
DESCRIPTION = bytes.fromhex("06100204")
FAMILIES = {
    2: "core",
    3: "device management",
    4: "tunnelling",
    5: "routing",
    6: "remote logging",
    7: "remote configuration",
    8: "object server",
    9: "security",
}
TUNNELLING = 4
_DEVICE, _SERVICES, _SECURED = 0x01, 0x02, 0x06


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask for the description. No tunnel, no telegram on the bus."""
    async with dialer.datagrams(target) as line:
        await line.ask(DESCRIBE, answers=lambda data: data[:4] == DESCRIPTION)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return name, place on the bus, serial number and the services on offer."""
    return read_answers(exchanges, _description)


def _description(datagram: bytes) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    if datagram[:4] != DESCRIPTION:
        return facts
    for kind, block in _blocks(datagram[6:]):
        if kind == _DEVICE and len(block) >= 52:
            facts |= _device(block)
        elif kind == _SERVICES:
            families = _families(block)
            facts["services"] = [
                f"{FAMILIES.get(number, f'family {number}')} {version}"
                for number, version in families
            ]
            facts["tunnelling"] = TUNNELLING in dict(families)
        elif kind == _SECURED:
            facts["tunnelling_secured"] = dict(_families(block)).get(TUNNELLING, 0) > 0
    return facts


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 2 and 2 <= data[0] <= len(data):
        yield data[1], data[2 : data[0]]
        data = data[data[0] :]


def _device(block: bytes) -> dict[str, Fact]:
    place = int.from_bytes(block[2:4], "big")
    return {
        "product": label(block[22:52]),
        "bus_address": f"{place >> 12}.{place >> 8 & 0x0F}.{place & 0xFF}",
        "programming_mode": bool(block[1] & 1),
        "serial": block[6:12].hex(),
        "mac": block[16:22].hex(":"),
    }


def _families(block: bytes) -> list[tuple[int, int]]:
    return list(zip(block[::2], block[1::2], strict=False))


PROBE = Probe(
    name="knx",
    version=1,
    ports=(3671,),
    is_ot=True,
    messages=(DESCRIBE,),
    run=run,
    parse=parse,
    transport="udp",
)
