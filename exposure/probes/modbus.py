"""Modbus/TCP: device identification (function 43/14) and one register (function 3).

Source: MODBUS Application Protocol V1.1b3, 6.3 and 6.21.
"""

from collections.abc import Iterator, Sequence

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
    heard,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Line
from exposure.probes.text import label

# The device itself, and the two usual addresses of a gateway's own unit.
UNITS = (1, 255, 0)
IDENTIFY = {u: bytes.fromhex(f"000100000005{u:02x}2b0e0100") for u in UNITS}
READ_ONE = {u: bytes.fromhex(f"000200000006{u:02x}0300000001") for u in UNITS}

FC_READ, FC_IDENTIFY, FAILED = 0x03, 0x2B, 0x80
BAD_ADDRESS, GATEWAY_FAULTS = 2, (10, 11)
LARGEST_FRAME = 260
FIELDS = {0: "vendor", 1: "order_number", 2: "version", 4: "product", 5: "model"}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask one unit after the other on one connection until one answers."""
    async with dialer.connect(target) as line:
        for unit in UNITS:
            identified = await _ask(line, IDENTIFY[unit])
            read = await _ask(line, READ_ONE[unit])
            if _is_from_a_device(identified) or _is_from_a_device(read):
                return


async def _ask(line: Line, message: bytes) -> bytes:
    await line.send(message)
    try:
        return await line.frame(6, size=_frame_size)
    except TimeoutError:
        return b""  # a unit that does not exist may stay silent


def _frame_size(header: bytes) -> int:
    return 6 + int.from_bytes(header[4:6])


def _is_from_a_device(frame: bytes) -> bool:
    if len(frame) < 9:
        return False
    return frame[7] < FAILED or frame[8] not in GATEWAY_FAULTS


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the first unit that answered, what it told and what it let us read."""
    frames = list(_frames(heard(exchanges)))
    if not frames:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    if echoes(exchanges):
        return ECHO
    facts: dict[str, Fact] = {}
    level: Level = "L1"
    for frame in frames:
        facts["unit"] = frame[6]
        facts |= _facts(frame)
        if _is_from_a_device(frame) and frame[7] & 0x7F == FC_READ:
            break
    if facts.get("read_answered"):
        level = "L2"
    if facts.get("registers_read") or facts.get("read_exception") == BAD_ADDRESS:
        level = "L3"
    return Parsed(Outcome.IDENTIFIED, level, facts)


def _frames(data: bytes) -> Iterator[bytes]:
    """Yield the well-formed answers to our two functions; stop at anything else."""
    while len(data) >= 9 and data[2:4] == b"\0\0":
        size = _frame_size(data[:6])
        if not 9 <= size <= min(len(data), LARGEST_FRAME):
            return
        if data[7] & 0x7F not in (FC_READ, FC_IDENTIFY):
            return
        yield data[:size]
        data = data[size:]


def _facts(frame: bytes) -> dict[str, Fact]:
    function, payload = frame[7], frame[8:]
    if function == FC_IDENTIFY:
        return {"read_answered": True, **_identity(payload)}
    if function == FC_READ:
        return {"read_answered": True, "registers_read": payload[0] // 2}
    kind = "read" if function & 0x7F == FC_READ else "identify"
    return {f"{kind}_exception": payload[0]}


def _identity(payload: bytes) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    rest = payload[6:]
    while len(rest) >= 2 and len(rest) >= 2 + rest[1]:
        code, size = rest[0], rest[1]
        if code in FIELDS and size:
            found[FIELDS[code]] = label(rest[2 : 2 + size])
        rest = rest[2 + size :]
    return found


PROBE = Probe(
    name="modbus",
    version=1,
    ports=(502,),
    is_ot=True,
    messages=(*IDENTIFY.values(), *READ_ONE.values()),
    run=run,
    parse=parse,
)
