"""DNP3: ask a few usual addresses for their link status, then read the device's name.

Source: IEEE 1815-2012, 9.2 (link layer), 4.2 (application layer), A.2 (group 0, the
device attributes). Classes 1 to 3 are never read: an event that was handed to us and
confirmed would be missing in the control centre.
"""

from collections.abc import Iterator, Sequence

from exposure.probes.base import (
    ECHO,
    Caps,
    Exchange,
    Fact,
    Level,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
    heard,
)
from exposure.probes.dialer import Dialer
from exposure.probes.dnp3_codec import HEADER, START, Frame, frame, frames, size
from exposure.probes.line import Line
from exposure.probes.text import label

# The usual addresses of an outstation; the last asks a device to tell its own.
ADDRESSES = (1, 10, 4, 0, 1024, 3, 2, 100, 0xFFFC)
OUR_ADDRESS = 1
REQUEST_STATUS, UNCONFIRMED_DATA = 0xC9, 0xC4
# First and final fragment, sequence 0, function READ, group 0 variation 254, all.
READ = bytes.fromhex("c0c00100fe06")
ASK_STATUS = {
    address: frame(REQUEST_STATUS, destination=address, source=OUR_ADDRESS)
    for address in ADDRESSES
}

MOST_CONNECTIONS = 3
MOST_FRAMES = 16
FINAL, RESPONSE = 0x80, 0x81
TEXT = 1
ATTRIBUTES = {
    242: "version",
    243: "hardware",
    245: "location",
    247: "name",
    248: "serial",
    250: "product",
    252: "vendor",
}


def read_attributes(address: int) -> bytes:
    """Return the read of the device attributes from one outstation."""
    return frame(UNCONFIRMED_DATA, destination=address, source=OUR_ADDRESS, user=READ)


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask one address after the other until one answers; read its attributes.

    All on one connection, unless the service hangs up on an address it does not have.
    """
    left = iter(ADDRESSES)
    for _ in range(MOST_CONNECTIONS):
        async with dialer.connect(target) as line:
            try:
                outstation = await _find(line, left)
            except EOFError:
                continue
            if outstation is not None:
                await _read(line, outstation)
            return


async def _find(line: Line, addresses: Iterator[int]) -> int | None:
    """Return the address of the first outstation that answers."""
    for address in addresses:
        await line.send(ASK_STATUS[address])
        try:
            data = await line.frame(HEADER, size=size)
        except TimeoutError:
            continue  # nobody has this address
        for answer in frames(data):
            return answer.source
        return None
    return None


async def _read(line: Line, outstation: int) -> None:
    await line.send(read_attributes(outstation))
    begun = False
    for _ in range(MOST_FRAMES):
        for answer in frames(await line.frame(HEADER, size=size)):
            begun = begun or _is_response(answer)
            if begun and answer.user[:1] and answer.user[0] & FINAL:
                return


def _is_response(answer: Frame) -> bool:
    # A transport octet, the application control, then the function.
    return len(answer.user) >= 5 and answer.user[2] == RESPONSE


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the outstation's address and what it told about itself."""
    if echoes(exchanges):
        return ECHO
    data = heard(exchanges)
    answers = [each for each in frames(data) if each.is_from_outstation]
    if not answers:
        if data.startswith(START) and len(data) >= HEADER:
            reason = "It speaks DNP3 with wrong check sums or as a master."
            return Parsed(Outcome.ANOMALY, "", {"anomaly": reason})
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"outstation": answers[0].source}
    level: Level = "L1"
    application = _application(answers)
    if application:
        level = "L2"
        facts["read_answered"] = True
        facts["indications"] = application[2:4].hex()
        facts |= _attributes(application[4:])
    facts.setdefault("product", f"outstation {answers[0].source}")
    return Parsed(Outcome.IDENTIFIED, level, facts)


def _application(answers: list[Frame]) -> bytes:
    """Return the response of the application layer, put together; b"" without one."""
    found = b""
    for answer in answers:
        if not found and not _is_response(answer):
            continue
        found += answer.user[1:]
        if answer.user[:1] and answer.user[0] & FINAL:
            break
    return found


def _attributes(objects: bytes) -> dict[str, Fact]:
    """Return the attributes that are text: group 0, one index, kind, size, value."""
    found: dict[str, Fact] = {}
    while len(objects) >= 7 and objects[0] == 0 and objects[2] == 0:
        variation, kind, length = objects[1], objects[5], objects[6]
        value = objects[7 : 7 + length]
        if variation in ATTRIBUTES and kind == TEXT and label(value):
            found[ATTRIBUTES[variation]] = label(value)
        objects = objects[7 + length :]
    return found


PROBE = Probe(
    name="dnp3",
    version=1,
    ports=(20000,),
    is_ot=True,
    messages=(*ASK_STATUS.values(), read_attributes(ADDRESSES[0])),
    run=run,
    parse=parse,
    # Nine addresses, most of them silent, have to fit into one probe.
    caps=Caps(read_seconds=1.3),
)
