"""An engine in this process, and what it said; and ports that behave in some way."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from exposure.collectors.engine import Engine
from exposure.collectors.plugs import Event
from exposure.collectors.targets import Fence, SweepHost, SweepLimits
from exposure.logic.scope import Permit, Refusal

HOME = "127.0.0.1"
FREE = SweepLimits(
    timeout=0.2,
    quickest=0.2,
    patience=0.25,
    rate_per_second=1e6,
    rate_per_host=1e6,
    rate_per_ot_host=1e6,
)
LONGEST = 20.0


class Anywhere:
    """A fence that lets everything through, and notes what it was asked."""

    def __init__(self) -> None:
        """Begin without questions."""
        self.asked: list[tuple[str, int]] = []

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Permit everything."""
        self.asked.append((address, port))
        return Permit("test")


def host(
    address: str, *ports: int, ot: Sequence[int] = (), seen: bytes = b""
) -> SweepHost:
    """Return a host with these ports."""
    return SweepHost(address, ports, frozenset(ot), seen)


def knock(
    *hosts: SweepHost,
    limits: SweepLimits = FREE,
    fence: Fence | None = None,
    until: Callable[[Engine], bool] = lambda _: False,
    clock: Callable[[], float] = time.monotonic,
) -> list[Event]:
    """Knock at all of these until they are done, or `until` says so."""
    engine = Engine(limits, fence=fence or Anywhere(), clock=clock)
    for number, each in enumerate(hosts):
        engine.add(number, each)
    latest = time.monotonic() + LONGEST
    while engine.count and not until(engine):
        assert time.monotonic() < latest, "the engine does not come to an end"
        engine.step()
    engine.close()
    return engine.events


def sockets_open() -> int:
    """Return how many sockets and epolls this process has."""
    entries = [e for e in Path("/proc/self/fd").iterdir() if e.is_symlink()]
    kinds = [str(entry.readlink()) for entry in entries]
    return sum(kind.startswith(("socket:", "anon_inode:[eventpoll]")) for kind in kinds)


@contextmanager
def listening(
    address: str = HOME, *, port: int = 0, backlog: int = 50
) -> Iterator[socket.socket]:
    """Listen on a free port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server(
        (address, port), family=family, backlog=backlog
    ) as server:
        yield server


@contextmanager
def full(address: str = HOME) -> Iterator[int]:
    """Listen on a port whose queue is full, so that new connections get no answer."""
    with listening(address, backlog=0) as server:
        port = int(server.getsockname()[1])
        waiting = []
        for _ in range(3):
            plug = socket.socket(type=socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            plug.connect_ex((address or HOME, port))
            waiting.append(plug)
        try:
            yield port
        finally:
            for plug in waiting:
                plug.close()


def closed_port() -> int:
    """Return a port where nothing listens."""
    with listening() as server:
        return int(server.getsockname()[1])
