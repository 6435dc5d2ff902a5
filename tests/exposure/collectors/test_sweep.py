"""The sweep finds what answers, keeps to its limits and closes every socket."""

import errno
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exposure.collectors import sweep as module
from exposure.collectors.sweep import PortState, SweepLimits, SweepResult, sweep
from exposure.logic.scope import Permit, Refusal

HOME = "127.0.0.1"
CLOSE_WAIT = 8  # the other side has sent FIN and still listens
FAST = SweepLimits(timeout=0.2, rate_per_second=1e6, rate_per_host=1e6)


def allow(address: str, port: int) -> Permit:
    """Permit everything."""
    return Permit("test")


def never() -> bool:
    """Let the sweep go on."""
    return False


def run(
    targets: list[tuple[str, int]],
    *,
    limits: SweepLimits = FAST,
    permit: Callable[[str, int], Permit | Refusal] = allow,
    should_stop: Callable[[], bool] = never,
    clock: Callable[[], float] = time.monotonic,
) -> list[SweepResult]:
    """Sweep the targets and return the results in the order of the targets."""
    each = sweep(
        targets, permit=permit, should_stop=should_stop, limits=limits, clock=clock
    )
    return sorted(each, key=lambda r: targets.index((r.address, r.port)))


def sockets_open() -> int:
    """Return how many sockets and epolls this process has."""
    entries = [e for e in Path("/proc/self/fd").iterdir() if e.is_symlink()]
    kinds = [str(entry.readlink()) for entry in entries]
    return sum(kind.startswith(("socket:", "anon_inode:[eventpoll]")) for kind in kinds)


@pytest.fixture
def no_leak() -> Iterator[None]:
    """Fail the test if it leaves a socket open."""
    before = sockets_open()
    yield
    assert sockets_open() == before


@contextmanager
def listening(address: str = HOME, backlog: int = 50) -> Iterator[socket.socket]:
    """Listen on a free port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family, backlog=backlog) as server:
        yield server


@contextmanager
def full() -> Iterator[int]:
    """Listen on a port whose queue is full, so that new connections get no answer."""
    with listening(backlog=0) as server:
        port = server.getsockname()[1]
        waiting = []
        for _ in range(3):
            plug = socket.socket(type=socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            plug.connect_ex((HOME, port))
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


def test_it_tells_open_closed_and_filtered(no_leak: None) -> None:
    closed = closed_port()
    with listening() as server, full() as filtered:
        port = server.getsockname()[1]

        results = run([(HOME, port), (HOME, closed), (HOME, filtered)])

    states = [r.state for r in results]
    assert states == [PortState.OPEN, PortState.CLOSED, PortState.FILTERED]
    assert results[1].error == os.strerror(errno.ECONNREFUSED)


def test_it_speaks_ipv6(no_leak: None) -> None:
    with listening("::1") as server:
        results = run([("::1", server.getsockname()[1])])

    assert [r.state for r in results] == [PortState.OPEN]


def test_it_sends_nothing_where_the_scope_refuses(no_leak: None) -> None:
    with listening() as server:
        port = server.getsockname()[1]

        [result] = run([(HOME, port)], permit=lambda *_: Refusal("Not yours."))

        assert select.select([server], [], [], 0)[0] == []
    assert result.state is PortState.REFUSED_BY_SCOPE
    assert result.error == "Not yours."


@pytest.mark.parametrize(
    "target",
    [("localhost", 80), ("fe80::1%lo", 80), (HOME, 70_000), (HOME, 0), ("", 1)],
)
def test_it_refuses_what_is_no_address_or_port(target: tuple[str, int]) -> None:
    [result] = run([target])

    assert result.state is PortState.REFUSED_BY_SCOPE


def test_it_asks_the_scope_right_before_each_connection() -> None:
    order = []

    def permit(address: str, port: int) -> Permit:
        order.append(("asked", port))
        return Permit("test")

    ports = [closed_port() for _ in range(3)]
    for result in sweep(
        [(HOME, port) for port in ports], permit=permit, should_stop=never, limits=FAST
    ):
        order.append(("done", result.port))

    assert sorted(order) == sorted([(w, p) for p in ports for w in ("asked", "done")])


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
        run([(HOME, server.getsockname()[1])])
        thread.join(5)

    assert seen == [b"", bytes([CLOSE_WAIT])]


def test_it_cuts_off_a_service_that_never_stops_talking(no_leak: None) -> None:
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
        [result] = run([(HOME, server.getsockname()[1])], clock=lambda: 0.0)
        thread.join(5)

    assert result.state is PortState.OPEN
    assert not thread.is_alive()


def test_it_stops_when_told(no_leak: None) -> None:
    asked = []

    def permit(address: str, port: int) -> Permit:
        asked.append(port)
        return Permit("test")

    slow = SweepLimits(timeout=5, rate_per_second=1e6, rate_per_host=1e6)
    with full() as port:
        results = run(
            [(HOME, port)] * 20,
            limits=slow,
            permit=permit,
            should_stop=lambda: len(asked) >= 5,
        )

    assert results == []


def test_it_sends_nothing_when_stopped_before_it_began(no_leak: None) -> None:
    asked = []
    targets = [(HOME, closed_port())]

    results = run(
        targets,
        permit=lambda *a: asked.append(a) or allow(*a),
        should_stop=lambda: True,
    )

    assert results == []
    assert asked == []


def test_it_closes_everything_when_the_caller_leaves_early(no_leak: None) -> None:
    closed = closed_port()
    with listening() as server, full() as filtered:
        targets = [(HOME, filtered)] * 10 + [(HOME, server.getsockname()[1])]
        each = sweep(
            [*targets, (HOME, closed)], permit=allow, should_stop=never, limits=FAST
        )

        next(each)
        each.close()


def test_it_holds_no_more_sockets_than_allowed(no_leak: None) -> None:
    before = sockets_open()
    seen = []

    def permit(address: str, port: int) -> Permit:
        seen.append(sockets_open())
        return Permit("test")

    few = SweepLimits(
        max_half_open=4, timeout=0.05, rate_per_second=1e6, rate_per_host=1e6
    )
    with full() as port:
        inside = sockets_open() - before
        run([(HOME, port)] * 12, limits=few, permit=permit)

    # One more for the epoll itself; the fourth socket is not open yet when asked.
    assert max(seen) - before - inside <= 4


def test_it_keeps_to_the_rates_of_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[float, str]] = []
    now = [0.0]

    class Instant(module._Sweep):
        def _connect(self, target: tuple[str, int], at: float) -> SweepResult:
            sent.append((at, target[0]))
            return SweepResult(target[0], target[1], PortState.CLOSED, at)

        def _patience(self) -> float:
            now[0] += super()._patience()
            return 0.0

    monkeypatch.setattr(module, "_Sweep", Instant)
    limits = SweepLimits(rate_per_second=100, rate_per_host=40)
    targets = [(f"192.0.2.{host}", port) for port in range(1, 61) for host in (1, 2, 3)]

    results = list(
        sweep(
            targets,
            permit=allow,
            should_stop=never,
            limits=limits,
            clock=lambda: now[0],
        )
    )

    assert len(results) == 180
    busiest = max(sum(a <= t < a + 1 for t, _ in sent) for a, _ in sent)
    assert busiest <= 100
    times = [t for t, address in sent if address == "192.0.2.1"]
    assert max(sum(a <= t < a + 1 for t in times) for a in times) <= 40
