"""Probing third-party servers through a recorder that tells reading from controlling."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from exposure.probes.base import Outcome, ProbeResult
from exposure.probes.runner import Host, OpenPort, identify
from plant.classify import Kind
from plant.hosts import actual_port
from plant.recorder import recording
from tests.exposure.probes.stage import allow, never
from tests.plant.running import Running, next_address

pytestmark = pytest.mark.plant
Start = Callable[[str], Running]


def look(address: str, port: int, hint: str = "") -> list[ProbeResult]:
    """Return what the probes for one port find out."""

    async def gather() -> list[ProbeResult]:
        host = Host(address, [OpenPort(port, hint)])
        return [r async for r in identify(host, permit=allow, should_stop=never)]

    return asyncio.run(gather())


@pytest.mark.parametrize(
    ("key", "protocol", "level", "facts"),
    [
        ("PLC-B1M", "modbus", "L3", {"order_number": "BMX P34 2020", "unit": 1}),
        (
            "PLC-P21",
            "s7",
            "L3",
            {
                "order_number": "6ES7 315-2EH14-0AB0",
                "version": "V3.2.6",
                "key_switch": 1,
                "protection_level": 0,
            },
        ),
        ("PLC-F11", "enip", "L3", {"product": "1756-L61/B LOGIX5561"}),
        ("SCADA-01", "opcua", "L1", {"anonymous_without_security": True}),
        ("OPC-GW-02", "opcua", "L1", {"anonymous_without_security": False}),
        ("HIST-01", "mqtt", "L2", {"subscription_granted": True}),
        ("PLC-PAL", "melsec", "L2", {"product": "FX5U-32MT/DS"}),
        ("RTU-UTIL", "iec104", "L1", {"test_confirmed": True}),
    ],
)
def test_it_identifies_a_device_without_touching_it(
    start: Start, key: str, protocol: str, level: str, facts: dict[str, Any]
) -> None:
    device = start(key)

    with recording(
        protocol, device.where(protocol), address=next_address()
    ) as recorded:
        [result] = look(recorded.address, recorded.port, protocol)

    assert result.outcome is Outcome.IDENTIFIED, result
    assert result.level == level
    assert facts.items() <= result.facts.items()
    assert result.connections == len(recorded.connections) == recorded.peak == 1
    assert recorded.requests()
    assert not recorded.requests(Kind.CONTROL)
    assert not recorded.requests(Kind.UNKNOWN)


def test_it_keeps_the_connection_ceiling_of_an_industrial_host(start: Start) -> None:
    device = start("RTU-UTIL")

    with recording("iec104", device.where("iec104"), address=next_address()) as seen:
        host = Host(seen.address, [OpenPort(seen.port, "iec104")] * 4)

        async def gather() -> list[ProbeResult]:
            return [r async for r in identify(host, permit=allow, should_stop=never)]

        results = asyncio.run(gather())

    assert [r.outcome for r in results] == [Outcome.IDENTIFIED] * 4
    assert seen.peak == 1
    # When the front notes a connection depends on the machine's load a little.
    assert seen.busiest(0.9) <= 2


def test_it_notices_a_decoy_that_chooses_what_was_not_on_offer(start: Start) -> None:
    device = start("RDS-01")

    [result] = look(device.address, actual_port(3389), "rdp")

    assert result.outcome is Outcome.ANOMALY
    assert result.facts["anomaly"]


def test_it_reads_certificate_and_start_page(start: Start) -> None:
    device = start("HMI-P2")

    tls, https = look(device.address, actual_port(443), "https")

    assert tls.facts["subject"] == "CN=HMI-P2,O=Northmill Dairy Ltd"
    assert https.facts["panel_markers"] == ["hmi", "miniweb", "simatic"]
    assert https.facts["password_input"] is False
    assert https.facts["product"] == "SIMATIC HMI (Miniweb)"
    # A panel is asked for its start page; nobody asks it for old TLS.
    assert https.connections == 1
