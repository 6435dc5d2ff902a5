"""Remote Desktop: offer all kinds of protection, then none, and see what it takes.

Source: MS-RDPBCGR 2.2.1.1 and 2.2.1.2. Nothing beyond the first message is sent, so no
sign-in screen is opened.
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

_NEGOTIATE = "030000130ee0000000000001000800"
OFFER_ALL = bytes.fromhex(_NEGOTIATE + "0b000000")
OFFER_NONE = bytes.fromhex(_NEGOTIATE + "00000000")

CONFIRMED, CHOSE, FAILED = 0xD0, 2, 3
TLS_REQUIRED, NLA_REQUIRED = 1, 5
PROTOCOLS = {0: "RDP", 1: "TLS", 2: "NLA", 8: "NLA with user authorization"}


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask twice, on two connections, one after the other."""
    for message in (OFFER_ALL, OFFER_NONE):
        async with dialer.connect(target) as line:
            await line.send(message)
            await line.frame(4, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return int.from_bytes(header[2:4])


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the protection chosen, and whether sign-in must come first (NLA)."""
    answers = {turn.sent: turn.received for turn in turns(exchanges)}
    best = _negotiated(answers.get(OFFER_ALL, b""))
    if best is None:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {}
    if best[0] == CHOSE:
        facts["chosen"] = PROTOCOLS.get(best[1], str(best[1]))
    plain = _negotiated(answers.get(OFFER_NONE, b""))
    if plain is None:
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    if plain[0] == CHOSE and plain[1] != 0:
        facts["anomaly"] = "The server chose what was not on offer."
        return Parsed(Outcome.ANOMALY, "L1", facts)
    if plain in ((CHOSE, 0), (FAILED, TLS_REQUIRED), (FAILED, NLA_REQUIRED)):
        facts["nla_enforced"] = plain == (FAILED, NLA_REQUIRED)
    # A sign-in screen is no access, so this stays at L1 either way.
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _negotiated(answer: bytes) -> tuple[int, int] | None:
    """Return kind (2 chose, 3 failed) and value; servers before 2003 chose plain."""
    if len(answer) < 11 or answer[0] != 3 or answer[5] != CONFIRMED:
        return None
    if len(answer) < 19:
        return CHOSE, 0
    return answer[11], int.from_bytes(answer[15:19], "little")


PROBE = Probe(
    name="rdp",
    version=1,
    ports=(3389,),
    is_ot=False,
    messages=(OFFER_ALL, OFFER_NONE),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
