"""The ledger as a file, with the signatures that it tells of and its verifier."""

import tempfile

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tenants.access import MemberRequest, needs
from tenants.portable.ledger import write_ledger
from tenants.portable.parcel import Parcel
from tenants.rights import Right
from workflows.services.exports import signed_payloads

IN_MEMORY = 8 * 1024 * 1024  # bytes; larger exports wait on the disk


@never_cache
@require_safe
@needs(Right.AUDIT)
def ledger_export(request: MemberRequest) -> HttpResponseBase:
    """Send the whole ledger as a zip; it is complete before the first byte is sent."""
    if request.membership.site_ids:
        raise PermissionDenied("The ledger is one chain, and your scope is some sites.")
    stream = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    parcel = Parcel()
    for piece in write_ledger(parcel, folder="", signatures=signed_payloads):
        stream.write(piece)
    for piece in parcel.close():
        stream.write(piece)
    stream.seek(0)
    name = f"ledger-{request.workspace.slug}-{timezone.now():%Y%m%d}.zip"
    return FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/zip"
    )
