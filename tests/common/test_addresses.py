"""The addresses that outgoing connections may reach."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest

from common.addresses import may_reach, parse_address

REFUSED = {
    str(IPv4Address(0)): "this machine",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "100.64.0.1": "carrier translation",
    "100.100.100.200": "metadata of a cloud",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback, far end",
    "168.63.129.16": "host beneath the virtual machine",
    "169.254.0.1": "link-local",
    "169.254.169.254": "metadata of most clouds",
    "172.16.0.1": "private",
    "172.31.255.254": "private, far end",
    "192.0.0.9": "protocol assignment",
    "192.0.0.192": "metadata of a cloud",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarks",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast, far end",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::7f00:1": "IPv4-compatible loopback",
    "::ffff:10.0.0.1": "mapped private",
    "::ffff:127.0.0.1": "mapped loopback",
    "::ffff:169.254.169.254": "mapped metadata",
    "64:ff9b::a00:1": "NAT64 of a private address",
    "64:ff9b::808:808": "NAT64 of a public address",
    "64:ff9b:1::1": "NAT64, local",
    "100::1": "discard",
    "2001::1": "Teredo",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4 of loopback",
    "3fff::1": "documentation",
    "5f00::1": "segment routing",
    "fc00::1": "unique local",
    "fd00:ec2::254": "metadata of a cloud",
    "fe80::1": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}
GOOD = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001::68"]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: f"{text}-{REFUSED[text]}")
def test_it_refuses_what_is_not_public(text):
    assert not may_reach(ip_address(text), private=())


@pytest.mark.parametrize("text", [*GOOD, "::ffff:8.8.8.8"])
def test_it_reaches_public_addresses(text):
    assert may_reach(ip_address(text), private=())


def test_it_reaches_what_the_admin_opened_and_nothing_beside_it():
    opened = (ip_network("127.0.0.0/8"), ip_network("fd12::/16"), ip_network("::1/128"))

    assert may_reach(ip_address("127.9.9.9"), private=opened)
    assert may_reach(ip_address("::ffff:127.0.0.1"), private=opened)
    assert may_reach(ip_address("fd12::5"), private=opened)
    assert may_reach(ip_address("::1"), private=opened)
    assert not may_reach(ip_address("10.0.0.1"), private=opened)
    assert not may_reach(ip_address("fd13::5"), private=opened)


@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "fd00:ec2::254",
        "fe80::1",
        "224.0.0.1",
        str(IPv4Address(0)),
        "::",
        "255.255.255.255",
    ],
)
def test_it_never_reaches_metadata_even_if_everything_is_opened(text):
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))

    assert not may_reach(ip_address(text), private=everything)


@pytest.mark.parametrize("text", ["fe80::1%eth0", "127.1", "0x7f000001", "", "host"])
def test_it_reads_full_addresses_only(text):
    assert parse_address(text) is None
