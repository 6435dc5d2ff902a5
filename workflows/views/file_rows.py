"""The files of a finding as its page shows them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from exposure.models import Finding
from tenants.access import MemberRequest, may
from tenants.logic.media_types import label
from tenants.models import StoredFile
from tenants.rights import Right
from tenants.services import files
from workflows.forms import AttachForm
from workflows.services.attachments import may_remove

NOBODY = "Sightline"


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file; `removed` says who took it away and why, `missing` that it is lost."""

    row: StoredFile
    what: str
    who: str
    url: str
    missing: bool
    removed: str
    removed_at: dt.datetime | None
    remove_url: str


def files_part(
    request: MemberRequest, finding: Finding, *, form: AttachForm | None
) -> dict[str, Any]:
    """Return the list of files, and the form for whoever may attach one."""
    me, where = request.membership, [request.workspace.slug, finding.ref]
    rows = files.visible(me).filter(about=finding.ref).order_by("created_at", "id")
    able = may(me, Right.UPLOAD) and me.covers(finding.asset.site_id)
    return {
        "files": [
            _row(request, finding, row)
            for row in rows.select_related("uploaded_by", "deleted_by")
        ],
        "attach_form": (form or AttachForm()) if able else None,
        "attach_url": reverse("workflows:attach-file", args=where),
    }


def _row(request: MemberRequest, finding: Finding, row: StoredFile) -> FileRow:
    slug, me = request.workspace.slug, request.membership
    remove = "workflows:remove-file"
    gone = row.deleted_at is not None
    return FileRow(
        row=row,
        what=label(row.media_type),
        who=str(row.uploaded_by or NOBODY),
        url="" if gone else reverse("tenants:file", args=[slug, row.pk]),
        missing=files.is_missing(row),
        removed=f"Removed by {row.deleted_by or NOBODY}: {row.deleted_reason}"
        if gone
        else "",
        removed_at=row.deleted_at,
        remove_url=reverse(remove, args=[slug, finding.ref, row.pk])
        if may_remove(row, by=me)
        else "",
    )
