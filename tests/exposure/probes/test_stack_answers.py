"""Probing stacks of others through a recorder that tells reading from controlling."""

import asyncio
from typing import Any

import pytest

from exposure.probes.base import Outcome, ProbeResult
from exposure.probes.runner import Host, OpenPort, identify
from plant.classify import Kind
from plant.recorder import Recording, recording
from tests.exposure.probes.stage import allow, never
from tests.plant.running import next_address
from tests.stacks.running import running_stack

pytestmark = pytest.mark.plant


def look(stack: str, port: int, protocol: str) -> tuple[list[ProbeResult], Recording]:
    """Return what the probe finds out about a stack, and what the stack was asked."""
    address = next_address()

    async def gather(seen: Recording) -> list[ProbeResult]:
        host = Host(seen.address, [OpenPort(seen.port, protocol)])
        return [r async for r in identify(host, permit=allow, should_stop=never)]

    with (
        running_stack(stack, address),
        recording(protocol, (address, port), address=next_address()) as seen,
    ):
        return asyncio.run(gather(seen)), seen


@pytest.mark.parametrize(
    ("stack", "port", "protocol", "level", "facts"),
    [
        ("outstation_one", 20000, "dnp3", "L2", {"outstation": 10}),
        ("outstation_two", 20000, "dnp3", "L1", {"outstation": 1}),
        ("outstation_three", 20000, "dnp3", "L2", {"outstation": 4}),
        (
            "substation",
            10102,
            "mms",
            "L2",
            {"vendor": "Northmill Relays", "product": "BAY-7", "version": "2.4.1"},
        ),
        (
            "twincat",
            48898,
            "ads",
            "L2",
            {"vendor": "Beckhoff", "product": "TestServer", "version": "1.2.3"},
        ),
    ],
)
def test_it_identifies_a_stack_without_touching_it(
    stack: str, port: int, protocol: str, level: str, facts: dict[str, Any]
) -> None:
    [result], seen = look(stack, port, protocol)

    assert result.outcome is Outcome.IDENTIFIED, result
    assert result.level == level
    assert facts.items() <= result.facts.items()
    assert result.connections == len(seen.connections) == seen.peak == 1
    assert seen.requests()
    assert not seen.requests(Kind.CONTROL)
    assert not seen.requests(Kind.UNKNOWN)


def test_it_leaves_an_iec_61850_server_after_one_question_of_s7() -> None:
    [result], seen = look("substation", 10102, "s7")

    assert result.outcome is Outcome.SILENT
    assert [one.label for one in seen.requests()] == [
        "transport connect",
        "job set up communication",
    ]


def test_the_recorder_notices_clients_that_change_things() -> None:
    front = next_address()
    station, substation, controller = next_address(), next_address(), next_address()

    with (
        running_stack("outstation_one", station),
        running_stack("substation", substation),
        running_stack("twincat", controller),
        recording("dnp3", (station, 20000), address=front, port=20000) as dnp3,
        recording("mms", (substation, 10102), address=front, port=10102) as mms,
        recording("ads", (controller, 48898), address=front, port=48898) as ads,
        running_stack("meddler", front),
    ):
        pass

    assert [one.label for one in dnp3.requests(Kind.CONTROL)] == [
        "link function 0",
        "read of event class 1",
        "application function 5",
    ]
    assert [one.label for one in mms.requests(Kind.CONTROL)] == ["service write"]
    assert [one.label for one in ads.requests(Kind.CONTROL)] == ["write control"]
