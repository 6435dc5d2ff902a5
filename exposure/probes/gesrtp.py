"""GE-SRTP: the opening message, 56 zeros, and its acknowledgement.

Source: Denton et al., "Leveraging the SRTP protocol for over-the-network memory
acquisition of a GE Fanuc Series 90-30" (DFRWS 2017); public notes of two drivers that
ran on Series 90 and RX3i controllers. Tested on recordings only.
"""

from collections.abc import Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
    heard,
)
from exposure.probes.dialer import Dialer

OPEN = bytes(56)
ACKNOWLEDGED = 0x01


async def run(target: Target, *, dialer: Dialer) -> None:
    """Open and read the acknowledgement. No service request follows."""
    async with dialer.connect(target) as line:
        await line.send(OPEN)
        await line.exactly(len(OPEN))


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return whether the controller opened the connection for us."""
    if echoes(exchanges):
        return ECHO
    answer = heard(exchanges)
    # An acknowledgement is a header: type 1, no text behind it, nearly all zeros.
    body = answer[1:]
    is_header = len(answer) == len(OPEN) and answer[0] == ACKNOWLEDGED
    if not is_header or sum(map(bool, body)) > len(body) // 4:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    return Parsed(
        Outcome.IDENTIFIED,
        "L1",
        {"vendor": "Emerson (GE)", "product": "SRTP controller", "opened": True},
    )


PROBE = Probe(
    name="gesrtp",
    version=1,
    ports=(18245,),
    is_ot=True,
    messages=(OPEN,),
    run=run,
    parse=parse,
)
