"""A device's health before and after, and when a host that is in trouble is left alone."""

import asyncio

import pytest

from exposure.probes import modbus, ssh
from exposure.probes.base import (
    Direction,
    Exchange,
    Outcome,
    Probe,
    ProbeResult,
    Target,
)
from exposure.probes.impression import Impression, answer_seconds
from exposure.probes.runner import (
    Host,
    NoteKind,
    OpenPort,
    Pace,
    Seen,
    visit_hosts,
)
from exposure.probes.visit import REST_AFTER_TROUBLE
from tests.exposure.probes.decoys import answering
from tests.exposure.probes.stage import (
    HOME,
    Handler,
    Watch,
    allow,
    never,
    saying,
    service,
)
from tests.exposure.probes.visiting import IEC104, PAGE, asked, notes, visit


def test_an_office_host_is_not_asked_twice() -> None:
    seen = visit((saying(PAGE), "http"))

    assert asked(seen) == ["http"]
    assert notes(seen) == {NoteKind.DONE: ""}


def test_a_controller_is_asked_its_first_question_once_more() -> None:
    seen = visit((IEC104, "iec104"), (answering("mqtt"), "mqtt"))

    results = [each for each in seen if isinstance(each, ProbeResult)]
    assert [(r.probe, r.is_repeat) for r in results] == [
        ("iec104", False),
        ("mqtt", False),
        ("iec104", True),
    ]
    assert results[2].connections == 1
    assert NoteKind.CHANGED not in notes(seen)


def dying(protocol: str) -> Handler:
    """Return a service that answers its first client and nobody after."""
    answer, clients = answering(protocol), list[int]()

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        clients.append(1)
        if len(clients) == 1:
            await answer(reader, writer)
        else:
            await reader.read(100)

    return handle


def test_a_device_that_dies_after_the_first_conversation_is_noticed() -> None:
    seen = visit((dying("modbus"), "modbus"))

    text = notes(seen)[NoteKind.CHANGED]
    assert "asked the same question (modbus, port" in text
    assert "again, it was silent. The service hung up too early." in text


def test_a_device_that_calls_itself_otherwise_is_noticed() -> None:
    clients: list[int] = []

    async def forget(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        clients.append(1)
        model = b"FX5U-32MT/DS   " if len(clients) == 1 else b"                "
        await saying(bytes.fromhex("d00000ffff030014000000") + model + b"\x20\x49\x4a")(
            reader, writer
        )

    seen = visit((forget, "melsec"))

    assert "product was FX5U-32MT/DS and is" in notes(seen)[NoteKind.CHANGED]


def test_every_other_visit_ends_when_a_device_has_changed() -> None:
    reached: list[str] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("next")
        await IEC104(reader, writer)

    async def gather() -> list[Seen]:
        async with service(dying("modbus")) as sick, service(note) as other:
            hosts = [
                Host(HOME, [OpenPort(sick, "modbus")]),
                Host(HOME, [OpenPort(other, "iec104")]),
            ]
            seen = visit_hosts(
                hosts,
                permit=allow,
                should_stop=never,
                pace=Pace(pause=Watch().rest),
                at_once=1,
            )
            return [each async for each in seen]

    seen = asyncio.run(gather())

    assert NoteKind.CHANGED in notes(seen)
    assert reached == []


def test_a_device_that_refuses_is_asked_how_it_is_after_a_rest() -> None:
    async def gather() -> tuple[list[Seen], Watch]:
        watch = Watch()
        async with service(IEC104) as port:
            async with service(IEC104) as gone, service(IEC104) as also_gone:
                pass
            ports = [OpenPort(port, "iec104"), OpenPort(gone, "s7")]
            ports += [OpenPort(also_gone, "melsec"), OpenPort(gone, "ssh")]
            seen = visit_hosts(
                [Host(HOME, ports)],
                permit=allow,
                should_stop=never,
                pace=Pace(pause=watch.rest),
            )
            return [each async for each in seen], watch

    seen, watch = asyncio.run(gather())

    assert asked(seen) == ["iec104", "s7", "melsec", "iec104"]
    assert "it refused 2 times in a row" in notes(seen)[NoteKind.LEFT_ALONE]
    assert REST_AFTER_TROUBLE in watch.rests
    assert NoteKind.CHANGED not in notes(seen)


def test_a_stop_asks_nothing_more_about_health() -> None:
    answered: list[int] = []

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await IEC104(reader, writer)
        answered.append(1)

    async def gather() -> list[Seen]:
        async with service(answer) as port:
            host = Host(HOME, [OpenPort(port, "iec104")])
            seen = visit_hosts([host], permit=allow, should_stop=lambda: bool(answered))
            return [each async for each in seen]

    seen = asyncio.run(gather())

    assert len(answered) == 1
    assert NoteKind.DONE not in notes(seen)


def result(*waits: float, probe: Probe = modbus.PROBE) -> ProbeResult:
    """Return an answer that took these seconds, message by message."""
    exchanges, at = [], 0.0
    for wait in waits:
        exchanges.append(Exchange(at, Direction.SENT, b"?"))
        at += wait
        exchanges.append(Exchange(at, Direction.RECEIVED, b"!"))
    return ProbeResult(
        probe.name, 1, Target(HOME, 1), Outcome.IDENTIFIED, exchanges=tuple(exchanges)
    )


def test_the_longest_wait_of_a_conversation_counts() -> None:
    assert answer_seconds(result(0.25, 1.5, 0.5)) == 1.5
    assert answer_seconds(result()) is None


@pytest.mark.parametrize(
    ("first", "then", "trouble"),
    [
        (0.25, 1.5, "it took 0.2 s to answer at first and 1.5 s now"),
        (0.25, 1.2, ""),  # less than five times
        (0.01, 0.9, ""),  # below a second nothing is slow
    ],
)
def test_a_host_that_grows_slow_is_left_alone(
    first: float, then: float, trouble: str
) -> None:
    impression = Impression(smell="", industrial=[], open_ports=2, tried_ports=0)

    impression.take(modbus.PROBE, result(first))
    impression.take(ssh.PROBE, result(then))

    assert impression.left_alone == trouble
    assert impression.is_over == bool(trouble)
