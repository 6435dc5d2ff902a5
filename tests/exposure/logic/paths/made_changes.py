"""What somebody does in the model of a plant when a change is made, kind by kind."""

from collections.abc import Callable
from dataclasses import replace

from exposure.logic.paths.plant import Plant, permits
from exposure.logic.paths.snapshot import (
    FindingRow,
    PlantSnapshot,
    ServiceRow,
    Window,
)


def fixed(plant: PlantSnapshot, finding_id: str) -> PlantSnapshot:
    """The re-test finds it closed; its port answers as before."""
    rows = (
        replace(row, state="closed") if row.id == finding_id else row
        for row in plant.findings
    )
    return replace(plant, findings=tuple(rows))


def turned_off(plant: PlantSnapshot, door: str) -> PlantSnapshot:
    """Nothing answers there, and what was found there is closed."""

    def stays(row: ServiceRow | FindingRow) -> bool:
        return f"{row.asset_id}:{row.port}" != door

    return replace(
        plant,
        services=tuple(filter(stays, plant.services)),
        findings=tuple(filter(stays, plant.findings)),
    )


def closed(plant: PlantSnapshot, conduit_id: str) -> PlantSnapshot:
    """The way is gone, and what was seen through it alone is seen no more."""
    way = Plant(plant).conduit(conduit_id)
    left = replace(
        plant,
        conduits=tuple(row for row in plant.conduits if row.id != conduit_id),
        vendor_accesses=tuple(
            row for row in plant.vendor_accesses if row.conduit_id != conduit_id
        ),
    )
    behind = {row.id for row in Plant(plant).behind(way)}
    others = Plant(left)
    seen = tuple(
        row
        for row in plant.services
        if row.seen_from != way.from_zone_id
        or row.asset_id not in behind
        or not permits(way, row.port)
        or others.is_explained(row)
    )
    return replace(left, services=seen)


def split(plant: PlantSnapshot, zone_id: str) -> PlantSnapshot:
    """Each device has a zone of its own, and nothing is seen from the old one.

    Ways from and to the old one are those of its first device.
    """
    zone = next(row for row in plant.zones if row.id == zone_id)
    inside = sorted(row.id for row in plant.assets if row.zone_id == zone_id)
    first = {zone_id: f"z-{inside[0]}"}
    return replace(
        plant,
        zones=(*plant.zones, *(replace(zone, id=f"z-{each}") for each in inside)),
        assets=tuple(
            replace(row, zone_id=f"z-{row.id}") if row.id in inside else row
            for row in plant.assets
        ),
        conduits=tuple(
            replace(
                row,
                from_zone_id=first.get(row.from_zone_id, row.from_zone_id),
                to_zone_id=first.get(row.to_zone_id, row.to_zone_id),
            )
            for row in plant.conduits
        ),
        services=tuple(
            row
            for row in plant.services
            if row.seen_from != zone_id or row.asset_id not in inside
        ),
    )


def guarded(plant: PlantSnapshot, subject_id: str) -> PlantSnapshot:
    """A control on the conduit or the finding with this id has passed its test."""
    return replace(
        plant,
        conduits=tuple(
            replace(row, verified_control=row.verified_control or row.id == subject_id)
            for row in plant.conduits
        ),
        findings=tuple(
            replace(row, verified_control=row.verified_control or row.id == subject_id)
            for row in plant.findings
        ),
    )


def factor_on(plant: PlantSnapshot, subject_id: str) -> PlantSnapshot:
    """A second factor for the sign-in or the vendor with this id."""
    return replace(
        plant,
        credentials=tuple(
            replace(row, mfa=row.mfa or row.id == subject_id)
            for row in plant.credentials
        ),
        vendor_accesses=tuple(
            replace(row, mfa=row.mfa or row.id == subject_id)
            for row in plant.vendor_accesses
        ),
    )


def on_request(plant: PlantSnapshot, access_id: str) -> PlantSnapshot:
    rows = (
        replace(row, window=Window.ON_REQUEST) if row.id == access_id else row
        for row in plant.vendor_accesses
    )
    return replace(plant, vendor_accesses=tuple(rows))


MAKE: dict[str, Callable[[PlantSnapshot, str], PlantSnapshot]] = {
    "patch:finding": fixed,
    "control:finding": guarded,
    "remove:service": turned_off,
    "close:conduit": closed,
    "control:conduit": guarded,
    "segment:same_zone": split,
    "mfa:credential": factor_on,
    "mfa:vendor": factor_on,
    "vendor:vendor": on_request,
}
"""What somebody does in the model, for each kind of change."""
