"""Why there is no path to a line, in words: what blocks, and what was not looked at."""

from collections.abc import Iterator

from exposure.logic.paths.model import (
    SOURCE,
    control_fact,
    reach_fact,
    zone_fact,
)
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.snapshot import AssetRow, FindingRow

MOST_REASONS = 6


def why_no_path(plant: Plant, line_id: str, *, held: frozenset[str]) -> tuple[str, ...]:
    """Return up to six sentences; `held` are the facts an outsider can win at all."""
    controllers = plant.controllers(line_id)
    if not controllers:
        line = plant.line_name(line_id)
        return (f"No asset is named that controls {line}, so no path can lead there.",)
    if held == {SOURCE}:
        return (
            "No service was seen from the internet, and no conduit from the internet "
            "leads to a known service.",
        )
    sentences: dict[str, None] = {}
    for asset in controllers:
        sentences.update(dict.fromkeys(_blocked(plant, asset, held=held)))
        if len(sentences) >= MOST_REASONS:
            break
    return tuple(sentences)[:MOST_REASONS]


def _blocked(plant: Plant, asset: AssetRow, *, held: frozenset[str]) -> Iterator[str]:
    if control_fact(asset.id) in held:
        return
    ports = plant.ports_of(asset.id)
    reached = [port for port in ports if reach_fact(asset.id, port) in held]
    if reached:
        words = ", ".join(str(port) for port in reached)
        yield f"{asset.name} is reached on port {words}, but no open finding there gives control."
        yield from _answered(plant, asset)
        return
    if not ports:
        yield f"No service and no finding of {asset.name} is known."
        return
    yield from _no_way_in(plant, asset, held=held)


def _answered(plant: Plant, asset: AssetRow) -> Iterator[str]:
    for finding in sorted(plant.snapshot.findings, key=lambda row: row.id):
        if finding.asset_id == asset.id and not finding.opens_a_way:
            yield f"{finding.ref} on {asset.name} opens no way: {_why(finding)}."


def _why(finding: FindingRow) -> str:
    if finding.grade == "D" or finding.state == "disproved":
        return "it is disproved"
    if finding.gives == "nothing":
        return "it gives the attacker nothing to go on with"
    return f"it is {finding.state.replace('_', ' ')}"


def _no_way_in(plant: Plant, asset: AssetRow, *, held: frozenset[str]) -> Iterator[str]:
    zone = plant.zone_name(asset.zone_id) if asset.zone_id else "no known zone"
    leading = [row for row in plant.conduits if asset in plant.behind(row)]
    if not leading:
        yield f"No conduit leads to {asset.name} in {zone}, and nobody else in it is taken."
    for conduit in leading:
        origin = plant.zone_name(conduit.from_zone_id)
        if zone_fact(conduit.from_zone_id) in held:
            yield f"{conduit.name} from {origin} permits no known port of {asset.name}."
        else:
            yield (
                f"{conduit.name} leads to {asset.name}, but an outsider has no presence "
                f"in {origin}."
            )
