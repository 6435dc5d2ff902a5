"""The compiled fence: exclusions by probe, stops, hours, and what never passes."""

import ipaddress
import pickle
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.hours import Closed, Opening
from exposure.logic.ranges import Ranges
from exposure.logic.scope import CompiledScope, Permit, ProbeExclusion, Refusal
from exposure.logic.scope_text import ScopeError, in_unicode, parse_entry
from tests.exposure.logic.test_scope import NOON, PUBLIC, may, rule


@pytest.mark.parametrize("text", ["203.0.114.0/28", "203.0.114.7", "203.0.114.0/24"])
def test_it_refuses_our_own_installation(text: str) -> None:
    ours = (ipaddress.ip_network("203.0.114.4/30"),)

    with pytest.raises(ScopeError, match="belongs to this installation itself"):
        parse_entry(text, ours=ours)


def test_threat_row_33_port_70000_and_wide_ranges_never_pass() -> None:
    everything = rule("0.0.0.0/0", "::/0")

    assert "no port 70000" in may(PUBLIC, everything, port=70000)
    assert "zone id" in _refusal("2620:fe::fe%eth0")
    assert "too wide. A range may be /20 or narrower for IPv4" in _refusal("9.0.0.0/0")
    assert "too wide. A range may be /112 or narrower for IPv6" in _refusal("::/0")
    assert "look alike" in _refusal("n\u043erthmill.example")


def test_threat_row_34_our_own_and_nobodys_addresses_never_pass() -> None:
    ours = (ipaddress.ip_network("9.9.9.0/30"),)
    everything = rule("0.0.0.0/0", "::/0", ours=ours)

    assert "belongs to this installation" in may("9.9.9.1", everything)
    for address in ("0.0.0.0", "169.254.169.254", "127.0.0.1", "224.0.0.1", "::1"):  # noqa: S104 - typed by a person
        assert may(address, everything) != ""


def _refusal(text: str) -> str:
    with pytest.raises(ScopeError) as refusal:
        parse_entry(text)
    return str(refusal.value)


def test_a_name_is_shown_as_people_read_it() -> None:
    assert in_unicode("xn--mller-kva.example") == "müller.example"
    assert in_unicode("plant.example") == "plant.example"


@pytest.mark.parametrize(
    ("exclusion", "address", "port", "probe", "is_excluded"),
    [
        (ProbeExclusion("snmp"), PUBLIC, 161, "snmp", True),
        (ProbeExclusion("snmp"), PUBLIC, 161, "http", False),
        (ProbeExclusion("snmp"), PUBLIC, 161, "", False),
        (ProbeExclusion("snmp", port=161), PUBLIC, 161, "snmp", True),
        (ProbeExclusion("snmp", port=161), PUBLIC, 1161, "snmp", False),
        (
            ProbeExclusion("snmp", ipaddress.ip_network("9.9.9.8/31")),
            "9.9.9.7",
            161,
            "snmp",
            False,
        ),
        (
            ProbeExclusion("snmp", ipaddress.ip_network("9.9.9.8/31"), 161),
            PUBLIC,
            161,
            "snmp",
            True,
        ),
    ],
)
def test_a_probe_is_excluded_where_the_exclusion_says(
    exclusion: ProbeExclusion, address: str, port: int, probe: str, *, is_excluded: bool
) -> None:
    fence = CompiledScope([rule("9.9.9.0/24", excluded_probes=(exclusion,))])

    verdict = fence.decide(address, port, now=NOON, probe=probe)

    assert isinstance(verdict, Refusal) is is_excluded


def test_a_stop_wins_over_everything() -> None:
    halted = rule("9.9.9.0/24", halted="Everything has been stopped.")
    partly = rule("9.9.9.0/24", halted_networks=(ipaddress.ip_network("9.9.9.8/31"),))

    assert may(PUBLIC, halted) == "Everything has been stopped."
    assert "stopped by an order" in may(PUBLIC, partly)
    assert may("9.9.9.7", partly) == ""


def test_a_run_that_comes_to_the_edge_of_its_hours_is_refused_there() -> None:
    edge = NOON + timedelta(seconds=30, microseconds=500)
    closing = Opening(blackouts=(Closed(edge, edge + timedelta(hours=1), "Tests"),))
    fence = CompiledScope([rule("9.9.9.0/24", opening=closing)])

    before = fence.decide(PUBLIC, 502, now=edge - timedelta(microseconds=1))
    after = fence.decide(PUBLIC, 502, now=edge)
    again = fence.decide(PUBLIC, 502, now=edge + timedelta(hours=1))

    assert isinstance(before, Permit)
    assert isinstance(after, Refusal)
    assert "blackout until" in after.reason
    assert again == Refusal(f"The authorisation for {PUBLIC} has ended.")


@given(
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), max_size=12),
    st.integers(0, 2**32 - 1),
)
def test_sorted_ranges_hold_what_the_networks_hold(
    given_networks: list[tuple[int, int]], number: int
) -> None:
    networks = [
        ipaddress.ip_network((value, length), strict=False)
        for value, length in given_networks
    ]
    asked = [ipaddress.ip_address(number)] + [each[0] for each in networks]

    held = Ranges(networks)

    for address in asked:
        expected = any(address in network for network in networks)
        assert ((4, int(address)) in held) == expected


def test_a_fence_goes_to_another_process_as_it_is() -> None:
    fence = pickle.loads(pickle.dumps(CompiledScope([rule("9.9.9.0/24")])))  # noqa: S301 - our own object

    assert fence.decide(PUBLIC, 502, now=NOON) == Permit("A-1")
    assert isinstance(fence.decide("9.9.8.1", 502, now=NOON), Refusal)
