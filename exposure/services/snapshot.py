"""Takes the picture of the plant that the path engine works on."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths import snapshot as rows
from exposure.models import COUNTED, Asset, Conduit, Finding, Line, Service, Zone
from exposure.models.observed import ServiceState


def take_snapshot() -> rows.PlantSnapshot:
    """Return the current workspace's plant, services and open findings."""
    return rows.PlantSnapshot(
        zones=tuple(
            rows.ZoneRow(id=str(zone.pk), name=zone.name, level=zone.level)
            for zone in Zone.objects.all()
        ),
        lines=tuple(
            rows.LineRow(
                id=str(line.pk),
                name=line.name,
                points=line.points,
                hourly_cost=str(line.hourly_cost),
                description=line.description,
            )
            for line in Line.objects.all()
        ),
        assets=tuple(_asset(asset) for asset in Asset.objects.all()),
        conduits=tuple(_conduit(conduit) for conduit in Conduit.objects.all()),
        services=tuple(
            rows.ServiceRow(
                id=str(service.pk),
                asset_id=str(service.asset_id),
                port=service.port,
                protocol=service.protocol,
                seen_from=_id(service.vantage.zone_id),
            )
            for service in _services()
        ),
        findings=tuple(
            _finding(finding)
            for finding in Finding.objects.select_related("service").filter(
                state__in=COUNTED
            )
        ),
    )


def _services() -> Iterator[Service]:
    """Yield what answers; what no longer does counts while a finding on it is open.

    Silence proves nothing: only a re-test takes exposure away.
    """
    counted = Finding.objects.filter(service=OuterRef("pk"), state__in=COUNTED)
    services = Service.objects.select_related("vantage").alias(open=Exists(counted))
    yield from services.filter(~Q(state=ServiceState.GONE) | Q(open=True))


def _asset(asset: Asset) -> rows.AssetRow:
    return rows.AssetRow(
        id=str(asset.pk),
        name=asset.name,
        zone_id=_id(asset.zone_id),
        kind=asset.kind,
        description=asset.description,
        line_ids=(str(asset.line_id),) if asset.line_id else (),
        sends_packets=asset.sends_packets,
    )


def _conduit(conduit: Conduit) -> rows.ConduitRow:
    return rows.ConduitRow(
        id=str(conduit.pk),
        name=conduit.name,
        from_zone_id=_id(conduit.from_zone_id),
        to_zone_id=_id(conduit.to_zone_id),
        to_asset_id=_id(conduit.to_asset_id),
        ports=tuple(conduit.ports),
        basis=rows.Basis(conduit.basis),
    )


def _finding(finding: Finding) -> rows.FindingRow:
    return rows.FindingRow(
        id=str(finding.pk),
        ref=finding.ref,
        asset_id=str(finding.asset_id),
        port=finding.service.port,
        title=finding.title.removesuffix("."),  # it becomes part of a sentence
        grade=Grade(finding.grade),
        threat=Threat(finding.threat),
        gives=rows.Gives(finding.gives),
        technique=finding.technique,
    )


def _id(key: object) -> str:
    return "" if key is None else str(key)
