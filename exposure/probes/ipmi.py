"""IPMI: is there a management controller, and which kinds of sign-in it names itself.

Source: ASF 2.0 section 3.2.4.3 (presence ping), IPMI 2.0 section 22.13 (Get Channel
Authentication Capabilities). No session is asked for and no password leaves.
"""

from collections.abc import Sequence

from exposure.probes.base import Exchange, Fact, Parsed, Probe, Target
from exposure.probes.datagrams import Unanswered, read_answers
from exposure.probes.dialer import Dialer

PRESENCE_PING = bytes.fromhex("0600ff06000011be80000000")
# Outside of any session: channel "this one", level administrator, with IPMI 2.0 data.
GET_WAYS_IN = bytes.fromhex("0600ff07000000000000000000092018c88100388e04b5")

_AUTH_TYPES = {0: "none", 1: "MD2", 2: "MD5", 4: "password", 5: "OEM"}
_HAS_IPMI_2, _ANONYMOUS, _NO_NAME = 0x80, 0x01, 0x02
VENDORS = {
    11: "HP",
    343: "Intel",
    674: "Dell",
    10876: "Supermicro",
    19046: "Lenovo",
    47488: "Supermicro",
}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ping, then ask for the ways in; a controller need not answer the ping."""
    async with dialer.datagrams(target) as line:
        tries = 2
        try:
            await line.ask(PRESENCE_PING, answers=is_pong, tries=1)
        except Unanswered:
            tries = 1
        await line.ask(GET_WAYS_IN, answers=_is_ways_in, tries=tries)


def is_pong(datagram: bytes) -> bool:
    """Say whether a datagram answers the presence ping."""
    return (
        len(datagram) >= 28
        and datagram[:1] == b"\x06"
        and datagram[3] & 0x1F == 6
        and datagram[8] == 0x40
    )


def _is_ways_in(datagram: bytes) -> bool:
    return bool(_ways_in(datagram))


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return which sign-ins the controller names, and who made it."""
    return read_answers(exchanges, _facts)


def _facts(datagram: bytes) -> dict[str, Fact]:
    if is_pong(datagram):
        # Bit 7 of the supported entities: IPMI, not only ASF.
        return {"ipmi": bool(datagram[20] & 0x80)}
    return _ways_in(datagram)


def _ways_in(datagram: bytes) -> dict[str, Fact]:
    # RMCP header, session header of 10 bytes, then the message with its own header.
    message = datagram[14:]
    if (
        len(message) < 8
        or datagram[:1] != b"\x06"
        or datagram[3] & 0x1F != 7
        or message[1] >> 2 != 0x07
        or message[5] != 0x38
    ):
        return {}
    if message[6]:
        return {"ipmi": True, "refused_with": message[6]}
    if len(message) < 16:
        return {}
    kinds, status, extended = message[8], message[9], message[10]
    is_2 = bool(kinds & _HAS_IPMI_2 and extended & 0x02)
    maker = int.from_bytes(message[11:14], "little")
    facts: dict[str, Fact] = {
        "ipmi": True,
        "product": "IPMI 2.0" if is_2 else "IPMI 1.5",
        "version_2": is_2,
        "auth_types": [name for bit, name in _AUTH_TYPES.items() if kinds & 1 << bit],
        "anonymous_allowed": bool(status & _ANONYMOUS),
        "nameless_users": bool(status & _NO_NAME),
    }
    if maker:
        facts["vendor"] = VENDORS.get(maker, f"enterprise {maker}")
    return facts


PROBE = Probe(
    name="ipmi",
    version=1,
    ports=(623,),
    is_ot=False,
    messages=(PRESENCE_PING, GET_WAYS_IN),
    run=run,
    parse=parse,
    transport="udp",
)
