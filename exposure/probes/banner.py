"""An unknown port: listen for two seconds and say nothing."""

from collections.abc import Sequence

from exposure.probes.base import (
    Caps,
    Direction,
    Exchange,
    Outcome,
    Parsed,
    Probe,
    Target,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible

ONE_LINE = 1024


async def run(target: Target, *, dialer: Dialer) -> None:
    """Read what the service says first, if anything."""
    async with dialer.connect(target) as line:
        await line.line(ONE_LINE)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the greeting; a greeting alone identifies no protocol."""
    heard = b"".join(e.data for e in exchanges if e.direction is Direction.RECEIVED)
    return Parsed(Outcome.OTHER_PROTOCOL, "", {"banner": visible(heard.rstrip())})


PROBE = Probe(
    name="banner",
    version=1,
    ports=(),
    is_ot=False,
    messages=(),
    run=run,
    parse=parse,
    caps=Caps(answer_bytes=4096, probe_bytes=4096),
)
