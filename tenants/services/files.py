"""Stored files: sealed for one workspace, opened only for who may see them."""

import datetime as dt
import hashlib
import itertools
import os
import uuid
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from common.errors import Conflict, DomainError, InvalidInput
from common.plain_text import one_line
from common.sealed_stream import open_stream, seal_stream, sealed_size
from common.sealing import KEY_BYTES, SealBroken, sealed_with
from tenants.logic.file_names import display_name, ending_of
from tenants.logic.media_types import HEAD_BYTES, media_type, refusal
from tenants.models import FileKind, Membership, StoredFile
from tenants.scope import current_workspace_id, whole_workspace, workspace_scope
from tenants.services import file_disk, ledger
from tenants.services.secrets import open_secret, seal_secret

UPLOAD_LIMIT = 25 * 1024 * 1024
MAX_REASON = 300
# What people bring: only listed types, and within the workspace's quota.
BROUGHT = frozenset({FileKind.EVIDENCE, FileKind.UPLOAD})


class FileMissing(DomainError):
    """The row of a file is there, its content is not."""


def store(  # noqa: PLR0913 - what a file is cannot be said in fewer words
    content: Iterable[bytes],
    *,
    name: str,
    kind: FileKind,
    about: str,
    by: Membership | None,
    site_id: uuid.UUID | None = None,
    limit: int = UPLOAD_LIMIT,
    expires_at: dt.datetime | None = None,
) -> StoredFile:
    """Seal content for the current workspace and keep it; memory stays flat.

    What people bring must be one of the listed types, not empty, and within the quota.
    Raises InvalidInput for the field "file". If the caller's transaction is rolled back
    the content is an orphan, which the daily sweep removes.
    """
    name = display_name(name)
    row = StoredFile(
        name=name, kind=kind, about=about, site_id=site_id, expires_at=expires_at
    )
    row.uploaded_by = by.user if by else None
    row.workspace_id = current_workspace_id()
    head, content = _head(content)
    row.media_type = media_type(head, ending=ending_of(name))
    if kind in BROUGHT:
        _check_brought(row, head)
    key = _seal_to_disk(row, _Measured(content, limit=limit))
    try:
        # A long content is read without a transaction: jobs renew their lease meanwhile.
        with workspace_scope():
            _seal_key(row, key)
            _record(row, by=by)
    except BaseException:
        _remove_content(row)
        raise
    return row


def read(row: StoredFile) -> Iterator[bytes]:
    """Return an iterator over the content; each chunk is verified before it is given.

    The key and the first chunk are opened at once: call this inside the scope of the
    workspace; the rest needs no scope. Raises FileMissing if the content is not there
    ("sealed but missing"), and SealBroken if it was changed or belongs elsewhere.
    """
    if row.deleted_at is not None:
        raise FileMissing(f"{row.name} was removed.")
    path = file_disk.path_of(row.workspace_id, row.id)
    if (size := file_disk.size_of(path)) is None:
        raise FileMissing(f"{row.name} is sealed but missing: its content is not here.")
    if size != sealed_size(row.size):
        raise SealBroken("The stored content was changed, cut or lengthened.")
    key = open_secret(bytes(row.sealed_key), context=_key_place(row))
    chunks = _opened(row, key)
    return itertools.chain([next(chunks)], chunks)


def is_missing(row: StoredFile) -> bool:
    """Whether the content of a file that was not removed is not there as it was kept."""
    path = file_disk.path_of(row.workspace_id, row.id)
    return row.deleted_at is None and file_disk.size_of(path) != sealed_size(row.size)


def visible(by: Membership) -> models.QuerySet[StoredFile]:
    """Return the files that a member may see: those of the own sites.

    Whoever is limited to sites sees nothing that was made from the whole workspace. An
    export holds all of it, and is handed out on the data page only.
    """
    rows = StoredFile.objects.exclude(kind=FileKind.EXPORT)
    if not by.site_ids:
        return rows
    whole = models.Q(site_id=None, kind__in=BROUGHT)
    return rows.filter(models.Q(site_id__in=by.site_ids) | whole)


def readable(by: Membership) -> models.QuerySet[StoredFile]:
    """Return the files that a member may have now: visible, not removed, not over."""
    now = timezone.now()
    over = models.Q(expires_at__isnull=False, expires_at__lte=now)
    return visible(by).filter(~over, deleted_at=None)


@transaction.atomic
def delete(row: StoredFile, *, by: Membership | None, reason: str) -> None:
    """Remove the content and its key for good; the row stays and says who and why.

    Raises InvalidInput without a reason, Conflict if it was removed before.
    """
    reason = one_line(reason, limit=MAX_REASON + 1)
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidInput("reason", "Say why, in at most 300 characters.")
    kept = StoredFile.objects.select_for_update().get(pk=row.pk)
    if kept.deleted_at is not None:
        raise Conflict(f"{row.name} was removed already.")
    row.deleted_at, row.deleted_reason = timezone.now(), reason
    row.deleted_by, row.sealed_key = (by.user if by else None), b""
    row.save(update_fields=["deleted_at", "deleted_by", "deleted_reason", "sealed_key"])
    ledger.append(
        "file.removed",
        about=row.about,
        by=by,
        text=f"{by.user if by else 'Sightline'} removed {row.name}: {reason}",
        change=ledger.Change(before=_facts(row), after={"reason": reason}),
        site_id=row.site_id,
    )
    transaction.on_commit(lambda: _remove_content(row))


def sweep() -> int:
    """Remove files whose time is over, and content without a row; return how many.

    The row of a file that expired stays; content younger than a day is left alone.
    """
    over = StoredFile.objects.filter(deleted_at=None, expires_at__lte=timezone.now())
    for row in over:
        delete(row, by=None, reason="Its time was over.")
    rows = StoredFile.objects.filter(deleted_at=None)
    keep = {str(pk) for pk in rows.values_list("pk", flat=True)}
    return file_disk.sweep(current_workspace_id(), keep=keep)


def reseal() -> int:
    """Seal the keys of all files with the data key in use; return how many."""
    rows = StoredFile.objects.select_for_update().filter(deleted_at=None)
    count = 0
    for row in rows.only("id", "workspace_id", "sealed_key", "key_id"):
        key = open_secret(bytes(row.sealed_key), context=_key_place(row))
        _seal_key(row, key)
        row.save(update_fields=["sealed_key", "key_id"])
        count += 1
    return count


def _check_brought(row: StoredFile, head: bytes) -> None:
    if not head:
        raise InvalidInput("file", "The file is empty.")
    if why := refusal(row.media_type, ending=ending_of(row.name)):
        raise InvalidInput("file", why)


def _seal_to_disk(row: StoredFile, content: "_Measured") -> bytes:
    key = os.urandom(KEY_BYTES)
    path = file_disk.path_of(row.workspace_id, row.id)
    file_disk.write(path, seal_stream(content, key=key, context=_place(row)))
    row.size, row.sha256 = content.size, content.digest.hexdigest()
    return key


@transaction.atomic
def _record(row: StoredFile, *, by: Membership | None) -> None:
    if row.kind in BROUGHT:
        _check_quota(row.size)
    row.save(force_insert=True)
    ledger.append(
        "file.stored",
        about=row.about,
        by=by,
        text=f"{by.user if by else 'Sightline'} stored {row.name} for {row.about}.",
        change=ledger.Change(after=_facts(row)),
        site_id=row.site_id,
    )


def _check_quota(size: int) -> None:
    """Refuse what does not fit; uploads of one workspace are counted one by one."""
    with connection.cursor() as cursor:
        turn = f"files of {current_workspace_id()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [turn])
    with whole_workspace():  # the room is everybody's
        rows = StoredFile.objects.filter(kind__in=BROUGHT, deleted_at=None)
        used = rows.aggregate(used=Coalesce(models.Sum("size"), 0))["used"]
    if used + size > settings.FILES_QUOTA:
        room = max(0, settings.FILES_QUOTA - used)
        raise InvalidInput(
            "file",
            f"There is no room: {_megabytes(room)} of "
            f"{_megabytes(settings.FILES_QUOTA)} are left for the files of this "
            "workspace. Remove files that are needed no more.",
        )


def _opened(row: StoredFile, key: bytes) -> Iterator[bytes]:
    with file_disk.path_of(row.workspace_id, row.id).open("rb") as sealed:
        yield from open_stream(sealed, key=key, context=_place(row))


def _seal_key(row: StoredFile, key: bytes) -> None:
    row.sealed_key = seal_secret(key, context=_key_place(row))
    row.key_id = sealed_with(row.sealed_key).hex()


def _remove_content(row: StoredFile) -> None:
    file_disk.path_of(row.workspace_id, row.id).unlink(missing_ok=True)


def _facts(row: StoredFile) -> dict[str, object]:
    return {
        "file": str(row.id),
        "kind": row.kind,
        "name": row.name,
        "sha256": row.sha256,
        "size": row.size,
    }


def _place(row: StoredFile) -> str:
    return f"workspace:{row.workspace_id}/file:{row.id}"


def _key_place(row: StoredFile) -> str:
    return f"file:{row.id}/key"


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"


def _head(content: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, and the whole content to be read from its beginning."""
    pieces, head = iter(content), b""
    while len(head) < HEAD_BYTES and (piece := next(pieces, None)) is not None:
        head += piece
    return head[:HEAD_BYTES], itertools.chain([head], pieces)


class _Measured:
    """Passes content on while it counts and hashes it, up to a limit."""

    def __init__(self, content: Iterable[bytes], *, limit: int) -> None:
        self.content, self.limit = content, limit
        self.size, self.digest = 0, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.content:
            self.size += len(piece)
            if self.size > self.limit:
                most = _megabytes(self.limit)
                raise InvalidInput("file", f"The file is larger than {most}.")
            self.digest.update(piece)
            yield piece
