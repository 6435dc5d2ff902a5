"""The rules once more, told row by row as docs/method.md has them: slow and without care."""

from collections.abc import Iterator

from exposure.logic.paths.logins import is_login, is_sign_in
from exposure.logic.paths.snapshot import (
    ConduitRow,
    CredentialRow,
    Gives,
    PlantSnapshot,
    VendorAccessRow,
)

INTERNET = ""


class Told:
    """What an outsider wins in one world, in which exactly these causes are true."""

    def __init__(self, plant: PlantSnapshot, true: set[str], *, mail: bool) -> None:
        self.plant, self.true, self.mail = plant, true, mail
        self.asset = {row.id: row for row in plant.assets}
        self.ports = self._ports()
        self.inside = {INTERNET}
        self.packets: set[tuple[str, int]] = set()
        self.controlled: set[str] = set()
        self.footholds: set[str] = set()
        self.held: set[str] = set()
        before = -1
        while before != self._size():
            before = self._size()
            for won, what in self._moves():
                won.add(what)

    def lines(self) -> set[str]:
        """The lines that are lost."""
        return {line for each in self.controlled for line in self.asset[each].line_ids}

    def _size(self) -> int:
        won = self.inside, self.packets, self.controlled, self.footholds, self.held
        return sum(len(each) for each in won)  # type: ignore[arg-type]  # sets of any kind

    def _ports(self) -> set[tuple[str, int]]:
        plant = self.plant
        ways = (*plant.conduits, *plant.vendor_accesses)
        return {
            *((row.asset_id, row.port) for row in plant.services),
            *((row.asset_id, row.port) for row in plant.findings if row.port),
            *(
                (row.to_asset_id, port)
                for row in ways
                if row.to_asset_id
                for port in row.ports
            ),
        }

    def _behind(self, way: ConduitRow | VendorAccessRow, ports: tuple[int, ...]):  # type: ignore[no-untyped-def]  # pairs
        return {
            (asset, port)
            for asset, port in self.ports
            if (asset == way.to_asset_id or self._stands_in(asset, way.to_zone_id))
            and (not ports or port in ports)
        }

    def _stands_in(self, asset: str, zone: str) -> bool:
        return bool(zone) and self.asset[asset].zone_id == zone

    def _moves(self) -> Iterator[tuple[set, object]]:  # type: ignore[type-arg]  # sets of any kind
        yield from self._arrive()
        yield from self._come_in()
        yield from self._take()
        yield from self._sign_in()

    def _seen(self, pair: tuple[str, int], origin: str) -> bool:
        return any(
            (row.asset_id, row.port) == pair and row.seen_from == origin
            for row in self.plant.services
        )

    def _arrive(self):  # type: ignore[no-untyped-def]  # as _moves
        for way in self.plant.conduits:
            for pair in self._behind(way, way.ports):
                seen = self._seen(pair, way.from_zone_id)
                cause = f"seen_conduit:{way.id}" if seen else f"conduit:{way.id}"
                if way.from_zone_id in self.inside and cause in self.true:
                    yield self.packets, pair
        for row in self.plant.services:
            pair = (row.asset_id, row.port)
            through = any(
                way.from_zone_id == row.seen_from
                and pair in self._behind(way, way.ports)
                for way in self.plant.conduits
            )
            if row.seen_from in self.inside and not through:
                yield self.packets, pair  # that it answered is certain
        for asset, port in self.ports:
            zone = self.asset[asset].zone_id
            flat = f"same_zone:{zone}" in self.true and not self._seen(
                (asset, port), zone
            )
            if zone and zone in self.inside and flat:
                yield self.packets, (asset, port)

    def _come_in(self):  # type: ignore[no-untyped-def]  # as _moves
        for way in self.plant.vendor_accesses:
            needs = {f"vendor:{way.id}"}
            ports = way.ports
            if way.conduit_id:
                needs.add(f"conduit:{way.conduit_id}")
                (used,) = (r for r in self.plant.conduits if r.id == way.conduit_id)
                ports = ports or used.ports
            if not needs <= self.true:
                continue
            if way.to_zone_id and not ports:
                yield self.inside, way.to_zone_id
            else:
                yield from ((self.packets, pair) for pair in self._behind(way, ports))
        for zone in self.plant.zones:
            if self.mail and zone.level >= 4 and f"phishing:{zone.id}" in self.true:
                yield self.inside, zone.id

    def _take(self):  # type: ignore[no-untyped-def]  # as _moves
        for row in self.plant.findings:
            reached = any(
                asset == row.asset_id and row.port in (0, port)
                for asset, port in self.packets
            )
            if row.opens_a_way and reached and f"finding:{row.id}" in self.true:
                won = self.controlled if row.gives == Gives.CONTROL else self.footholds
                yield won, row.asset_id
        for each in self.controlled | self.footholds:
            asset = self.asset[each]
            if asset.sends_packets and asset.zone_id:
                yield self.inside, asset.zone_id

    def _sign_in(self):  # type: ignore[no-untyped-def]  # as _moves
        for row in self.plant.credentials:
            if set(row.held_on) & self.controlled:
                yield self.held, row.id
            if row.stored and set(row.held_on) & self.footholds:
                yield self.held, row.id
            for asset, port in self.packets:
                one = f"credential:{row.id}"
                cause = one if row.shared else f"{one}:{asset}"
                opened = self._opens(row, asset, port) and cause in self.true
                if row.id in self.held and opened:
                    yield self.controlled, asset

    def _opens(self, row: CredentialRow, asset: str, port: int) -> bool:
        protocol = min(
            (
                (each.id, each.protocol)
                for each in self.plant.services
                if (each.asset_id, each.port) == (asset, port)
            ),
            default=("", ""),
        )[1]
        by_zone = self.asset[asset].zone_id in row.opens_zones
        return (asset in row.opens and is_sign_in(port, protocol)) or (
            by_zone and is_login(port, protocol)
        )
