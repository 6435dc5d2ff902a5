"""What outside sources are asked about: the signed scope, and nothing beside it."""

import datetime as dt
import ipaddress
from collections.abc import Iterator

from django.utils import timezone

from exposure.collectors.passive.contract import Query, Source
from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import Network, ScopeEntry, ScopeKind
from exposure.models import Authorisation, Site, SourceAnswer
from exposure.services.entries import allowed_private, read_entry
from exposure.services.name_seeds import note_entries
from exposure.services.scope import rule_of, why_not_now

MOST_ADDRESSES = 4096  # of a site; the widest range of a scope has so many
ONE_PER_ENTRY = frozenset({"rdap"})  # a registry answers for the whole range


def plan(source: Source, site: Site) -> None:
    """Write down every question that the source may be asked about a site, once.

    What has left the scope is not asked about again.
    """
    queries = list(_queries(source, site))
    now = timezone.now()
    SourceAnswer.objects.bulk_create(
        [
            SourceAnswer(
                workspace_id=site.workspace_id,
                site=site,
                source=source.name,
                kind=query.kind,
                value=query.value,
                due_at=now,
            )
            for query in queries
        ],
        ignore_conflicts=True,
    )
    SourceAnswer.objects.filter(site=site, source=source.name).exclude(
        value__in=[query.value for query in queries]
    ).delete()


def due(source: Source, *, most: int) -> list[SourceAnswer]:
    """Return the questions that are due, the longest waiting first."""
    return list(
        SourceAnswer.objects.select_related("site")
        .filter(source=source.name, due_at__lte=timezone.now())
        .order_by("due_at", "id")[:most]
    )


def note_roots(site: Site, *, at: dt.datetime) -> None:
    """Keep what the customer signed as the roots of all trails."""
    for permission, _ in _signed(site):
        note_entries(permission, at=at)


def entry_of(site: Site, address: str) -> str:
    """Return the entry of the scope that holds an address; "" for none."""
    literal = ipaddress.ip_address(address)
    for _, entries in _signed(site):
        for entry in entries:
            if entry.network is not None and literal in entry.network:
                return entry.text
    return ""


def _queries(source: Source, site: Site) -> Iterator[Query]:
    given = 0
    for permission, entries in _signed(site):
        if "name" in source.kinds:
            yield from _domains(entries)
        if "address" not in source.kinds:
            continue
        rule = rule_of(permission)
        for entry in entries:
            for address in _addresses(entry, rule, one=source.name in ONE_PER_ENTRY):
                if given == MOST_ADDRESSES:
                    return
                given += 1
                yield Query("address", address)


def _signed(site: Site) -> Iterator[tuple[Authorisation, list[ScopeEntry]]]:
    now = timezone.now()
    rows = (
        Authorisation.objects.filter(site=site)
        .select_related("site")
        .prefetch_related("entries", "exclusions")
    )
    for row in rows:
        if why_not_now(row, now=now):
            continue
        entries = [read_entry(each.value) for each in row.entries.all()]
        yield row, [entry for entry in entries if entry is not None]


def _domains(entries: list[ScopeEntry]) -> Iterator[Query]:
    names = {entry.text for entry in entries if entry.kind is ScopeKind.NAME}
    for name in sorted(names):
        # Who asks about a domain asks about all names below it.
        if not any(name.endswith(f".{other}") for other in names):
            yield Query("name", name)


def _addresses(entry: ScopeEntry, rule: ScopeRule, *, one: bool) -> Iterator[str]:
    network = entry.network
    # Addresses of the own house mean nothing outside of it.
    if network is None or any(_within(network, own) for own in allowed_private()):
        return
    for host in network.hosts() if network.num_addresses > 2 else network:
        if not any(host in each for each in rule.excluded_networks):
            yield str(host)
            if one:
                return


def _within(network: Network, other: Network) -> bool:
    return network.version == other.version and network.overlaps(other)
