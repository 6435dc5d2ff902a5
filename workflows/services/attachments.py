"""Files that people attach to a finding: a photo, a letter of the vendor, a capture."""

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from common.errors import InvalidInput, NotAllowed
from exposure.models import Finding
from tenants.access import may
from tenants.models import FileKind, Membership, StoredFile
from tenants.rights import Right
from tenants.services import files

MOST_FILES = 100


def attach(
    finding: Finding,
    content: Iterable[bytes],
    *,
    name: str,
    kind: FileKind,
    by: Membership,
) -> StoredFile:
    """Keep a file with a finding, for everybody who may see the finding's site.

    Raises NotAllowed without the right or away from the own sites, and InvalidInput for
    a kind that people do not bring or a file that cannot be kept.
    """
    if not may(by, Right.UPLOAD):
        raise NotAllowed("Your role may not attach files.")
    if not by.covers(finding.asset.site_id):
        raise NotAllowed("This exposure is at a site that is not yours.")
    if kind not in files.BROUGHT:
        raise InvalidInput("kind", "Choose what the file is.")
    if _kept(finding).count() >= MOST_FILES:
        raise InvalidInput("file", f"There are {MOST_FILES} files here already.")
    return files.store(
        content,
        name=name,
        kind=kind,
        about=finding.ref,
        by=by,
        site_id=finding.asset.site_id,
    )


def remove(
    finding: Finding, file_id: uuid.UUID, *, by: Membership, reason: str
) -> None:
    """Remove a file that people attached: one's own, an administrator any.

    Raises StoredFile.DoesNotExist for a file of another finding or out of sight,
    NotAllowed for somebody else's, InvalidInput without a reason.
    """
    row = files.visible(by).get(pk=file_id, about=finding.ref)
    if not may_remove(row, by=by):
        raise NotAllowed(
            "Only who attached a file or an administrator of the workspace removes it."
        )
    files.delete(row, by=by, reason=reason)


def may_remove(row: StoredFile, *, by: Membership) -> bool:
    """Whether somebody may remove a file: there, brought by people, and theirs to do."""
    theirs = by.is_admin or row.uploaded_by_id == by.user_id
    there = row.deleted_at is None and row.kind in files.BROUGHT
    return theirs and there and may(by, Right.REMOVE)


def _kept(finding: Finding) -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(about=finding.ref, deleted_at=None)
