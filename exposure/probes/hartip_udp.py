"""HART-IP over UDP: the session and the questions of HART-IP over TCP.

A session takes one of a gateway's few slots, so the customer must allow it in writing.
Source: see `hartip`. Tested on recordings only: no device was at hand.
"""

from collections.abc import Callable

from exposure.probes import hartip
from exposure.probes.base import Probe, Target
from exposure.probes.dialer import Dialer

_CLOSED = 1


async def run(target: Target, *, dialer: Dialer) -> None:
    """Open a session; if it was granted, read the identity and close it."""
    async with dialer.datagrams(target) as line:
        opened = await line.ask(hartip.OPEN, answers=_answers(hartip.SESSION))
        if opened[3] not in (hartip.OPENED, hartip.OPENED_WITH_CHANGES):
            return
        try:
            answers = _answers(hartip.TOKEN)
            await line.ask(hartip.READ_IDENTITY, answers=answers, tries=1)
        finally:
            await line.ask(hartip.CLOSE, answers=_answers(_CLOSED), tries=1)


def _answers(kind: int) -> Callable[[bytes], bool]:
    start = bytes([hartip.VERSION, hartip.ANSWER, kind])
    return lambda data: len(data) >= hartip.HEADER and data.startswith(start)


PROBE = Probe(
    name="hartip-udp",
    version=1,
    ports=(5094,),
    is_ot=True,
    messages=hartip.PROBE.messages,
    run=run,
    parse=hartip.parse,
    transport="udp",
    consent=hartip.CONSENT,
)
