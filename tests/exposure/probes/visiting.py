"""One visit to a host of this machine, and what was seen of it."""

import asyncio
from contextlib import AsyncExitStack

from exposure.probes import iec104
from exposure.probes.base import ProbeResult
from exposure.probes.runner import (
    Host,
    Note,
    NoteKind,
    OpenPort,
    Pace,
    Seen,
    visit_hosts,
)
from tests.exposure.probes.stage import (
    HOME,
    Handler,
    Watch,
    allow,
    never,
    saying,
    service,
)

IEC104 = saying(iec104.TEST_CONFIRMED)
PAGE = b"HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n<title>Spare parts</title>"
PANEL = b"HTTP/1.1 200 OK\r\nServer: Plain\r\n\r\n<title>SIMATIC HMI</title>"


def visit(
    *ports: tuple[Handler, str], watch: Watch | None = None, **values: object
) -> list[Seen]:
    """Visit one host that has a port with this handler behind every hint."""
    watch = watch or Watch()

    async def gather() -> list[Seen]:
        async with AsyncExitStack() as stack:
            opened = [
                OpenPort(await stack.enter_async_context(service(handler)), hint)
                for handler, hint in ports
            ]
            host = Host(HOME, opened, **values)  # type: ignore[arg-type]  # a test's own
            pace = Pace(pause=watch.rest)
            seen = visit_hosts([host], permit=allow, should_stop=never, pace=pace)
            return [each async for each in seen]

    return asyncio.run(gather())


def notes(seen: list[Seen]) -> dict[NoteKind, str]:
    """Return what was noted, by kind."""
    return {each.kind: each.text for each in seen if isinstance(each, Note)}


def asked(seen: list[Seen]) -> list[str]:
    """Return the probes that were run, in order."""
    return [each.probe for each in seen if isinstance(each, ProbeResult)]
