"""What every route to a line passes, in order, and by name where the reader may know it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from exposure.logic.paths.model import read_fact
from exposure.logic.paths.results import ChokePoint
from exposure.logic.paths.sight import ELSEWHERE
from exposure.logic.paths.snapshot import PlantSnapshot

TAKEN = {
    "control": "taken over",
    "foothold": "code runs on it",
    "zone": "presence in it",
    "credential": "used",
}


@dataclass(frozen=True, slots=True)
class Passed:
    """One thing that every route passes.

    `kind` is "asset", "zone" or "credential", and "" for one out of sight, which has no
    id and is called another site; so are several in a row. `how` says what of it:
    "port 3389, taken over".
    """

    kind: str
    id: str
    name: str
    how: str


def every_route(
    points: Iterable[ChokePoint],
    plant: PlantSnapshot,
    *,
    seen: Collection[str] | None = None,
) -> list[Passed]:
    """Return what every route passes, from outside to the line, each thing once.

    `points` are those of the line; `seen` are the ids of what the reader may know, None
    for all.
    """
    names = {
        row.id: row.name
        for rows in (plant.zones, plant.assets, plant.credentials)
        for row in rows
    }
    found: dict[tuple[str, str], Passed] = {}
    stretch = 0
    for point in points:
        fact = read_fact(point.fact)
        if seen is not None and fact.id not in seen:
            found.setdefault(("", str(stretch)), Passed("", "", ELSEWHERE, ""))
            continue
        stretch += 1
        kind = fact.kind if fact.kind in ("zone", "credential") else "asset"
        how = TAKEN.get(fact.kind, f"port {fact.port}")
        # Where it stands is where it is taken, not where it is only reached.
        known = found.pop((kind, fact.id), None)
        found[kind, fact.id] = (
            replace(known, how=f"{known.how}, {how}")
            if known
            else Passed(kind, fact.id, names[fact.id], how)
        )
    return list(found.values())
