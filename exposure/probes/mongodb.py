"""MongoDB: ask who is the master, the greeting of every client.

Source: MongoDB's wire protocol (OP_QUERY, OP_REPLY) and the command isMaster, which
needs no sign-in. No database is named but the one that takes commands.
"""

from collections.abc import Sequence

from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible

# Length 58, request 1, no answer to; OP_QUERY 2004; no flags; admin.$cmd; skip 0;
# one document {isMaster: 1} of 19 bytes.
IS_MASTER = (
    bytes.fromhex("3a000000" + "01000000" + "00000000" + "d4070000" + "00000000")
    + b"admin.$cmd\0"
    + bytes.fromhex("00000000" + "ffffffff" + "13000000" + "10")
    + b"isMaster\0"
    + bytes.fromhex("01000000" + "00")
)
HEADER = 16
# Where the document stands in each kind of answer.
OP_REPLY, OP_MSG = 1, 2013
DOCUMENT_AT = {OP_REPLY: 36, OP_MSG: 21}
# The newest wire version that each release speaks, from MongoDB's own table.
RELEASES = {
    0: "2.4 or older",
    2: "2.6",
    3: "3.0",
    4: "3.2",
    5: "3.4",
    6: "3.6",
    7: "4.0",
    8: "4.2",
    9: "4.4",
    13: "5.0",
    17: "6.0",
    21: "7.0",
    25: "8.0",
}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask once."""
    async with dialer.connect(target) as line:
        await line.send(IS_MASTER)
        await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return int.from_bytes(header[:4], "little")


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the release (by its wire version) and the place in the replica set."""
    answer = {turn.sent: turn.received for turn in turns(exchanges)}.get(IS_MASTER, b"")
    kind = int.from_bytes(answer[12:16], "little")
    if len(answer) < HEADER or kind not in DOCUMENT_AT:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    document = answer[DOCUMENT_AT[kind] :]
    wire = _number(document, b"maxWireVersion")
    if wire is None and b"ismaster\0" not in document:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"product": "MongoDB", "wire_version": wire}
    if wire in RELEASES:
        facts["version"] = RELEASES[wire]
    if name := _text(document, b"setName"):
        facts["replica_set"] = name
    if name := _text(document, b"me"):
        facts["calls_itself"] = name
    if kind == OP_MSG:
        facts["anomaly"] = "The server answered in another form than it was asked in."
        return Parsed(Outcome.ANOMALY, "L1", facts)
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _number(document: bytes, name: bytes) -> int | None:
    """Return a 32-bit number of the document."""
    at = document.find(b"\x10" + name + b"\0")
    start = at + len(name) + 2
    if at < 0 or len(document) < start + 4:
        return None
    return int.from_bytes(document[start : start + 4], "little", signed=True)


def _text(document: bytes, name: bytes) -> str:
    """Return a text of the document; "" when it is not there."""
    at = document.find(b"\x02" + name + b"\0")
    start = at + len(name) + 2
    size = int.from_bytes(document[start : start + 4], "little")
    if at < 0 or not 1 < size <= len(document) - start - 4:
        return ""
    return visible(document[start + 4 : start + 3 + size], limit=80)


PROBE = Probe(
    name="mongodb",
    version=1,
    ports=(27017,),
    is_ot=False,
    messages=(IS_MASTER,),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
