"""What a person types as scan scope: an address, a range or a name, or a clear refusal."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_ENTRY = 300
LONGEST_NAME = 253
WIDEST_PREFIX = {4: 20, 6: 112}

# Where cloud providers answer with the secrets of the machine that asks.
METADATA_ADDRESSES: frozenset[Address] = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# The only part of IPv6 that is given out for use on the internet.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Alphabets whose letters pass for each other; a label that mixes them deceives.
_LOOKALIKE_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
# Letters that pass for small Latin ones (Unicode TR 39, confusables.txt). A label of
# nothing else reads as another name.
_LOOKS_LATIN = dict(
    zip(
        "аеорсухіјѕһԁӏԛԝвкмнтьɡοανρτυικχ",
        "aeopcyxijshdlqwbkmhtbgoavptuikx",
        strict=True,
    )
)


class ScopeError(ValueError):
    """A scope entry that cannot be used; the text says why, in words."""


class ScopeKind(StrEnum):
    """What a scope entry names."""

    ADDRESS = "address"
    RANGE = "range"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class ScopeEntry:
    """One usable entry: `text` in canonical form; `network` is None for a name."""

    kind: ScopeKind
    text: str
    network: Network | None = None


def parse_entry(
    text: str,
    *,
    allowed_private: Sequence[Network] = (),
    ours: Sequence[Network] = (),
) -> ScopeEntry:
    """Return the entry that a person typed.

    Raises ScopeError when it is no address, range or full name, is wider than /20
    (IPv4) or /112 (IPv6), is of a kind that nobody may scan from here, or touches
    `ours`, the networks of this installation itself.

    >>> parse_entry("Plant.Example.").text
    'plant.example'
    """
    entry = text.strip()
    if not entry:
        raise ScopeError("Type an address, a range or a name.")
    if len(entry) > LONGEST_ENTRY:
        raise ScopeError(f"This entry is longer than {LONGEST_ENTRY} characters.")
    if "%" in entry:
        raise ScopeError(
            f"“{entry}” has an IPv6 zone id, which only means something on one machine."
        )
    network = _as_network(entry)
    if network is None:
        return ScopeEntry(ScopeKind.NAME, _as_name(entry))
    _check_network(network, entry=entry, allowed_private=allowed_private)
    if any(overlap(network, own) for own in ours):
        raise ScopeError(f"“{entry}” belongs to this installation itself.")
    if "/" in entry:
        return ScopeEntry(ScopeKind.RANGE, str(network), network)
    return ScopeEntry(ScopeKind.ADDRESS, str(network.network_address), network)


def why_not_a_target(
    address: Address, *, allowed_private: Sequence[Network] = ()
) -> str:
    """Return why nobody may touch this address, as the end of a sentence; "" if one may.

    Private, loopback and link-local addresses are targets inside `allowed_private`
    only; metadata services, multicast and IPv4-mapped addresses never are.
    """
    if address in METADATA_ADDRESSES:
        return "is a metadata service of a cloud, which is never a target"
    if isinstance(address, ipaddress.IPv6Address) and _hides_ipv4(address):
        return "hides an IPv4 address in IPv6; name the IPv4 address itself"
    if address.is_multicast:
        return "is a multicast address, which is many hosts at once"
    if address.is_unspecified or address == ipaddress.ip_address("255.255.255.255"):
        return "is no host"
    if _is_public(address) or any(address in net for net in allowed_private):
        return ""
    return _why_not_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_reserved


def _why_not_public(address: Address) -> str:
    if address.is_loopback:
        return "is a loopback address, which is our own machine"
    if address.is_link_local:
        return "is a link-local address, which is our own network"
    if address.is_reserved:
        return "is reserved and belongs to nobody"
    return "is private or reserved and not among the ranges this installation may scan"


def overlap(one: Network, other: Network) -> bool:
    """Say whether two networks of either version share an address."""
    return one.version == other.version and one.overlaps(other)


def in_unicode(name: str) -> str:
    """Return a name with its xn-- labels as people read them; itself where it has none.

    >>> in_unicode("xn--mller-kva.example")
    'müller.example'
    """
    labels = [
        label.encode("ascii").decode("idna") if label.startswith("xn--") else label
        for label in name.split(".")
    ]
    return ".".join(labels)


def _hides_ipv4(address: ipaddress.IPv6Address) -> bool:
    if address.ipv4_mapped or address.sixtofour or address.teredo:
        return True
    return address in ipaddress.IPv6Network("64:ff9b::/96") or (
        address in ipaddress.IPv6Network("::/96") and int(address) > 1
    )


def _as_network(entry: str) -> Network | None:
    try:
        return ipaddress.ip_network(entry, strict=True)
    except ValueError as error:
        if "has host bits set" in str(error):
            whole = ipaddress.ip_network(entry, strict=False)
            _check_width(whole, entry=entry)
            raise ScopeError(
                f"“{entry}” is one address with a range behind it. Type {whole} for the range."
            ) from None
    if "/" in entry or entry.count(":") > 1:
        raise ScopeError(f"“{entry}” is not an address, a range or a name.")
    return None


def _check_width(network: Network, *, entry: str) -> None:
    widest = WIDEST_PREFIX[network.version]
    if network.prefixlen < widest:
        raise ScopeError(
            f"“{entry}” is too wide. A range may be /{widest} or narrower for IPv{network.version}."
        )


def _check_network(
    network: Network, *, entry: str, allowed_private: Sequence[Network]
) -> None:
    _check_width(network, entry=entry)
    for metadata in METADATA_ADDRESSES:
        if metadata in network:
            raise ScopeError(
                f"“{entry}” holds {metadata}, a metadata service of a cloud, which is never a target."
            )
    for end in (network[0], network[-1]):
        if reason := why_not_a_target(end, allowed_private=allowed_private):
            raise ScopeError(f"“{entry}” {reason}.")


def _as_name(entry: str) -> str:
    name = unicodedata.normalize("NFC", entry).casefold().removesuffix(".")
    _check_visible(name, entry=entry)
    labels = [_ascii_label(label, entry=entry) for label in name.split(".")]
    if len(labels) < 2:
        raise ScopeError(
            f"“{entry}” is not an address, a range or a full name such as plant.example."
        )
    if not labels[-1][0].isalpha():
        raise ScopeError(
            f"“{entry}” is not an address, a range or a name. An address has four plain numbers."
        )
    ascii_name = ".".join(labels)
    if len(ascii_name) > LONGEST_NAME:
        raise ScopeError(f"This name is longer than {LONGEST_NAME} characters.")
    return ascii_name


def _check_visible(name: str, *, entry: str) -> None:
    if "://" in name:
        raise ScopeError("Type the name alone, without http:// or a path.")
    if name.startswith("*."):
        raise ScopeError("A name with * covers names nobody has seen. Type each name.")
    if ":" in name:
        raise ScopeError(f"“{entry}” has a port. Type the address or name alone.")
    for character in name:
        if unicodedata.category(character) in {
            "Cc",
            "Cf",
            "Cs",
            "Co",
            "Cn",
            "Zl",
            "Zp",
        }:
            raise ScopeError("This name has hidden characters.")


def _ascii_label(label: str, *, entry: str) -> str:
    shown = label
    try:
        if label.startswith("xn--"):
            shown = label.encode("ascii").decode("idna")
        encoded = label.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ScopeError(f"“{entry}” is not an address, a range or a name.") from None
    scripts = {unicodedata.name(c, "?").split()[0] for c in shown if c.isalpha()}
    if len(scripts & _LOOKALIKE_SCRIPTS) > 1:
        raise ScopeError(
            f"“{entry}” mixes letters of different alphabets that look alike."
        )
    letters = [c for c in shown if c.isalpha()]
    if letters and all(c in _LOOKS_LATIN for c in letters):
        read = "".join(_LOOKS_LATIN.get(c, c) for c in shown)
        raise ScopeError(f"“{entry}” reads like “{read}” but has foreign letters.")
    if not _LABEL.fullmatch(encoded):
        raise ScopeError(f"“{entry}” is not an address, a range or a name.")
    return encoded
