"""From a scope to the literal addresses of a run, with what was refused and why."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping

from exposure.logic.names.chains import Chain
from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import ScopeKind
from exposure.models import Run, RunTarget, ScopeEntry
from exposure.services.resolving import NoResolver, chains_of, never
from exposure.services.runs import log_line
from exposure.services.scope import read_entry, rule_of
from tenants.scope import workspace_scope


def expand(run: Run, *, should_stop: Callable[[], bool] = never) -> int:
    """Write down every address of the run once; return how many there are.

    A name adds nothing that no range covers: it is only told what it points at. Names
    are asked for outside of any transaction. After a stop nothing is written.
    """
    with workspace_scope():
        entries = list(run.authorisation.entries.order_by("added_at", "id"))
    try:
        chains = chains_of(_names(entries), should_stop=should_stop)
    except NoResolver as error:
        chains = {}
        with workspace_scope():
            log_line(run, str(error))
    if should_stop():
        return 0
    with workspace_scope():
        rule = rule_of(run.authorisation)
        rows = [
            RunTarget(
                workspace_id=run.workspace_id,
                run=run,
                vantage_id=entry.vantage_id,
                address=address,
                port_hints=entry.port_hints,
            )
            for entry in entries
            for address in _addresses(run, entry, rule, chains)
        ]
        RunTarget.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
        return run.targets.count()


def _names(entries: list[ScopeEntry]) -> Iterator[str]:
    for entry in entries:
        parsed = read_entry(entry.value)
        if parsed is not None and parsed.kind is ScopeKind.NAME:
            yield parsed.text


def _addresses(
    run: Run, entry: ScopeEntry, rule: ScopeRule, chains: Mapping[str, Chain]
) -> Iterator[str]:
    parsed = read_entry(entry.value)
    if parsed is None:
        log_line(
            run,
            "refused: this installation may not scan it any more, nothing sent",
            target=entry.value[:64],
        )
    elif parsed.kind is ScopeKind.NAME:
        yield from _decided(run, parsed.text, rule, chains.get(parsed.text, Chain()))
    elif parsed.network is not None:
        hosts = (
            parsed.network.hosts() if parsed.kind is ScopeKind.RANGE else parsed.network
        )
        for address in hosts:
            if not any(address in network for network in rule.excluded_networks):
                yield str(address)


def _decided(run: Run, name: str, rule: ScopeRule, chain: Chain) -> Iterator[str]:
    """Let through what a signed range covers, and say what was refused."""
    if not chain.addresses:
        log_line(run, "the name does not resolve, nothing sent", target=name)
    for literal in chain.addresses:
        if rule.covers(ipaddress.ip_address(literal)):
            yield literal
        else:
            log_line(
                run,
                f"refused: {name} points outside the authorised ranges, nothing sent",
                target=literal,
            )
