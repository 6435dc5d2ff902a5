"""Why there is no path to a line, in words: what blocks, how old that is, what is unknown."""

import datetime as dt
from collections.abc import Iterable, Iterator

from exposure.logic.paths.model import (
    SOURCE,
    control_fact,
    credential_fact,
    reach_fact,
    zone_fact,
)
from exposure.logic.paths.plant import Plant, permits
from exposure.logic.paths.snapshot import (
    AssetRow,
    ConduitRow,
    FindingRow,
    Shut,
    ShutRow,
)

MOST_REASONS = 6
MOST_PORTS = 8


def why_no_path(plant: Plant, line_id: str, *, held: frozenset[str]) -> tuple[str, ...]:
    """Return up to six sentences; `held` are the facts an outsider can win at all.

    They name the conduit that is absent or shut and who says so, what a test proved and
    when, and what nobody has looked at.
    """
    controllers = plant.controllers(line_id)
    if not controllers:
        line = plant.line_name(line_id)
        return (f"No asset is named that controls {line}, so no path can lead there.",)
    if held == {SOURCE}:
        return (
            "No service was seen from the internet, and no conduit or vendor's access "
            "from the internet leads to a known service.",
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
        yield (
            f"{asset.name} is reached on {in_ports(reached)}, but no open finding there "
            "gives control."
        )
        yield from _answered(plant, asset)
        yield from _signs_in(plant, asset, ports=reached, held=held)
    elif ports:
        yield from _no_way_in(plant, asset, held=held)
    else:
        yield f"No service and no finding of {asset.name} is known."
    for row in plant.shut_at(asset.id):
        yield _proven(row, asset)
    if ports and not any(plant.seen_at(asset.id, port) for port in ports):
        yield f"Nobody has seen a service of {asset.name}; its ports are known by hearsay."


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


def _proven(row: ShutRow, asset: AssetRow) -> str:
    when = f", proven on {day_in_words(row.day)}" if row.day else ""
    if row.how == Shut.GONE:
        return f"{row.label} of {asset.name} does not answer any more{when}."
    return f"{row.label} on {asset.name} is {row.how}{when}."


def _signs_in(
    plant: Plant, asset: AssetRow, *, ports: list[int], held: frozenset[str]
) -> Iterator[str]:
    for credential in plant.credentials:
        opens = asset.id in credential.opens or asset.zone_id in credential.opens_zones
        if not opens or credential_fact(credential.id) in held:
            continue
        if any(
            port in ports for each, port in plant.openings(credential) if each == asset
        ):
            yield (
                f"{credential.name} signs in to {asset.name}, but an outsider takes "
                "nothing that holds it."
            )


def _no_way_in(plant: Plant, asset: AssetRow, *, held: frozenset[str]) -> Iterator[str]:
    zone = plant.zone_name(asset.zone_id) if asset.zone_id else "no known zone"
    leading = plant.leading_to(asset)
    if not leading:
        yield f"No conduit leads to {asset.name} in {zone}, and nobody else in it is taken."
    for conduit in leading:
        yield _shut_conduit(plant, conduit, asset, held=held)
    yield from _seen_only_from(plant, asset, held=held)


def _shut_conduit(
    plant: Plant, conduit: ConduitRow, asset: AssetRow, *, held: frozenset[str]
) -> str:
    origin, known = plant.zone_name(conduit.from_zone_id), _known(conduit)
    if zone_fact(conduit.from_zone_id) not in held:
        return (
            f"{conduit.name} ({known}) leads to {asset.name}, but an outsider has no "
            f"presence in {origin}."
        )
    if any(permits(conduit, port) for port in plant.ports_of(asset.id)):
        return f"{conduit.name} ({known}) from {origin} counts as closed here."
    return (
        f"{conduit.name} ({known}) from {origin} permits no known port of {asset.name}."
    )


def _known(conduit: ConduitRow) -> str:
    words, control = str(conduit.basis), ""
    if conduit.control:
        control = f", with the control {conduit.control}"
    elif conduit.verified_control:
        control = ", a control on it is verified"
    return f"{words}: {conduit.source}{control}" if conduit.source else words + control


def _seen_only_from(
    plant: Plant, asset: AssetRow, *, held: frozenset[str]
) -> Iterator[str]:
    for port in plant.ports_of(asset.id):
        for row in plant.seen_at(asset.id, port):
            if zone_fact(row.seen_from) in held:
                continue
            since = (
                f", since {day_in_words(row.known_since)}" if row.known_since else ""
            )
            yield (
                f"Port {port} of {asset.name} was seen from "
                f"{plant.zone_name(row.seen_from)}{since}, where an outsider is not."
            )


def in_ports(ports: Iterable[int]) -> str:
    """Return ports as people write them, the first eight."""
    known = [str(port) for port in ports]
    if len(known) > MOST_PORTS:
        known = [*known[:MOST_PORTS], f"{len(known) - MOST_PORTS} more"]
    return f"port {', '.join(known)}"


def day_in_words(day: str) -> str:
    """Return a day as people write it.

    >>> day_in_words("2026-11-04")
    '4 November 2026'
    """
    date = dt.date.fromisoformat(day)
    return f"{date.day} {date:%B %Y}"
