"""A derivation told as hops from device to device, the way people draw it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exposure.logic.paths.best import Derivation
from exposure.logic.paths.model import SOURCE, Cause, Step, read_fact
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.results import FoundPath, Hop

INTERNET_ID = "internet"
CERTAIN = "certain"


@dataclass(slots=True)
class _Walk:
    """Where the attacker stands: how each zone, port and credential was won."""

    opened_by: dict[str, str] = field(default_factory=dict)
    entered: dict[str, Step] = field(default_factory=dict)
    arrival: dict[str, Step] = field(default_factory=dict)
    won: dict[str, Step] = field(default_factory=dict)
    hops: list[Hop] = field(default_factory=list)


def found_path(
    way: Derivation, *, plant: Plant, causes: Mapping[str, Cause]
) -> FoundPath:
    """Return a derivation of the compiled model as hops between internet, assets, line.

    One hop is reaching a port and using a weakness or a credential behind it, or
    stopping a line. Who is in a zone without having taken an asset there (by a vendor's
    access, by mail) comes from the internet.
    """
    walk = _Walk()
    for step in way.steps:
        head = read_fact(step.head)
        if head.kind == "reach":
            walk.arrival[step.head] = step
        elif head.kind == "credential":
            walk.won[step.head] = step
        elif head.kind == "zone" and step.body[0] == SOURCE:
            walk.entered[step.head] = step
        elif head.kind == "zone":
            walk.opened_by[step.head] = read_fact(step.body[0]).id
        elif head.kind == "line":
            walk.hops.append(_last_hop(walk, step, plant=plant))
        else:
            walk.hops.append(_hop(walk, step, plant=plant, causes=causes))
    return FoundPath(
        p=way.p, hops=tuple(walk.hops), cause_ids=tuple(sorted(way.causes))
    )


def _hop(walk: _Walk, step: Step, *, plant: Plant, causes: Mapping[str, Cause]) -> Hop:
    arrival = walk.arrival[step.body[0]]
    entry = walk.entered.get(arrival.body[0])
    outside = arrival.body[0] == SOURCE or entry is not None
    from_id = INTERNET_ID if outside else walk.opened_by[arrival.body[0]]
    asset = plant.asset(read_fact(step.head).id)
    told = [
        *([entry] if entry else []),
        arrival,
        *(walk.won[fact] for fact in step.body[1:]),
        step,
    ]
    used = [causes[key] for key in dict.fromkeys(k for s in told for k in s.causes)]
    door, last = used[0], used[-1]
    found = last.kind == "finding"
    return Hop(
        number=len(walk.hops) + 1,
        from_kind="internet" if outside else "asset",
        from_id=from_id,
        from_name="Internet" if outside else plant.asset(from_id).name,
        to_id=asset.id,
        to_name=asset.name,
        to_kind="asset",
        way=door.label,
        how=" ".join(f"{each.sentence}." for each in told),
        technique=step.technique or arrival.technique,
        port=read_fact(step.body[0]).port,
        p=math.prod(cause.p for cause in used),
        basis=door.word,
        grade=last.word if found else "",
        finding_id=last.subject_id if found else "",
        conduit_id=conduit_of(used),
        cause_ids=tuple(cause.id for cause in used),
    )


def conduit_of(causes: Iterable[Cause]) -> str:
    """Return the id of the first conduit among the causes of a hop; "" for none."""
    return next((each.subject_id for each in causes if each.kind == "conduit"), "")


def _last_hop(walk: _Walk, step: Step, *, plant: Plant) -> Hop:
    asset = plant.asset(read_fact(step.body[0]).id)
    line = plant.line(read_fact(step.head).id)
    return Hop(
        number=len(walk.hops) + 1,
        from_kind="asset",
        from_id=asset.id,
        from_name=asset.name,
        to_id=line.id,
        to_name=line.name,
        to_kind="line",
        way="commands the line",
        how=f"{step.sentence}.",
        technique=step.technique,
        port=0,
        p=1.0,
        basis=CERTAIN,
        grade="",
        finding_id="",
        conduit_id="",
        cause_ids=(),
    )
