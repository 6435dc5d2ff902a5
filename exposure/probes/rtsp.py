"""RTSP (cameras): ask what the server can do. No stream is described or opened.

Source: RFC 2326, 10.1 (OPTIONS). Nothing further is asked, so whether pictures can be
seen without a password stays open.
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
from exposure.probes.text import visible

OPTIONS = b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: exposure-check\r\n\r\n"
LONGEST_LINE = 1024
MOST_LINES = 40


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask once and read the headers."""
    async with dialer.connect(target) as line:
        await line.send(OPTIONS)
        for _ in range(MOST_LINES):
            if not (await line.line(LONGEST_LINE)).strip():
                return


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return status, server and methods."""
    answer = {turn.sent: turn.received for turn in turns(exchanges)}.get(OPTIONS, b"")
    status, *rows = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    parts = status.split(b" ", 2)
    if not status.startswith(b"RTSP/") or not parts[1:] or not parts[1].isdigit():
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"status": int(parts[1][:3])}
    for row in rows[:MOST_LINES]:
        name, _, value = row.partition(b":")
        if name.strip().lower() == b"server":
            facts["product"] = visible(value.strip())
        elif name.strip().lower() == b"public":
            methods = value.split(b",")[:MOST_LINES]
            facts["methods"] = [visible(each.strip(), limit=40) for each in methods]
        elif name.strip().lower() == b"www-authenticate":
            facts["www_authenticate"] = visible(value.strip())
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


PROBE = Probe(
    name="rtsp",
    version=1,
    ports=(554, 8554),
    is_ot=False,
    messages=(OPTIONS,),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
