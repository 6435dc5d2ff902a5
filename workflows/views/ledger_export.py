"""The ledger as a file, with the signatures that it tells of and its verifier."""

import tempfile
import zipfile
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tenants.access import MemberRequest, Right, needs
from tenants.portable.ledger import write_ledger
from workflows.models import Signature

IN_MEMORY = 8 * 1024 * 1024  # bytes; larger exports wait on the disk


def _signatures() -> Iterator[tuple[str, bytes]]:
    rows = Signature.objects.order_by("id").values_list("payload_hash", "payload")
    yield from ((name, bytes(payload)) for name, payload in rows.iterator())


@never_cache
@require_safe
@needs(Right.AUDIT)
def ledger_export(request: MemberRequest) -> HttpResponseBase:
    """Send the whole ledger as a zip; it is complete before the first byte is sent."""
    if request.membership.site_ids:
        raise PermissionDenied("The ledger is one chain, and your scope is some sites.")
    stream = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        write_ledger(archive, folder="", signatures=_signatures)
    stream.seek(0)
    name = f"ledger-{request.workspace.slug}-{timezone.now():%Y%m%d}.zip"
    return FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/zip"
    )
