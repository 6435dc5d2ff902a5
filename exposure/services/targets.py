"""From a scope to the literal addresses of a run, with what was refused and why."""

import ipaddress
import socket
from collections.abc import Iterator

from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import ScopeKind
from exposure.models import Run, RunTarget, ScopeEntry
from exposure.services.runs import log_line
from exposure.services.scope import read_entry, rule_of


def expand(run: Run) -> int:
    """Write down every address of the run once; return how many there are.

    A name adds nothing that no range covers: it is only told what it points at.
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
        for entry in run.authorisation.entries.order_by("added_at", "id")
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
        yield from _resolve(run, entry.value, rule)
    elif parsed.network is not None:
        hosts = (
            parsed.network.hosts() if parsed.kind is ScopeKind.RANGE else parsed.network
        )
        for address in hosts:
            if not any(address in network for network in rule.excluded_networks):
                yield str(address)


def _resolve(run: Run, name: str, rule: ScopeRule) -> Iterator[str]:
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        log_line(run, "the name does not resolve, nothing sent", target=name)
        return
    for literal in sorted({str(answer[4][0]) for answer in answers}):
        address = ipaddress.ip_address(literal)
        if rule.covers(address):
            yield literal
        else:
            log_line(
                run,
                f"refused: {name} points outside the authorised ranges, nothing sent",
                target=literal,
            )
