"""A loopback UDP service that behaves as a test wants, and a way to ask it once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from exposure.probes.base import Probe, ProbeResult, Target
from exposure.probes.dialer import Dialer, Gate
from exposure.probes.runner import run_probe
from tests.exposure.probes.stage import HOME, allow, never

Reply = Callable[[bytes], list[bytes]]


class Service(asyncio.DatagramProtocol):
    """Answers every datagram with those that `reply` returns for it."""

    def __init__(self, reply: Reply) -> None:
        self.heard: list[bytes] = []
        self._reply = reply
        self._out: Any = None

    def connection_made(self, transport: Any) -> None:
        self._out = transport

    def datagram_received(self, data: bytes, peer: Any) -> None:
        self.heard.append(data)
        for answer in self._reply(data):
            self._out.sendto(answer, peer)


@asynccontextmanager
async def udp_service(reply: Reply) -> AsyncIterator[tuple[int, Service]]:
    """Serve on a free loopback port while the block runs; yield port and service."""
    loop = asyncio.get_running_loop()
    transport, service = await loop.create_datagram_endpoint(
        lambda: Service(reply), local_addr=(HOME, 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1], service
    finally:
        transport.close()


async def ask_udp_port(probe: Probe, port: int, address: str = HOME) -> ProbeResult:
    """Run one probe against a UDP port of this machine."""
    dialer = Dialer(permit=allow, should_stop=never, gate=Gate(), caps=probe.caps)
    target = Target(address, port, transport="udp")
    return await run_probe(probe, target, dialer=dialer, should_stop=never, seconds=8)


def ask_udp(probe: Probe, reply: Reply) -> ProbeResult:
    """Run one probe against a service and return its result."""

    async def run() -> ProbeResult:
        async with udp_service(reply) as (port, _):
            return await ask_udp_port(probe, port)

    return asyncio.run(run())
