"""The engine finds what answers, keeps to its limits and closes every socket."""

import dataclasses
import errno
import select
import socket
import threading
from collections.abc import Callable

import pytest

from exposure.collectors.engine import Engine
from exposure.collectors.targets import PortState, SweepHost, SweepLimits
from exposure.logic.scope import Permit, Refusal
from tests.exposure.collectors.knocking import (
    FREE,
    HOME,
    Anywhere,
    closed_port,
    full,
    host,
    knock,
    listening,
    sockets_open,
)

CLOSE_WAIT = 8  # the other side has sent FIN and still listens


class Refusing:
    """A fence that lets nothing through."""

    def permit(self, *_: object) -> Permit | Refusal:
        """Refuse."""
        return Refusal("Not yours.")


def test_it_tells_open_closed_and_filtered(no_leak: None) -> None:
    closed = closed_port()
    with listening() as server, full() as filtered:
        opened = server.getsockname()[1]

        events = knock(host(HOME, opened, closed, filtered))

    first = {event.port: event for event in events if event.attempt == 1}
    assert first[opened].state is PortState.OPEN
    assert first[closed].state is PortState.CLOSED
    assert first[closed].reason == errno.ECONNREFUSED
    assert first[filtered].state is PortState.FILTERED


def test_it_speaks_ipv6(no_leak: None) -> None:
    with listening("::1") as server:
        [event] = knock(host("::1", server.getsockname()[1]))

    assert event.state is PortState.OPEN


def test_it_knocks_once_more_and_waits_longer_where_a_host_has_answered() -> None:
    with full("") as filtered:
        events = knock(
            host("127.0.0.1", filtered, closed_port()), host("127.0.0.2", filtered)
        )

    knocks = sorted(
        (event.work.address, event.attempt)
        for event in events
        if event.port == filtered
    )
    # The second host said nothing at all: nobody is there to be waited for.
    assert knocks == [("127.0.0.1", 1), ("127.0.0.1", 2), ("127.0.0.2", 1)]


def test_it_sends_nothing_where_the_scope_refuses(no_leak: None) -> None:
    with listening() as server:
        [event] = knock(host(HOME, server.getsockname()[1]), fence=Refusing())

        assert select.select([server], [], [], 0)[0] == []
    assert event.state is PortState.REFUSED_BY_SCOPE
    assert event.reason == "Not yours."


def test_it_asks_the_scope_before_each_connection_and_takes_a_new_one_at_once() -> None:
    ports = [closed_port() for _ in range(6)]
    slow = dataclasses.replace(FREE, rate_per_host=20)
    fence = Anywhere()

    def until(engine: Engine) -> bool:
        if len(engine.events) == 3:
            engine.fence = Refusing()
        return False

    events = knock(host(HOME, *ports), limits=slow, fence=fence, until=until)

    states = [event.state for event in events]
    assert states == [PortState.CLOSED] * 3 + [PortState.REFUSED_BY_SCOPE] * 3
    assert [port for _, port in fence.asked] == [event.port for event in events[:3]]


def test_it_says_goodbye_with_fin_and_waits_for_the_answer(no_leak: None) -> None:
    seen = []

    with listening() as server:

        def greet() -> None:
            talk, _ = server.accept()
            with talk:
                seen.append(talk.recv(10))
                talk.sendall(b"220 ready\r\n" * 50)
                # A caller who is gone answers with a reset, which ends this state.
                seen.append(talk.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))

        thread = threading.Thread(target=greet)
        thread.start()
        knock(host(HOME, server.getsockname()[1]))
        thread.join(5)

    assert seen == [b"", bytes([CLOSE_WAIT])]


@pytest.mark.parametrize(
    "address", ["localhost", "fe80::1%lo", "", "127.1", "127.0.0.1:80", "0x7f000001"]
)
def test_a_host_without_a_literal_address_cannot_be_made(address: str) -> None:
    with pytest.raises(ValueError, match="literal"):
        host(address, 80)


def test_it_closes_everything_when_stopped_and_says_what_was_cut_short(
    no_leak: None,
) -> None:
    slow = dataclasses.replace(FREE, timeout=5.0)
    fence = Anywhere()
    with full("") as port:
        hosts = [host(f"127.0.0.{last}", port) for last in range(1, 21)]
        events = knock(
            *hosts, limits=slow, fence=fence, until=lambda _: len(fence.asked) >= 5
        )

    assert {event.state for event in events} == {PortState.CUT_SHORT}
    assert len(events) == len(fence.asked) >= 5


def test_it_opens_nothing_once_it_is_stopped(no_leak: None) -> None:
    fence = Anywhere()

    def until(engine: Engine) -> bool:
        engine.is_stopped = True
        return len(turns) > 3 or turns.append(1)

    turns: list[int] = []
    events = knock(host(HOME, closed_port()), fence=fence, until=until)

    assert (events, fence.asked) == ([], [])


def test_it_holds_no_more_sockets_than_allowed(no_leak: None) -> None:
    before = sockets_open()
    seen = []

    class Counting:
        def permit(self, *_: object) -> Permit | Refusal:
            seen.append(sockets_open())
            return Permit("test")

    few = dataclasses.replace(FREE, max_half_open=4, timeout=0.05)
    with full("") as port:
        inside = sockets_open() - before
        hosts = [host(f"127.0.0.{last}", port) for last in range(1, 13)]
        knock(*hosts, limits=few, fence=Counting())

    # One more for the epoll itself; the fourth socket is not open yet when asked.
    assert max(seen) - before - inside <= 4


def test_it_waits_when_its_own_machine_has_no_socket_left(
    no_leak: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refusals = socket.socket, [errno.EMFILE, errno.ENFILE, errno.ENOBUFS]

    def scarce(*args: int) -> socket.socket:
        if refusals:
            raise OSError(refusals.pop(), "no room")
        return real(*args)

    closed = closed_port()
    monkeypatch.setattr("exposure.collectors.plugs.socket.socket", scarce)

    [event] = knock(host(HOME, closed))

    # Our own lack of room is not the host's silence.
    assert (event.state, refusals) == (PortState.CLOSED, [])


def test_it_calls_an_endless_lack_of_sockets_an_error_and_not_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(*args: int) -> socket.socket:
        raise OSError(errno.EMFILE, "no room")

    now = [0.0]

    def clock() -> float:
        now[0] += 0.06
        return now[0]

    monkeypatch.setattr("exposure.collectors.plugs.socket.socket", none)

    [event] = knock(host(HOME, 1), clock=clock)

    assert (event.state, event.reason) == (PortState.ERROR, errno.EMFILE)


class Instant:
    """A network where every port is closed, and a clock that only waiting moves."""

    def __init__(self, limits: SweepLimits) -> None:
        """Begin at noon."""
        self.now = 0.0
        self.sent: list[tuple[float, str]] = []
        self.engine = Engine(limits, fence=Anywhere(), clock=lambda: self.now)
        self.engine._plugs = self  # type: ignore[assignment] # no socket is needed
        self._patience = self.engine._patience
        self.engine._patience = self._wait  # type: ignore[method-assign] # nor a pause
        self._is_second = True

    def run(self, *hosts: SweepHost, then: Callable[[], None] = lambda: None) -> None:
        """Knock at all ports."""
        for number, each in enumerate(hosts):
            self.engine.add(number, each)
        while self.engine.count:
            self.engine.step()
            then()
        self.engine.close()

    def take(self, _: int) -> "Instant":
        """Be the socket, too."""
        return self

    def give_back(self, *_: object) -> None:
        """Be at rest."""

    def close(self) -> None:
        """Hold nothing."""

    def connect_ex(self, target: tuple[str, int]) -> int:
        """Refuse, at the second question."""
        self._is_second = not self._is_second
        if self._is_second:
            return errno.ECONNREFUSED
        self.sent.append((self.now, target[0]))
        return errno.EINPROGRESS

    def _wait(self) -> float:
        self.now += self._patience()
        return 0.0


def most_in_a_second(times: list[float]) -> int:
    return max(sum(a <= t < a + 1 for t in times) for a in times)


def test_it_keeps_to_the_rates_of_its_clock() -> None:
    network = Instant(SweepLimits(rate_per_second=100, rate_per_host=40))

    network.run(*[host(f"192.0.2.{last}", *range(1, 61)) for last in (1, 2, 3)])

    assert len(network.sent) == 180
    assert most_in_a_second([at for at, _ in network.sent]) <= 100
    for last in (1, 2, 3):
        mine = [at for at, address in network.sent if address == f"192.0.2.{last}"]
        assert most_in_a_second(mine) <= 40


def test_it_lets_a_lower_ceiling_hold_at_once() -> None:
    network = Instant(SweepLimits(rate_per_second=100, rate_per_host=1000))
    changed: list[float] = []

    def then() -> None:
        if len(network.sent) > 50 and not changed:
            changed.append(network.now)
            network.engine.limit(SweepLimits(rate_per_second=10))

    network.run(host("192.0.2.1", *range(1, 101)), then=then)

    after = [at for at, _ in network.sent if at > changed[0]]
    assert len(after) > 40
    assert most_in_a_second(after) <= 10
