"""Runs the engine once over a plant of three assets, so that all of it is compiled."""

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    AssetRow,
    ConduitRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    ZoneRow,
)

WORLDS = 512


def warm() -> None:
    """Compile every kernel that an analysis calls, or load it from the cache.

    A kernel is compiled for the types of its arguments, whatever is in them. Half a
    minute the first time, then less than a second.
    """
    analyse(_small(), policy=ScoringPolicy(), seed="warm", worlds=WORLDS)


def _small() -> PlantSnapshot:
    """A gateway, two ways on, and a controller behind a way that is hardly ever open."""
    return PlantSnapshot(
        zones=(ZoneRow("office", "Office", 4), ZoneRow("cell", "Cell", 2)),
        lines=(LineRow("line", "Line", 10), LineRow("far", "Far", 10)),
        assets=(
            AssetRow("gateway", "Gateway", "office"),
            AssetRow("panel", "Panel", "cell", line_ids=("line",)),
            AssetRow("plc", "PLC", "cell", line_ids=("far",)),
        ),
        conduits=tuple(
            ConduitRow(name, name, "office", to_zone_id="cell", ports=(port,))
            for name, port in (("one", 5900), ("other", 3389))
        ),
        services=(
            ServiceRow("https", "gateway", 443),
            ServiceRow("s7", "plc", 102, seen_from="cell"),
        ),
        findings=tuple(
            FindingRow(name, name, asset, port, name, grade, Threat.NONE)
            for name, asset, port, grade in (
                ("old", "gateway", 443, Grade.E2),
                ("open", "panel", 5900, Grade.E2),
                ("shared", "panel", 3389, Grade.E1),
                ("program", "plc", 102, Grade.E0),
            )
        ),
    )
