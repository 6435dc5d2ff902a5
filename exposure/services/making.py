"""How what is closed in an answer could be made here: what it costs, or why it cannot be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from exposure.logic.paths.plans.items import Candidate
from exposure.logic.paths.plans.makeable import (
    PROCESS_USES_IT,
    closed_by,
    ending_id,
    used_by_the_process,
)
from exposure.logic.paths.plans.overrides import as_said
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.models import ChangeCost, Line
from exposure.services.change_offers import as_override, every_offer
from exposure.services.paths import PathAnswer
from tenants.scope import whole_workspace


@dataclass(frozen=True, slots=True)
class Making:
    """What it takes to close one thing; `cannot` says why it cannot be made here, or "".

    `hours` of engineering, None where no change of a plan closes it in full; `downtime`
    hours by line. `is_assumed`: some of that is of the table.
    """

    cannot: str = ""
    hours: float | None = None
    downtime: Mapping[str, float] = field(default_factory=dict)
    is_assumed: bool = False

    @property
    def stops(self) -> float:
        """The hours that lines stand still, together."""
        return sum(self.downtime.values())


def makings(answer: PathAnswer) -> dict[str, Making]:
    """Return by id how each change of an answer could be made, as its reader may know.

    What stands at another site has no hours. A change that is not in it, such as to take
    a sign-in away, is one that plans do not know.
    """
    offers, here = every_offer(answer.revision.pk), answer.sight
    said = {row.change: row for row in ChangeCost.objects.all()}
    lines = {str(pk) for pk in Line.objects.values_list("pk", flat=True)}
    used = used_by_the_process(answer.plant)
    found = {}
    for change in answer.analysis.changes:
        key = ending_id(change.kind, change.subject_id)
        offer = offers.get(key)
        if change.id in used:
            found[change.id] = Making(cannot=PROCESS_USES_IT)
        elif offer is not None and (here is None or offer.stands_on in here.ids):
            row = offer.change
            if key in said:
                row = as_said(row, as_override(said[key], lines=lines), offered=offers)
            found[change.id] = _making(row)
    return found


def _making(row: Candidate) -> Making:
    return Making(
        cannot=f"cannot be made here: {row.cannot}" if row.cannot else "",
        hours=row.hours,
        downtime=row.downtime,
        is_assumed=row.assumed,
    )


def not_made(known: Mapping[str, Making]) -> frozenset[str]:
    """Return the ids of what cannot be made."""
    return frozenset(key for key, row in known.items() if row.cannot)


def never_made(plant: PlantSnapshot) -> Collection[str]:
    """Return the ids of what cannot be made in a plant: whoever asks, all sites."""
    with whole_workspace():
        said = ChangeCost.objects.exclude(cannot="").values_list("change", flat=True)
        refused = frozenset(filter(None, map(closed_by, said)))
    return used_by_the_process(plant) | refused
