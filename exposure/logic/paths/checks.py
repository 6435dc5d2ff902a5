"""Refuse a plant description that points at nothing, before anything is computed."""

import math
from collections.abc import Iterable
from enum import StrEnum

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.model import ModelRefused
from exposure.logic.paths.policy import POINTS
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    FindingRow,
    Gives,
    LineRow,
    PlantSnapshot,
    Row,
    ServiceRow,
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
    for what, rows in (
        ("conduit", snapshot.conduits),
        ("service", snapshot.services),
        ("finding", snapshot.findings),
    ):
        _ids(rows, what=what)
    for zone in snapshot.zones:
        _check_zone(zone)
    for line in snapshot.lines:
        _check_line(line)
    for asset in snapshot.assets:
        _check_asset(asset, zones=zones, lines=lines)
    for conduit in snapshot.conduits:
        _check_conduit(conduit, zones=zones, assets=assets)
    for service in snapshot.services:
        _check_service(service, zones=zones, assets=assets)
    for finding in snapshot.findings:
        _check_finding(finding, assets=assets)


def _ids(rows: Iterable[Row], *, what: str) -> frozenset[str]:
    seen: set[str] = set()
    for row in rows:
        if not row.id:
            raise ModelRefused(f"A {what} has no id.")
        if any(letter.isspace() for letter in row.id):
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


def _check_asset(
    asset: AssetRow, *, zones: frozenset[str], lines: frozenset[str]
) -> None:
    where = f"Asset {asset.name}"
    if asset.zone_id:
        _known(asset.zone_id, zones, f"{where} stands in the zone")
    for line_id in asset.line_ids:
        _known(line_id, lines, f"{where} controls the line")


def _check_conduit(
    conduit: ConduitRow, *, zones: frozenset[str], assets: frozenset[str]
) -> None:
    where = f"Conduit {conduit.name}"
    if bool(conduit.to_zone_id) == bool(conduit.to_asset_id):
        raise ModelRefused(f"{where} must lead to one zone or to one asset.")
    if conduit.from_zone_id:
        _known(conduit.from_zone_id, zones, f"{where} starts in the zone")
    if conduit.to_zone_id:
        _known(conduit.to_zone_id, zones, f"{where} leads to the zone")
    else:
        _known(conduit.to_asset_id, assets, f"{where} leads to the asset")
    for port in conduit.ports:
        _check_port(port, where=where, lowest=1)
    _check_word(conduit.basis, Basis, where=where)


def _check_service(
    service: ServiceRow, *, zones: frozenset[str], assets: frozenset[str]
) -> None:
    where = f"Service {service.id}"
    _known(service.asset_id, assets, f"{where} belongs to the asset")
    _check_port(service.port, where=where, lowest=1)
    if service.seen_from:
        _known(service.seen_from, zones, f"{where} was seen from the zone")


def _check_finding(finding: FindingRow, *, assets: frozenset[str]) -> None:
    where = f"Finding {finding.ref}"
    _known(finding.asset_id, assets, f"{where} is about the asset")
    _check_port(finding.port, where=where, lowest=0)
    _check_word(finding.grade, Grade, where=where)
    _check_word(finding.threat, Threat, where=where)
    _check_word(finding.gives, Gives, where=where)


def _known(row_id: str, ids: frozenset[str], sentence: str) -> None:
    if row_id not in ids:
        raise ModelRefused(f"{sentence} {row_id}, which is not in the plant.")


def _check_port(port: int, *, where: str, lowest: int) -> None:
    if not lowest <= port <= MAX_PORT:
        raise ModelRefused(f"{where}: {port} is not a port.")


def _check_word(word: str, words: type[StrEnum], *, where: str) -> None:
    if word not in set(words):
        raise ModelRefused(f'{where}: "{word}" is not one of {", ".join(words)}.')
