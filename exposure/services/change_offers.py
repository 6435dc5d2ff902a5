"""Which changes could be made at the sites of a reader, as the table has them."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from common.kept import kept
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.items import Candidate
from exposure.logic.paths.plans.overrides import Override
from exposure.logic.paths.plant import Plant
from exposure.models import (
    Asset,
    ChangeCost,
    Line,
    MaintenanceWindow,
)
from exposure.services import paths
from exposure.services.site_figures import STANDS
from tenants.scope import current_workspace_id, whole_workspace

KEPT = 4
STANDS_ON = {**STANDS, "finding": Asset, "service": Asset}
"""By the kind of a subject: the row whose site it is of."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A change that could be made, as the table has it, and the row it stands on."""

    change: Candidate
    stands_on: str


def offers() -> dict[str, Offer]:
    """Return the changes at the reader's sites by id, in the order of names.

    None before the first answer.
    """
    newest, sight = paths.newest_revision(), paths.sight_here()
    if newest is None:
        return {}
    known = every_offer(newest.pk)
    if sight is None:
        return known
    return {key: row for key, row in known.items() if row.stands_on in sight.ids}


def every_offer(revision_id: uuid.UUID) -> dict[str, Offer]:
    """Return the changes of a revision by id, whoever asks, at all sites.

    Their order is that of names. What is returned is kept: it is not to be changed.
    """
    return _offers(current_workspace_id(), revision_id)


@kept(KEPT)
def _offers(workspace_id: uuid.UUID, revision_id: uuid.UUID) -> dict[str, Offer]:  # noqa: ARG001 - a part of the key: never one workspace's for another one
    analysis, snapshot = paths.whole_of(revision_id)
    found_on = {row.id: row.asset_id for row in snapshot.findings}
    rows = candidates_of(analysis.causes, Plant(snapshot), policy=paths.policy())
    rows.sort(key=lambda row: (row.label, row.id))
    return {
        row.id: Offer(row, stands_on(row.subject_kind, row.subject_id, found_on))
        for row in rows
    }


def stands_on(kind: str, subject: str, found_on: Mapping[str, str]) -> str:
    """Return the id of the row that a change is about; "" for a finding that is gone.

    `found_on` is the asset of each finding.
    """
    if kind == "finding":
        return found_on.get(subject, "")
    if kind == "service":  # "asset:port"
        return subject.rpartition(":")[0]
    return subject


def overrides() -> dict[str, Override]:
    """Return what was said of every change, for a plan: whoever asks, all sites.

    Lines that are gone since stand still for nothing.
    """
    with whole_workspace():
        lines = {str(pk) for pk in Line.objects.values_list("pk", flat=True)}
        rows = list(ChangeCost.objects.order_by("change"))
    return {row.change: as_override(row, lines=lines) for row in rows}


def as_override(row: ChangeCost, *, lines: Collection[str]) -> Override:
    """Return what was said as the planner takes it; `lines` are the ids there are."""
    stops = row.downtime
    return Override(
        hours=row.hours,
        downtime=None
        if stops is None
        else {line: stops[line] for line in sorted(stops) if line in lines},
        keep=row.keep,
        needs=tuple(row.needs),
        only_in=tuple(row.only_in),
        cannot=row.cannot,
    )


def windows_of(offer: Offer) -> list[MaintenanceWindow]:
    """Return the windows to come at the site of a change, by time."""
    place = site_of(offer)
    if place is None:
        return []
    rows = MaintenanceWindow.objects.filter(site_id=place, ends_at__gt=timezone.now())
    rows = rows.select_related("line", "site__workspace")
    return list(rows.order_by("begins_at", "pk"))


def site_of(offer: Offer) -> uuid.UUID | None:
    """Return the site of a change; None if what it is about is gone or out of sight."""
    rows: Any = STANDS_ON[offer.change.subject_kind]._default_manager
    found = rows.filter(pk=offer.stands_on).values_list("site_id", flat=True)
    return found.first()  # type: ignore[no-any-return]  # of models known by name only
