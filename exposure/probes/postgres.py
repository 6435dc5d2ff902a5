"""PostgreSQL: ask whether it speaks TLS, then leave.

Source: PostgreSQL's frontend/backend protocol, SSLRequest. A start-up message would be
the beginning of a sign-in, so none is sent and the version stays unknown.
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

TLS_REQUEST = bytes.fromhex("0000000804d2162f")
YES, NO = b"S", b"N"


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask, read one letter."""
    async with dialer.connect(target) as line:
        await line.send(TLS_REQUEST)
        await line.exactly(1)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return whether TLS is on offer."""
    answer = {turn.sent: turn.received for turn in turns(exchanges)}.get(TLS_REQUEST)
    if answer not in (YES, NO):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"product": "PostgreSQL", "tls_offered": answer == YES}
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


PROBE = Probe(
    name="postgres",
    version=1,
    ports=(5432, 5433),
    is_ot=False,
    messages=(TLS_REQUEST,),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
