"""Asking over UDP: permitted datagram by datagram, counted, and heard from one peer."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from exposure.logic.scope import Permit, Refusal
from exposure.probes import moxa
from exposure.probes.base import Direction, Outcome, ProbeResult, Target
from exposure.probes.datagrams import Unanswered
from exposure.probes.dialer import (
    Ceiling,
    Dialer,
    Gate,
    ScopeRefused,
    StopRequested,
)
from exposure.probes.runner import Host, OpenPort, Pace, identify
from tests.exposure.probes.stage import HOME, Watch, allow, never
from tests.exposure.probes.stage_udp import ask_udp_port, udp_service

ANSWER = bytes.fromhex("81000018000000005062002950620090e8010203c0a87ffe")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait a whole second for each answer."""
    monkeypatch.setattr("exposure.probes.datagrams.ANSWER_SECONDS", 0.05)


def talk(
    reply: Callable[[bytes], list[bytes]],
    what: Callable[[Dialer, Target], Awaitable[object]],
    *,
    permit: Callable[[str, int], Permit | Refusal] = allow,
    should_stop: Callable[[], bool] = never,
) -> tuple[Dialer, list[bytes]]:
    """Serve, talk through a new dialer; return it and what the service heard."""

    async def run() -> tuple[Dialer, list[bytes]]:
        async with udp_service(reply) as (port, service):
            dialer = Dialer(permit=permit, should_stop=should_stop, gate=Gate())
            await what(dialer, Target(HOME, port, transport="udp"))
            await asyncio.sleep(0)
            return dialer, service.heard

    return asyncio.run(run())


async def ask(dialer: Dialer, target: Target) -> None:
    """Ask one question, whatever comes of it."""
    async with dialer.datagrams(target) as line:
        await line.ask(b"who?", answers=lambda data: data == b"me")


def test_it_sends_a_question_once_more_and_counts_every_datagram() -> None:
    async def unanswered(dialer: Dialer, target: Target) -> None:
        with pytest.raises(Unanswered):
            await ask(dialer, target)

    dialer, heard = talk(lambda _: [], unanswered)

    assert heard == [b"who?", b"who?"]
    assert dialer.connections == 2
    assert [each.direction for each in dialer.exchanges] == [Direction.SENT] * 2


def test_it_does_not_repeat_a_question_that_was_answered() -> None:
    dialer, heard = talk(lambda _: [b"me"], ask)

    assert heard == [b"who?"]
    assert dialer.connections == 1


def test_it_passes_over_what_does_not_answer_and_keeps_it() -> None:
    dialer, _ = talk(lambda _: [b"noise", b"me"], ask)

    assert [each.data for each in dialer.exchanges] == [b"who?", b"noise", b"me"]


def test_it_sends_nothing_when_the_scope_refuses() -> None:
    async def refused(dialer: Dialer, target: Target) -> None:
        with pytest.raises(ScopeRefused, match="not yours"):
            await ask(dialer, target)

    dialer, heard = talk(
        lambda _: [b"me"], refused, permit=lambda *_: Refusal("This is not yours.")
    )

    assert (heard, dialer.connections, dialer.exchanges) == ([], 0, [])


def test_it_asks_the_scope_again_before_the_second_datagram() -> None:
    verdicts = [Permit("test"), Permit("test"), Refusal("Excluded meanwhile.")]

    async def refused(dialer: Dialer, target: Target) -> None:
        with pytest.raises(ScopeRefused):
            await ask(dialer, target)

    _, heard = talk(lambda _: [], refused, permit=lambda *_: verdicts.pop(0))

    assert heard == [b"who?"]


def test_it_sends_nothing_after_a_stop() -> None:
    async def stopped(dialer: Dialer, target: Target) -> None:
        with pytest.raises(StopRequested):
            await ask(dialer, target)

    _, heard = talk(lambda _: [b"me"], stopped, should_stop=lambda: True)

    assert heard == []


def test_it_never_resolves_a_name() -> None:
    async def named(dialer: Dialer, target: Target) -> None:
        with pytest.raises(ValueError, match="localhost"):
            await ask(dialer, Target("localhost", target.port, transport="udp"))

    talk(lambda _: [], named)


def ask_from(reply: Callable[[socket.socket, bytes, tuple[str, int]], None]) -> object:
    """Ask a service that answers with sockets of its own; return the result."""

    async def run() -> ProbeResult:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
            plug.bind((HOME, 0))
            plug.settimeout(0)
            loop = asyncio.get_running_loop()

            def answer() -> None:
                data, peer = plug.recvfrom(2048)
                reply(plug, data, peer)

            loop.add_reader(plug, answer)
            try:
                return await ask_udp_port(moxa.PROBE, plug.getsockname()[1])
            finally:
                loop.remove_reader(plug)

    return asyncio.run(run())


@pytest.mark.parametrize("address", [HOME, "127.0.0.9"])
def test_it_does_not_hear_an_answer_from_elsewhere(address: str) -> None:
    """A forged answer from another port, or another address, is never stored."""

    def forge(_: socket.socket, __: bytes, peer: tuple[str, int]) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((address, 0))
            other.sendto(ANSWER, peer)

    result = ask_from(forge)

    assert isinstance(result, ProbeResult)
    assert result.outcome is Outcome.SILENT
    assert all(each.direction is Direction.SENT for each in result.exchanges)


def test_it_takes_port_unreachable_as_a_refusal() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HOME, 0))
        port = free.getsockname()[1]

    result = asyncio.run(ask_udp_port(moxa.PROBE, port))

    assert result.outcome is Outcome.REFUSED
    assert result.connections == 1


def test_it_calls_silence_silence() -> None:
    result = ask_from(lambda *_: None)

    assert isinstance(result, ProbeResult)
    assert result.outcome is Outcome.SILENT
    assert "says nothing about the port" in result.detail


def test_it_cannot_send_to_a_whole_network() -> None:
    result = asyncio.run(ask_udp_port(moxa.PROBE, 9, "127.255.255.255"))

    assert result.outcome is Outcome.ERROR
    assert result.exchanges == ()


def test_it_holds_all_hosts_together_to_a_ceiling() -> None:
    watch = Watch()
    ceiling = Ceiling(4.0, clock=watch, pause=watch.rest)

    async def burst() -> None:
        for _ in range(4):
            await ceiling.turn()

    asyncio.run(burst())

    assert watch.rests == [0.25, 0.25, 0.25]


def test_it_asks_a_host_one_question_at_a_time_at_an_industrial_pace() -> None:
    watch = Watch()
    times: list[float] = []

    def reply(_: bytes) -> list[bytes]:
        times.append(watch.now)
        return [ANSWER]

    async def gather() -> list[ProbeResult]:

        async with udp_service(reply) as (port, _):
            host = Host(HOME, [OpenPort(port, "moxa", "udp")] * 3)
            pace = Pace(clock=watch, pause=watch.rest)
            each = identify(host, permit=allow, should_stop=never, pace=pace)
            return [result async for result in each]

    results = asyncio.run(gather())

    assert [each.outcome for each in results] == [Outcome.IDENTIFIED] * 3
    assert watch.rests == [0.5, 0.5]


def test_closed_ports_do_not_end_the_questions_to_a_host() -> None:
    """Port unreachable is a healthy host's normal answer, not a cry for rest."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HOME, 0))
        closed = free.getsockname()[1]

    async def gather() -> list[ProbeResult]:
        async with udp_service(lambda _: [ANSWER]) as (port, _):
            ports = [OpenPort(closed, "snmp", "udp")] * 3
            host = Host(HOME, [*ports, OpenPort(port, "moxa", "udp")])
            watch = Watch()

            pace = Pace(clock=watch, pause=watch.rest)
            each = identify(host, permit=allow, should_stop=never, pace=pace)
            return [result async for result in each]

    outcomes = [each.outcome for each in asyncio.run(gather())]

    assert sorted(outcomes) == [Outcome.IDENTIFIED, *[Outcome.REFUSED] * 3]


def test_it_speaks_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("This machine has no IPv6.")

    async def run() -> ProbeResult:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as plug:
            plug.bind(("::1", 0))
            plug.settimeout(0)
            loop = asyncio.get_running_loop()
            loop.add_reader(plug, lambda: plug.sendto(ANSWER, plug.recvfrom(2048)[1]))
            try:
                port = plug.getsockname()[1]
                return await ask_udp_port(moxa.PROBE, port, "::1")
            finally:
                loop.remove_reader(plug)

    assert asyncio.run(run()).outcome is Outcome.IDENTIFIED
