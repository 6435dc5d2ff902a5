"""What a plant says of its changes, in place of the table of costs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from common.canonical import canonical_sha256
from exposure.logic.paths.edits import Edit
from exposure.logic.paths.plans.items import Candidate


@dataclass(frozen=True, slots=True)
class Override:
    """What the plant says of a change, in place of the table. None: as the table.

    `downtime` is by line, `keep` the share of worlds in which causes outlive the
    change; `needs`, `only_in` and `cannot` are as in `Candidate`.
    """

    hours: float | None = None
    downtime: Mapping[str, float] | None = None
    keep: float | None = None
    needs: tuple[str, ...] = ()
    only_in: tuple[str, ...] = ()
    cannot: str = ""


def as_said(row: Candidate, said: Override, *, offered: Collection[str]) -> Candidate:
    """Return a change with what the plant says of it.

    What it needs and is not `offered` (ids) any more is in place, or there is nothing
    left to do it to: it does not hold the change up.
    """
    edit = row.edit
    if said.keep is not None:
        edit = Edit(edit.id, dict.fromkeys(edit.keep, said.keep))
    return replace(
        row,
        edit=edit,
        hours=row.hours if said.hours is None else said.hours,
        downtime=row.downtime if said.downtime is None else said.downtime,
        needs=tuple(each for each in said.needs if each in offered),
        only_in=said.only_in,
        cannot=said.cannot,
        assumed=said.hours is None or said.downtime is None,
    )


def stamp(version: str, said: Mapping[str, Override]) -> str:
    """Return what names the costs of a plan: the table, and a hash of what was said.

    >>> stamp("costs-1", {})
    'costs-1'
    """
    if not said:
        return version
    rows = {change: asdict(row) for change, row in said.items()}
    return f"{version} {canonical_sha256(rows)}"


def circle_of(change: str, needs: Mapping[str, Collection[str]]) -> list[str]:
    """Return the changes on a way from a change back to itself; [] if there is none.

    `needs` says for each change what it needs. The shortest way is returned, so that
    people can follow it. O(all needs).
    """
    came_from: dict[str, str] = {}
    queue = [change]
    for at in queue:
        for needed in sorted(needs.get(at, ())):
            if needed == change:
                return [*reversed([*_back(at, came_from)]), change]
            if needed not in came_from:
                came_from[needed] = at
                queue.append(needed)
    return []


def _back(at: str, came_from: Mapping[str, str]) -> Iterator[str]:
    yield at
    while at in came_from:
        at = came_from[at]
        yield at
