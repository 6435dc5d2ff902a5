"""A snapshot with its rows found by id, by zone and by port."""

from collections import defaultdict

from exposure.logic.paths.snapshot import (
    INTERNET,
    AssetRow,
    ConduitRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    ZoneRow,
)

INTERNET_NAME = "the internet"


class Plant:
    """Look-ups over one checked snapshot; rows come out ordered by id."""

    def __init__(self, snapshot: PlantSnapshot) -> None:
        self.snapshot = snapshot
        self.lines: list[LineRow] = sorted(snapshot.lines, key=lambda row: row.id)
        self.assets: list[AssetRow] = sorted(snapshot.assets, key=lambda row: row.id)
        self.conduits: list[ConduitRow] = sorted(
            snapshot.conduits, key=lambda row: row.id
        )
        self._zones: dict[str, ZoneRow] = {row.id: row for row in snapshot.zones}
        self._lines = {row.id: row for row in self.lines}
        self._assets = {row.id: row for row in self.assets}
        self._in_zone: dict[str, list[AssetRow]] = defaultdict(list)
        for asset in self.assets:
            self._in_zone[asset.zone_id].append(asset)
        self._sightings = _sightings(snapshot)
        self._ports = _ports(snapshot)
        self._leaving: dict[str, list[ConduitRow]] = defaultdict(list)
        for conduit in self.conduits:
            self._leaving[conduit.from_zone_id].append(conduit)

    def asset(self, asset_id: str) -> AssetRow:
        """Return the asset with this id, which the checks have found."""
        return self._assets[asset_id]

    def zone(self, zone_id: str) -> ZoneRow | None:
        """Return the zone, or None for the internet and for assets without one."""
        return self._zones.get(zone_id)

    def zone_name(self, zone_id: str) -> str:
        """Return the name of a zone; "" is the internet."""
        zone = self._zones.get(zone_id)
        return zone.name if zone else INTERNET_NAME

    def line(self, line_id: str) -> LineRow:
        """Return the line with this id."""
        return self._lines[line_id]

    def line_name(self, line_id: str) -> str:
        """Return the name of a line."""
        return self._lines[line_id].name

    def behind(self, conduit: ConduitRow) -> list[AssetRow]:
        """Return the assets a conduit leads to."""
        if conduit.to_asset_id:
            return [self._assets[conduit.to_asset_id]]
        return self._in_zone[conduit.to_zone_id]

    def ports_of(self, asset_id: str) -> tuple[int, ...]:
        """Return every port of an asset that somebody has seen or spoken of."""
        return self._ports.get(asset_id, ())

    def was_seen(self, asset_id: str, port: int, *, origin: str) -> bool:
        """Whether the port answered when asked from this zone ("": the internet)."""
        return (asset_id, port, origin) in self._sightings

    def first_sightings(self) -> list[ServiceRow]:
        """Return one service row for each port and place it was seen from."""
        return [self._sightings[key] for key in sorted(self._sightings)]

    def is_explained(self, service: ServiceRow) -> bool:
        """Whether a known conduit permits what was seen: then closing that closes it."""
        asset = self._assets[service.asset_id]
        return any(
            permits(conduit, service.port)
            for conduit in self._leaving[service.seen_from]
            if conduit.to_asset_id == asset.id
            or (conduit.to_zone_id and conduit.to_zone_id == asset.zone_id)
        )

    def open_findings(self) -> list[FindingRow]:
        """Return the findings that give the attacker a step."""
        findings = sorted(self.snapshot.findings, key=lambda row: row.id)
        return [row for row in findings if row.opens_a_way]

    def controllers(self, line_id: str) -> list[AssetRow]:
        """Return the assets whose control stops the line."""
        return [asset for asset in self.assets if line_id in asset.line_ids]


def permits(conduit: ConduitRow, port: int) -> bool:
    """Whether the conduit lets packets to this port through; no port named: all."""
    return not conduit.ports or port in conduit.ports


def _sightings(snapshot: PlantSnapshot) -> dict[tuple[str, int, str], ServiceRow]:
    found: dict[tuple[str, int, str], ServiceRow] = {}
    for row in sorted(snapshot.services, key=lambda row: row.id):
        found.setdefault((row.asset_id, row.port, row.seen_from or INTERNET), row)
    return found


def _ports(snapshot: PlantSnapshot) -> dict[str, tuple[int, ...]]:
    ports: dict[str, set[int]] = defaultdict(set)
    for service in snapshot.services:
        ports[service.asset_id].add(service.port)
    for finding in snapshot.findings:
        if finding.port:
            ports[finding.asset_id].add(finding.port)
    for conduit in snapshot.conduits:
        if conduit.to_asset_id:
            ports[conduit.to_asset_id].update(conduit.ports)
    return {asset_id: tuple(sorted(found)) for asset_id, found in ports.items()}
