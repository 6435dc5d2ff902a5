"""From a scope to the literal addresses of a run, with what was refused and why."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping

from exposure.logic.names.chains import Chain
from exposure.logic.scope import ScopeRule
from exposure.logic.scope_text import ScopeKind
from exposure.logic.vantage_rules import WORDS, Mode
from exposure.models import Run, RunTarget, ScopeEntry
from exposure.services.entries import read_entry
from exposure.services.looking import Levels, known_ports
from exposure.services.proofs import is_allowed_here, why_unproven
from exposure.services.resolving import NoResolver, chains_of, never
from exposure.services.runs import log_line
from exposure.services.scope import rule_of
from tenants.scope import workspace_scope


def expand(run: Run, *, should_stop: Callable[[], bool] = never) -> int:
    """Write down every address of the run once; return how many there are.

    A name adds nothing that no range covers: it is only told what it points at. Names
    are asked for outside of any transaction. What nobody has proven to be the customer's
    is left out, and the log says so. What a vantage inside the plant may not sweep gets
    the ports that are known there. After a stop nothing is written.
    """
    with workspace_scope():
        rows = run.authorisation.entries.select_related("vantage__zone")
        in_order = rows.prefetch_related("proofs").order_by("added_at", "id")
        entries = [entry for entry in in_order if not _is_retired(run, entry)]
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
        levels = Levels(run.authorisation, run.looks)
        targets = [
            _target(run, entry, address, levels)
            for entry in entries
            for address in _addresses(run, entry, rule, chains)
        ]
        _tell_modes(run, targets)
        RunTarget.objects.bulk_create(targets, ignore_conflicts=True, batch_size=1000)
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
        chain = chains.get(parsed.text, Chain())
        yield from _decided(run, entry, rule, chain)
    elif why := why_unproven(entry):
        log_line(run, f"refused: {why} Nothing was sent.", target=entry.value[:64])
    elif parsed.network is not None:
        hosts = (
            parsed.network.hosts() if parsed.kind is ScopeKind.RANGE else parsed.network
        )
        for address in hosts:
            if not any(address in network for network in rule.excluded_networks):
                yield str(address)


def _decided(
    run: Run, entry: ScopeEntry, rule: ScopeRule, chain: Chain
) -> Iterator[str]:
    """Let through what a signed range covers, and say what was refused."""
    name, unproven = entry.value, why_unproven(entry)
    if not chain.addresses:
        log_line(run, "the name does not resolve, nothing sent", target=name)
    for literal in chain.addresses:
        address = ipaddress.ip_address(literal)
        if not rule.covers(address):
            why = f"{name} points outside the authorised ranges"
        elif unproven and not is_allowed_here(ipaddress.ip_network(address)):
            why = f"{name} points here, but is not proven to be the customer's"
        else:
            yield str(address)
            continue
        log_line(run, f"refused: {why}, nothing sent", target=literal)
