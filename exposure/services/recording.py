"""From answers to observations, services and findings; the ledger beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import Exists, OuterRef
from django.utils import timezone

from exposure.collectors.sweep import SweepResult
from exposure.logic.checks import evaluate
from exposure.logic.products import describe
from exposure.models import (
    Asset,
    Endpoint,
    Finding,
    Observation,
    ProbeRecord,
    Run,
    RunTarget,
    Service,
    ServiceState,
    Site,
    TargetState,
    Vantage,
)
from exposure.probes.base import Exchange, Outcome, ProbeResult
from exposure.probes.text import harmless_facts
from exposure.services import findings, probe_ledger
from exposure.services.probe_ledger import Kind, Sent
from exposure.services.runs import log_line

CONNECT = "connect"
# A service that said its name in its own protocol; an anomaly is kept, but not believed.
NAMED = frozenset({Outcome.IDENTIFIED})
# Probes that tell less than another one on the same port.
WEAK_NAMES = frozenset({"tls", "banner", "tcp"})


def record_sweep(
    target: RunTarget, run: Run, results: Sequence[SweepResult], *, complete: bool
) -> None:
    """Write the ledger of one swept address; if it was `complete`, what was open."""
    now = timezone.now()
    sent = [result for result in results if result.state != "refused_by_scope"]
    probe_ledger.write(
        [
            Sent(now, result.port, Kind("tcp", CONNECT, 1, result.state, 1, 0, 0))
            for result in sent
        ],
        run=run,
        vantage_id=target.vantage_id,
        address=target.address,
    )
    _log_refusals(run, results)
    if not complete:
        return
    target.open_ports = sorted(r.port for r in sent if r.state == "open")
    target.answered = any(r.state in {"open", "closed"} for r in sent)
    target.state = TargetState.SWEPT if target.open_ports else TargetState.DONE
    target.save(update_fields=["open_ports", "answered", "state"])


def _log_refusals(run: Run, results: Iterable[SweepResult]) -> None:
    refused = [result for result in results if result.state == "refused_by_scope"]
    if refused:
        log_line(
            run,
            f"refused by scope, {len(refused)} ports, nothing sent: {refused[0].error}",
            target=refused[0].address,
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
    text = f"{result.probe} {result.target.port}: {again}{result.outcome.value}"
    if named and (product := describe(result.facts)):
        text = f"{result.probe} {result.target.port}: {again}{product}"
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
    kind = Kind(
        transport=result.target.transport,
        probe=result.probe,
        probe_version=result.version,
        result=result.outcome.value,
        connections=result.connections,
        bytes_out=result.bytes_out,
        bytes_in=result.bytes_in,
    )
    probe_ledger.write(
        [Sent(now, result.target.port, kind)],
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


def mark_gone(run: Run) -> None:
    """Mark services that did not answer where the run looked; findings stay open.

    A port that was excluded meanwhile was not looked at, so nothing is said about it.
    """
    looked_at = ProbeRecord.objects.filter(
        run=run,
        vantage=OuterRef("vantage"),
        address=OuterRef("address"),
        port=OuterRef("port"),
        transport=OuterRef("transport"),
    )
    for target in run.targets.filter(state=TargetState.DONE):
        gone = (
            Service.objects.filter(
                Exists(looked_at), vantage_id=target.vantage_id, address=target.address
            )
            .exclude(last_run=run)
            .exclude(state=ServiceState.GONE)
        )
        for service in gone:
            service.state = ServiceState.GONE
            service.save(update_fields=["state"])
            log_line(
                run, f"{service.protocol} {service.port} is gone", target=target.address
            )


def _service(
    target: RunTarget,
    run: Run,
    result: ProbeResult,
    observation: Observation,
    *,
    site: Site,
) -> Service:
    protocol = result.probe if result.outcome in NAMED else "tcp"
    product = describe(result.facts) if result.outcome in NAMED else ""
    row = (
        Service.objects.select_for_update()
        .filter(
            vantage=target.vantage,
            address=target.address,
            port=result.target.port,
            transport=result.target.transport,
        )
        .first()
    )
    if row is None:
        return _new_service(
            target,
            run,
            result,
            observation,
            protocol=protocol,
            product=product,
            site=site,
        )
    seen_in_this_run = row.last_run_id == run.pk
    if not (seen_in_this_run and protocol in WEAK_NAMES):
        if not seen_in_this_run:
            row.state = _compared(row, protocol=protocol)
        row.protocol, row.product, row.observation = protocol, product, observation
    row.last_run, row.last_seen = run, observation.at
    row.save()
    return row


def _compared(row: Service, *, protocol: str) -> ServiceState:
    same = row.protocol == protocol or protocol in WEAK_NAMES
    if row.state == ServiceState.GONE or not same:
        return ServiceState.CHANGED
    return ServiceState.UNCHANGED


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
