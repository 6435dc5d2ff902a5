"""Tells people what the ledger says about access and about itself."""

import datetime as dt
import json

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from tenants.models import Checkpoint, LedgerDetail, LedgerEntry, User
from tenants.scope import current_workspace_id
from workflows.models import Event
from workflows.services.events import About, tell

SERIES = "ledger told"
CHECKPOINT = "audit.checkpoint"
DAY = dt.timedelta(hours=24)
# The counter remembers how far it was told; the row lock lets one worker tell at a time.
FROM = """
INSERT INTO tenants_counter (id, workspace_id, name, value)
VALUES (gen_random_uuid(), %s, %s, 0)
ON CONFLICT (workspace_id, name) DO UPDATE SET value = tenants_counter.value
RETURNING value
"""
UP_TO = "UPDATE tenants_counter SET value = %s WHERE workspace_id = %s AND name = %s"


def follow() -> int:
    """Make an event of every entry that people are told of, once; return how many.

    Call it inside a workspace scope: told and remembered commit together.
    """
    here = current_workspace_id()
    with connection.cursor() as cursor:
        cursor.execute(FROM, [here, SERIES])
        last = int(cursor.fetchone()[0])
        told = Q()
        for beginning in settings.LEDGER_TOLD:
            told |= Q(action__startswith=beginning)
        entries = list(LedgerEntry.objects.filter(told, seq__gt=last).order_by("seq"))
        if entries:
            cursor.execute(UP_TO, [entries[-1].seq, here, SERIES])
    for entry in entries:
        _tell(entry)
    return len(entries)


def tell_checkpoint() -> bool:
    """Send the newest checkpoint to who hears "audit.", once a day; say whether it was.

    A copy outside of our reach is what makes the ledger evidence.
    """
    newest = Checkpoint.objects.order_by("-size").first()
    last = Event.objects.filter(type=CHECKPOINT).order_by("-at").first()
    if newest is None or (last and timezone.now() - last.at < DAY):
        return False
    if last is not None and last.data.get("size") == newest.size:
        return False
    tell(
        CHECKPOINT,
        text=f"The ledger was signed over {newest.size} entries.",
        about=About("ledger", path="ledger/"),
        data={"size": newest.size, "note": newest.note},
    )
    return True


def _tell(entry: LedgerEntry) -> None:
    detail = LedgerDetail.objects.filter(pk=entry.pk).first()
    text = json.loads(bytes(detail.body))["text"] if detail else entry.action
    tell(
        entry.action,
        text=text,
        about=_about(entry),
        actor=User.objects.filter(pk=entry.actor_id).first()
        if entry.actor_id
        else None,
        data={"ledger_entry": entry.seq},
    )


def _about(entry: LedgerEntry) -> About:
    if entry.action.startswith("access.deletion"):
        return About("data", path="data/")
    if entry.action == "scan.scope_drift":
        return About("names", path="names/", site_id=entry.site_id)
    if entry.action.startswith("access."):
        return About("access", path="people/", site_id=entry.site_id)
    if entry.action.startswith("scope.stop_"):
        return About("stop", path="stop/", site_id=entry.site_id)
    if entry.action.startswith("discovery."):
        run = entry.object_ref.removeprefix("run ")
        return About(entry.object_ref, path=f"runs/{run}/", site_id=entry.site_id)
    return About("ledger", path="ledger/", site_id=entry.site_id)
