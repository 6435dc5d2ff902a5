"""Refuse a plant description that points at nothing, before anything is computed."""

import datetime as dt
import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.model import ModelRefused
from exposure.logic.paths.policy import POINTS
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    CredentialRow,
    FindingRow,
    Gives,
    LineRow,
    PlantSnapshot,
    Row,
    ServiceRow,
    Shut,
    ShutRow,
    VendorAccessRow,
    Window,
    ZoneRow,
)

LEVELS = frozenset({0.0, 1.0, 2.0, 3.0, 3.5, 4.0, 5.0})
MAX_PORT = 65_535


def check_snapshot(snapshot: PlantSnapshot) -> None:
    """Return when every id is found and every value has a meaning.

    Raises `ModelRefused` with a sentence that names the first row that is wrong.
    """
    zones = _ids(snapshot.zones, what="zone")
    lines = _ids(snapshot.lines, what="line")
    assets = _ids(snapshot.assets, what="asset")
    conduits = _ids(snapshot.conduits, what="conduit")
    _ids(snapshot.services, what="service")
    _ids(snapshot.findings, what="finding")
    _ids(snapshot.credentials, what="credential")
    _ids(snapshot.vendor_accesses, what="vendor access")
    _ids(snapshot.shut, what="proof that something is shut")
    for zone in snapshot.zones:
        _check_zone(zone)
    for line in snapshot.lines:
        _check_line(line)
    known = _Known(zones=zones, lines=lines, assets=assets, conduits=conduits)
    for kind, check in _CHECKS.items():
        for row in getattr(snapshot, kind):
            check(row, known)


@dataclass(frozen=True, slots=True)
class _Known:
    """The ids that rows may point at."""

    zones: frozenset[str]
    lines: frozenset[str]
    assets: frozenset[str]
    conduits: frozenset[str]


def _ids(rows: Iterable[Row], *, what: str) -> frozenset[str]:
    seen: set[str] = set()
    for row in rows:
        if not row.id:
            raise ModelRefused(f"A {what} has no id.")
        if row.id.split() != [row.id]:
            raise ModelRefused(f"The id of a {what} holds a blank: {row.id!r}.")
        if row.id in seen:
            raise ModelRefused(f"Two rows describe the same {what} {row.id}.")
        seen.add(row.id)
    return frozenset(seen)


def _check_zone(zone: ZoneRow) -> None:
    if math.isnan(zone.level) or zone.level not in LEVELS:
        raise ModelRefused(f"Zone {zone.name}: {zone.level} is not a Purdue level.")


def _check_line(line: LineRow) -> None:
    if line.points not in POINTS.values():
        raise ModelRefused(
            f"Line {line.name}: consequence {line.points} is not 0, 1, 3, 10 or 30."
        )


def _check_asset(asset: AssetRow, known: _Known) -> None:
    where = f"Asset {asset.name}"
    if asset.zone_id:
        _must_know(asset.zone_id, known.zones, f"{where} stands in the zone")
    for line_id in asset.line_ids:
        _must_know(line_id, known.lines, f"{where} controls the line")


def _check_conduit(conduit: ConduitRow, known: _Known) -> None:
    where = f"Conduit {conduit.name}"
    if conduit.from_zone_id:
        _must_know(conduit.from_zone_id, known.zones, f"{where} starts in the zone")
    _check_way(conduit, known, where=where)


def _check_vendor(access: VendorAccessRow, known: _Known) -> None:
    where = f"The access of {access.vendor}"
    _check_way(access, known, where=where)
    if access.conduit_id:
        _must_know(access.conduit_id, known.conduits, f"{where} uses the conduit")
    _check_word(access.window, Window, where=where)


def _check_way(way: ConduitRow | VendorAccessRow, known: _Known, *, where: str) -> None:
    if bool(way.to_zone_id) == bool(way.to_asset_id):
        raise ModelRefused(f"{where} must lead to one zone or to one asset.")
    if way.to_zone_id:
        _must_know(way.to_zone_id, known.zones, f"{where} leads to the zone")
    else:
        _must_know(way.to_asset_id, known.assets, f"{where} leads to the asset")
    for port in way.ports:
        _check_port(port, where=where, lowest=1)
    _check_word(way.basis, Basis, where=where)


def _check_service(service: ServiceRow, known: _Known) -> None:
    where = f"Service {service.id}"
    _must_know(service.asset_id, known.assets, f"{where} belongs to the asset")
    _check_port(service.port, where=where, lowest=1)
    if service.seen_from:
        _must_know(service.seen_from, known.zones, f"{where} was seen from the zone")
    _check_day(service.known_since, where=where)


def _check_finding(finding: FindingRow, known: _Known) -> None:
    where = f"Finding {finding.ref}"
    _must_know(finding.asset_id, known.assets, f"{where} is about the asset")
    _check_port(finding.port, where=where, lowest=0)
    _check_word(finding.grade, Grade, where=where)
    _check_word(finding.threat, Threat, where=where)
    _check_word(finding.gives, Gives, where=where)


def _check_credential(credential: CredentialRow, known: _Known) -> None:
    where = f"Credential {credential.name}"
    for asset_id in credential.held_on:
        _must_know(asset_id, known.assets, f"{where} is held on the asset")
    for asset_id in credential.opens:
        _must_know(asset_id, known.assets, f"{where} opens the asset")
    for zone_id in credential.opens_zones:
        _must_know(zone_id, known.zones, f"{where} opens the zone")
    _check_word(credential.basis, Basis, where=where)


def _check_shut(row: ShutRow, known: _Known) -> None:
    where = f"What is shut, {row.label},"
    _must_know(row.asset_id, known.assets, f"{where} is about the asset")
    _check_port(row.port, where=where, lowest=0)
    _check_word(row.how, Shut, where=where)
    _check_day(row.day, where=where)


_CHECKS: dict[str, Callable[[Any, _Known], None]] = {
    "assets": _check_asset,
    "conduits": _check_conduit,
    "services": _check_service,
    "findings": _check_finding,
    "credentials": _check_credential,
    "vendor_accesses": _check_vendor,
    "shut": _check_shut,
}


def _must_know(row_id: str, ids: frozenset[str], sentence: str) -> None:
    if row_id not in ids:
        raise ModelRefused(f"{sentence} {row_id}, which is not in the plant.")


def _check_port(port: int, *, where: str, lowest: int) -> None:
    if not lowest <= port <= MAX_PORT:
        raise ModelRefused(f"{where}: {port} is not a port.")


def _check_day(day: str, *, where: str) -> None:
    try:
        dt.date.fromisoformat(day or "2000-01-01")
    except ValueError as error:
        raise ModelRefused(f"{where}: {day!r} is not a day.") from error


def _check_word(word: str, words: type[StrEnum], *, where: str) -> None:
    if word not in _words(words):
        raise ModelRefused(f'{where}: "{word}" is not one of {", ".join(words)}.')


@functools.cache
def _words(words: type[StrEnum]) -> frozenset[str]:
    return frozenset(words)
