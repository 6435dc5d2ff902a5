"""BACnet/IP: read who a device is, property by property.

Source: ANSI/ASHRAE 135, clause 15.5 (ReadProperty), 16.10 (Who-Is), annex J.4 (BDT).
"""

from collections.abc import Sequence

from exposure.probes import bacnet_codec as codec
from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Level,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
)
from exposure.probes.datagrams import (
    Asked,
    Datagrams,
    Unanswered,
    asked,
)
from exposure.probes.dialer import Dialer

OBJECT_IDENTIFIER = 0x4B
PROPERTIES = {
    0x79: "vendor",
    0x78: "vendor_id",
    0x46: "product",
    0x2C: "version",
    0x0C: "application_version",
    0x4D: "name",
    0x3A: "location",
}
WHICH_DEVICE = codec.read_property(codec.ANY_DEVICE, OBJECT_IDENTIFIER)


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask which device it is, then read its properties one after the other.

    A device may refuse the instance that stands for any device; then it is asked who it
    is, alone and by name of nobody else. A property that is not answered ends the
    reading of more.
    """
    async with dialer.datagrams(target) as line:
        device = await _which_device(line)
        if not device:
            return
        for number in PROPERTIES:
            message = codec.read_property(device, number)
            await line.ask(message, answers=codec.answers_read(number))
        await line.ask(
            codec.READ_BROADCAST_TABLE, answers=codec.is_broadcast_table, tries=1
        )


async def _which_device(line: Datagrams) -> bytes:
    answers = codec.answers_read(OBJECT_IDENTIFIER)
    answer = await line.ask(WHICH_DEVICE, answers=answers)
    if device := codec.device_of(answer, OBJECT_IDENTIFIER):
        return device
    try:
        return codec.announced(await line.ask(codec.WHO_IS, answers=codec.is_i_am))
    except Unanswered:  # it may have announced itself to its whole network instead
        return b""


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the device's own words about itself, and whether anyone may read them."""
    if echoes(exchanges):
        return ECHO
    facts: dict[str, Fact] = {}
    spoke = False
    read = 0
    for question in asked(exchanges):
        for datagram in question.received:
            spoke = spoke or codec.application(datagram) is not None
            facts |= _entries(datagram) | _device(question, datagram)
            for number, name in PROPERTIES.items():
                value = codec.value_of(datagram, number)
                if isinstance(value, str | int) and name not in facts:
                    facts[name] = value
                    read += 1
    if not spoke:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts["properties_read"] = read
    level: Level = "L3" if read else "L1"
    return Parsed(Outcome.IDENTIFIED, level, facts)


def _device(question: Asked, datagram: bytes) -> dict[str, Fact]:
    device = codec.announced(datagram)
    if question.sent == WHICH_DEVICE:
        device = device or codec.device_of(datagram, OBJECT_IDENTIFIER)
    return {"device_instance": codec.instance_of(device)} if device else {}


def _entries(datagram: bytes) -> dict[str, Fact]:
    entries = codec.broadcast_entries(datagram)
    return {} if entries is None else {"broadcast_table_entries": entries}


PROBE = Probe(
    name="bacnet",
    version=1,
    ports=(47808,),
    is_ot=True,
    messages=(
        WHICH_DEVICE,
        codec.WHO_IS,
        *(codec.read_property(b"\x02\0\0\1", number) for number in PROPERTIES),
        codec.READ_BROADCAST_TABLE,
    ),
    run=run,
    parse=parse,
    transport="udp",
)
