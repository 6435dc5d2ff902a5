"""The whole workspace in one file: asked for, written by a job, fetched, and gone again."""

import datetime as dt
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from common.errors import Conflict
from common.sealing import SealBroken
from tenants.models import (
    Export,
    ExportState,
    FileKind,
    Membership,
    StoredFile,
    Workspace,
)
from tenants.portable.ledger import write_ledger
from tenants.portable.parcel import Parcel
from tenants.portable.workspace import Parts, Progress, write_workspace
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services import files, ledger
from tenants.services.data_policy import check_right, days_in_force
from tenants.services.files import FileMissing
from tenants.services.fresh import Authenticated
from tenants.services.jobs import enqueue
from tenants.work import keep_lease
from workflows.models import Signature
from workflows.services.events import About, tell
from workflows.services.sheets import SHEETS

TASK = "workflows.export_workspace"
LARGEST = 1 << 40  # bytes; a disk is full before
PAUSE = 1.0  # seconds between two looks at the lease and the progress
AT_ONCE = 200


@transaction.atomic
def ask(*, by: Membership, shown: Authenticated) -> Export:
    """Ask for everything of the workspace in one file; one is written at a time.

    Raises NotAllowed without the right or a fresh sign-in, Conflict while one is written.
    """
    check_right(by, shown)
    try:
        with transaction.atomic():
            export = Export.objects.create(asked_by=by.user)
    except IntegrityError as error:
        raise Conflict("An export is being written already.") from error
    ledger.append(
        "data.export_asked",
        about="data",
        by=by,
        text=f"{by.user} asked for all data in one file.",
    )
    enqueue(TASK, args={"export_id": str(export.pk)})
    return export


def write(export_id: uuid.UUID) -> None:
    """Write the file; an attempt that was broken off is done again from its beginning."""
    with workspace_scope():
        export = Export.objects.filter(pk=export_id, state=ExportState.WAITING).first()
        if export is None:
            return
        workspace = Workspace.objects.select_related("provider").get(
            pk=current_workspace_id()
        )
        until = timezone.now() + dt.timedelta(days=days_in_force()["exports"])
    progress = Progress()
    parts = Parts(SHEETS, _ledger, _stored)
    row = files.store(
        _watched(export, write_workspace(workspace, parts, progress), progress),
        name=f"{workspace.slug}-{timezone.now():%Y%m%d-%H%M}.zip",
        kind=FileKind.EXPORT,
        about="data",
        by=None,
        limit=LARGEST,
        expires_at=until,
    )
    with workspace_scope():
        done = Export.objects.filter(pk=export.pk, state=ExportState.WAITING).update(
            state=ExportState.READY,
            file=row,
            rows=progress.total,
            done=progress.total,
            ready_at=timezone.now(),
        )
        if not done:  # another worker was quicker, or it was given up
            files.delete(row, by=None, reason="This export was written twice.")
            return
        _record(export, "data.export_ready", "The export of all data is ready.")


def give_up(export_id: uuid.UUID) -> None:
    """Say that an export could not be written, after the last attempt."""
    with workspace_scope():
        export = Export.objects.filter(pk=export_id, state=ExportState.WAITING).first()
        if export is None:
            return
        export.state, export.error = ExportState.FAILED, "It could not be written."
        export.save(update_fields=["state", "error"])
        _record(
            export, "data.export_failed", "The export of all data could not be written."
        )


@transaction.atomic
def fetch(
    export_id: uuid.UUID, *, by: Membership, shown: Authenticated
) -> tuple[StoredFile, Iterator[bytes]]:
    """Return the file and its content; that it was fetched is in the ledger.

    Raises NotAllowed, Export.DoesNotExist, and Conflict when it has run out.
    """
    check_right(by, shown)
    Export.objects.get(pk=export_id, state=ExportState.READY)
    row = StoredFile.objects.filter(
        pk__in=Export.objects.filter(pk=export_id).values("file"), expires_at__gt=Now()
    ).first()
    if row is None:
        raise Conflict("This export has run out. Ask for a new one.")
    content = files.read(row)
    ledger.append(
        "data.export_fetched",
        about="data",
        by=by,
        text=f"{by.user} downloaded all data of the workspace.",
        change=ledger.Change(after={"sha256": row.sha256, "bytes": row.size}),
    )
    return row, content


def remove_expired() -> int:
    """Remove exports that have run out; return how many."""
    count = 0
    with workspace_scope():
        due = Export.objects.filter(
            state=ExportState.READY, file__expires_at__lte=Now()
        )
        for export in due.select_related("file").select_for_update(of=("self",)):
            row = export.file
            if row is not None and row.deleted_at is None:
                files.delete(row, by=None, reason="The export has run out.")
            export.state = ExportState.GONE
            export.save(update_fields=["state"])
            count += 1
    return count


def signed_payloads() -> Iterator[tuple[str, bytes]]:
    """Yield hash and bytes of every signature, for who verifies the ledger."""
    last = uuid.UUID(int=0)
    while True:
        with workspace_scope():
            rows = list(
                Signature.objects.filter(pk__gt=last)
                .order_by("pk")
                .values_list("pk", "payload_hash", "payload")[:AT_ONCE]
            )
        if not rows:
            return
        last = rows[-1][0]
        yield from ((name, bytes(payload)) for _, name, payload in rows)


def _ledger(parcel: Parcel) -> Iterator[bytes]:
    return write_ledger(parcel, folder="ledger/", signatures=signed_payloads)


def _stored() -> Iterator[tuple[str, Mapping[str, Any], Iterator[bytes]]]:
    """Yield the stored files that are not exports themselves."""
    last = uuid.UUID(int=0)
    while True:
        with workspace_scope():
            here = StoredFile.objects.filter(pk__gt=last, deleted_at=None)
            rows = list(here.exclude(kind=FileKind.EXPORT).order_by("pk")[:AT_ONCE])
        if not rows:
            return
        last = rows[-1].pk
        for row in rows:
            facts = {
                "id": str(row.pk),
                "name": row.name,
                "about": row.about,
                "media_type": row.media_type,
                "bytes": row.size,
                "sha256": row.sha256,
            }
            try:
                with workspace_scope():
                    content = files.read(row)
            except (FileMissing, SealBroken) as error:
                yield f"{row.name}.missing.txt", facts, iter([str(error).encode()])
                continue
            yield row.name, facts, content


def _watched(
    export: Export, pieces: Iterator[bytes], progress: Progress
) -> Iterator[bytes]:
    """Pass the file on; keep the job's lease and show how far it is meanwhile."""
    looked = 0.0
    for piece in pieces:
        if time.monotonic() - looked >= PAUSE:
            looked = time.monotonic()
            keep_lease()
            with workspace_scope():
                Export.objects.filter(pk=export.pk).update(
                    rows=progress.total, done=progress.done
                )
        yield piece


def _record(export: Export, action: str, text: str) -> None:
    ledger.append(action, about="data", text=text)
    tell(
        action,
        text=text,
        about=About("data", path="data/"),
        data={"export": str(export.pk)},
    )
