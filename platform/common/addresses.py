"""Which addresses our own outgoing connections may reach, and which never."""

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# `is_global` of the standard library answers differently from release to release
# and lets some of these through, so they are written down.
NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # behind a carrier's address translation
        "168.63.129.16/32",  # the host beneath a virtual machine on Azure
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays, given up
        "64:ff9b::/96",  # an IPv4 address behind NAT64, whichever it is
        "64:ff9b:1::/48",  # the same, local use
        "2001::/23",  # protocol assignments, with Teredo inside
        "2001:db8::/32",  # documentation
        "2002::/16",  # an IPv4 address behind 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local, given up
    )
)

# Where clouds hand out the secrets of the machine itself. No allow-list opens them.
METADATA: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
    )
)


def is_allowed(address: Address, *, private: Iterable[Network]) -> bool:
    """Return whether the address lies in one of the private ranges the admin opened.

    Metadata, link-local, multicast, unspecified and reserved addresses never do.
    """
    address = unmapped(address)
    return not _is_never(address) and _is_in(address, private)


def may_reach(address: Address, *, private: Sequence[Network]) -> bool:
    """Return whether an outgoing connection may go to this address.

    Public unicast addresses, and those of the private ranges the admin opened.
    """
    address = unmapped(address)
    return is_allowed(address, private=private) or _is_public(address)


def unmapped(address: Address) -> Address:
    """Return the IPv4 address that ::ffff:0:0/96 wraps, or the address as it is."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def parse_address(text: str) -> Address | None:
    """Return the address that the text spells in full, or None; no zone ids."""
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def _is_public(address: Address) -> bool:
    return (
        address.is_global and not _is_never(address) and not _is_in(address, NOT_PUBLIC)
    )


def _is_never(address: Address) -> bool:
    # ::1 counts as reserved in the standard library; it is plain loopback to us.
    reserved = address.is_reserved and not address.is_loopback
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or reserved
        or _is_in(address, METADATA)
    )


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    # `in` of different IP versions is simply False.
    return any(address in network for network in networks)
