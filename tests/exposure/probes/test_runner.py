"""Running probes: failures become results, a stop stops, hosts are not hurried."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from exposure.logic.scope import Permit, Refusal
from exposure.probes import iec104, modbus, registry
from exposure.probes.base import Outcome, Parsed, Probe, ProbeResult, Target
from exposure.probes.dialer import Dialer
from exposure.probes.runner import Host, OpenPort, Pace, identify, identify_hosts
from tests.exposure.probes.stage import (
    HOME,
    Handler,
    Watch,
    allow,
    ask,
    never,
    saying,
    service,
)

IEC104 = saying(iec104.TEST_CONFIRMED)


def run(
    handler: Handler,
    *hints: str,
    permit: Callable[[str, int], Permit | Refusal] = allow,
    should_stop: Callable[[], bool] = never,
    pace: Pace | None = None,
) -> list[ProbeResult]:
    """Identify one host that has a port with this handler behind every hint."""

    async def gather() -> list[ProbeResult]:
        async with service(handler) as port:
            host = Host(HOME, [OpenPort(port, hint) for hint in hints])
            each = identify(
                host,
                permit=permit,
                should_stop=should_stop,
                pace=pace or Pace(pause=Watch().rest),
            )
            return [result async for result in each]

    return asyncio.run(gather())


def test_it_makes_a_result_of_a_failing_probe() -> None:
    async def fail(target: Target, *, dialer: Dialer) -> None:
        raise KeyError("a mistake of ours")

    broken = replace(modbus.PROBE, run=fail)

    result = ask(broken, saying(b""))

    assert result.outcome is Outcome.ERROR
    assert "a mistake of ours" in result.detail


def test_it_makes_a_result_of_a_failing_parser() -> None:
    def fail(exchanges: object) -> Parsed:
        raise IndexError("off by one")

    result = ask(replace(iec104.PROBE, parse=fail), IEC104)

    assert result.outcome is Outcome.ERROR
    assert "off by one" in result.detail
    assert len(result.exchanges) == 2


def test_it_ends_a_probe_at_its_deadline() -> None:
    async def forever(target: Target, *, dialer: Dialer) -> None:
        async with dialer.connect(target):
            await asyncio.Event().wait()

    result = ask(replace(modbus.PROBE, run=forever), IEC104, seconds=0.05)

    assert result.outcome is Outcome.SILENT


def test_it_says_that_nothing_was_sent_outside_the_scope() -> None:
    results = run(IEC104, "iec104", permit=lambda *_: Refusal("Not in the scope."))

    assert results[0].outcome is Outcome.ERROR
    assert results[0].connections == 0
    assert "Nothing was sent. Not in the scope." in results[0].detail


def test_it_opens_no_other_connection_after_a_stop() -> None:
    answered = threading.Event()

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await IEC104(reader, writer)
        answered.set()

    results = run(answer, "iec104", "iec104", should_stop=answered.is_set)

    assert len(results) <= 1


def test_it_hangs_up_a_silent_conversation_at_a_stop() -> None:
    stopped = threading.Event()
    ends = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(6)
        stopped.set()
        ends.append(await reader.read())

    results = run(hold, "iec104", should_stop=stopped.is_set)

    assert [(each.was_stopped, each.bytes_out) for each in results] == [(True, 6)]
    assert ends == [b""]


def test_it_leaves_a_host_that_refuses_twice_alone() -> None:
    async def gather() -> list[ProbeResult]:
        async with service(IEC104) as port:
            pass  # from here on nothing listens there
        host = Host(HOME, [OpenPort(port, "ssh")] * 4)
        each = identify(host, permit=allow, should_stop=never)
        return [result async for result in each]

    results = asyncio.run(gather())

    assert [result.outcome for result in results] == [Outcome.REFUSED] * 2


def test_it_rests_between_the_ports_of_an_industrial_host() -> None:
    watch = Watch()

    run(IEC104, "iec104", "iec104", pace=Pace(clock=watch, pause=watch.rest))

    assert watch.rests == [0.5]


def test_it_does_not_rest_on_an_office_host() -> None:
    watch = Watch()

    run(saying(b"HTTP/1.1 200 OK\r\n\r\n"), "http", "http", pace=Pace(pause=watch.rest))

    assert watch.rests == []


def test_it_works_on_many_hosts_but_not_on_more_than_asked() -> None:
    inside: list[int] = []
    peak: list[int] = []

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside.append(1)
        peak.append(len(inside))
        await IEC104(reader, writer)
        inside.pop()

    async def gather() -> list[ProbeResult]:
        async with service(count) as port:
            hosts = [Host(HOME, [OpenPort(port, "iec104")]) for _ in range(12)]
            each = identify_hosts(
                hosts,
                permit=allow,
                should_stop=never,
                pace=Pace(pause=Watch().rest),
                at_once=3,
            )
            return [result async for result in each]

    results = asyncio.run(gather())

    assert len(results) == 12
    assert 1 < max(peak) <= 3


def test_it_lets_an_error_of_the_caller_through() -> None:
    def broken() -> bool:
        raise RuntimeError("no stop flag")

    async def gather() -> list[ProbeResult]:
        hosts = [Host(HOME, [OpenPort(1, "iec104")])]
        each = identify_hosts(hosts, permit=allow, should_stop=broken, at_once=2)
        return [result async for result in each]

    with pytest.raises(RuntimeError, match="no stop flag"):
        asyncio.run(gather())


@pytest.mark.parametrize("port", sorted(registry.OT_PORTS))
@pytest.mark.parametrize("hint", ["", "http", "tls", "ssh", "rdp"])
def test_it_sends_an_industrial_port_its_own_protocol_only(
    port: int, hint: str
) -> None:
    probes: tuple[Probe, ...] = registry.probes_for(port, hint)

    assert all(probe.is_ot or not probe.messages for probe in probes)
    assert all(not probe.messages or port in probe.ports for probe in probes)


def test_it_takes_a_hint_for_an_unknown_port() -> None:
    assert registry.probes_for(10_502, "modbus") == (modbus.PROBE,)
    assert registry.is_ot_port(10_502, "modbus")
    assert [p.name for p in registry.probes_for(61_443, "https")] == [
        *("tls", "https", "tls-versions")
    ]
    assert not registry.is_ot_port(443)
