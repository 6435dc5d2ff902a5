"""Every datagram that a probe can send, held against the list of what never goes out."""

import pytest

from exposure.probes import registry
from exposure.probes.base import Probe
from plant.classify import Kind
from plant.classify_udp import judge

OVER_UDP = [probe for probe in registry.PROBES if probe.transport == "udp"]
JUDGED = [probe for probe in OVER_UDP if probe.is_ot or probe.name.startswith("snmp")]
CONSENTS = {"hartip-udp": "hartip_session", "snmp-public": "default_credentials"}


@pytest.mark.parametrize("probe", JUDGED, ids=lambda probe: probe.name)
def test_it_only_reads(probe: Probe) -> None:
    assert probe.messages
    for message in probe.messages:
        assert judge(probe.name, message).kind is Kind.READ, message.hex()


@pytest.mark.parametrize("probe", OVER_UDP, ids=lambda probe: probe.name)
def test_it_asks_its_own_port_and_no_other(probe: Probe) -> None:
    (port,) = probe.ports

    asked = registry.probes_for(port, "http", "udp", registry.CONSENTS)

    assert probe in asked
    assert {port for each in asked for port in each.ports} == {port}
    assert probe not in registry.probes_for(port, "", "tcp", registry.CONSENTS)


def test_it_says_nothing_to_an_unknown_port() -> None:
    assert registry.probes_for(61_234, "", "udp", registry.CONSENTS) == ()


def test_it_takes_a_hint_for_an_unknown_port() -> None:
    asked = registry.probes_for(10_161, "snmp", "udp", registry.CONSENTS)

    assert [probe.name for probe in asked] == ["snmp", "snmp-public"]


@pytest.mark.parametrize("probe", OVER_UDP, ids=lambda probe: probe.name)
def test_it_needs_a_written_consent_for_what_is_more_than_a_question(
    probe: Probe,
) -> None:
    needed = CONSENTS.get(probe.name, "")

    (port,) = probe.ports
    assert probe.consent == needed
    assert (probe in registry.probes_for(port, "", "udp")) is not bool(needed)
    assert probe in registry.probes_for(port, "", "udp", frozenset({needed}))


@pytest.mark.parametrize("probe", OVER_UDP, ids=lambda probe: probe.name)
def test_its_questions_amplify_nothing(probe: Probe) -> None:
    """A question must fit in one packet, so that no address can be flooded with it."""
    assert all(len(message) < 1232 for message in probe.messages)
