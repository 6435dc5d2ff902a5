"""Hosts that reset, stall or babble, and industrial ones, which are easily upset."""

import socket
import struct
import threading
from contextlib import ExitStack

import pytest

from exposure.collectors.manners import RESETS
from exposure.collectors.targets import PortState
from tests.exposure.collectors.knocking import HOME, host, knock, listening

pytestmark = pytest.mark.usefixtures("no_leak")


def test_it_cuts_off_a_service_that_never_stops_talking() -> None:
    with listening() as server:

        def babble() -> None:
            talk, _ = server.accept()
            with talk:
                try:
                    while True:
                        talk.sendall(bytes(65536))
                except OSError:
                    pass

        thread = threading.Thread(target=babble)
        thread.start()
        # Time stands still, so that only the number of bytes can end it.
        [event] = knock(host(HOME, server.getsockname()[1]), clock=lambda: 0.0)
        thread.join(5)

    assert event.state is PortState.OPEN
    assert not thread.is_alive()


def test_it_cuts_off_a_tarpit_that_accepts_and_never_hangs_up() -> None:
    with listening() as server:  # nobody accepts: the kernel answers, and that is all
        [event] = knock(host(HOME, server.getsockname()[1]))

    assert event.state is PortState.OPEN


class Yard:
    """Services on several ports that note how many connections were open at once."""

    def __init__(self, count: int) -> None:
        """Listen on that many ports."""
        self.servers = [socket.create_server((HOME, 0)) for _ in range(count)]
        self.ports = [server.getsockname()[1] for server in self.servers]
        self.open = self.most = 0
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._serve, args=[s]) for s in self.servers
        ]
        for thread in self._threads:
            thread.start()

    def _serve(self, server: socket.socket) -> None:
        talk, _ = server.accept()
        with talk:
            self._count(1)
            talk.recv(1)  # the other side says goodbye,
            threading.Event().wait(0.02)  # and we take our time
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self.open += change
            self.most = max(self.most, self.open)

    def close(self) -> None:
        """Hang up."""
        for thread, server in zip(self._threads, self.servers, strict=True):
            thread.join(5)
            server.close()


@pytest.mark.parametrize("kind", ["industrial", "other"])
def test_an_industrial_host_gets_one_connection_at_a_time(kind: str) -> None:
    yard = Yard(6)
    ot = yard.ports[3:4] if kind == "industrial" else []

    events = knock(host(HOME, *yard.ports, ot=ot))
    yard.close()

    assert {event.state for event in events} == {PortState.OPEN}
    assert (yard.most == 1) is (kind == "industrial")


def test_a_service_that_resets_what_it_accepts_is_open_and_slowed_down() -> None:
    hard = struct.pack("ii", 1, 0)
    with ExitStack() as stack:
        servers = [stack.enter_context(listening()) for _ in range(3)]

        def storm() -> None:
            for server in servers:
                talk, _ = server.accept()
                talk.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)
                talk.close()

        thread = threading.Thread(target=storm)
        thread.start()
        events = knock(host(HOME, *[s.getsockname()[1] for s in servers]))
        thread.join(5)

    assert [event.state for event in events] == [PortState.OPEN] * 3
    assert events[0].work.note == RESETS
