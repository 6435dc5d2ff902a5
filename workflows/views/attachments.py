"""The files of a finding: listed, attached and removed on its page."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.errors import DomainError, NotAllowed
from common.uploads import takes_up_to
from exposure.models import Finding
from tenants.access import MemberRequest, needs
from tenants.models import FileKind
from tenants.rights import Right
from tenants.services import files
from workflows.forms import AttachForm
from workflows.services import attachments
from workflows.views.finding_page import Refused, finding_or_404, page_of

UNPROCESSABLE = 422
# What a form adds around the file: boundaries, names and the other fields.
LARGEST_BODY = files.UPLOAD_LIMIT + 64 * 1024
PIECE = 64 * 1024


@require_POST
@takes_up_to(LARGEST_BODY)
@needs(Right.UPLOAD)
def attach_file(request: MemberRequest, ref: str) -> HttpResponse:
    """Attach a file to the finding."""
    finding = finding_or_404(ref)
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, finding, form)
    sent = form.cleaned_data["file"]
    try:
        row = attachments.attach(
            finding,
            sent.chunks(PIECE),
            name=sent.name,
            kind=FileKind(form.cleaned_data["kind"]),
            by=request.membership,
        )
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        form.refuse(error)
        return _refused(request, finding, form)
    messages.success(request, f"{row.name} is attached.")
    return _back(request, finding)


@require_POST
@needs(Right.REMOVE)
def remove_file(request: MemberRequest, ref: str, file_id: uuid.UUID) -> HttpResponse:
    """Remove a file; that it was there, who removed it and why stays."""
    finding = finding_or_404(ref)
    rows = files.visible(request.membership).filter(about=finding.ref)
    row = get_object_or_404(rows, pk=file_id)
    reason = request.POST.get("reason", "")
    try:
        attachments.remove(finding, row.pk, by=request.membership, reason=reason)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, f"{row.name} is not removed. {error}")
    else:
        messages.success(request, f"{row.name} is removed.")
    return _back(request, finding)


def _refused(
    request: MemberRequest, finding: Finding, form: AttachForm
) -> HttpResponse:
    context = page_of(request, finding, Refused(attachment=form))
    page = "workflows/findings/detail.html"
    return render(request, page, context, status=UNPROCESSABLE)


def _back(request: MemberRequest, finding: Finding) -> HttpResponse:
    page = reverse("workflows:finding", args=[request.workspace.slug, finding.ref])
    return redirect(f"{page}#files")
