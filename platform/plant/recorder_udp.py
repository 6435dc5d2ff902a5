"""A recording front before a UDP device: passes datagrams on and remembers them."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from plant.classify import Kind, Request
from plant.classify_udp import judge

Peer = tuple[Any, ...]


@dataclass
class Asking:
    """One socket of a client and what it sent; times are monotonic seconds."""

    opened_at: float
    requests: list[Request] = field(default_factory=list)
    waiting: int = 0
    """Questions that the device has not answered yet."""


@dataclass
class Recording:
    """What a front saw. Read it after the client has finished."""

    address: str
    port: int
    askings: list[Asking] = field(default_factory=list)
    peak: int = 0
    """The most sockets that waited for an answer at the same time."""

    def requests(self, kind: Kind | None = None) -> list[Request]:
        """Return all requests in the order of sockets, or those of one kind."""
        every = [one for each in self.askings for one in each.requests]
        return [one for one in every if kind in (None, one.kind)]

    def busiest(self, seconds: float = 1.0) -> int:
        """Return the most sockets first heard of within any span of that length."""
        starts = sorted(each.opened_at for each in self.askings)
        return max(
            (sum(a <= b < a + seconds for b in starts) for a in starts), default=0
        )


@contextmanager
def recording_udp(
    protocol: str, target: tuple[str, int], *, address: str, port: int = 0
) -> Iterator[Recording]:
    """Put a front for `target` on `address`:`port` (0: any) while the block runs.

    `protocol` decides how a datagram is judged (see classify_udp). The front runs in a
    thread, so blocking clients may use it.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    front = _Front(protocol, target, Recording(address, port))
    try:
        asyncio.run_coroutine_threadsafe(front.open(), loop).result()
        yield front.record
    finally:
        asyncio.run_coroutine_threadsafe(front.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Front(asyncio.DatagramProtocol):
    """Takes the clients' datagrams; each client gets a socket of its own behind it."""

    def __init__(
        self, protocol: str, target: tuple[str, int], record: Recording
    ) -> None:
        self.record = record
        self._protocol = protocol
        self._target = target
        self._out: asyncio.DatagramTransport | None = None
        self._behind: dict[Peer, _Behind] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        where = self.record.address, self.record.port
        loop = asyncio.get_running_loop()
        self._out, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=where
        )
        self.record.port = self._out.get_extra_info("sockname")[1]

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for behind in self._behind.values():
            behind.close()
        if self._out is not None:
            self._out.close()
        # A transport closes its socket on the next round of the loop.
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, peer: Peer) -> None:
        behind = self._behind.get(peer)
        if behind is None:
            behind = self._behind[peer] = _Behind(peer, self)
            self.record.askings.append(behind.asking)
        behind.asking.requests.append(judge(self._protocol, data))
        behind.asking.waiting += 1
        waiting = sum(each.waiting > 0 for each in self.record.askings)
        self.record.peak = max(self.record.peak, waiting)
        task = asyncio.ensure_future(behind.pass_on(data, self._target))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def answer(self, data: bytes, peer: Peer) -> None:
        if self._out is not None:
            self._out.sendto(data, peer)


class _Behind(asyncio.DatagramProtocol):
    """One client's socket towards the device."""

    def __init__(self, peer: Peer, front: _Front) -> None:
        self.asking = Asking(time.monotonic())
        self._peer = peer
        self._front = front
        self._opening = asyncio.Lock()
        self._transport: asyncio.DatagramTransport | None = None

    async def pass_on(self, data: bytes, target: tuple[str, int]) -> None:
        async with self._opening:
            if self._transport is None:
                loop = asyncio.get_running_loop()
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: self, remote_addr=target
                )
        self._transport.sendto(data)

    def datagram_received(self, data: bytes, _: Peer) -> None:
        self.asking.waiting = 0
        self._front.answer(data, self._peer)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
