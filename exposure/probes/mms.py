"""IEC 61850 MMS: associate without a password, ask who it is (identify), hang up.

Source: ISO 9506-2 (initiate, identify), ISO 8650 and 8823 around them, RFC 1006. The
association is the one that the iec61850 library sends. Shares its port with S7, and is
not asked where S7 has answered.
"""

from collections.abc import Iterator, Sequence

from exposure.probes import tpkt
from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
    heard,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import label

CONNECT = bytes.fromhex("0300001611e00000000100c0010dc2020001c1020001")
ASSOCIATE = bytes.fromhex(
    "030000bb02f0800db20506130100160102140200023302000134020001c19c31"
    "8199a003800101a28191810400000001820400000001a423300f020101060452"
    "0100013004060251013010020103060528ca220201300406025101615e305c02"
    "0101a0576055a107060528ca220203a20706052901876701a30302010ca60606"
    "0429018767a70302010cbe2f282d020103a028a826800300fde8810105820105"
    "83010aa416800101810305f100820c03ee1c00000408000079ef18"
)
IDENTIFY = bytes.fromhex("0300001b02f08001000100610e300c020103a007a0050201018200")
INVOKED = 1

ACCEPT, REFUSE, ABORT = 0x0E, 0x0C, 0x19
# The result inside the answer to an association: rejected for good, not for a while.
REJECTED = bytes.fromhex("a203020101")
RESPONSE, IDENTITY = 0xA1, 0xA2
# TPKT, COTP data and two empty session headers come before the presentation layer.
PRESENTATION_AT = 11
FIELDS = {0x80: "vendor", 0x81: "product", 0x82: "version"}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Connect, associate, identify: each only after the one before was accepted."""
    async with dialer.connect(target) as line:
        if not tpkt.is_confirmed(await tpkt.ask(line, CONNECT)):
            return
        if _association(await tpkt.ask(line, ASSOCIATE)) == "accepted":
            await tpkt.ask(line, IDENTIFY)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return what the server says it is, or that it refused the association."""
    if echoes(exchanges):
        return ECHO
    answers = {turn.sent: turn.received for turn in turns(exchanges)}
    association = _association(answers.get(ASSOCIATE, b""))
    if not association:
        return Parsed(tpkt.stranger(heard(exchanges)), "", {})
    facts: dict[str, Fact] = {"association": association}
    answer = answers.get(IDENTIFY, b"")
    invoked, found = _identity(answer[PRESENTATION_AT:])
    if invoked not in (None, INVOKED):
        facts["anomaly"] = "It answered a question that was not asked."
        return Parsed(Outcome.ANOMALY, "L1", facts)
    if not found:
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    return Parsed(Outcome.IDENTIFIED, "L2", facts | found | {"read_answered": True})


def _association(answer: bytes) -> str:
    """Return what became of the association; "" where no session layer answered."""
    session = answer[7:8]
    if answer[:2] != tpkt.VERSION or answer[5:6] != b"\xf0" or len(answer) < 9:
        return ""
    if session in (bytes([ACCEPT]), bytes([REFUSE])) and REJECTED in answer:
        return "refused"
    if session == bytes([ACCEPT]):
        return "accepted"
    # A partner too many is sent away like this too, so it proves nothing.
    return "broken off" if session in (bytes([REFUSE]), bytes([ABORT])) else ""


def _identity(data: bytes) -> tuple[int | None, dict[str, Fact]]:
    """Return the number of the answered question and the names in the answer."""
    response = b""
    for tag, value in _inside(data, 0x61, 0x30, 0xA0):
        if tag == RESPONSE:
            response = value
    invoked: int | None = None
    found: dict[str, Fact] = {}
    for tag, value in _elements(response):
        if tag == 0x02:
            invoked = int.from_bytes(value)
        elif tag == IDENTITY:
            found = {
                FIELDS[field]: label(text)
                for field, text in _elements(value)
                if field in FIELDS and label(text)
            }
    return invoked, found


def _inside(data: bytes, *path: int) -> Iterator[tuple[int, bytes]]:
    """Yield the elements inside the first elements with the tags of the path."""
    for wanted in path:
        data = next((v for tag, v in _elements(data) if tag == wanted), b"")
    yield from _elements(data)


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of each BER element; stop where one is not whole."""
    while len(data) >= 2:
        tag, length, at = data[0], data[1], 2
        if length > 0x80:
            at += length - 0x80
            length = int.from_bytes(data[2:at])
        if at + length > len(data):
            return
        yield tag, data[at : at + length]
        data = data[at + length :]


PROBE = Probe(
    name="mms",
    version=1,
    ports=(102,),
    is_ot=True,
    messages=(CONNECT, ASSOCIATE, IDENTIFY),
    run=run,
    parse=parse,
    yields_to=frozenset({"s7"}),
)
