"""From a scope to the literal addresses of a run, with what was refused and why."""

import ipaddress
import socket
from collections.abc import Iterator

from django.conf import settings

from exposure.collectors.ownership import NotShown, addresses_of
from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import ScopeKind
from exposure.models import Run, RunTarget, ScopeEntry
from exposure.services.entries import read_entry
from exposure.services.proofs import is_allowed_here, why_unproven
from exposure.services.runs import log_line
from exposure.services.scope import rule_of


def expand(run: Run) -> int:
    """Write down every address of the run once; return how many there are.

    A name adds nothing that no range covers: it is only told what it points at. What
    nobody has proven to be the customer's is left out, and the log says so.
    """
    rule = rule_of(run.authorisation)
    rows = [
        RunTarget(
            workspace_id=run.workspace_id,
            run=run,
            vantage_id=entry.vantage_id,
            address=address,
            port_hints=entry.port_hints,
        )
        for entry in run.authorisation.entries.prefetch_related("proofs").order_by(
            "added_at", "id"
        )
        for address in _addresses(run, entry, rule)
    ]
    RunTarget.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return run.targets.count()


def _addresses(run: Run, entry: ScopeEntry, rule: ScopeRule) -> Iterator[str]:
    parsed = read_entry(entry.value)
    if parsed is None:
        log_line(
            run,
            "refused: this installation may not scan it any more, nothing sent",
            target=entry.value[:64],
        )
    elif parsed.kind is ScopeKind.NAME:
        yield from _resolve(run, entry, rule)
    elif why := why_unproven(entry):
        log_line(run, f"refused: {why} Nothing was sent.", target=entry.value[:64])
    elif parsed.network is not None:
        hosts = (
            parsed.network.hosts() if parsed.kind is ScopeKind.RANGE else parsed.network
        )
        for address in hosts:
            if not any(address in network for network in rule.excluded_networks):
                yield str(address)


def _resolve(run: Run, entry: ScopeEntry, rule: ScopeRule) -> Iterator[str]:
    name, unproven = entry.value, why_unproven(entry)
    literals = _look_up(name)
    if not literals:
        log_line(run, "the name does not resolve, nothing sent", target=name)
    for literal in sorted(literals):
        address = ipaddress.ip_address(literal.partition("%")[0])
        if not rule.covers(address):
            why = f"{name} points outside the authorised ranges"
        elif unproven and not is_allowed_here(ipaddress.ip_network(address)):
            why = f"{name} points here, but is not proven to be the customer's"
        else:
            yield str(address)
            continue
        log_line(run, f"refused: {why}, nothing sent", target=literal)


def _look_up(name: str) -> set[str]:
    """Return what a name points at now, by the name servers of the settings if any."""
    try:
        if settings.DNS_RESOLVERS:
            return set(addresses_of(name, resolvers=settings.DNS_RESOLVERS))
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, NotShown):
        return set()
    return {str(answer[4][0]) for answer in answers}
