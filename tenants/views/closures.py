"""Deletions on the provider's page: what is under way, and what is left of the others."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from common.errors import DomainError, NotAllowed
from tenants.access import StaffRequest, staff_needs
from tenants.models import DeletionCertificate, Provider, Workspace
from tenants.rights import ProviderRight
from tenants.rollup import rollup_rows, rollup_scope
from tenants.services import closing

OPEN = """
SELECT workspace_id, due_at, confirmed_at IS NOT NULL FROM tenants_closure
WHERE called_off_at IS NULL ORDER BY due_at
"""
LAST = 50


@dataclass(frozen=True, slots=True)
class UnderWay:
    """One customer that is deleted soon."""

    workspace: Workspace
    due_at: dt.datetime
    is_confirmed: bool


def under_way(customers: Iterable[Workspace]) -> list[UnderWay]:
    """Return which of these customers are deleted soon, the next one first."""
    known = {row.pk: row for row in customers}
    with rollup_scope(known):
        rows = rollup_rows(OPEN)
    return [UnderWay(known[pk], due, sure) for pk, due, sure in rows]


def certificates_of(provider: Provider) -> list[DeletionCertificate]:
    """Return what is left of the last deleted customers of a provider."""
    rows = DeletionCertificate.objects.filter(provider=provider)
    return list(rows.order_by("-made_at")[:LAST])


@require_POST
@staff_needs(ProviderRight.CLOSE)
def confirm(request: StaffRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """Let a customer's workspace be deleted in a day."""
    place = get_object_or_404(Workspace, provider=request.provider, pk=workspace_id)
    try:
        row = closing.confirm(place, by=request.staff)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        due = f"{row.due_at:%d %b %Y, %H:%M} UTC"
        messages.success(request, f"{place.name} is deleted on {due}.")
    return redirect("tenants:provider", provider=request.provider.slug)
