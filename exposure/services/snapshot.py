"""Takes the picture of the plant that the path engine works on."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from exposure.logic.controls import Guard
from exposure.logic.grades import Grade, Threat
from exposure.logic.paths import snapshot as rows
from exposure.models import (
    COUNTED,
    GONE,
    Asset,
    Conduit,
    Credential,
    Finding,
    FindingState,
    Line,
    PlaceUse,
    Service,
    ServiceState,
    VendorAccess,
    Zone,
)
from exposure.services import controls, vendors

NO_CONTROL = Guard(verified=False, words="")


def take_snapshot() -> rows.PlantSnapshot:
    """Return the current workspace's plant, services and open findings."""
    guards = controls.guards_now()
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
        conduits=tuple(
            _conduit(conduit, guards.get(conduit.pk, NO_CONTROL))
            for conduit in Conduit.objects.all()
        ),
        services=tuple(
            rows.ServiceRow(
                id=str(service.pk),
                asset_id=str(service.asset_id),
                port=service.port,
                protocol=service.protocol,
                seen_from=_id(service.vantage.zone_id),
                known_since=_day(service.first_seen),
            )
            for service in _services()
        ),
        findings=tuple(
            _finding(finding, guards.get(finding.pk, NO_CONTROL))
            for finding in Finding.objects.select_related("service").filter(
                state__in=COUNTED
            )
        ),
        credentials=tuple(
            _credential(credential)
            for credential in Credential.objects.prefetch_related("places")
        ),
        vendor_accesses=_vendor_accesses(),
        shut=tuple(_shut()),
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


def _conduit(conduit: Conduit, guard: Guard) -> rows.ConduitRow:
    return rows.ConduitRow(
        id=str(conduit.pk),
        name=conduit.name,
        from_zone_id=_id(conduit.from_zone_id),
        to_zone_id=_id(conduit.to_zone_id),
        to_asset_id=_id(conduit.to_asset_id),
        ports=tuple(conduit.ports),
        basis=rows.Basis(conduit.basis),
        source=conduit.source,
        verified_control=guard.verified,
        control=guard.words,
    )


def _credential(credential: Credential) -> rows.CredentialRow:
    places = list(credential.places.all())
    opened = [place for place in places if place.use == PlaceUse.OPENS]
    return rows.CredentialRow(
        id=str(credential.pk),
        name=credential.name,
        held_on=tuple(
            str(place.asset_id) for place in places if place.use == PlaceUse.HELD
        ),
        opens=tuple(str(place.asset_id) for place in opened if place.asset_id),
        opens_zones=tuple(str(place.zone_id) for place in opened if place.zone_id),
        shared=credential.shared,
        stored=credential.stored,
        basis=rows.Basis(credential.basis),
        mfa=credential.mfa,
    )


def _vendor_accesses() -> tuple[rows.VendorAccessRow, ...]:
    accesses = list(VendorAccess.objects.select_related("site__workspace"))
    open_ones = vendors.answering(accesses)
    return tuple(
        rows.VendorAccessRow(
            id=str(access.pk),
            vendor=access.vendor,
            to_zone_id=_id(access.to_zone_id),
            to_asset_id=_id(access.to_asset_id),
            ports=tuple(access.ports),
            conduit_id=_id(access.conduit_id),
            basis=rows.Basis(access.basis),
            mfa=access.mfa,
            window=vendors.window_of(
                access,
                answers=bool(open_ones[access.pk]),
                today=vendors.today_at(access.site),
            ),
        )
        for access in accesses
    )


def _shut() -> Iterator[rows.ShutRow]:
    """Yield what was proven shut at the assets that command a line, and when."""
    for finding in Finding.objects.select_related("service").filter(
        state__in=GONE, asset__line__isnull=False
    ):
        how = (
            rows.Shut.DISPROVED
            if finding.state == FindingState.DISPROVED
            else rows.Shut.CLOSED
        )
        yield rows.ShutRow(
            id=f"finding:{finding.pk}",
            asset_id=str(finding.asset_id),
            port=finding.service.port,
            label=finding.ref,
            how=how,
            day=_day(finding.closed_at),
        )
    for service in Service.objects.filter(
        state=ServiceState.GONE, asset__line__isnull=False
    ):
        yield rows.ShutRow(
            id=f"service:{service.pk}",
            asset_id=str(service.asset_id),
            port=service.port,
            label=f"Port {service.port_name}",
            how=rows.Shut.GONE,
        )


def _finding(finding: Finding, guard: Guard) -> rows.FindingRow:
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
        verified_control=guard.verified,
        control=guard.words,
    )


def _day(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).date().isoformat() if moment else ""


def _id(key: object) -> str:
    return "" if key is None else str(key)
