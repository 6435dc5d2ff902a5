"""Where the changes of a plan are made: freezes go by that, not by what stands still."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from exposure.logic.paths.plans.answer import ChangeRow
from exposure.logic.paths.plans.freezing import Touching, network_of
from exposure.logic.paths.plans.items import Candidate, Freeze
from exposure.logic.paths.plant import Plant
from exposure.services.change_offers import STANDS_ON, stands_on


def sites_if_frozen(freezes: Collection[Freeze]) -> dict[str, str]:
    """Return the site of everything that a change can be about; both are ids.

    It is asked for freezes alone, so without any it is empty.
    """
    found: dict[str, str] = {}
    if not freezes:
        return found
    for model in set(STANDS_ON.values()):
        rows: Any = model._default_manager
        for pk, site in rows.values_list("pk", "site_id"):
            found[str(pk)] = str(site)
    return found


def touched_by(
    changes: Iterable[Candidate] | Collection[ChangeRow],
    plant: Plant,
    sites: Mapping[str, str],
) -> dict[str, tuple[str, ...]]:
    """Return the lines and networks each change is made on, by its id.

    `sites` are those of `sites_if_frozen`.
    """
    touching = Touching(plant)
    found_on = {row.id: row.asset_id for row in plant.snapshot.findings}
    found: dict[str, tuple[str, ...]] = {}
    for row in changes:
        lines = touching.lines(row.subject_kind, row.subject_id)
        site = sites.get(stands_on(row.subject_kind, row.subject_id, found_on))
        found[row.id] = (*lines, network_of(site)) if site else lines
    return found
