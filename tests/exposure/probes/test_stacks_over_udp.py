"""Asking third-party stacks over UDP, through a recorder where it can judge them."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exposure.probes import bacnet, enip, ipmi, knx, sip, snmp
from exposure.probes.base import Outcome, Probe
from plant.classify import Kind
from plant.listening import is_listening
from plant.recorder_udp import recording_udp
from tests.exposure.probes.stage_udp import ask_udp_port
from tests.plant.running import Running, next_address, until
from tests.stacks.running import running_stack

pytestmark = pytest.mark.plant
Start = Callable[[str], Running]


@pytest.mark.parametrize(
    ("key", "protocol", "probe", "level", "facts"),
    [
        (
            "AHU-3",
            "bacnet",
            bacnet.PROBE,
            "L3",
            {
                "vendor": "Siemens Schweiz AG",
                "product": "Desigo PXC4.E16",
                "version": "1.20.35",
                "device_instance": 30015,
            },
        ),
        ("PLC-F11", "enip", enip.PROBE_UDP, "L1", {"product": "1756-L61/B LOGIX5561"}),
    ],
)
def test_it_identifies_a_device_without_touching_it(
    start: Start,
    key: str,
    protocol: str,
    probe: Probe,
    level: str,
    facts: dict[str, Any],
) -> None:
    device = start(key)

    with recording_udp(
        probe.name, device.where(protocol), address=next_address()
    ) as recorded:
        result = asyncio.run(ask_udp_port(probe, recorded.port, recorded.address))

    assert result.outcome is Outcome.IDENTIFIED, result
    assert result.level == level
    assert facts.items() <= result.facts.items()
    assert len(recorded.askings) == recorded.peak == 1
    assert result.connections == len(recorded.requests())
    assert {one.kind for one in recorded.requests()} == {Kind.READ}


@pytest.mark.parametrize(
    ("stack", "port", "probes", "facts"),
    [
        (
            "snmp_agent",
            10161,
            (snmp.PROBE, snmp.PROBE_PUBLIC),
            [
                {"snmp_version": "3", "enterprise": 20408},
                {"snmp_version": "2c", "public_accepted": True, "error_status": 0},
            ],
        ),
        (
            "bmc",
            10623,
            (ipmi.PROBE,),
            [{"product": "IPMI 2.0", "auth_types": [], "anonymous_allowed": False}],
        ),
        (
            "sip_server",
            15060,
            (sip.PROBE,),
            [{"status": 200, "product": "Site telephones 4.2"}],
        ),
        (
            "knx_gateway",
            13671,
            (knx.PROBE,),
            [{"product": "KNX IP Interface 731", "tunnelling": True}],
        ),
    ],
)
def test_it_understands_a_stack_that_nobody_here_wrote(
    stack: str,
    port: int,
    probes: tuple[Probe, ...],
    facts: list[dict[str, Any]],
) -> None:
    address = next_address()

    with running_stack(stack, address):
        for probe, expected in zip(probes, facts, strict=True):
            with recording_udp(
                probe.name, (address, port), address=next_address()
            ) as seen:
                result = asyncio.run(ask_udp_port(probe, seen.port, seen.address))

            assert result.outcome is Outcome.IDENTIFIED, result
            assert expected.items() <= result.facts.items()
            kinds = {one.kind for one in seen.requests()}
            assert kinds <= {Kind.READ, Kind.RAW}
            assert len(seen.askings) == 1


def test_it_understands_the_agent_of_net_snmp(tmp_path: Path) -> None:
    program = shutil.which("snmpd", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("snmpd is not installed: apt-get install snmpd.")
    address = next_address()
    settings = tmp_path / "snmpd.conf"
    settings.write_text(
        f"rocommunity public\nagentaddress udp:{address}:10161\nsysdescr Switch 1\n"
    )
    command = [program, "-f", "-C", "-c", settings, "-Lf", tmp_path / "log"]
    agent = subprocess.Popen(  # noqa: S603 - the program found above
        [*command, "-p", tmp_path / "pid"],
        env={**os.environ, "SNMP_PERSISTENT_DIR": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: is_listening(address, 10161, transport="udp"))
        named, described = (
            asyncio.run(ask_udp_port(probe, 10161, address))
            for probe in (snmp.PROBE, snmp.PROBE_PUBLIC)
        )
    finally:
        agent.terminate()
        agent.wait(10)

    assert (named.level, named.facts["vendor"]) == ("L1", "Net-SNMP")
    assert (described.level, described.facts["product"]) == ("L2", "Switch 1")
