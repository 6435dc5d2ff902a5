"""From answers to observations, services and findings; the ledger beside them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.utils import timezone

from exposure.logic.checks import evaluate
from exposure.logic.ports import port_name
from exposure.logic.products import describe
from exposure.logic.vantage_rules import Mode
from exposure.models import (
    Asset,
    Endpoint,
    Finding,
    Observation,
    Run,
    RunTarget,
    Service,
    ServiceState,
    Site,
    Vantage,
)
from exposure.probes.base import Exchange, Outcome, ProbeResult
from exposure.probes.text import harmless_facts
from exposure.services import drift, findings, probe_ledger
from exposure.services.probe_ledger import Kind, Sent
from exposure.services.runs import log_line

# A service that said its name in its own protocol; an anomaly is kept, but not believed.
NAMED = frozenset({Outcome.IDENTIFIED})
# Probes that tell less than another one on the same port.
WEAK_NAMES = frozenset({"tls", "tls-versions", "banner", "tcp", "udp"})


def record_unheard(
    target: RunTarget, run: Run, results: Iterable[tuple[dt.datetime, ProbeResult]]
) -> None:
    """Write the ledger of questions over UDP that nobody answered, with their times."""
    probe_ledger.write(
        [_sent(result, at=at) for at, result in results if result.connections],
        run=run,
        vantage_id=target.vantage_id,
        address=target.address,
    )


def record_result(
    target: RunTarget, run: Run, result: ProbeResult, *, site: Site
) -> list[Finding]:
    """Write one probe's answer; return the findings that are new or back."""
    result = replace(result, facts=harmless_facts(result.facts))
    observation = record_observation(result, vantage=target.vantage, run=run)
    if result.is_aside:
        return []
    service = _service(target, run, result, observation, site=site)
    if result.outcome not in NAMED:
        return []
    verdicts = evaluate(result.facts, result.probe, now=observation.at)
    return [
        finding
        for check, verdict in verdicts
        if (finding := findings.detect(service, check, verdict, observation))
        is not None
    ]


def log_result(run: Run, result: ProbeResult, found: Sequence[Finding]) -> None:
    """Write the line that people read while they watch."""
    named = result.outcome in NAMED
    again = "asked again, " if result.is_repeat else ""
    again += "stopped, " if result.was_stopped else ""
    port = port_name(result.target.port, result.target.transport)
    text = f"{result.probe} {port}: {again}{result.outcome.value}"
    if named and (product := describe(result.facts)):
        text = f"{result.probe} {port}: {again}{product}"
    for finding in found:
        # Who reads about this run need not read about another site's devices.
        own = finding.asset.site_id == run.site_id
        text += f" · {finding.ref} {finding.title}" if own else f" · {finding.ref}"
    log_line(run, text, target=result.target.address, notable=bool(found))


def record_observation(
    result: ProbeResult, *, vantage: Vantage, run: Run | None
) -> Observation:
    """Write the ledger entry and the observation of one probe."""
    now = timezone.now()
    probe_ledger.write(
        [_sent(result, at=now)],
        run=run,
        vantage_id=vantage.pk,
        address=result.target.address,
    )
    return Observation.objects.create(
        run=run,
        vantage=vantage,
        at=now,
        address=result.target.address,
        port=result.target.port,
        transport=result.target.transport,
        probe=result.probe,
        probe_version=result.version,
        outcome=result.outcome.value,
        level=result.level,
        facts=harmless_facts(result.facts),
        exchanges=exchange_rows(result.exchanges),
    )


def _sent(result: ProbeResult, *, at: dt.datetime) -> Sent:
    kind = Kind(
        transport=result.target.transport,
        probe=result.probe,
        probe_version=result.version,
        result=result.outcome.value,
        connections=result.connections,
        bytes_out=result.bytes_out,
        bytes_in=result.bytes_in,
    )
    return Sent(at, result.target.port, kind)


def exchange_rows(exchanges: Iterable[Exchange]) -> list[dict[str, object]]:
    """Return a transcript as it is stored: at (seconds), direction and hex."""
    return [
        {
            "at": round(exchange.at, 4),
            "direction": exchange.direction.value,
            "hex": exchange.data.hex(),
        }
        for exchange in exchanges
    ]


def _service(
    target: RunTarget,
    run: Run,
    result: ProbeResult,
    observation: Observation,
    *,
    site: Site,
) -> Service:
    transport = result.target.transport
    protocol = result.probe if result.outcome in NAMED else transport
    product = describe(result.facts) if result.outcome in NAMED else ""
    row = (
        Service.objects.select_for_update()
        .filter(
            vantage=target.vantage,
            address=target.address,
            port=result.target.port,
            transport=transport,
        )
        .first()
    )
    if row is None:
        row = _new_service(
            target,
            run,
            result,
            observation,
            protocol=protocol,
            product=product,
            site=site,
        )
        drift.note_change(row, run, observation, was=None)
        return row
    was, had = ServiceState(row.state), row.protocol
    seen_in_this_run = row.last_run_id == run.pk
    # Who only listened cannot say that a name does not hold any more.
    tells_less = seen_in_this_run or target.mode == Mode.LISTEN_ONLY
    if not (tells_less and protocol in WEAK_NAMES):
        row.protocol, row.product, row.observation = protocol, product, observation
    same = seen_in_this_run or protocol in WEAK_NAMES or had in WEAK_NAMES
    differs = drift.note_change(
        row, run, observation, was=was, protocol="" if same else had
    )
    if differs and row.first_run_id != run.pk:
        row.state = ServiceState.CHANGED
    elif not seen_in_this_run:
        row.state = ServiceState.UNCHANGED
    row.last_run, row.last_seen, row.silent_runs = run, observation.at, 0
    row.save()
    return row


def _new_service(  # noqa: PLR0913 - one row, all of its columns
    target: RunTarget,
    run: Run,
    result: ProbeResult,
    observation: Observation,
    *,
    protocol: str,
    product: str,
    site: Site,
) -> Service:
    return Service.objects.create(
        asset=_asset_at(target.address, port=result.target.port, site=site),
        vantage=target.vantage,
        address=target.address,
        port=result.target.port,
        transport=result.target.transport,
        protocol=protocol,
        product=product,
        observation=observation,
        first_run=run,
        last_run=run,
        first_seen=observation.at,
        last_seen=observation.at,
    )


def _asset_at(address: str, *, port: int, site: Site) -> Asset:
    """Return the asset that answers there; an unknown one is added by its address."""
    rows = Endpoint.objects.select_related("asset").filter(address=address)
    known = {row.port: row.asset for row in rows}
    asset = known.get(port) or known.get(None)
    if asset is None:
        asset = Asset.objects.create(site=site, name=address, described=False)
        Endpoint.objects.create(asset=asset, address=address)
    return asset
