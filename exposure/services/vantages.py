"""Vantages: where is looked from, whether a worker is there, and what it may do."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput
from exposure.logic.run_states import LIVE
from exposure.models import Run, RunPart, Vantage, Zone
from exposure.services.parts import wake
from tenants.models import Membership
from tenants.services import ledger


@transaction.atomic
def add(
    name: str, *, zone_id: uuid.UUID | None, own_worker: bool, by: Membership
) -> Vantage:
    """Add a place to look from. `own_worker`: a worker of its own stands there.

    Raises InvalidInput when the name is taken or the zone is not there.
    """
    if zone_id is not None and not Zone.objects.filter(pk=zone_id).exists():
        raise InvalidInput("zone", "Choose a zone.")
    try:
        with transaction.atomic():
            vantage = Vantage.objects.create(
                name=name, zone_id=zone_id, own_worker=own_worker
            )
    except IntegrityError as error:
        raise InvalidInput("name", f"There is a vantage {name} already.") from error
    where = f"inside {vantage.zone.name}" if vantage.zone else "on the internet"
    _record("vantage.added", vantage, by=by, text=f"Added vantage {name}, {where}.")
    return vantage


@transaction.atomic
def rename(vantage_id: uuid.UUID, *, name: str, by: Membership) -> Vantage:
    """Give a vantage another name. Evidence keeps the name that it was written with."""
    vantage = Vantage.objects.select_for_update().get(pk=vantage_id)
    before = vantage.name
    if name == before:
        return vantage
    vantage.name = name
    try:
        with transaction.atomic():
            vantage.save(update_fields=["name"])
    except IntegrityError as error:
        raise InvalidInput("name", f"There is a vantage {name} already.") from error
    _record("vantage.renamed", vantage, by=by, text=f"Renamed {before} to {name}.")
    return vantage


@transaction.atomic
def retire(vantage_id: uuid.UUID, *, by: Membership) -> Vantage:
    """Look from there no more: later runs leave its part of a scope out.

    Raises Conflict while a run that is not over has a part there.
    """
    vantage = Vantage.objects.select_for_update().get(pk=vantage_id)
    live = Run.objects.filter(state__in=LIVE, targets__vantage=vantage)
    if run := live.first():
        raise Conflict(f"Run {run.number} looks from there. Stop it first.")
    if vantage.retired_at is None:
        vantage.retired_at = timezone.now()
        vantage.save(update_fields=["retired_at"])
        _record("vantage.retired", vantage, by=by, text=f"Retired {vantage.name}.")
    return vantage


def saw_worker(vantage_id: uuid.UUID, *, name: str, now: dt.datetime) -> bool:
    """Note that the worker of a vantage is there, and give it what waits for it.

    Call it inside the workspace of the vantage. Returns False when there is no such
    vantage, or none that has a worker of its own any more: then it should end.
    """
    with transaction.atomic():
        mine = Vantage.objects.filter(
            pk=vantage_id, own_worker=True, retired_at__isnull=True
        )
        vantage = mine.select_for_update().first()
        if vantage is None:
            return False
        was_there = vantage.has_worker
        vantage.seen_at, vantage.seen_as = now, name[:100]
        vantage.save(update_fields=["seen_at", "seen_as"])
        if not was_there:
            for part in RunPart.objects.filter(vantage=vantage, run__state__in=LIVE):
                wake(part)
    return True


def _record(action: str, vantage: Vantage, *, by: Membership, text: str) -> None:
    site_id = vantage.zone.site_id if vantage.zone else None
    ledger.append(
        action, about=f"vantage {vantage.name}", by=by, text=text, site_id=site_id
    )
