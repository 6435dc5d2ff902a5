"""What the page of zones and assets shows: what stands where, and what may talk to it."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.template.defaultfilters import pluralize

from exposure.logic.map_choice import LANES
from exposure.logic.paths.sight import ELSEWHERE
from exposure.models import (
    COUNTED,
    Asset,
    Conduit,
    Finding,
    Line,
    Service,
    ServiceState,
    Vantage,
    Zone,
)
from exposure.views.service_words import words_of

CURRENCY = "€"
LANE_WORDS = {key: (name, subtitle) for key, name, subtitle in LANES}


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """What answers on one port."""

    port: int
    words: str
    gone: bool


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One open finding."""

    ref: str
    url: str
    title: str
    grade: str


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One asset; the fields are described in exposure/plant/detail.html."""

    id: str
    name: str
    kind: str
    addresses: str
    line: str
    services: list[ServiceRow]
    findings: list[FindingRow]
    exposed: bool
    seen: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone with its assets."""

    name: str
    is_safety: bool
    assets: list[AssetRow]


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A Purdue level with its zones."""

    name: str
    sub: str
    zones: list[ZoneRow]


@dataclass(frozen=True, slots=True)
class ConduitRow:
    """Who may talk to whom, and who says so."""

    name: str
    source: str
    target: str
    service: str
    basis: str
    said_by: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line, what an hour of it costs, and what its loss means."""

    name: str
    description: str
    points: int
    cost_per_hour: int
    currency: str
    assets: list[str]
    consequence: str


@dataclass(frozen=True, slots=True)
class PlantPage:
    """The context of exposure/plant/detail.html."""

    claim: str
    lead: str
    levels: list[LevelRow]
    unplaced: list[AssetRow]
    conduits: list[ConduitRow]
    lines: list[LineRow]


UrlOfFinding = Callable[[str], str]


def plant_page(*, finding_url: UrlOfFinding) -> PlantPage:
    """Return the plant of the current workspace; `finding_url` gives that of "SL-4"."""
    zones = list(Zone.objects.order_by("-level", "name"))
    lines = list(Line.objects.order_by("-hourly_cost", "name"))
    assets = list(
        Asset.objects.select_related("line")
        .prefetch_related("endpoints")
        .order_by("name")
    )
    rows = _asset_rows(assets, finding_url=finding_url)
    by_zone: dict[object, list[AssetRow]] = defaultdict(list)
    for asset in assets:
        by_zone[asset.zone_id].append(rows[str(asset.pk)])
    unplaced = by_zone[None]
    return PlantPage(
        claim=_claim(len(assets), len(zones), len(unplaced)),
        lead=_lead(rows.values()),
        levels=_levels(zones, by_zone),
        unplaced=unplaced,
        conduits=_conduits(),
        lines=[_line(line, assets) for line in lines],
    )


def _claim(assets: int, zones: int, unplaced: int) -> str:
    if not assets and not zones:
        return "The plant is not described yet"
    text = f"{assets} asset{pluralize(assets)} in {zones} zone{pluralize(zones)}"
    if not unplaced:
        return text
    return f"{text}, {unplaced} of them in no zone"


def _lead(rows: Iterable[AssetRow]) -> str:
    listed = list(rows)
    seen = sum(1 for row in listed if row.seen)
    exposed = sum(1 for row in listed if row.exposed)
    found = sum(len(row.findings) for row in listed)
    return (
        f"Runs have seen {seen} of them. {exposed} "
        f"{pluralize(exposed, 'answers,answer')} on the internet. "
        f"{found} finding{pluralize(found)} {pluralize(found, 'is,are')} open."
    )


def _asset_rows(
    assets: Iterable[Asset], *, finding_url: UrlOfFinding
) -> dict[str, AssetRow]:
    services: dict[object, list[Service]] = defaultdict(list)
    seen = Service.objects.select_related("vantage", "observation").defer(
        "observation__exchanges", "observation__facts"
    )
    for service in seen.order_by("port"):
        services[service.asset_id].append(service)
    findings: dict[object, list[FindingRow]] = defaultdict(list)
    for finding in Finding.objects.filter(state__in=COUNTED).order_by("number"):
        findings[finding.asset_id].append(
            FindingRow(
                ref=finding.ref,
                url=finding_url(finding.ref),
                title=finding.title,
                grade=finding.grade,
            )
        )
    return {
        str(asset.pk): _asset_row(asset, services[asset.pk], findings[asset.pk])
        for asset in assets
    }


def _asset_row(
    asset: Asset, services: list[Service], findings: list[FindingRow]
) -> AssetRow:
    return AssetRow(
        id=str(asset.pk),
        name=asset.name,
        kind=asset.description or asset.get_kind_display(),
        addresses=", ".join(str(endpoint) for endpoint in asset.endpoints.all()),
        line=asset.line.name if asset.line else "",
        services=[_service(row) for row in services],
        findings=findings,
        exposed=any(_is_outside(row) for row in services),
        seen=max((row.last_seen for row in services), default=None),
    )


def _service(row: Service) -> ServiceRow:
    gone = row.state == ServiceState.GONE
    return ServiceRow(port=row.port, words=words_of(row), gone=gone)


def _is_outside(row: Service) -> bool:
    # None: a place inside a site that is not the reader's.
    seen_from: Vantage | None = getattr(row, "vantage", None)
    outside = seen_from is not None and seen_from.zone_id is None
    return outside and row.state != ServiceState.GONE


def _levels(zones: list[Zone], by_zone: dict[object, list[AssetRow]]) -> list[LevelRow]:
    by_level: dict[float, list[ZoneRow]] = defaultdict(list)
    for zone in zones:
        by_level[zone.level].append(
            ZoneRow(zone.name, zone.is_safety, by_zone[zone.pk])
        )
    return [
        LevelRow(*LANE_WORDS[f"{level:g}"], zones=rows)
        for level, rows in by_level.items()
    ]


def _conduits() -> list[ConduitRow]:
    rows = Conduit.objects.select_related("from_zone", "to_zone", "to_asset")
    return [
        ConduitRow(
            name=row.name,
            source=_name(row.from_zone, row.from_zone_id) or "Internet",
            target=_name(row.to_asset, row.to_asset_id)
            or _name(row.to_zone, row.to_zone_id),
            service="tcp " + ", ".join(map(str, row.ports))
            if row.ports
            else "anything",
            basis=row.basis,
            said_by=row.source,
        )
        for row in rows.order_by("name")
    ]


def _name(row: Asset | Zone | None, row_id: uuid.UUID | None) -> str:
    """Return the name of one end of a conduit; what is out of sight has none here."""
    if row is not None:
        return row.name
    return ELSEWHERE.capitalize() if row_id else ""


def _line(line: Line, assets: Iterable[Asset]) -> LineRow:
    return LineRow(
        name=line.name,
        description=line.description,
        points=line.points,
        cost_per_hour=line.hourly_cost,
        currency=CURRENCY,
        assets=[asset.name for asset in assets if asset.line_id == line.pk],
        consequence=f"Harm to people: {line.get_safety_display().lower()}. "
        f"Production: {line.get_mission_display().lower()}.",
    )
