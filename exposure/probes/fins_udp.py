"""Omron FINS over UDP: read which controller it is.

Source: Omron W342 (FINS commands, 5-3-7). Tested on recordings only: the answer is laid
out after the manual with the texts of a public sample; no controller was at hand.
"""

from collections.abc import Sequence

from exposure.probes.base import Exchange, Fact, Parsed, Probe, Target
from exposure.probes.datagrams import read_answers
from exposure.probes.dialer import Dialer
from exposure.probes.text import label

READ_CONTROLLER = bytes.fromhex("800002000000006300ef050100")
_RESPONSES = (0xC0, 0xC1)
_SERVICE_ID, _COMMAND = 0xEF, b"\x05\x01"
_SHORTEST = 14


async def run(target: Target, *, dialer: Dialer) -> None:
    """Read the controller data: the CPU's model and version."""
    async with dialer.datagrams(target) as line:
        await line.ask(READ_CONTROLLER, answers=_is_answer)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return model and version, or the code with which the read was refused."""
    return read_answers(
        exchanges,
        _controller,
        level_of=lambda facts: "L2" if facts.get("product") else "L1",
    )


def _is_answer(datagram: bytes) -> bool:
    return (
        len(datagram) >= _SHORTEST
        and datagram[0] in _RESPONSES
        and datagram[9] == _SERVICE_ID
        and datagram[10:12] == _COMMAND
    )


def _controller(datagram: bytes) -> dict[str, Fact]:
    if not _is_answer(datagram):
        return {}
    facts: dict[str, Fact] = {"vendor": "Omron", "end_code": datagram[12:14].hex()}
    model, version = label(datagram[14:34]), label(datagram[34:54])
    # The upper bits of the second byte report alarms of the CPU, not a refusal.
    if not datagram[12] and not datagram[13] & 0x3F and model:
        facts |= {"product": model, "version": version, "read_answered": True}
    return facts


PROBE = Probe(
    name="fins-udp",
    version=1,
    ports=(9600,),
    is_ot=True,
    messages=(READ_CONTROLLER,),
    run=run,
    parse=parse,
    transport="udp",
)
