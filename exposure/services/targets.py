"""From a scope to the literal addresses of a run, with what was refused and why."""

import ipaddress
import socket
from collections.abc import Iterator

from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import ScopeKind
from exposure.logic.vantage_rules import WORDS, Mode
from exposure.models import Run, RunTarget, ScopeEntry
from exposure.services.looking import Levels, known_ports
from exposure.services.runs import log_line
from exposure.services.scope import read_entry, rule_of


def expand(run: Run) -> int:
    """Write down every address of the run once; return how many there are.

    A name adds nothing that no range covers: it is only told what it points at. What
    a vantage inside the plant may not sweep gets the ports that are known there.
    """
    rule = rule_of(run.authorisation)
    levels = Levels(run.authorisation, run.looks)
    entries = run.authorisation.entries.select_related("vantage__zone")
    rows = [
        _target(run, entry, address, levels)
        for entry in entries.order_by("added_at", "id")
        if not _is_retired(run, entry)
        for address in _addresses(run, entry, rule)
    ]
    _tell_modes(run, rows)
    RunTarget.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return run.targets.count()


def _target(run: Run, entry: ScopeEntry, address: str, levels: Levels) -> RunTarget:
    mode = levels.mode_for(address, entry.vantage)
    hints = entry.port_hints
    if mode is not Mode.FULL:
        hints = known_ports(address) | hints
    return RunTarget(
        workspace_id=run.workspace_id,
        run=run,
        vantage_id=entry.vantage_id,
        address=address,
        port_hints=hints,
        mode=mode,
    )


def _is_retired(run: Run, entry: ScopeEntry) -> bool:
    retired = entry.vantage.retired_at is not None
    if retired:
        log_line(
            run,
            f"left out: nobody looks from {entry.vantage} any more, nothing sent",
            target=entry.value[:64],
        )
    return retired


def _tell_modes(run: Run, rows: list[RunTarget]) -> None:
    """Say what is not looked at as a whole, and where nothing is known to look at."""
    for mode in (Mode.IDENTIFY_ONLY, Mode.LISTEN_ONLY):
        mine = [row for row in rows if row.mode == mode]
        if not mine:
            continue
        unknown = sum(1 for row in mine if not row.port_hints)
        text = f"{len(mine)} addresses: {WORDS[mode]}."
        if unknown:
            text += f" Of {unknown} no port is known: nothing is sent there."
        log_line(run, text)


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
