"""What may be typed as scope, and what may be touched at connect time."""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.scope import Permit, Refusal, ScopeRule, decide
from exposure.logic.scope_text import (
    METADATA_ADDRESSES,
    Network,
    ScopeError,
    ScopeKind,
    parse_entry,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
PUBLIC = "9.9.9.9"


def rule(*networks: str, **fields: object) -> ScopeRule:
    """Return a rule for these ranges that holds around noon."""
    values = {
        "label": "A-1",
        "valid_from": NOON - timedelta(hours=1),
        "valid_until": NOON + timedelta(hours=1),
        "networks": tuple(ipaddress.ip_network(text) for text in networks),
    }
    return ScopeRule(**(values | fields))  # type: ignore[arg-type]


def may(
    address: str,
    *rules: ScopeRule,
    port: int = 502,
    now: datetime = NOON,
    allowed_private: Sequence[Network] = (),
) -> str:
    """Return "" when the packet may go, else the reason."""
    verdict = decide(
        address, port, now=now, rules=rules, allowed_private=allowed_private
    )
    return verdict.reason if isinstance(verdict, Refusal) else ""


@pytest.mark.parametrize(
    ("text", "kind", "canonical"),
    [
        ("9.9.9.9", ScopeKind.ADDRESS, "9.9.9.9"),
        (" 9.9.9.0/24 ", ScopeKind.RANGE, "9.9.9.0/24"),
        ("9.9.0.0/20", ScopeKind.RANGE, "9.9.0.0/20"),
        ("2620:FE::FE", ScopeKind.ADDRESS, "2620:fe::fe"),
        ("2620:fe::/112", ScopeKind.RANGE, "2620:fe::/112"),
        ("VPN.Northmill.Example.", ScopeKind.NAME, "vpn.northmill.example"),
        (
            "milch-werk.müller.example",
            ScopeKind.NAME,
            "milch-werk.xn--mller-kva.example",
        ),
        ("mu\u0308ller.example", ScopeKind.NAME, "xn--mller-kva.example"),
        ("пример.example", ScopeKind.NAME, "xn--e1afmkfd.example"),
    ],
)
def test_it_takes_addresses_ranges_and_names(
    text: str, kind: ScopeKind, canonical: str
) -> None:
    entry = parse_entry(text)

    assert (entry.kind, entry.text) == (kind, canonical)
    assert (entry.network is None) == (kind is ScopeKind.NAME)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type an address"),
        ("   ", "Type an address"),
        ("x" * 301, "longer than 300"),
        ("a." * 130 + "example", "longer than 253"),
        ("northmill", "not an address, a range or a full name"),
        ("localhost", "not an address, a range or a full name"),
        ("no way!", "not an address"),
        ("-a.example", "not an address"),
        ("a..example", "not an address"),
        ("under_score.example", "not an address"),
        ("9.9.9", "four plain numbers"),
        ("9.9.9.9.9", "four plain numbers"),
        ("256.1.1.1", "four plain numbers"),
        ("010.9.9.9", "four plain numbers"),
        ("2130706433", "not an address"),
        ("0x7f.1", "four plain numbers"),
        ("1.0x7f000001", "four plain numbers"),
        ("9.9.9.1-20", "not an address"),
        ("9.9.9.9/33", "not an address"),
        ("9.9.9.9:502", "has a port"),
        ("https://vpn.example/", "not an address"),
        ("http:vpn.example", "has a port"),
        ("*.northmill.example", "Type each name"),
        ("fe80::1%eth0", "zone id"),
        ("2620:fe::fe%25eth0", "zone id"),
        ("9.9.9.5/24", "Type 9.9.9.0/24"),
        ("9.0.0.0/8", "too wide"),
        ("9.9.0.0/19", "too wide"),
        ("0.0.0.0/0", "too wide"),
        ("::/0", "too wide"),
        ("2620:fe::/111", "too wide"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "no host"),  # noqa: S104 - typed by a person
        ("::", "no host"),
        ("255.255.255.255", "no host"),
        ("240.0.0.1", "reserved"),
        ("169.254.169.254", "metadata"),
        ("169.254.160.0/20", "metadata"),
        ("168.63.129.0/24", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("::ffff:9.9.9.9", "hides an IPv4"),
        ("::ffff:127.0.0.1", "hides an IPv4"),
        ("::9.9.9.9", "hides an IPv4"),
        ("64:ff9b::9.9.9.9", "hides an IPv4"),
        ("2002:909:909::1", "hides an IPv4"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("10.0.0.1", "private"),
        ("192.168.0.0/24", "private"),
        ("100.64.0.1", "private"),
        ("fd12::1", "private"),
        ("fec0::1", "private"),
        ("2001:db8::1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("192.0.2.1", "private or reserved"),
        ("n\u043erthmill.example", "look alike"),
        ("xn--nrthmill-dkg.example", "look alike"),
        ("plant\u200b.example", "hidden"),
        ("plant\u202e.example", "hidden"),
        ("plant\0.example", "hidden"),
        ("pl\ud800ant.example", "hidden"),
        ("xn--\u00ff.example", "not an address"),
        ("1.2.3.4;reboot", "not an address"),
        ("9.9.9.9/0", "too wide"),
        ("0.0.0.0/8", "too wide"),
        ("\uff12\uff15\uff15.9.9.9", "four plain numbers"),
        ("plant。example", "not an address"),
        ("\u0430\u0440\u0440.example", "reads like “app”"),
        ("xn--80ak6a.example", "reads like “ape”"),
    ],
)
def test_it_refuses_in_words(text: str, words: str) -> None:
    with pytest.raises(ScopeError) as refusal:
        parse_entry(text)

    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_it_takes_private_ranges_that_the_installation_allows() -> None:
    assert (
        parse_entry("127.77.1.0/27", allowed_private=LOOPBACK).text == "127.77.1.0/27"
    )
    with pytest.raises(ScopeError, match="private"):
        parse_entry("10.0.0.1", allowed_private=LOOPBACK)


@given(st.text(max_size=80))
def test_it_either_takes_or_refuses_any_text(text: str) -> None:
    try:
        entry = parse_entry(text)
    except ScopeError:
        return
    assert parse_entry(entry.text) == entry


def test_it_permits_what_is_authorised_now() -> None:
    verdict = decide(PUBLIC, 502, now=NOON, rules=[rule("9.9.9.0/24")])

    assert verdict == Permit("A-1")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("9.9.8.255", "not in any authorised scope"),
        ("9.9.10.0", "not in any authorised scope"),
        ("2620:fe::fe", "not in any authorised scope"),
        ("vpn.northmill.example", "not a literal address"),
        ("::ffff:9.9.9.9", "hides an IPv4"),
        ("", "not a literal address"),
    ],
)
def test_it_refuses_what_is_outside(address: str, reason: str) -> None:
    assert reason in may(address, rule("9.9.9.0/24"))


def test_it_refuses_without_any_rule() -> None:
    assert "not in any authorised scope" in may(PUBLIC)


@pytest.mark.parametrize("port", [0, -1, 65536, 70000])
def test_it_refuses_ports_that_do_not_exist(port: int) -> None:
    assert "no port" in may(PUBLIC, rule("9.9.9.9"), port=port)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (NOON - timedelta(hours=1, seconds=1), "has not begun"),
        (NOON - timedelta(hours=1), ""),
        (NOON + timedelta(hours=1) - timedelta(microseconds=1), ""),
        (NOON + timedelta(hours=1), "has ended"),
    ],
)
def test_it_holds_from_its_beginning_until_its_end(now: datetime, reason: str) -> None:
    said = may(PUBLIC, rule("9.9.9.9"), now=now)

    assert said.endswith(f"{reason}.") if reason else said == ""


def test_it_lets_exclusions_win_over_every_rule() -> None:
    wide = rule("9.9.9.0/24")
    without_host = rule(excluded_networks=(ipaddress.ip_network("9.9.9.9"),))
    without_port = rule(excluded_ports=frozenset({102}))

    assert "excluded" in may(PUBLIC, wide, without_host)
    assert "excluded" in may("9.9.9.8", wide, without_port, port=102)
    assert may("9.9.9.8", wide, without_host, without_port) == ""


def test_it_keeps_an_exclusion_after_its_rule_has_ended() -> None:
    ended = rule(
        valid_until=NOON - timedelta(minutes=1),
        excluded_networks=(ipaddress.ip_network("9.9.9.9"),),
    )

    assert "excluded" in may(PUBLIC, rule("9.9.9.0/24"), ended)


def test_it_refuses_a_name_that_moved_to_another_address() -> None:
    named = rule(names={"vpn.example": frozenset({ipaddress.ip_address(PUBLIC)})})

    assert may(PUBLIC, named) == ""
    assert "not in any authorised scope" in may("8.8.8.8", named)


def test_it_refuses_a_name_that_points_at_our_own_machine() -> None:
    rebound = rule(
        names={"vpn.example": frozenset({ipaddress.ip_address("127.0.0.1")})}
    )

    assert "loopback" in may("127.0.0.1", rebound)


@pytest.mark.parametrize("address", sorted(map(str, METADATA_ADDRESSES)))
def test_it_never_permits_a_metadata_service(address: str) -> None:
    everything = rule("0.0.0.0/0", "::/0")
    allowed = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))

    assert "metadata" in may(address, everything, allowed_private=allowed)


def test_it_permits_private_addresses_only_where_the_installation_allows_them() -> None:
    inside = rule("127.77.1.0/27")

    assert "loopback" in may("127.77.1.5", inside)
    assert may("127.77.1.5", inside, allowed_private=LOOPBACK) == ""
