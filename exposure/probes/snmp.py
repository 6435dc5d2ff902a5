"""SNMP: which engine answers without a name, and what it tells to "public".

Source: RFC 3414 section 4 (discovery of an engine), RFC 3411 section 5 (the engine's
id), RFC 3416 (requests), RFC 3418 (sysDescr).
"""

from collections.abc import Sequence

from exposure.probes import ber
from exposure.probes.base import Exchange, Fact, Parsed, Probe, Target
from exposure.probes.datagrams import Unanswered, read_answers
from exposure.probes.dialer import Dialer
from exposure.probes.text import label, visible

CONSENT = "default_credentials"

# An empty request to nobody, reportable, without a user: the engine answers with a
# report that holds its own id. Message id 4a69, request id 37f0.
DISCOVER_ENGINE = bytes.fromhex(
    "303a020103300f02024a69020300ffe30401040201030410300e0400020100020100040004000400"
    "301204000400a00c020237f00201000201003000"
)
# GET sysDescr.0 (1.3.6.1.2.1.1.1.0) with the community "public", request id 37f1.
_GET = "04067075626c6963a01a020237f1020100020100300e300c06082b060102010101000500"
GET_V2C = bytes.fromhex("3027020101" + _GET)
GET_V1 = bytes.fromhex("3027020100" + _GET)
SYS_DESCR = bytes.fromhex("2b06010201010100")

MESSAGE_ID, REQUEST_ID = 0x4A69, 0x37F1
REPORT, RESPONSE = 0xA8, 0xA2
VERSIONS = {0: "1", 1: "2c"}
ENTERPRISES = {
    9: "Cisco",
    11: "HP",
    311: "Microsoft",
    318: "APC",
    674: "Dell",
    2636: "Juniper",
    4329: "Siemens",
    8072: "Net-SNMP",
    8691: "Moxa",
    12356: "Fortinet",
    14988: "MikroTik",
}
_MAC, _TEXT = 3, 4


async def discover_engine(target: Target, *, dialer: Dialer) -> None:
    """Ask for the engine's id. No user, no community, no object."""
    async with dialer.datagrams(target) as line:
        await line.ask(DISCOVER_ENGINE, answers=lambda data: bool(_engine(data)))


async def read_description(target: Target, *, dialer: Dialer) -> None:
    """Read sysDescr as "public": once in version 2c, and if that is not answered, 1."""
    async with dialer.datagrams(target) as line:
        try:
            await line.ask(GET_V2C, answers=_is_response, tries=1)
        except Unanswered:
            await line.ask(GET_V1, answers=_is_response, tries=1)


def parse_engine(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the engine's id and what can be read from it, and how long it runs."""
    return read_answers(exchanges, _engine_facts)


def _engine(datagram: bytes) -> list[ber.Element]:
    """Return id, boots and seconds of an engine's report; [] if it is none."""
    message = ber.sequence(datagram)
    kinds = [ber.INTEGER, ber.SEQUENCE, ber.OCTETS, ber.SEQUENCE]
    if ber.tags(message) != kinds or ber.number(message[0]) != 3:
        return []
    header = ber.elements(message[1].content)
    scoped = ber.elements(message[3].content)
    if not header or ber.number(header[0]) != MESSAGE_ID:
        return []
    if ber.tags(scoped) != [ber.OCTETS, ber.OCTETS, REPORT]:
        return []
    security = ber.sequence(message[2].content)[:3]
    right = ber.tags(security) == [ber.OCTETS, ber.INTEGER, ber.INTEGER]
    return security if right and security[0].content else []


def _engine_facts(datagram: bytes) -> dict[str, Fact]:
    found = _engine(datagram)
    if not found:
        return {}
    engine = found[0].content[:32]
    facts: dict[str, Fact] = {
        "snmp_version": "3",
        "engine_id": engine.hex(),
        "engine_boots": ber.number(found[1]),
        "engine_seconds": ber.number(found[2]),
    }
    if len(engine) >= 5:
        enterprise = int.from_bytes(engine[:4], "big") & 0x7FFFFFFF
        facts["enterprise"] = enterprise
        facts["vendor"] = ENTERPRISES.get(enterprise, f"enterprise {enterprise}")
    if engine[:1] >= b"\x80" and len(engine) > 5:
        if engine[4] == _MAC and len(engine) == 11:
            facts["mac"] = engine[5:].hex(":")
        elif engine[4] == _TEXT:
            facts["engine_name"] = label(engine[5:])
    return facts


def parse_description(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the description, and whether "public" was let in."""
    return read_answers(
        exchanges,
        _response,
        level_of=lambda facts: "L2" if facts.get("product") else "L1",
    )


def _response(datagram: bytes) -> dict[str, Fact]:
    """Return what a response says; {} when it answers no question of ours."""
    message = ber.sequence(datagram)
    if ber.tags(message) != [ber.INTEGER, ber.OCTETS, RESPONSE]:
        return {}
    version = VERSIONS.get(ber.number(message[0]))
    answer = ber.elements(message[2].content)
    kinds = [ber.INTEGER, ber.INTEGER, ber.INTEGER, ber.SEQUENCE]
    if version is None or ber.tags(answer) != kinds:
        return {}
    if ber.number(answer[0]) != REQUEST_ID:
        return {}
    facts: dict[str, Fact] = {"snmp_version": version, "public_accepted": True}
    facts["error_status"] = ber.number(answer[1])
    for bound in ber.elements(answer[3].content):
        pair = ber.elements(bound.content)
        if ber.tags(pair)[1:] == [ber.OCTETS] and pair[0].content == SYS_DESCR:
            facts["product"] = visible(b" ".join(pair[1].content.split()))
    return facts


def _is_response(datagram: bytes) -> bool:
    return bool(_response(datagram))


PROBE = Probe(
    name="snmp",
    version=1,
    ports=(161,),
    is_ot=False,
    messages=(DISCOVER_ENGINE,),
    run=discover_engine,
    parse=parse_engine,
    transport="udp",
)
PROBE_PUBLIC = Probe(
    name="snmp-public",
    version=1,
    ports=(161,),
    is_ot=False,
    messages=(GET_V2C, GET_V1),
    run=read_description,
    parse=parse_description,
    transport="udp",
    consent=CONSENT,
)
