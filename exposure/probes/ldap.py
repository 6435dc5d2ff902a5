"""LDAP: read the entry that a directory shows to everybody, about itself.

Source: RFC 4511 (search, unbind) and RFC 4512, 5.1 (the root DSE). No bind is sent, so
nobody signs in, not even as nobody. Tested on recordings only.
"""

from collections.abc import Iterator, Sequence

from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Scalar,
    Target,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Garbled
from exposure.probes.text import visible

WANTED = (
    b"namingContexts",
    b"dnsHostName",
    b"domainFunctionality",
    b"vendorName",
    b"vendorVersion",
    b"supportedExtension",
)
STARTTLS = b"1.3.6.1.4.1.1466.20037"
MOST_VALUES = 10
SEQUENCE, TEXT, ENTRY, DONE = 0x30, 0x04, 0x64, 0x65


def _element(tag: int, content: bytes) -> bytes:
    """Return one element of fewer than 128 bytes."""
    return bytes([tag, len(content)]) + content


# Base "", that entry alone, aliases untouched, one entry, five seconds, values too,
# (objectClass=*).
_SEARCH = bytes.fromhex("0400" + "0a0100" + "0a0100" + "020101" + "020105" + "010100")
_SEARCH += _element(0x87, b"objectClass")
_NAMES = b"".join(_element(TEXT, name) for name in WANTED)
_BODY = _SEARCH + _element(SEQUENCE, _NAMES)
# The body is longer than 127 bytes, so its length takes two.
_REQUEST = bytes.fromhex("020101" + "6381") + bytes([len(_BODY)]) + _BODY
READ_ROOT = b"\x30\x81" + bytes([len(_REQUEST)]) + _REQUEST
UNBIND = bytes.fromhex("30050201024200")


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask once, read the entry, say goodbye."""
    async with dialer.connect(target) as line:
        await line.send(READ_ROOT)
        head = await line.exactly(2)
        if head[0] != SEQUENCE:
            return
        extra = head[1] & 0x7F if head[1] & 0x80 else 0
        if extra > 4:
            raise Garbled("The length of the answer makes no sense.")
        size = int.from_bytes(await line.exactly(extra)) if extra else head[1]
        await line.exactly(min(size, dialer.caps.answer_bytes))
        await line.send(UNBIND)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return what the directory says of itself."""
    answer = {turn.sent: turn.received for turn in turns(exchanges)}.get(READ_ROOT, b"")
    operation = _operation(answer)
    if operation is None:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    kind, content = operation
    if kind == DONE:  # it shows nothing to strangers
        return Parsed(Outcome.IDENTIFIED, "L1", {"product": "LDAP", "shown": False})
    shown = dict(_attributes(content))
    facts: dict[str, Fact] = {"product": _product(shown), "shown": True}
    facts["naming_contexts"] = _texts(shown.get(b"namingcontexts", []))
    for name, fact in (
        (b"dnshostname", "host_name"),
        (b"vendorname", "vendor"),
        (b"vendorversion", "version"),
    ):
        if values := shown.get(name):
            facts[fact] = visible(values[0], limit=80)
    facts["starttls_offered"] = STARTTLS in shown.get(b"supportedextension", [])
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _product(shown: dict[bytes, list[bytes]]) -> str:
    is_domain = b"domainfunctionality" in shown
    return "Active Directory" if is_domain else "LDAP"


def _texts(values: Sequence[bytes]) -> list[Scalar]:
    return [visible(value, limit=120) for value in values[:MOST_VALUES]]


def _operation(answer: bytes) -> tuple[int, bytes] | None:
    """Return kind and content of an answer to our one request."""
    outer = next(_elements(answer), None)
    if outer is None or outer[0] != SEQUENCE:
        return None
    inner = list(_elements(outer[1]))[:2]
    if len(inner) < 2 or inner[0] != (2, b"\1") or inner[1][0] not in (ENTRY, DONE):
        return None
    return inner[1]


def _attributes(content: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield name (in small letters) and values of each attribute of an entry."""
    parts = [part for _, part in _elements(content)]
    for _, pair in _elements(parts[1]) if len(parts) > 1 else ():
        named = [part for _, part in _elements(pair)]
        if len(named) > 1:
            yield named[0].lower(), [value for _, value in _elements(named[1])]


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element that is whole."""
    at = 0
    while at + 2 <= len(data):
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            extra = size & 0x7F
            size = int.from_bytes(data[at : at + extra])
            at += extra
        if at + size > len(data):
            return
        yield tag, data[at : at + size]
        at += size


PROBE = Probe(
    name="ldap",
    version=1,
    ports=(389, 3268),
    is_ot=False,
    messages=(READ_ROOT, UNBIND),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
