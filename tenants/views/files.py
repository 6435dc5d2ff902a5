"""Hands out stored files: to be saved, never shown, and only to who may see them now."""

import uuid
from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tenants.access import MemberRequest, needs
from tenants.logic.file_names import display_name
from tenants.logic.media_types import UNKNOWN
from tenants.models import StoredFile
from tenants.rights import Right
from tenants.services import files, ledger

# Whatever a browser makes of it all the same, it runs nothing and reaches nothing.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_safe
@needs(Right.READ)
def file(request: MemberRequest, file_id: uuid.UUID) -> HttpResponseBase:
    """Send one file. Membership, scope of sites and row are asked at each request.

    The key is opened here, the content is decrypted while it is sent. A chunk that is
    not genuine breaks the connection off before the promised length.
    """
    row = get_object_or_404(files.readable(request.membership), pk=file_id)
    content = files.read(row)
    if request.method == "HEAD":
        return handed_out(row, None)
    _note(request, row)
    return handed_out(row, content)


def handed_out(row: StoredFile, content: Iterator[bytes] | None) -> HttpResponseBase:
    """Return the answer that saves a file on the reader's disk; None: its head alone."""
    response: HttpResponseBase = (
        HttpResponse(content_type=UNKNOWN)
        if content is None
        else StreamingHttpResponse(content, content_type=UNKNOWN)
    )
    name = display_name(row.name)  # once more: what a header says is nobody's to choose
    headers = {
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store, no-transform",
        "Content-Disposition": content_disposition_header(True, name) or "attachment",  # noqa: FBT003 - Django's signature
        "Content-Length": str(row.size),
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    for header, value in headers.items():
        response.headers[header] = value
    return response


def _note(request: MemberRequest, row: StoredFile) -> None:
    """Write down what is taken with somebody else's eyes."""
    if not request.acting_as:
        return
    ledger.append(
        "file.downloaded",
        about=row.about,
        by=request.user,
        text=f"{request.user} downloaded {row.name}.",
        change=ledger.Change(after={"file": str(row.id), "sha256": row.sha256}),
        site_id=row.site_id,
    )
