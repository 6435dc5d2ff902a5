"""What a reader of some sites sees of a plant: theirs by name, the rest without one."""

from dataclasses import dataclass, replace

from exposure.logic.paths.model import read_fact
from exposure.logic.paths.results import ChokePoint, FoundPath, Hop, PathAnalysis
from exposure.logic.paths.snapshot import (
    AssetRow,
    ConduitRow,
    CredentialRow,
    FindingRow,
    PlantSnapshot,
    VendorAccessRow,
)

ELSEWHERE = "another site"
CONDUIT = "a way at another site"
FINDING = "an exposure at another site"
CREDENTIAL = "a credential of another site"
SERVICE = "a port at another site"
VENDOR = "a vendor of another site"
STEP = "This step is at another site."


@dataclass(frozen=True, slots=True)
class Sight:
    """The ids of what a reader may see of a plant.

    Zones, lines, assets, conduits, credentials and vendor accesses.
    """

    ids: frozenset[str]

    def of_hop(self, hop: Hop) -> Hop:
        """Return a hop as the reader sees it; one to a device out of sight says so only.

        The names in it come from `veiled`, so they are none of another site's.
        """
        hop = replace(hop, conduit_id=self._known(hop.conduit_id))
        if hop.to_id in self.ids:
            return hop
        return replace(
            hop, way=ELSEWHERE, how=STEP, technique="", port=0, finding_id=""
        )

    def of_path(self, way: FoundPath) -> FoundPath:
        """Return a way as the reader sees it."""
        return replace(way, hops=tuple(self.of_hop(hop) for hop in way.hops))

    def _known(self, row_id: str) -> str:
        return row_id if row_id in self.ids else ""


def veiled(snapshot: PlantSnapshot, sight: Sight) -> PlantSnapshot:
    """Return the plant to calculate with for a reader: their lines, all ways to them.

    What is out of sight keeps its id and its place, so the same seed draws the same
    worlds and a line is reached as often as for everybody. It loses what it is called.
    """
    ids = sight.ids
    lines = tuple(row for row in snapshot.lines if row.id in ids)
    kept = frozenset(row.id for row in lines)
    return replace(
        snapshot,
        zones=tuple(
            row if row.id in ids else replace(row, name=ELSEWHERE)
            for row in snapshot.zones
        ),
        lines=lines,
        assets=tuple(_asset(row, ids, kept) for row in snapshot.assets),
        conduits=tuple(
            row if row.id in ids else _conduit(row) for row in snapshot.conduits
        ),
        findings=tuple(
            row if row.asset_id in ids else _finding(row) for row in snapshot.findings
        ),
        credentials=tuple(
            row if row.id in ids else _credential(row) for row in snapshot.credentials
        ),
        vendor_accesses=tuple(
            row if row.id in ids else _vendor(row) for row in snapshot.vendor_accesses
        ),
        shut=tuple(row for row in snapshot.shut if row.asset_id in ids),
    )


def _asset(row: AssetRow, ids: frozenset[str], lines: frozenset[str]) -> AssetRow:
    row = replace(row, line_ids=tuple(each for each in row.line_ids if each in lines))
    if row.id in ids:
        return row
    return replace(row, name=ELSEWHERE, kind="", description="")


def _conduit(row: ConduitRow) -> ConduitRow:
    return replace(row, name=CONDUIT, source="", control="")


def _credential(row: CredentialRow) -> CredentialRow:
    return replace(row, name=CREDENTIAL)


def _vendor(row: VendorAccessRow) -> VendorAccessRow:
    return replace(row, vendor=VENDOR)


def _finding(row: FindingRow) -> FindingRow:
    return replace(row, ref=FINDING, title=FINDING, control="")


def seen(
    analysis: PathAnalysis, snapshot: PlantSnapshot, sight: Sight
) -> tuple[PathAnalysis, PlantSnapshot]:
    """Return an answer about a veiled plant without the rows that are out of sight.

    Of those it keeps what stands on a way to a line of the reader.
    """
    ids = sight.ids
    own = frozenset(row.id for row in snapshot.findings if row.asset_id in ids)
    mine = frozenset(row.id for row in snapshot.services if row.asset_id in ids)
    lines = tuple(
        replace(
            line,
            best=sight.of_path(line.best) if line.best else None,
            others=tuple(sight.of_path(way) for way in line.others),
            choke_points=tuple(_choke(row, ids) for row in line.choke_points),
        )
        for line in analysis.lines
    )
    answer = replace(
        analysis,
        lines=lines,
        findings=tuple(row for row in analysis.findings if row.finding_id in own),
        assets=tuple(row for row in analysis.assets if row.asset_id in ids),
        unknown_services=tuple(
            row for row in analysis.unknown_services if row.asset_id in ids
        ),
        causes=tuple(
            replace(row, label=SERVICE)
            if row.kind == "service" and row.subject_id not in mine
            else row
            for row in analysis.causes
        ),
    )
    return answer, _around(snapshot, ids | _passed(answer), ids)


def _around(
    snapshot: PlantSnapshot, shown: frozenset[str], ids: frozenset[str]
) -> PlantSnapshot:
    assets = tuple(row for row in snapshot.assets if row.id in shown)
    zones = ids | {row.zone_id for row in assets}
    return replace(
        snapshot,
        zones=tuple(row for row in snapshot.zones if row.id in zones),
        assets=assets,
        conduits=tuple(row for row in snapshot.conduits if row.id in ids),
        services=tuple(row for row in snapshot.services if row.asset_id in ids),
        findings=tuple(row for row in snapshot.findings if row.asset_id in ids),
        credentials=tuple(row for row in snapshot.credentials if row.id in ids),
        vendor_accesses=tuple(row for row in snapshot.vendor_accesses if row.id in ids),
    )


def _passed(analysis: PathAnalysis) -> frozenset[str]:
    ways = [
        way
        for line in analysis.lines
        for way in ((line.best, *line.others) if line.best else ())
    ]
    return frozenset(hop.to_id for way in ways for hop in way.hops)


def _choke(row: ChokePoint, ids: frozenset[str]) -> ChokePoint:
    if read_fact(row.fact).id in ids:
        return row
    return replace(row, words=f"Every route passes {ELSEWHERE}.")
