"""A snapshot with its rows found by id, by zone and by port."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from exposure.logic.paths.logins import is_login, is_sign_in
from exposure.logic.paths.snapshot import (
    INTERNET,
    AssetRow,
    ConduitRow,
    CredentialRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    Row,
    ServiceRow,
    ShutRow,
    VendorAccessRow,
    ZoneRow,
)

INTERNET_NAME = "the internet"


class Plant:
    """Look-ups over one checked snapshot; rows come out ordered by id."""

    def __init__(self, snapshot: PlantSnapshot) -> None:
        self.snapshot = snapshot
        self.zones: list[ZoneRow] = sorted(snapshot.zones, key=_by_id)
        self.lines: list[LineRow] = sorted(snapshot.lines, key=_by_id)
        self.assets: list[AssetRow] = sorted(snapshot.assets, key=_by_id)
        self.conduits: list[ConduitRow] = sorted(snapshot.conduits, key=_by_id)
        self.credentials: list[CredentialRow] = sorted(snapshot.credentials, key=_by_id)
        self.vendor_accesses: list[VendorAccessRow] = sorted(
            snapshot.vendor_accesses, key=_by_id
        )
        self._zones = {row.id: row for row in self.zones}
        self._lines = {row.id: row for row in self.lines}
        self._assets = {row.id: row for row in self.assets}
        self._credentials = {row.id: row for row in self.credentials}
        self._conduits = {row.id: row for row in self.conduits}
        self._in_zone: dict[str, list[AssetRow]] = defaultdict(list)
        self._commands: dict[str, list[AssetRow]] = defaultdict(list)
        for asset in self.assets:
            self._in_zone[asset.zone_id].append(asset)
            for line_id in set(asset.line_ids):
                self._commands[line_id].append(asset)
        self._sightings = _sightings(snapshot)
        self._first_sightings = [
            self._sightings[key] for key in sorted(self._sightings)
        ]
        self._open_findings = sorted(
            (row for row in snapshot.findings if row.opens_a_way), key=_by_id
        )
        self._named = _named(snapshot)
        self._ports = known_ports(snapshot)
        self._seen: dict[tuple[str, int], list[ServiceRow]] = defaultdict(list)
        for service in self._first_sightings:
            self._seen[service.asset_id, service.port].append(service)
        self._shut: dict[str, list[ShutRow]] = defaultdict(list)
        for proof in sorted(snapshot.shut, key=_by_id):
            self._shut[proof.asset_id].append(proof)
        # By what they lead to, an asset or a zone, and then by where they start.
        self._leading: dict[str, dict[str, list[ConduitRow]]] = {}
        for conduit in self.conduits:
            ends = self._leading.setdefault(
                conduit.to_asset_id or conduit.to_zone_id, defaultdict(list)
            )
            ends[conduit.from_zone_id].append(conduit)

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

    def conduit(self, conduit_id: str) -> ConduitRow:
        """Return the conduit with this id."""
        return self._conduits[conduit_id]

    def credential(self, credential_id: str) -> CredentialRow:
        """Return the credential with this id."""
        return self._credentials[credential_id]

    def in_zone(self, zone_id: str) -> list[AssetRow]:
        """Return the assets of a zone; "" are those in none."""
        return self._in_zone.get(zone_id, [])

    def behind(self, way: ConduitRow | VendorAccessRow) -> list[AssetRow]:
        """Return the assets that a conduit or a vendor's access leads to."""
        if way.to_asset_id:
            return [self._assets[way.to_asset_id]]
        return self.in_zone(way.to_zone_id)

    def ports_of(self, asset_id: str) -> tuple[int, ...]:
        """Return every port of an asset that somebody has seen or spoken of."""
        return self._ports.get(asset_id, ())

    def is_named(self, asset_id: str, port: int) -> bool:
        """Whether a way to this very asset names the port, whatever answers there."""
        return port in self._named.get(asset_id, ())

    def was_seen(self, asset_id: str, port: int, *, origin: str) -> bool:
        """Whether the port answered when asked from this zone ("": the internet)."""
        return (asset_id, port, origin) in self._sightings

    def first_sightings(self) -> Sequence[ServiceRow]:
        """Return one service row for each port and place it was seen from."""
        return self._first_sightings

    def is_explained(self, service: ServiceRow) -> bool:
        """Whether a known conduit permits what was seen: then closing that closes it."""
        asset = self._assets[service.asset_id]
        return any(
            permits(conduit, service.port)
            for starts in self._ways_to(asset)
            for conduit in starts.get(service.seen_from, ())
        )

    def leading_to(self, asset: AssetRow) -> list[ConduitRow]:
        """Return the conduits to an asset or to its zone, by id."""
        ways = (
            way
            for starts in self._ways_to(asset)
            for rows in starts.values()
            for way in rows
        )
        return sorted(ways, key=_by_id)

    def _ways_to(self, asset: AssetRow) -> list[dict[str, list[ConduitRow]]]:
        ends = (asset.id, asset.zone_id) if asset.zone_id else (asset.id,)
        return [self._leading.get(end, {}) for end in ends]

    def open_findings(self) -> Sequence[FindingRow]:
        """Return the findings that give the attacker a step."""
        return self._open_findings

    def controllers(self, line_id: str) -> list[AssetRow]:
        """Return the assets whose control stops the line."""
        return self._commands.get(line_id, [])

    def openings(self, credential: CredentialRow) -> Iterator[tuple[AssetRow, int]]:
        """Yield each asset and port where a credential signs in, each once.

        Where an asset is named, its web pages count as well; where a zone is, only what
        starts a session on a device does.
        """
        named = set(credential.opens)
        zones = set(credential.opens_zones)
        assets = {self._assets[each].id: self._assets[each] for each in named}
        for zone_id in sorted(zones):
            assets.update({asset.id: asset for asset in self.in_zone(zone_id)})
        for asset_id in sorted(assets):
            asks = is_sign_in if asset_id in named else is_login
            for port in self.ports_of(asset_id):
                if asks(port, self._protocol(asset_id, port)):
                    yield assets[asset_id], port

    def shut_at(self, asset_id: str) -> list[ShutRow]:
        """Return what was proven shut at an asset, by port."""
        return sorted(self._shut.get(asset_id, ()), key=lambda row: row.port)

    def seen_at(self, asset_id: str, port: int) -> list[ServiceRow]:
        """Return from where a port was seen to answer, one row for each place."""
        return self._seen.get((asset_id, port), [])

    def _protocol(self, asset_id: str, port: int) -> str:
        return next((row.protocol for row in self.seen_at(asset_id, port)), "")


def _by_id(row: Row) -> str:
    return row.id


def permits(conduit: ConduitRow, port: int) -> bool:
    """Whether the conduit lets packets to this port through; no port named: all."""
    return not conduit.ports or port in conduit.ports


def _sightings(snapshot: PlantSnapshot) -> dict[tuple[str, int, str], ServiceRow]:
    found: dict[tuple[str, int, str], ServiceRow] = {}
    for row in sorted(snapshot.services, key=lambda row: row.id):
        found.setdefault((row.asset_id, row.port, row.seen_from or INTERNET), row)
    return found


def _named(snapshot: PlantSnapshot) -> Mapping[str, set[int]]:
    ports: dict[str, set[int]] = defaultdict(set)
    ways: tuple[ConduitRow | VendorAccessRow, ...]
    ways = (*snapshot.conduits, *snapshot.vendor_accesses)
    for way in ways:
        if way.to_asset_id:
            ports[way.to_asset_id].update(way.ports)
    return ports


def known_ports(snapshot: PlantSnapshot) -> dict[str, tuple[int, ...]]:
    """Return for each asset the ports that somebody has seen or spoken of."""
    ports: dict[str, set[int]] = defaultdict(set)
    for service in snapshot.services:
        ports[service.asset_id].add(service.port)
    for finding in snapshot.findings:
        if finding.port:
            ports[finding.asset_id].add(finding.port)
    for asset_id, found in _named(snapshot).items():
        ports[asset_id].update(found)
    return {asset_id: tuple(sorted(found)) for asset_id, found in ports.items()}
