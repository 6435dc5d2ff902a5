"""OpenVPN over UDP: does a server take up a stranger's first packet?

Source: the OpenVPN protocol as its developers document it (hard reset, opcodes 7 and 8,
key id 0). A server that checks a shared key first (tls-auth, tls-crypt) stays silent.
Tested on recordings only: no server was at hand.
"""

from collections.abc import Sequence

from exposure.probes.base import Exchange, Fact, Parsed, Probe, Target
from exposure.probes.datagrams import read_answers
from exposure.probes.dialer import Dialer

_SESSION = b"exposure"  # our session's id, eight bytes
# Opcode 7 (hard reset of a client, version 2), no acknowledgement, packet 0.
HARD_RESET = bytes([7 << 3]) + _SESSION + bytes(5)
_SERVER_RESET = 8


async def run(target: Target, *, dialer: Dialer) -> None:
    """Say hello once or twice; no TLS handshake follows."""
    async with dialer.datagrams(target) as line:
        await line.ask(HARD_RESET, answers=_is_answer)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return whether an OpenVPN server took up the session."""
    return read_answers(exchanges, _facts)


def _facts(datagram: bytes) -> dict[str, Fact]:
    if not _is_answer(datagram):
        return {}
    return {"product": "OpenVPN", "shared_key_first": False}


def _is_answer(datagram: bytes) -> bool:
    """Say whether a server answers our session: its id is repeated after the list."""
    if len(datagram) < 14 or datagram[0] >> 3 != _SERVER_RESET:
        return False
    after_list = 10 + 4 * datagram[9]
    return datagram[9] > 0 and datagram[after_list : after_list + 8] == _SESSION


PROBE = Probe(
    name="openvpn",
    version=1,
    ports=(1194,),
    is_ot=False,
    messages=(HARD_RESET,),
    run=run,
    parse=parse,
    transport="udp",
)
