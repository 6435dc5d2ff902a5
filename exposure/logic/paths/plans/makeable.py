"""Which closings of the analysis somebody could make, and which change of a plan that is."""

from exposure.logic.paths.plans.costs import ChangeKind
from exposure.logic.paths.snapshot import PlantSnapshot, ZoneRow

HIGHEST_OF_CONTROL = 3.0
"""Purdue level of site operations: from there down the process itself sends."""

PROCESS_USES_IT = "the process uses it"

ENDS = {
    "finding": ChangeKind.PATCH,
    "conduit": ChangeKind.CLOSE,
    "same_zone": ChangeKind.SEGMENT,
}
"""By the kind of what is closed: the change of a plan that closes it in full."""
# Text once and for all: a page asks for thousands, and an enum is slow to write.
_BEGINNINGS = {kind: f"{change}:{kind}:" for kind, change in ENDS.items()}


def ending_id(kind: str, subject_id: str) -> str:
    """Return the id of the change of a plan that closes something; "" if none does.

    >>> ending_id("conduit", "7"), ending_id("credential", "7")
    ('close:conduit:7', '')
    """
    return _BEGINNINGS[kind] + subject_id if kind in _BEGINNINGS else ""


def closed_by(change_id: str) -> str:
    """Return the id, in the analysis, of what a change of a plan closes; "" if nothing.

    >>> closed_by("close:conduit:7"), closed_by("control:conduit:7")
    ('conduit:7', '')
    """
    kind, _, closed = change_id.partition(":")
    return closed if kind == ENDS.get(closed.partition(":")[0]) else ""


def is_of_control(zone: ZoneRow | None) -> bool:
    """Whether a zone is one of control: what begins there, the process uses."""
    return zone is not None and zone.level <= HIGHEST_OF_CONTROL


def used_by_the_process(plant: PlantSnapshot) -> frozenset[str]:
    """Return the ids, in the analysis, of the conduits that no plan closes."""
    zones = {row.id: row for row in plant.zones}
    return frozenset(
        f"conduit:{row.id}"
        for row in plant.conduits
        if is_of_control(zones.get(row.from_zone_id))
    )
