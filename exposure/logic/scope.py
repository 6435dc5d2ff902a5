"""May this address be touched now? The fence that every packet passes."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exposure.logic.scope_text import Address, Network, why_not_a_target

LOWEST_PORT = 1
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """One signed authorisation: what may be touched, except what, and when.

    `names` maps each authorised name to the addresses it had when its owner confirmed
    it; a name that later points elsewhere opens nothing. `excluded_networks`,
    `excluded_ports` and `excluded_sockets` (networks by port) always win. The rule holds from `valid_from` (inclusive) until
    `valid_until` (exclusive), both with a time zone.
    """

    label: str
    valid_from: datetime
    valid_until: datetime
    networks: tuple[Network, ...] = ()
    names: Mapping[str, frozenset[Address]] = field(default_factory=dict)
    excluded_networks: tuple[Network, ...] = ()
    excluded_ports: frozenset[int] = frozenset()
    excluded_sockets: Mapping[int, tuple[Network, ...]] = field(default_factory=dict)

    def covers(self, address: Address) -> bool:
        """Say whether a range or a confirmed name of this rule holds the address."""
        return any(address in network for network in self.networks) or any(
            address in addresses for addresses in self.names.values()
        )

    def excludes(self, address: Address, port: int) -> bool:
        """Say whether this rule forbids the address or the port."""
        networks = (*self.excluded_networks, *self.excluded_sockets.get(port, ()))
        return port in self.excluded_ports or any(
            address in network for network in networks
        )


@dataclass(frozen=True, slots=True)
class Permit:
    """The packet may go; `rule` is the label of the authorisation that allows it."""

    rule: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The packet must not go; `reason` says why, in words."""

    reason: str


def decide(
    address: str,
    port: int,
    *,
    now: datetime,
    rules: Sequence[ScopeRule],
    allowed_private: Sequence[Network] = (),
) -> Permit | Refusal:
    """Decide about one connection, right before it is opened.

    `address` is the literal address that will be connected to, never a name.
    `allowed_private` are the private, loopback or link-local ranges that this
    installation may scan. Exclusions of every rule count, also of one that has ended.
    """
    try:
        literal = ipaddress.ip_address(address)
    except ValueError:
        return Refusal(f"“{address[:60]}” is not a literal address.")
    if not LOWEST_PORT <= port <= HIGHEST_PORT:
        return Refusal(f"There is no port {port}.")
    if reason := why_not_a_target(literal, allowed_private=allowed_private):
        return Refusal(f"{address} {reason}.")
    if any(rule.excludes(literal, port) for rule in rules):
        return Refusal(f"{address} port {port} is excluded from the scope.")
    return _first_valid_rule(literal, now=now, rules=rules)


def _first_valid_rule(
    address: Address, *, now: datetime, rules: Sequence[ScopeRule]
) -> Permit | Refusal:
    covering = [rule for rule in rules if rule.covers(address)]
    for rule in covering:
        if rule.valid_from <= now < rule.valid_until:
            return Permit(rule.label)
    if not covering:
        return Refusal(f"{address} is not in any authorised scope.")
    if all(now < rule.valid_from for rule in covering):
        return Refusal(f"The authorisation for {address} has not begun.")
    return Refusal(f"The authorisation for {address} has ended.")
