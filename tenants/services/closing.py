"""The end of a workspace: asked for, confirmed or called off, and carried out once."""

import datetime as dt
import hashlib
import json
import logging
import uuid
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from common.errors import Conflict, InvalidInput, NotAllowed
from tenants.access import staff_may
from tenants.models import (
    Checkpoint,
    Closure,
    DeletionCertificate,
    LedgerHead,
    Membership,
    Portal,
    Staff,
    StoredFile,
    Workspace,
)
from tenants.rights import ProviderRight
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services import (
    account_ends,
    certificates,
    checkpoints,
    file_disk,
    ledger,
    secrets,
)
from tenants.services.data_policy import (
    check_right,
    checked_reason,
    hold_now,
    refuse_on_hold,
)
from tenants.services.fresh import Authenticated

log = logging.getLogger(__name__)
WAIT = dt.timedelta(days=14)  # the database's own number, see tenants.data_sql
WAIT_CONFIRMED = dt.timedelta(hours=24)


def open_closure() -> Closure | None:
    """Return the deletion that is under way in the current workspace."""
    rows = Closure.objects.select_related("asked_by", "confirmed_by")
    return rows.filter(called_off_at=None).first()


@transaction.atomic
def ask(
    typed_name: str, reason: str, *, by: Membership, shown: Authenticated
) -> Closure:
    """Ask that the workspace be deleted; until it is, the portal is read only.

    Raises NotAllowed without the right or a fresh sign-in, InvalidInput when the name is
    not typed as it is written, Conflict while there is a hold or it was asked already.
    """
    check_right(by, shown)
    workspace = Workspace.objects.select_for_update().get(pk=by.workspace_id)
    if typed_name.strip() != workspace.name:
        raise InvalidInput("name", "Type the name of the workspace as it is written.")
    reason = checked_reason(reason)
    refuse_on_hold()
    now = connection_now()
    try:
        with transaction.atomic():
            row = Closure.objects.create(
                reason=reason,
                asked_by=by.user,
                asked_at=now,
                due_at=now + WAIT,
                portal_before=workspace.portal,
            )
    except IntegrityError as error:
        raise Conflict("The deletion was asked for already.") from error
    row.refresh_from_db()
    workspace.portal = Portal.READ
    workspace.save(update_fields=["portal"])
    ledger.append(
        "access.deletion_asked",
        about="workspace",
        by=by,
        text=f"{by.user} asked that this workspace be deleted on "
        f"{row.due_at:%d %b %Y, %H:%M} UTC: {reason}",
        change=ledger.Change(after={"due": row.due_at.isoformat(), "reason": reason}),
    )
    return row


@transaction.atomic
def call_off(*, by: Membership) -> None:
    """Keep the workspace; the portal is as open as it was before."""
    check_right(by)
    row = Closure.objects.select_for_update().filter(called_off_at=None).first()
    if row is None:
        raise Conflict("No deletion is under way.")
    row.called_off_at, row.called_off_by = connection_now(), by.user
    row.save(update_fields=["called_off_at", "called_off_by"])
    Workspace.objects.filter(pk=by.workspace_id).update(portal=row.portal_before)
    ledger.append(
        "access.deletion_called_off",
        about="workspace",
        by=by,
        text=f"{by.user} called the deletion of this workspace off.",
    )


@transaction.atomic
def confirm(workspace: Workspace, *, by: Staff) -> Closure:
    """Let a deletion that was asked for happen in a day instead of two weeks.

    The provider can neither ask for it nor hold it up. Raises NotAllowed, and Conflict
    when nothing is to be confirmed.
    """
    if workspace.provider_id != by.provider_id or not staff_may(
        by, ProviderRight.CLOSE
    ):
        raise NotAllowed(f"Your role may not {ProviderRight.CLOSE.label}.")
    with workspace_scope(workspace.pk):
        row = Closure.objects.select_for_update().filter(called_off_at=None).first()
        if row is None or row.confirmed_at is not None:
            raise Conflict("Nothing is to be confirmed.")
        row.confirmed_at, row.confirmed_by = connection_now(), by.user
        row.save(update_fields=["confirmed_at", "confirmed_by"])
        row.refresh_from_db()
        ledger.append(
            "access.deletion_confirmed",
            about="workspace",
            by=by.user,
            text=f"{by.user} of {by.provider} confirmed that this workspace is deleted "
            f"on {row.due_at:%d %b %Y, %H:%M} UTC.",
            change=ledger.Change(after={"due": row.due_at.isoformat()}),
        )
    return row


def delete_when_due() -> DeletionCertificate | None:
    """Delete the current workspace if its time has come; return the certificate.

    Rows go in one transaction with the certificate; then files and opened keys. The
    database itself refuses a workspace that is not due.
    """
    with workspace_scope():
        due = Closure.objects.filter(called_off_at=None, due_at__lte=Now()).exists()
        if not due or hold_now() is not None:
            return None
    checkpoints.sign_now()
    with workspace_scope():
        certificate = _delete()
    secrets.forget_open_keys()
    finish_deletions()
    log.info("Workspace %s was deleted.", certificate.deleted_id)
    return certificate


def finish_deletions() -> None:
    """Remove files of deleted workspaces, and send certificates that were not sent.

    It may be called by anybody's job and as often as one likes: what a process left
    undone that died after the deletion is done by the next one.
    """
    gone = set(DeletionCertificate.objects.values_list("deleted_id", flat=True))
    here = Workspace.objects.filter(pk__in=gone).values_list("pk", flat=True)
    for workspace_id in gone.difference(here):
        file_disk.remove_all(workspace_id)
    certificates.send_waiting()


def connection_now() -> dt.datetime:
    """Return the moment by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: dt.datetime = cursor.fetchone()[0]
    return now


def _delete() -> DeletionCertificate:
    workspace = Workspace.objects.select_related("provider").get(
        pk=current_workspace_id()
    )
    closure = Closure.objects.select_related("asked_by").get(called_off_at=None)
    facts = _facts(workspace, closure)
    send_to = closure.asked_by.email
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenants_delete_workspace()")
        told = json.loads(cursor.fetchone()[0])
    named = {uuid.UUID(each) for each in told["named"]}
    people = [uuid.UUID(each) for each in told["people"]]
    for person in people:
        account_ends.close(person, erase=person not in named)
    facts["rows"] = told["counts"]
    facts["accounts"] = {"closed": len(people), "erased": len({*people} - named)}
    return certificates.make(facts, provider=workspace.provider, send_to=send_to)


def _facts(workspace: Workspace, closure: Closure) -> dict[str, Any]:
    head = LedgerHead.objects.first()
    last = Checkpoint.objects.order_by("-size").first()
    confirmed = closure.confirmed_at
    return {
        "v": 1,
        "workspace": str(workspace.pk),
        "name_sha256": _sha256(workspace.name),
        "asked_by": str(closure.asked_by_id),
        "asked_at": closure.asked_at.isoformat(),
        "confirmed_by": str(closure.confirmed_by_id) if confirmed else None,
        "confirmed_at": confirmed.isoformat() if confirmed else None,
        "deleted_at": connection_now().isoformat(),
        "files": StoredFile.objects.filter(deleted_at=None).count(),
        "ledger": {
            "entries": head.size if head else 0,
            "head": bytes(head.head).hex() if head else "",
            "checkpoint_sha256": _sha256(last.note) if last else "",
            "checkpoint_entries": last.size if last else 0,
        },
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
