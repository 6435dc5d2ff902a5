"""Which assets are of the plant's own technology, and which of them are reached."""

from exposure.logic.ot_smell import CAREFUL_KINDS
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot

HIGHEST = 3.0
"""Zones up to this Purdue level are of OT; above are the DMZ and the office."""


def reached_ot(analysis: PathAnalysis, snapshot: PlantSnapshot) -> list[str]:
    """Return the ids of the OT assets that a packet from outside reaches in any world.

    Of OT is what stands at level 3 or below, and a controller, operator panel,
    supervisory or safety system wherever it stands.
    """
    low = {zone.id for zone in snapshot.zones if zone.level <= HIGHEST}
    ot = {
        asset.id
        for asset in snapshot.assets
        if asset.zone_id in low or asset.kind in CAREFUL_KINDS
    }
    return [
        row.asset_id for row in analysis.assets if row.reached and row.asset_id in ot
    ]
