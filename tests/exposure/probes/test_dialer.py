"""The dialer asks before it dials, rests between calls and hangs up with FIN."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from exposure.logic.scope import Permit, Refusal
from exposure.probes.base import Caps, Direction, Target
from exposure.probes.dialer import Dialer, Gate, ScopeRefused, StopRequested
from exposure.probes.line import AnswerTooLong, Garbled, HungUp
from tests.exposure.probes.stage import (
    HOME,
    Handler,
    Watch,
    allow,
    never,
    saying,
    service,
)


def dial(
    handler: Handler,
    talk: Callable[[Dialer, Target], object],
    *,
    permit: Callable[[str, int], Permit | Refusal] = allow,
    should_stop: Callable[[], bool] = never,
    caps: Caps | None = None,
) -> Dialer:
    """Serve with `handler`, talk through a new dialer, return the dialer."""
    caps = caps or Caps(read_seconds=1)

    async def run() -> Dialer:
        async with service(handler) as port:
            gate = Gate()
            dialer = Dialer(
                permit=permit, should_stop=should_stop, gate=gate, caps=caps
            )
            await talk(dialer, Target(HOME, port))
            return dialer

    return asyncio.run(run())


async def shout(dialer: Dialer, target: Target) -> None:
    """Open a connection and send one word."""
    async with dialer.connect(target) as line:
        await line.send(b"hello")
        await line.exactly(5)


def test_it_asks_about_the_literal_address_before_each_connection() -> None:
    asked = []

    def permit(address: str, port: int) -> Permit:
        asked.append(address)
        return Permit("test")

    async def twice(dialer: Dialer, target: Target) -> None:
        await shout(dialer, target)
        await shout(dialer, target)

    dialer = dial(saying(b"howdy"), twice, permit=permit)

    assert asked == [HOME, HOME]
    assert dialer.connections == 2


def test_it_sends_nothing_when_the_scope_refuses() -> None:
    reached = []

    async def note(*_: object) -> None:
        reached.append(True)

    async def refused(dialer: Dialer, target: Target) -> None:
        with pytest.raises(ScopeRefused, match="not yours"):
            await shout(dialer, target)
        assert dialer.connections == 0

    dialer = dial(note, refused, permit=lambda *_: Refusal("This is not yours."))

    assert reached == []
    assert dialer.exchanges == []


def test_it_sends_nothing_after_a_stop() -> None:
    async def stopped(dialer: Dialer, target: Target) -> None:
        with pytest.raises(StopRequested):
            await shout(dialer, target)

    dialer = dial(saying(b"howdy"), stopped, should_stop=lambda: True)

    assert dialer.connections == 0


def test_it_never_resolves_a_name() -> None:
    async def named(dialer: Dialer, target: Target) -> None:
        with pytest.raises(ValueError, match="localhost"):
            await shout(dialer, Target("localhost", target.port))

    assert dial(saying(b"howdy"), named).established == 0


def test_it_records_both_directions() -> None:
    dialer = dial(saying(b"howdy"), shout)

    told = [(each.direction, each.data) for each in dialer.exchanges]
    assert told == [(Direction.SENT, b"hello"), (Direction.RECEIVED, b"howdy")]


def test_it_waits_for_the_other_sides_farewell() -> None:
    events: list[object] = []

    async def linger(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readexactly(5)
        writer.write(b"howdy and much more")
        events.append(await reader.read())
        for _ in range(50):
            await asyncio.sleep(0)
        events.append("service hangs up")

    async def talk(dialer: Dialer, target: Target) -> None:
        await shout(dialer, target)
        events.append("probe is done")

    dial(linger, talk)

    # A reset would have raised instead of ending the stream.
    assert events == [b"", "service hangs up", "probe is done"]


def test_it_rests_between_two_connections_to_an_industrial_host() -> None:
    watch = Watch()
    gate = Gate(rest=0.25, spacing=0.5, clock=watch, pause=watch.rest)

    async def three_turns() -> None:
        for length in (0.0, 0.1, 0.4):
            async with gate.turn():
                watch.now += length
        async with gate.turn():
            pass

    asyncio.run(three_turns())

    assert watch.rests == [0.5, 0.4, 0.25]


def test_a_host_that_turns_out_industrial_rests_at_once() -> None:
    watch = Watch()
    gate = Gate(clock=watch, pause=watch.rest)

    async def three_turns() -> None:
        async with gate.turn():
            pass
        gate.go_gently()
        for _ in range(2):
            async with gate.turn():
                pass

    asyncio.run(three_turns())

    assert watch.rests == [0.25, 0.5]


def test_it_holds_one_connection_at_a_time() -> None:
    inside: list[int] = []

    async def visit(gate: Gate) -> None:
        async with gate.turn():
            inside.append(1)
            assert sum(inside) == 1
            await asyncio.sleep(0)
            inside.pop()

    async def crowd() -> None:
        gate = Gate()
        await asyncio.gather(*(visit(gate) for _ in range(10)))

    asyncio.run(crowd())


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b"\xff\xff\xff\xff", Garbled), (b"\0\0\0\2", Garbled), (b"\0\0\0\x09a", HungUp)],
)
def test_it_refuses_a_frame_of_impossible_size(
    answer: bytes, error: type[Exception]
) -> None:
    async def talk(dialer: Dialer, target: Target) -> None:
        async with dialer.connect(target) as line:
            await line.send(b"size?")
            with pytest.raises(error):
                await line.frame(4, size=int.from_bytes)

    dial(saying(answer), talk)


def test_it_caps_what_one_probe_may_hear() -> None:
    async def talk(dialer: Dialer, target: Target) -> None:
        async with dialer.connect(target) as line:
            await line.send(b"more")
            with pytest.raises(AnswerTooLong):
                await line.exactly(5000)

    small = Caps(answer_bytes=4000, probe_bytes=1000, read_seconds=1)
    dialer = dial(saying(bytes(6000)), talk, caps=small)

    heard = [e.data for e in dialer.exchanges if e.direction is Direction.RECEIVED]
    assert len(b"".join(heard)) == 1000


def test_it_speaks_ipv6() -> None:
    async def run() -> Dialer:
        async with service(saying(b"howdy"), address="::1") as port:
            dialer = Dialer(permit=allow, should_stop=never, gate=Gate())
            await shout(dialer, Target("::1", port))
            return dialer

    if not socket.has_ipv6:
        pytest.skip("This machine has no IPv6.")
    assert asyncio.run(run()).established == 1
