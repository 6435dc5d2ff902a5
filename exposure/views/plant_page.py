"""What the page of zones and assets shows: what stands where, and what may talk to it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery, Value
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
from exposure.views.control_rows import ControlMark, UrlOf, marks_in_place
from exposure.views.plant_rows import (
    AssetRow,
    ConduitRow,
    FindingRow,
    LevelRow,
    LineRow,
    PlantPage,
    ServiceRow,
    ZoneRow,
)
from exposure.views.service_words import words_of

CURRENCY = "€"
PER_PAGE = 50
MOST_NAMES = 12
LANE_WORDS = {key: (name, subtitle) for key, name, subtitle in LANES}

Marks = Mapping[uuid.UUID | None, list[ControlMark]]


def plant_page(
    *,
    number: str | None,
    with_asset: str,
    finding_url: UrlOf,
    onward_url: UrlOf,
    control_url: UrlOf,
) -> PlantPage:
    """Return one page of the plant.

    `finding_url` gives the address of "SL-4", `onward_url` that of what follows once an
    asset (an id) is taken, `control_url` that of a control (an id).

    What is in no zone comes first, then zone by zone from the internet down. The page is
    the one `with_asset` (an id) if there is such an asset, else the one with the number.
    """
    counts = _counts()
    zones = list(
        Zone.objects.annotate(held=Count("asset")).order_by("-level", "name", "pk")
    )
    in_order = Asset.objects.select_related("line").order_by(
        F("zone__level").desc(nulls_first=True), "zone__name", "zone_id", "name", "pk"
    )
    pages: Paginator[Any] = Paginator(in_order.prefetch_related("endpoints"), PER_PAGE)
    pages.count = counts["assets"]
    if with_asset:
        keys = [str(pk) for pk in in_order.values_list("pk", flat=True)]
        if with_asset in keys:
            number = str(keys.index(with_asset) // PER_PAGE + 1)
    page = pages.get_page(number)
    assets: list[Asset] = list(page.object_list)
    marks = marks_in_place(control_url)
    rows = _asset_rows(assets, marks, finding_url=finding_url, onward_url=onward_url)
    by_zone: dict[object, list[AssetRow]] = defaultdict(list)
    for asset in assets:
        by_zone[asset.zone_id].append(rows[str(asset.pk)])
    shown: list[Zone] = [
        zone
        for zone in zones
        if by_zone[zone.pk] or (page.number == 1 and not zone.held)
    ]
    return PlantPage(
        claim=_claim(counts["assets"], len(zones), counts["unplaced"]),
        lead=_lead(counts),
        levels=_levels(shown, by_zone),
        unplaced=by_zone[None],
        page=page,
        conduits=_conduits(marks),
        lines=_lines(),
    )


def _counts() -> dict[str, int]:
    """Return what is counted over all assets, whichever page is shown."""
    answers = Service.objects.filter(asset=OuterRef("pk"))
    outside = answers.filter(vantage__zone=None).exclude(state=ServiceState.GONE)
    found = Finding.objects.filter(state__in=COUNTED).values(all=Value(1))
    counts = Asset.objects.aggregate(
        assets=Count("pk"),
        unplaced=Count("pk", filter=Q(zone=None)),
        seen=Count("pk", filter=Q(Exists(answers))),
        exposed=Count("pk", filter=Q(Exists(outside))),
        # The same for every asset, so that one query counts all of it.
        found=Max(Subquery(found.annotate(n=Count("pk")).values("n"))),
    )
    return {name: count or 0 for name, count in counts.items()}


def _claim(assets: int, zones: int, unplaced: int) -> str:
    if not assets and not zones:
        return "The plant is not described yet"
    text = f"{assets} asset{pluralize(assets)} in {zones} zone{pluralize(zones)}"
    if not unplaced:
        return text
    return f"{text}, {unplaced} of them in no zone"


def _lead(counts: Mapping[str, int]) -> str:
    exposed, found = counts["exposed"], counts["found"]
    return (
        f"Runs have seen {counts['seen']} of them. {exposed} "
        f"{pluralize(exposed, 'answers,answer')} on the internet. "
        f"{found} finding{pluralize(found)} {pluralize(found, 'is,are')} open."
    )


def _asset_rows(
    assets: Sequence[Asset], marks: Marks, *, finding_url: UrlOf, onward_url: UrlOf
) -> dict[str, AssetRow]:
    services: dict[object, list[Service]] = defaultdict(list)
    seen = Service.objects.select_related("vantage", "observation").defer(
        "observation__exchanges", "observation__facts"
    )
    for service in seen.filter(asset__in=assets).order_by("port"):
        services[service.asset_id].append(service)
    findings: dict[object, list[FindingRow]] = defaultdict(list)
    open_ones = Finding.objects.filter(asset__in=assets, state__in=COUNTED)
    for finding in open_ones.order_by("number"):
        findings[finding.asset_id].append(
            FindingRow(
                ref=finding.ref,
                url=finding_url(finding.ref),
                title=finding.title,
                grade=finding.grade,
                controls=marks.get(finding.pk, []),
            )
        )
    return {
        str(asset.pk): _asset_row(
            asset,
            services[asset.pk],
            findings[asset.pk],
            onward_url=onward_url(str(asset.pk)),
        )
        for asset in assets
    }


def _asset_row(
    asset: Asset,
    services: list[Service],
    findings: list[FindingRow],
    *,
    onward_url: str,
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
        onward_url=onward_url,
        seen=max((row.last_seen for row in services), default=None),
    )


def _service(row: Service) -> ServiceRow:
    gone = row.state == ServiceState.GONE
    return ServiceRow(port=row.port_name, words=words_of(row), gone=gone)


def _is_outside(row: Service) -> bool:
    # None: a place inside a site that is not the reader's.
    seen_from: Vantage | None = getattr(row, "vantage", None)
    outside = seen_from is not None and seen_from.zone_id is None
    return outside and row.state != ServiceState.GONE


def _levels(
    zones: Sequence[Zone], by_zone: dict[object, list[AssetRow]]
) -> list[LevelRow]:
    by_level: dict[float, list[ZoneRow]] = defaultdict(list)
    for zone in zones:
        by_level[zone.level].append(
            ZoneRow(zone.name, zone.is_safety, by_zone[zone.pk])
        )
    return [
        LevelRow(*LANE_WORDS[f"{level:g}"], zones=rows)
        for level, rows in by_level.items()
    ]


def _conduits(marks: Marks) -> list[ConduitRow]:
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
            controls=marks.get(row.pk, []),
        )
        for row in rows.order_by("name")
    ]


def _name(row: Asset | Zone | None, row_id: uuid.UUID | None) -> str:
    """Return the name of one end of a conduit; what is out of sight has none here."""
    if row is not None:
        return row.name
    return ELSEWHERE.capitalize() if row_id else ""


def _lines() -> list[LineRow]:
    lines = list(Line.objects.order_by("-hourly_cost", "name"))
    names: dict[object, list[str]] = defaultdict(list)
    named = Asset.objects.filter(line__in=lines).order_by("name")
    for line_id, name in named.values_list("line_id", "name"):
        names[line_id].append(name)
    return [_line(line, names[line.pk]) for line in lines]


def _line(line: Line, assets: list[str]) -> LineRow:
    return LineRow(
        name=line.name,
        description=line.description,
        points=line.points,
        cost_per_hour=line.hourly_cost,
        currency=CURRENCY,
        assets=assets[:MOST_NAMES],
        more=max(0, len(assets) - MOST_NAMES),
        consequence=f"Harm to people: {line.get_safety_display().lower()}. "
        f"Production: {line.get_mission_display().lower()}.",
    )
