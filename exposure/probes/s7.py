"""Siemens S7: connect, then read three system lists (identity, names, protection).

A controller that is not of the old S7-300 and S7-400 families hears one question of
S7comm-plus too, its very first one: which way of encryption? No session is made.

Source: Siemens, System Software for S7-300/400, System and Standard Functions, ch. 33
(lists 0011, 001C and 0232); RFC 1006 for the frame around it. S7comm-plus after the
public S7CommPlusDriver; that part is tested on recordings only.
"""

import struct
from collections.abc import Sequence

from exposure.probes import tpkt
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
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Line
from exposure.probes.text import label

# Rack 0 slot 2 is where an S7-300 sits; slot 0 where an S7-1200 or a soft PLC sits.
CONNECT_SLOT_2 = bytes.fromhex("0300001611e00000000400c1020100c2020102c0010a")
CONNECT_SLOT_0 = bytes.fromhex("0300001611e00000000500c1020100c2020200c0010a")
SETUP = bytes.fromhex("0300001902f08032010000000000080000f0000001000101e0")
_READ_LIST = "0300002102f080320700000000000800080001120411440100ff090004"
READ_MODULE = bytes.fromhex(_READ_LIST + "00110001")
READ_NAMES = bytes.fromhex(_READ_LIST + "001c0001")
READ_PROTECTION = bytes.fromhex(_READ_LIST + "02320004")
LISTS = (READ_MODULE, READ_NAMES, READ_PROTECTION)
# The connection point of operator panels, by its name; then InitSSL, function 05B3.
CONNECT_PLUS = bytes.fromhex(
    "030000241fe00000000600c0010ac1020600c21053494d415449432d524f4f542d484d49"
)
ASK_PLUS = bytes.fromhex(
    "0300002102f0807201001231000005b30000000100000120300000000072010000"
)

PROTOCOL_ID, PLUS_PROTOCOL_ID = 0x32, 0x72
OLD_FAMILIES = ("6ES7 3", "6ES7 4", "6ES73", "6ES74")
NAMES = {1: "station", 2: "module", 3: "plant", 5: "serial", 7: "product"}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Try the two usual slots, one connection each, and read the lists on one.

    A third connection asks for S7comm-plus, unless the controller is too old for it, or
    something else than S7 took the connection.
    """
    async with dialer.connect(target) as line:
        taken = await _slot_answers(line)
        if taken:
            await _read_lists(line)
    if not taken:
        async with dialer.connect(target) as line:
            try:
                taken = tpkt.is_confirmed(await tpkt.ask(line, CONNECT_SLOT_0))
            except (TimeoutError, EOFError):
                if not heard(dialer.exchanges):
                    raise
            if taken:
                await _read_lists(line)
    if _may_speak_plus(dialer.exchanges, taken=taken):
        async with dialer.connect(target) as line:
            if tpkt.is_confirmed(await tpkt.ask(line, CONNECT_PLUS)):
                await tpkt.ask(line, ASK_PLUS)


def _may_speak_plus(exchanges: Sequence[Exchange], *, taken: bool) -> bool:
    outcome, _, facts = parse(exchanges)
    if outcome is not Outcome.IDENTIFIED:
        # Nobody took the two slots, yet TPKT was spoken: only named points are left.
        return not taken and heard(exchanges).startswith(b"\3\0")
    return not str(facts.get("order_number", "")).startswith(OLD_FAMILIES)


async def _slot_answers(line: Line) -> bool:
    try:
        return tpkt.is_confirmed(await tpkt.ask(line, CONNECT_SLOT_2))
    except (TimeoutError, EOFError, ConnectionError):
        return False  # how a CPU says that nothing sits in this slot


async def _read_lists(line: Line) -> None:
    setup = await tpkt.ask(line, SETUP)
    # Other protocols share this port and its frame; they get nothing more from us.
    if setup[7:8] == bytes([PROTOCOL_ID]):
        for message in LISTS:
            await tpkt.ask(line, message)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return what the CPU told about itself and about its protection."""
    answers = {turn.sent: turn.received for turn in turns(exchanges)}
    if echoes(exchanges):
        return ECHO
    plus: dict[str, Fact] = (
        {"s7comm_plus": True} if _speaks_plus(answers.get(ASK_PLUS, b"")) else {}
    )
    setup = answers.get(SETUP, b"")
    if len(setup) < 20 or setup[7] != PROTOCOL_ID:
        if plus:
            return Parsed(Outcome.IDENTIFIED, "L1", {"vendor": "Siemens"} | plus)
        return Parsed(tpkt.stranger(heard(exchanges)), "", {})
    level: Level = "L1"
    facts: dict[str, Fact] = {"pdu_bytes": int.from_bytes(setup[25:27])} | plus
    for message, read in (
        (READ_MODULE, _module),
        (READ_NAMES, _names),
        (READ_PROTECTION, _protection),
    ):
        if records := _records(answers.get(message, b"")):
            level = "L2"
            facts["read_answered"] = True
            facts |= read(records)
    if (facts.get("key_switch"), facts.get("protection_level")) == (1, 0):
        level = "L3"
    return Parsed(Outcome.IDENTIFIED, level, facts)


def _speaks_plus(answer: bytes) -> bool:
    return len(answer) >= 12 and answer[7] == PLUS_PROTOCOL_ID


def _records(answer: bytes) -> list[bytes]:
    """Return the records of a system list; [] when the CPU refused or rambled."""
    if len(answer) < 17:
        return []
    data = answer[17 + int.from_bytes(answer[13:15]) :]
    if len(data) < 12 or data[0] != 0xFF:
        return []
    size, count = struct.unpack(">HH", data[8:12])
    if not size:
        return []
    # A long list comes in pieces; the first piece holds all that is asked for here.
    count = min(count, (len(data) - 12) // size)
    return [data[12 + i * size : 12 + (i + 1) * size] for i in range(count)]


def _module(records: list[bytes]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for record in records:
        if len(record) < 28:
            continue
        kind, order_number = int.from_bytes(record[:2]), label(record[2:22])
        if kind == 1 and order_number:
            found["order_number"] = order_number
        if kind == 7 and record[24:25] == b"V":
            found["version"] = "V" + ".".join(str(part) for part in record[25:28])
    return found


def _names(records: list[bytes]) -> dict[str, Fact]:
    found: dict[str, Fact] = {"vendor": "Siemens"}
    for record in records:
        key = NAMES.get(int.from_bytes(record[:2]))
        text = label(record[2:34])
        if key and text:
            found[key] = text
    return found


def _protection(records: list[bytes]) -> dict[str, Fact]:
    if len(records[0]) < 6:
        return {}
    key_switch, parameter = struct.unpack(">HH", records[0][2:6])
    return {"key_switch": key_switch, "protection_level": parameter}


PROBE = Probe(
    name="s7",
    version=2,
    ports=(102,),
    is_ot=True,
    messages=(CONNECT_SLOT_2, CONNECT_SLOT_0, SETUP, *LISTS, CONNECT_PLUS, ASK_PLUS),
    run=run,
    parse=parse,
)
