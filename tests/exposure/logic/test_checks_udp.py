"""The checks of services over UDP hold, fail and admit that they cannot tell."""

from typing import Any

import pytest

from exposure.logic.checks import BY_ID, evaluate
from tests.exposure.logic.test_checks import NOW, judge

WAYS = {"auth_types": ["MD5"], "anonymous_allowed": False, "nameless_users": False}


@pytest.mark.parametrize(
    ("check", "facts", "holds", "level"),
    [
        ("bacnet-open", {"properties_read": 7}, True, "L3"),
        ("bacnet-open", {"properties_read": 0, "device_instance": 5}, None, "L1"),
        ("knx-open", {"tunnelling": True}, True, "L1"),
        ("knx-open", {"tunnelling": True, "tunnelling_secured": True}, False, "L1"),
        ("knx-open", {"tunnelling": False}, False, "L1"),
        ("knx-open", {"product": "KNX IP Interface"}, None, "L1"),
        ("snmp-public", {"product": "Linux", "public_accepted": True}, True, "L2"),
        ("snmp-public", {"public_accepted": True}, None, "L1"),
        ("ipmi-no-password", WAYS, False, "L1"),
        ("ipmi-no-password", WAYS | {"auth_types": ["none", "MD5"]}, True, "L2"),
        ("ipmi-no-password", WAYS | {"anonymous_allowed": True}, True, "L2"),
        ("ipmi-no-password", WAYS | {"nameless_users": True}, True, "L2"),
        ("ipmi-no-password", {"ipmi": True}, None, "L1"),
        ("ipmi-hashes", WAYS | {"version_2": True}, True, "L1"),
        ("ipmi-hashes", WAYS | {"version_2": False}, False, "L1"),
        ("ipmi-hashes", {"ipmi": True}, None, "L1"),
        ("sip-exposed", {"status": 401}, True, "L1"),
        ("sip-exposed", {}, None, "L1"),
    ],
)
def test_it_judges_the_facts(
    check: str, facts: dict[str, Any], *, holds: bool | None, level: str
) -> None:
    assert judge(check, facts) == (holds, level)


def test_it_gives_control_over_bacnet_as_over_modbus() -> None:
    assert BY_ID["bacnet-open"].gives == BY_ID["modbus-open"].gives == "control"
    [(_, verdict)] = evaluate({"properties_read": 1}, "bacnet", now=NOW)
    assert "Write not attempted." in verdict.reason


@pytest.mark.parametrize(
    ("probe", "check"),
    [
        ("fins-udp", "fins-open"),
        ("hartip-udp", "hartip-open"),
        ("enip-udp", "enip-open"),
    ],
)
def test_it_judges_the_same_protocol_over_udp_alike(probe: str, check: str) -> None:
    assert [each.id for each, _ in evaluate({}, probe, now=NOW)] == [check]


def test_it_finds_nothing_open_in_an_identity_alone() -> None:
    """Over UDP EtherNet/IP only tells its name; that is no message carried out."""
    [(_, verdict)] = evaluate({"product": "1756-L61"}, "enip-udp", now=NOW)

    assert verdict.holds is None
