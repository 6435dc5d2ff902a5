"""May this address be touched now? The fence that every packet passes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from exposure.logic.hours import Opening
from exposure.logic.ranges import Point, Ranges
from exposure.logic.scope_text import Address, Network, why_not_a_target

LOWEST_PORT = 1
HIGHEST_PORT = 65535
# Addresses that one compiled scope keeps in mind; then it begins anew.
REMEMBERED = 65_536
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ProbeExclusion:
    """A probe that is not sent: to a network or port, or, where they are None, to any."""

    probe: str
    network: Network | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """One signed authorisation: what may be touched, except what, and when.

    `names` maps each authorised name to the addresses it had when its owner confirmed
    it; a name that later points elsewhere opens nothing. `excluded_networks`,
    `excluded_ports`, `excluded_sockets` (networks by port) and `excluded_probes` always
    win, and so do `halted` (why all of it is stopped, in words), `halted_networks` and
    `ours`, the networks of this installation itself. The rule holds from `valid_from`
    (inclusive) until `valid_until` (exclusive), both with a time zone, in the hours of
    `opening`. `consents` are names of `exposure.logic.consents`.
    """

    label: str
    valid_from: datetime
    valid_until: datetime
    networks: tuple[Network, ...] = ()
    names: Mapping[str, frozenset[Address]] = field(default_factory=dict)
    excluded_networks: tuple[Network, ...] = ()
    excluded_ports: frozenset[int] = frozenset()
    excluded_sockets: Mapping[int, tuple[Network, ...]] = field(default_factory=dict)
    excluded_probes: tuple[ProbeExclusion, ...] = ()
    opening: Opening = field(default_factory=Opening)
    halted: str = ""
    halted_networks: tuple[Network, ...] = ()
    ours: tuple[Network, ...] = ()
    consents: frozenset[str] = frozenset()

    def covers(self, address: Address) -> bool:
        """Say whether a range or a confirmed name of this rule holds the address."""
        return any(address in network for network in self.networks) or any(
            address in addresses for addresses in self.names.values()
        )

    def excludes(self, address: Address, port: int) -> bool:
        """Say whether this rule forbids the address or the port, or stops there."""
        networks = (
            *self.excluded_networks,
            *self.halted_networks,
            *self.ours,
            *self.excluded_sockets.get(port, ()),
        )
        return port in self.excluded_ports or any(
            address in network for network in networks
        )

    def why_closed(self, now: datetime) -> str:
        """Return why nothing at all may be sent now; "" if something may."""
        if not self.valid_from <= now < self.valid_until:
            return "The authorisation is not valid now."
        return self.halted or self.opening.why_closed(now)


@dataclass(frozen=True, slots=True)
class Permit:
    """The packet may go; `rule` is the label of the authorisation that allows it."""

    rule: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The packet must not go; `reason` says why, in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What holds for an address at every port and hour; `rules` are those that cover it."""

    point: Point = (0, 0)
    rules: tuple[int, ...] = ()
    refusal: Refusal | None = None


class CompiledScope:
    """Rules made ready to be asked before each of very many connections.

    A decision about a known address takes about a microsecond whatever the number of
    ranges, about one that is new some ten. It can be pickled, so that processes of a
    sweep each have one. Exclusions of every rule count, also of one that has ended.
    """

    def __init__(
        self, rules: Sequence[ScopeRule], *, allowed_private: Sequence[Network] = ()
    ) -> None:
        """Sort all ranges; `allowed_private` is described at `decide`."""
        self.rules = tuple(rules)
        self._allowed = tuple(allowed_private)
        self._covered = [Ranges(_networks_of(rule)) for rule in self.rules]
        self._permits = [Permit(rule.label) for rule in self.rules]
        self._ours = Ranges(each for rule in self.rules for each in rule.ours)
        self._halted = Ranges(
            each for rule in self.rules for each in rule.halted_networks
        )
        self._excluded = Ranges(
            each for rule in self.rules for each in rule.excluded_networks
        )
        self._ports = frozenset[int]().union(*(r.excluded_ports for r in self.rules))
        self._sockets = _by_port(self.rules)
        self._probes = _by_probe(self.rules)
        self._known: dict[str, _Known] = {}
        self._closed = [""] * len(self.rules)
        self._steady_from, self._steady_until = LONG_AGO, LONG_AGO

    def decide(
        self, address: str, port: int, *, now: datetime, probe: str = ""
    ) -> Permit | Refusal:
        """Decide about one connection, as the function `decide` does."""
        known = self._known.get(address)
        if known is None:
            known = self._learn(address)
        if known.refusal is not None:
            return known.refusal
        if not LOWEST_PORT <= port <= HIGHEST_PORT:
            return Refusal(f"There is no port {port}.")
        if port in self._ports or known.point in self._sockets.get(port, ()):
            return Refusal(f"{address} port {port} is excluded from the scope.")
        if probe in self._probes and self._excludes_probe(known.point, port, probe):
            return Refusal(
                f"The probe {probe} is excluded from the scope at {address} port {port}."
            )
        return self._first_valid_rule(address, known, now)

    def _learn(self, address: str) -> _Known:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        known = self._known[address[:64]] = self._about(address)
        return known

    def _about(self, address: str) -> _Known:
        try:
            literal = ipaddress.ip_address(address)
        except ValueError:
            return _refused(f"“{address[:60]}” is not a literal address.")
        if reason := why_not_a_target(literal, allowed_private=self._allowed):
            return _refused(f"{address} {reason}.")
        point = literal.version, int(literal)
        covering = tuple(
            index for index, held in enumerate(self._covered) if point in held
        )
        if reason := self._why_never(address, point, covering):
            return _refused(reason)
        return _Known(point, covering)

    def _why_never(self, address: str, point: Point, covering: tuple[int, ...]) -> str:
        if point in self._ours:
            return f"{address} belongs to this installation itself."
        if point in self._excluded:
            return f"{address} is excluded from the scope."
        if point in self._halted:
            return f"{address} is stopped by an order that stands."
        if not covering:
            return f"{address} is not in any authorised scope."
        return next((r.halted for i, r in enumerate(self.rules) if i in covering), "")

    def _excludes_probe(self, point: Point, port: int, probe: str) -> bool:
        return any(
            port == (only or port) and (held is None or point in held)
            for only, held in self._probes[probe]
        )

    def _first_valid_rule(
        self, address: str, known: _Known, now: datetime
    ) -> Permit | Refusal:
        if not self._steady_from <= now < self._steady_until:
            self._look_at_the_clock(now)
        closed = ""
        for index in known.rules:
            rule = self.rules[index]
            if rule.valid_from <= now < rule.valid_until:
                if not self._closed[index]:
                    return self._permits[index]
                closed = self._closed[index]
        if closed:
            return Refusal(f"{address} is left alone now. {closed}")
        if all(now < self.rules[index].valid_from for index in known.rules):
            return Refusal(f"The authorisation for {address} has not begun.")
        return Refusal(f"The authorisation for {address} has ended.")

    def _look_at_the_clock(self, now: datetime) -> None:
        openings = [rule.opening for rule in self.rules]
        self._closed = [opening.why_closed(now) for opening in openings]
        self._steady_from = now
        self._steady_until = min(opening.steady_until(now) for opening in openings)


def decide(
    address: str,
    port: int,
    *,
    now: datetime,
    rules: Sequence[ScopeRule],
    allowed_private: Sequence[Network] = (),
    probe: str = "",
) -> Permit | Refusal:
    """Decide about one connection, right before it is opened.

    `address` is the literal address that will be connected to, never a name.
    `allowed_private` are the private, loopback or link-local ranges that this
    installation may scan. `probe` is the name of what is to be sent; "" for a
    connection that says nothing. Whoever asks often keeps a CompiledScope.
    """
    compiled = CompiledScope(rules, allowed_private=allowed_private)
    return compiled.decide(address, port, now=now, probe=probe)


def _refused(reason: str) -> _Known:
    return _Known(refusal=Refusal(reason))


def _networks_of(rule: ScopeRule) -> Iterator[Network]:
    yield from rule.networks
    for addresses in rule.names.values():
        yield from (ipaddress.ip_network(address) for address in addresses)


def _by_port(rules: Sequence[ScopeRule]) -> dict[int, Ranges]:
    found: dict[int, list[Network]] = {}
    for rule in rules:
        for port, networks in rule.excluded_sockets.items():
            found.setdefault(port, []).extend(networks)
    return {port: Ranges(networks) for port, networks in found.items()}


def _by_probe(
    rules: Sequence[ScopeRule],
) -> dict[str, list[tuple[int | None, Ranges | None]]]:
    found: dict[str, list[tuple[int | None, Ranges | None]]] = {}
    for rule in rules:
        for each in rule.excluded_probes:
            held = None if each.network is None else Ranges([each.network])
            found.setdefault(each.probe, []).append((each.port, held))
    return found
