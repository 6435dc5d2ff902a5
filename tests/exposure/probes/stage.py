"""A loopback service that behaves as a test wants, and a way to probe it once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from exposure.logic.scope import Permit
from exposure.probes.base import Direction, Probe, ProbeResult, Target
from exposure.probes.dialer import Dialer, Gate
from exposure.probes.runner import run_probe

HOME = "127.0.0.1"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Watch:
    """A clock that only moves when somebody rests."""

    def __init__(self) -> None:
        self.now = 100.0
        self.rests: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def rest(self, seconds: float) -> None:
        """Let time pass."""
        self.rests.append(round(seconds, 6))
        self.now += seconds


def allow(address: str, port: int) -> Permit:
    """Permit everything."""
    return Permit("test")


def never() -> bool:
    """Let the run go on."""
    return False


def impatient(probe: Probe) -> Probe:
    """Return the probe with short time-outs."""
    return replace(probe, caps=replace(probe.caps, read_seconds=0.1))


@asynccontextmanager
async def service(handler: Handler, *, address: str = HOME) -> AsyncIterator[int]:
    """Serve on a free loopback port while the block runs; yield the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, address, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.sleep(0)
        await server.wait_closed()


def ask(
    probe: Probe, handler: Handler, *, seconds: float = 5, server_name: str = ""
) -> ProbeResult:
    """Run one probe against the handler and return its result."""

    async def run() -> ProbeResult:
        async with service(handler) as port:
            return await ask_port(probe, port, seconds=seconds, server_name=server_name)

    return asyncio.run(run())


async def ask_port(
    probe: Probe, port: int, *, seconds: float = 5, server_name: str = ""
) -> ProbeResult:
    """Run one probe against a port of this machine."""
    dialer = Dialer(permit=allow, should_stop=never, gate=Gate(), caps=probe.caps)
    target = Target(HOME, port, server_name)
    return await run_probe(
        probe, target, dialer=dialer, should_stop=never, seconds=seconds
    )


def asked_for(result: ProbeResult) -> list[str]:
    """Return the paths that a web server was asked for."""
    sent = [e.data for e in result.exchanges if e.direction is Direction.SENT]
    return [request.split(b" ")[1].decode() for request in sent]


def saying(data: bytes) -> Handler:
    """Return a handler that waits for one message, answers and hangs up."""

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(4096)
        writer.write(data)
        await writer.drain()

    return handle
