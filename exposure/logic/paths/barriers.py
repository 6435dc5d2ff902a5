"""Where the ways to a line end today: the boundaries nearest to what outsiders reach."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from exposure.logic.paths.model import control_fact, reach_fact, zone_fact
from exposure.logic.paths.plant import Plant, permits
from exposure.logic.paths.reasons import day_in_words, in_ports
from exposure.logic.paths.snapshot import AssetRow, ConduitRow

MOST_BARRIERS = 6
RETEST_DAYS = 90
"""What was tested longer ago than this is to be tested again."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """What keeps outsiders from going on, and the assets (ids) it keeps them from.

    `origin` is the zone (id, "" the internet) from which a test would have to look.
    `said` is how it is known, `shut` when something behind it was last proven shut
    ("2026-11-14") and what; both "" where nothing was.
    """

    words: str
    origin: str
    asset_ids: tuple[str, ...]
    said: str = ""
    shut_on: str = ""
    shut: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """The last test of a barrier in words; `is_old`: it is to be tested again."""

    words: str
    is_old: bool


def barriers_to(
    plant: Plant, line_id: str, *, held: frozenset[str]
) -> tuple[Barrier, ...]:
    """Return at most six barriers on the ways to a line without a path.

    They are found by going back from what controls the line, over conduits and zones,
    until somewhere outsiders are (`held` are the facts they can win): the barrier there
    is the one that keeps them out. O(conduits + assets on the way).
    """
    found: dict[Barrier, None] = {}
    queue = list(plant.controllers(line_id))
    met = {row.id for row in queue}
    zones: set[str] = set()
    for asset in queue:
        if control_fact(asset.id) in held:
            continue
        reached = [
            port
            for port in plant.ports_of(asset.id)
            if reach_fact(asset.id, port) in held
        ]
        if reached:
            found[_unharmed(plant, asset, reached)] = None
            continue
        for conduit in plant.leading_to(asset):
            if zone_fact(conduit.from_zone_id) in held:
                found[_shut(plant, conduit)] = None
        for zone in sorted(_before(plant, asset) - zones):
            zones.add(zone)
            if zone_fact(zone) not in held:
                behind = [row for row in plant.in_zone(zone) if row.id not in met]
                met.update(row.id for row in behind)
                queue += sorted(behind, key=lambda row: row.id)
    return tuple(found)[:MOST_BARRIERS]


def last_test(
    barrier: Barrier, *, looked_on: str, looked: str, today: dt.date
) -> Tested:
    """Return when a barrier was last tested and by what, and whether that is long ago.

    `looked` is what looked at the assets from the origin and `looked_on` the day it
    ended; both "" if nothing ever did.
    """
    tests = [(looked_on, looked), (barrier.shut_on, barrier.shut)]
    day, by = max(each for each in tests)
    if not day:
        return Tested("Never tested from there: test it.", is_old=True)
    words = f"Last tested on {day_in_words(day)}: {by}."
    if (today - dt.date.fromisoformat(day)).days <= RETEST_DAYS:
        return Tested(words, is_old=False)
    return Tested(f"{words} Older than {RETEST_DAYS} days: test again.", is_old=True)


def _before(plant: Plant, asset: AssetRow) -> set[str]:
    """Return the zones from which an asset is reached: its own, over conduits, as seen."""
    zones = {row.from_zone_id for row in plant.leading_to(asset)}
    for port in plant.ports_of(asset.id):
        zones |= {row.seen_from for row in plant.seen_at(asset.id, port)}
    return (zones | {asset.zone_id}) - {""}


def _shut(plant: Plant, conduit: ConduitRow) -> Barrier:
    origin = plant.zone_name(conduit.from_zone_id)
    behind = plant.behind(conduit)
    target = (
        behind[0].name if conduit.to_asset_id else plant.zone_name(conduit.to_zone_id)
    )
    let = any(
        permits(conduit, port) for row in behind for port in plant.ports_of(row.id)
    )
    why = "counts as closed here" if let else "permits no known port behind it"
    control = ", a control on it is verified" if conduit.verified_control else ""
    said = f"{conduit.basis}: {conduit.source}" if conduit.source else conduit.basis
    words = f"{conduit.name} from {origin} to {target} {why}."
    return _barrier(plant, words, conduit.from_zone_id, behind, said=f"{said}{control}")


def _unharmed(plant: Plant, asset: AssetRow, ports: list[int]) -> Barrier:
    seen = (row for port in ports for row in plant.seen_at(asset.id, port))
    origin = next((row.seen_from for row in seen), "")
    words = f"{asset.name} is reached on {in_ports(ports)}, and nothing open there gives control."
    return _barrier(plant, words, origin, [asset])


def _barrier(
    plant: Plant,
    words: str,
    origin: str,
    behind: Collection[AssetRow],
    *,
    said: str = "",
) -> Barrier:
    day, what = max(_proofs(plant, behind), default=("", ""))
    ids = tuple(row.id for row in behind)
    return Barrier(words, origin, ids, said=said, shut_on=day, shut=what)


def _proofs(plant: Plant, behind: Collection[AssetRow]) -> Iterator[tuple[str, str]]:
    for asset in behind:
        for row in plant.shut_at(asset.id):
            if row.day:
                yield row.day, f"{row.label} on {asset.name} is {row.how}"
