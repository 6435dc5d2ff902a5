"""What each single change removes, exactly, in the worlds the exposure came from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from exposure.logic.paths.bigints import Bits, Worlds
from exposure.logic.paths.model import AttackModel, Cause

CHANGEABLE = ("finding", "conduit")
MOST_PARTNERS = 6
MOST_PAIRED = 100
"""So many changes that remove nothing alone are tried in pairs, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Change:
    """Closing one finding or one conduit: all its `causes` become impossible."""

    id: str
    kind: str
    subject_id: str
    label: str
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worth:
    """`removes` and `leaves` are units; `nothing_alone`: no world changes by it.

    `works_with`: ids of changes that remove more with this one than alone.
    """

    change: Change
    removes: float
    leaves: float
    nothing_alone: bool
    works_with: tuple[str, ...]


Detours = Callable[[Change], Iterable[str]]


def candidates(model: AttackModel) -> list[Change]:
    """Return every change that could be made, ordered by id."""
    groups: dict[tuple[str, str], list[Cause]] = defaultdict(list)
    for cause in model.causes:
        if cause.kind in CHANGEABLE:
            groups[cause.kind, cause.subject_id].append(cause)
    return [
        Change(
            id=f"{kind}:{subject_id}",
            kind=kind,
            subject_id=subject_id,
            label=causes[0].label,
            causes=tuple(cause.id for cause in causes),
        )
        for (kind, subject_id), causes in sorted(groups.items())
    ]


def loss(model: AttackModel, held: Mapping[str, Bits]) -> int:
    """Return the sum of points x number of worlds in which the line is lost."""
    return sum(
        target.points * held.get(target.fact, 0).bit_count() for target in model.targets
    )


def exposure(model: AttackModel, worlds: Worlds, held: Mapping[str, Bits]) -> float:
    """Return the sum of points x share of worlds in which the line is lost, in units."""
    return loss(model, held) / worlds.count


def worth_of_changes(
    model: AttackModel, worlds: Worlds, *, detours: Detours
) -> list[Worth]:
    """Return the worth of every candidate, most first (then by id).

    `detours` names the causes of the ways that stay open once a change is made. A
    change that removes nothing alone is tried together with a few of those, because
    two doors must both be closed; least useful first, as they are the likely twins.
    O(changes) times the part of the model downstream of each.
    """
    before = loss(model, worlds.held)
    changes = candidates(model)
    owner = {cause: change for change in changes for cause in change.causes}
    after = {change.id: worlds.without(change.causes) for change in changes}
    left = {key: loss(model, held) for key, held in after.items()}

    def partners(change: Change) -> list[str]:
        others = {
            owner[cause].id: owner[cause] for cause in detours(change) if cause in owner
        }
        twins = sorted(others, key=lambda key: (-left[key], key))[:MOST_PARTNERS]
        both = {
            key: worlds.without((*change.causes, *others[key].causes)) for key in twins
        }
        return [key for key in twins if loss(model, both[key]) < left[key]]

    idle = [row for row in changes if _is_unchanged(model, worlds, after[row.id])]
    idle.sort(key=lambda row: (-_likely(worlds, row), row.id))
    pairs = {change.id: tuple(partners(change)) for change in idle[:MOST_PAIRED]}
    nothing = {change.id for change in idle}
    rows = [
        Worth(
            change=change,
            removes=(before - left[change.id]) / worlds.count,
            leaves=left[change.id] / worlds.count,
            nothing_alone=change.id in nothing,
            works_with=pairs.get(change.id, ()),
        )
        for change in changes
    ]
    return sorted(rows, key=lambda row: (-row.removes, row.change.id))


def _likely(worlds: Worlds, change: Change) -> int:
    return max(worlds.causes[cause].bit_count() for cause in change.causes)


def _is_unchanged(model: AttackModel, worlds: Worlds, held: Mapping[str, Bits]) -> bool:
    return all(
        held.get(target.fact, 0) == worlds.held.get(target.fact, 0)
        for target in model.targets
        if target.points
    )
