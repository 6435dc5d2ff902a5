"""A recording front before a device: passes bytes on and remembers what was asked."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from plant.classify import Kind, Reader, Request

DEVICE_END_SECONDS = 2.0


@dataclass
class Connection:
    """One connection of a client; times are monotonic seconds."""

    opened_at: float
    closed_at: float | None = None
    requests: list[Request] = field(default_factory=list)
    heard: list[tuple[float, int]] = field(default_factory=list)
    """When bytes came from the client, and how many."""


@dataclass
class Recording:
    """What a front saw. Read it after the client has finished."""

    address: str
    port: int
    connections: list[Connection] = field(default_factory=list)
    peak: int = 0
    """The most connections that were open at the same time."""

    def requests(self, kind: Kind | None = None) -> list[Request]:
        """Return all requests in the order of connections, or those of one kind."""
        every = [one for each in self.connections for one in each.requests]
        return [one for one in every if kind in (None, one.kind)]

    def busiest(self, seconds: float = 1.0) -> int:
        """Return the most connections opened within any span of that length."""
        starts = sorted(each.opened_at for each in self.connections)
        return max(
            (sum(a <= b < a + seconds for b in starts) for a in starts), default=0
        )

    def bytes_after(self, moment: float) -> int:
        """Return how many bytes clients sent after a moment, such as that of a stop."""
        return sum(
            count
            for each in self.connections
            for at, count in each.heard
            if at > moment
        )

    def opened_after(self, moment: float) -> int:
        """Return how many connections were opened after a moment."""
        return sum(each.opened_at > moment for each in self.connections)

    def forbidden(self) -> list[Request]:
        """Return what no gentle client sends: control, and what nobody knows."""
        return self.requests(Kind.CONTROL) + self.requests(Kind.UNKNOWN)

    def open_now(self) -> int:
        """Return how many connections are open."""
        return sum(each.closed_at is None for each in self.connections)


@contextmanager
def recording(
    protocol: str,
    target: tuple[str, int],
    *,
    address: str,
    port: int = 0,
    lives: int | None = None,
) -> Iterator[Recording]:
    """Put a front for `target` on `address`:`port` (0: any) while the block runs.

    `protocol` decides how requests are read (see classify); one it does not know is
    recorded raw. The front runs in a thread, so blocking clients may use it. A target
    that refuses makes the front drop the client at once. With `lives`, the front stops
    listening once it has served so many connections, as a device does that has died.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    front = _Front(protocol, target, Recording(address, port), lives)
    try:
        asyncio.run_coroutine_threadsafe(front.open(), loop).result()
        yield front.record
    finally:
        asyncio.run_coroutine_threadsafe(front.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Front:
    def __init__(
        self,
        protocol: str,
        target: tuple[str, int],
        record: Recording,
        lives: int | None,
    ) -> None:
        self.record = record
        self._lives = lives
        self._protocol = protocol
        self._target = target
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        where = self.record.address, self.record.port
        self._server = await asyncio.start_server(self._serve, *where)
        self.record.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        connection = Connection(time.monotonic())
        self.record.connections.append(connection)
        self.record.peak = max(self.record.peak, self.record.open_now())
        try:
            with suppress(OSError):
                await self._pass_on(connection, reader, writer)
        finally:
            connection.closed_at = time.monotonic()
            if self._server is not None and self._served() == self._lives:
                self._server.close()
            writer.close()

    def _served(self) -> int:
        return len(self.record.connections) - self.record.open_now()

    async def _pass_on(
        self,
        connection: Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        device_reader, device_writer = await asyncio.open_connection(*self._target)
        back = asyncio.create_task(_copy(device_reader, writer))
        messages = Reader(self._protocol)
        try:
            while data := await reader.read(65536):
                connection.heard.append((time.monotonic(), len(data)))
                connection.requests += messages.feed(data)
                device_writer.write(data)
                await device_writer.drain()
            # The client has finished. It hears the end only after the device has ended
            # its side too, or a device that takes one connection would be seen as free.
            device_writer.write_eof()
            await asyncio.wait_for(back, DEVICE_END_SECONDS)
        finally:
            connection.requests += messages.close()
            back.cancel()
            device_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass the device's answers on; its end ends the client's connection."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
