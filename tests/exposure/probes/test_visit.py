"""A visit: who is asked first, who is treated as a controller, and when it ends."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from exposure.probes import http, iec104, modbus, registry, ssh
from exposure.probes.base import (
    Direction,
    Exchange,
    Outcome,
    Probe,
    ProbeResult,
    Target,
)
from exposure.probes.budget import OT_BUDGET, Spent
from exposure.probes.impression import Impression, answer_seconds
from exposure.probes.runner import (
    Host,
    Note,
    NoteKind,
    OpenPort,
    Pace,
    Seen,
    visit_hosts,
)
from exposure.probes.visit import REST_AFTER_TROUBLE, plan
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

IEC104 = saying(iec104.TEST_CONFIRMED)
PAGE = b"HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n<title>Spare parts</title>"
PANEL = b"HTTP/1.1 200 OK\r\nServer: Plain\r\n\r\n<title>SIMATIC HMI</title>"
Ports = Sequence[tuple[Handler, str]]


def visit(
    *ports: tuple[Handler, str], watch: Watch | None = None, **values: object
) -> list[Seen]:
    """Visit one host that has a port with this handler behind every hint."""
    watch = watch or Watch()

    async def gather() -> list[Seen]:
        async with AsyncExitStack() as stack:
            opened = [
                OpenPort(await stack.enter_async_context(service(handler)), hint)
                for handler, hint in ports
            ]
            host = Host(HOME, opened, **values)  # type: ignore[arg-type]  # a test's own
            pace = Pace(pause=watch.rest)
            seen = visit_hosts([host], permit=allow, should_stop=never, pace=pace)
            return [each async for each in seen]

    return asyncio.run(gather())


def notes(seen: list[Seen]) -> dict[NoteKind, str]:
    return {each.kind: each.text for each in seen if isinstance(each, Note)}


def asked(seen: list[Seen]) -> list[str]:
    return [each.probe for each in seen if isinstance(each, ProbeResult)]


def test_industrial_ports_come_first_and_thorough_questions_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walk = replace(http.PROBE, name="walk", ports=(22,), thorough=True)
    monkeypatch.setattr(registry, "PROBES", (walk, *registry.PROBES))
    ports = [OpenPort(22), OpenPort(80), OpenPort(9999), OpenPort(502), OpenPort(443)]

    steps = [probe.name for _, probe in plan(Host(HOME, ports))]

    assert steps == ["modbus", "banner", "tls", "ssh", "http", "https", "walk"]


def test_it_says_why_a_host_is_treated_as_a_controller() -> None:
    seen = visit((IEC104, "iec104"))

    text = notes(seen)[NoteKind.CONTROLLER]
    assert text.startswith("treated as a controller because port ")
    assert text.endswith(" is open and expected to speak iec104")


def test_the_inventory_makes_a_controller_of_a_web_server() -> None:
    seen = visit((saying(PAGE), "http"), kind="plc")

    assert "the inventory calls it a plc" in notes(seen)[NoteKind.CONTROLLER]


@pytest.mark.parametrize(("page", "walks"), [(PAGE, 1), (PANEL, 0)])
def test_a_page_that_smells_of_a_plant_ends_thorough_questions(
    page: bytes, walks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = replace(http.PROBE, name="walk", thorough=True)
    monkeypatch.setattr(registry, "BY_NAME", {**registry.BY_NAME, "walk": walk})
    watch = Watch()

    seen = visit((saying(page), "walk"), (saying(page), "http"), watch=watch)

    assert asked(seen).count("walk") == walks
    assert bool(watch.rests) == (
        not walks
    )  # and from then on the pace is a controller's


def test_a_controller_is_told_to_probes_that_could_ask_more() -> None:
    told: list[bool] = []

    async def run(target: Target, *, dialer: object) -> None:
        told.append(dialer.is_gentle)  # type: ignore[attr-defined]  # a dialer
        await http.run_plain(target, dialer=dialer)  # type: ignore[arg-type]  # a dialer

    curious = replace(http.PROBE, run=run, name="curious")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "BY_NAME", {**registry.BY_NAME, "curious": curious})
        visit((saying(PANEL), "curious"))

    assert told == [False, True]  # before the smell, and at the look at its health


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


def test_a_decoy_that_answers_every_protocol_is_left_alone() -> None:
    spoken = ["modbus", "s7", "enip", "opcua", "iec104", "melsec", "mqtt"]

    seen = visit(*((answering(protocol), protocol) for protocol in spoken))

    results = [each for each in seen if isinstance(each, ProbeResult)]
    assert {each.outcome for each in results} == {Outcome.IDENTIFIED}
    assert len(results) < len(spoken)
    assert "deception suspected: " in notes(seen)[NoteKind.DECEPTION]
    assert NoteKind.DONE in notes(seen)


def test_a_host_with_every_port_open_is_asked_nothing() -> None:
    async def gather() -> list[Seen]:
        ports = [OpenPort(port) for port in range(1, 41)]
        seen = visit_hosts(
            [Host(HOME, ports, tried=40)], permit=allow, should_stop=never
        )
        return [each async for each in seen]

    seen = asyncio.run(gather())

    assert asked(seen) == []
    assert "40 of the 40 ports asked are open" in notes(seen)[NoteKind.DECEPTION]


@pytest.mark.parametrize(
    ("spent", "asks"),
    [
        (Spent(0, 0), 2),
        (Spent(OT_BUDGET.connections - 2, 0), 0),  # the rest is kept for its health
        (Spent(OT_BUDGET.connections - 3, 0), 2),
        (Spent(0, OT_BUDGET.total_bytes), 0),
    ],
)
def test_a_controller_has_a_budget(spent: Spent, asks: int) -> None:
    seen = visit((IEC104, "iec104"), spent=spent)

    assert len(asked(seen)) == asks
    assert (NoteKind.LEFT_ALONE in notes(seen)) == (not asks)


def test_a_probe_that_wants_more_connections_than_are_left_is_cut_short() -> None:
    nearly = Spent(OT_BUDGET.connections - 3, 0)

    async def no_such_slot(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(100)

    seen = visit((no_such_slot, "s7"), spent=nearly)

    [result] = [each for each in seen if isinstance(each, ProbeResult)]
    assert result.connections == 1
    assert "No further connection was made." in result.detail


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
