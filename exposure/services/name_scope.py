"""Which names, addresses and ranges of a site are in its scope, as of now."""

import datetime as dt
import ipaddress
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from exposure.logic.names.labels import is_at_or_below
from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import Address, Network, ScopeKind
from exposure.models import Authorisation, Holding, HoldingKind
from exposure.services.entries import read_entry
from exposure.services.scope import rule_of, why_not_now


@dataclass(frozen=True, slots=True)
class NameScope:
    """What is signed and valid: names with all that lies below them, and ranges."""

    tops: tuple[str, ...]
    rules: tuple[ScopeRule, ...]
    ranges: tuple[tuple[str, Network], ...]  # as written in the scope

    def holds_name(self, name: str) -> bool:
        """Whether a name is a signed one or lies below one."""
        return is_at_or_below(name, self.tops)

    def holds_address(self, address: str) -> bool:
        """Whether a signed range covers an address, and nothing excludes it."""
        literal = ipaddress.ip_address(address)
        return self.covers(literal) and not any(
            literal in network
            for rule in self.rules
            for network in rule.excluded_networks
        )

    def covers(self, address: Address) -> bool:
        """Whether a signed range covers an address."""
        return any(rule.covers(address) for rule in self.rules)

    def holds_range(self, text: str) -> bool:
        """Whether a signed range covers a whole other one."""
        network = ipaddress.ip_network(text)
        return any(
            network.version == own.version and network.subnet_of(own)  # type: ignore[arg-type]  # same version
            for _, own in self.ranges
        )

    def entry_of(self, address: str) -> str:
        """Return the entry of the scope that an address lies in; "" for none."""
        literal = ipaddress.ip_address(address)
        return next((text for text, own in self.ranges if literal in own), "")


def scope_of(authorisation: Authorisation) -> NameScope:
    """Return what one authorisation covers; unsigned or over, it covers nothing."""
    return _scope_of([authorisation])


def scope_of_site(site_id: uuid.UUID) -> NameScope:
    """Return what all valid authorisations of a site cover together."""
    rows = Authorisation.objects.filter(site_id=site_id).prefetch_related(
        "entries", "exclusions"
    )
    return _scope_of(list(rows))


def _scope_of(authorisations: list[Authorisation]) -> NameScope:
    now = timezone.now()
    valid = [row for row in authorisations if not why_not_now(row, now=now)]
    tops: list[str] = []
    ranges: list[tuple[str, Network]] = []
    for row in valid:
        for entry in row.entries.all():
            parsed = read_entry(entry.value)
            if parsed is not None and parsed.kind is ScopeKind.NAME:
                tops.append(parsed.text)
            elif parsed is not None and parsed.network is not None:
                ranges.append((parsed.text, parsed.network))
    return NameScope(tuple(tops), tuple(rule_of(row) for row in valid), tuple(ranges))


def at_or_below(tops: Iterable[str]) -> Q:
    """Return the filter of holdings that are one of some names, or lie below one."""
    found = Q(pk__in=[])
    for top in tops:
        found |= Q(value=top) | Q(value__endswith=f".{top}")
    return found


def refresh(site_id: uuid.UUID, *, found_at: dt.datetime | None = None) -> None:
    """Write down for the holdings of a site whether they are in the scope.

    With `found_at`, for those that were first seen then.
    """
    scope = scope_of_site(site_id)
    rows = Holding.objects.filter(site_id=site_id)
    if found_at is not None:
        rows = rows.filter(first_seen=found_at)
    below = at_or_below(scope.tops)
    names = rows.filter(kind=HoldingKind.NAME)
    names.filter(below, in_scope=False).update(in_scope=True)
    names.exclude(below).filter(in_scope=True).update(in_scope=False)
    changed = []
    others = rows.exclude(kind=HoldingKind.NAME).only("kind", "value", "in_scope")
    for row in others.iterator(chunk_size=2000):
        is_range = row.kind == HoldingKind.RANGE
        held = scope.holds_range if is_range else scope.holds_address
        if row.in_scope != held(row.value):
            row.in_scope = not row.in_scope
            changed.append(row)
    Holding.objects.bulk_update(changed, ["in_scope"], batch_size=1000)
