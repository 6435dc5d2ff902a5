"""A provider's own page: its customers, and who of it gets in for how long."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError, NotAllowed
from tenants.access import StaffRequest, staff_may, staff_needs
from tenants.models import Membership, Portal, Role, Staff, User, Workspace
from tenants.rights import ProviderRight
from tenants.services import people, workspaces
from tenants.views.closures import certificates_of, under_way
from tenants.views.staff import id_of


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: its name, and the access that the reader has now."""

    workspace: Workspace
    mine: Membership | None


@require_safe
@staff_needs(ProviderRight.LOOK)
def customers_of(request: StaffRequest) -> HttpResponse:
    """Show every customer by name, and where the reader gets in."""
    rows = Workspace.objects.filter(provider=request.provider).order_by("name")
    mine = {
        row.workspace_id: row
        for row in Membership.objects.current().filter(
            user=request.user, workspace__provider=request.provider
        )
    }
    colleagues = Staff.objects.filter(provider=request.provider).select_related("user")
    context: dict[str, Any] = {
        "customers": [Customer(row, mine.get(row.pk)) for row in rows],
        "colleagues": colleagues.exclude(user=request.user).order_by("user__name"),
        "may_grant": staff_may(request.staff, ProviderRight.GRANT),
        "closures": under_way(rows),
        "certificates": certificates_of(request.provider),
        "may_close": staff_may(request.staff, ProviderRight.CLOSE),
        "provider": request.provider,
        "levels": Portal.choices,
    }
    return render(request, "tenants/provider.html", context)


@require_POST
@staff_needs(ProviderRight.CUSTOMERS)
def create(request: StaffRequest) -> HttpResponse:
    """Create a customer's workspace."""
    try:
        made = workspaces.create(
            request.POST.get("name", ""),
            slug=request.POST.get("slug", ""),
            time_zone=request.POST.get("time_zone", "UTC"),
            by=request.staff,
        )
    except DomainError as error:
        messages.error(request, str(error))
        return _back(request)
    messages.success(request, f"{made.name} is there. Invite its first people.")
    return redirect("workflows:members", workspace=made.slug)


@require_POST
@staff_needs(ProviderRight.OPEN)
def open_own(request: StaffRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """Open the reader's own access for some hours."""
    hours = _number(request.POST.get("hours", ""))
    return _open(request, workspace_id, request.user, dt.timedelta(hours=hours))


@require_POST
@staff_needs(ProviderRight.GRANT)
def grant(request: StaffRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """Open a colleague's access for some days."""
    colleague = get_object_or_404(
        Staff.objects.select_related("user"),
        provider=request.provider,
        pk=id_of(request.POST.get("colleague", "")),
    )
    if colleague.user_id == request.user.pk:
        raise PermissionDenied("Open your own access yourself, for a day at most.")
    days = _number(request.POST.get("days", ""))
    return _open(request, workspace_id, colleague.user, dt.timedelta(days=days))


@require_POST
@staff_needs(ProviderRight.CUSTOMERS)
def portal(request: StaffRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """Open or close the portal to a customer's people."""
    place = get_object_or_404(Workspace, provider=request.provider, pk=workspace_id)
    try:
        workspaces.set_portal(place, request.POST.get("portal", ""), by=request.staff)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{place.name}: {place.get_portal_display()}.")
    return _back(request)


def _open(
    request: StaffRequest, workspace_id: uuid.UUID, to: User, time: dt.timedelta
) -> HttpResponse:
    workspace = get_object_or_404(
        Workspace.objects.select_related("provider"),
        provider=request.provider,
        pk=workspace_id,
    )
    try:
        row = people.open_access(
            workspace,
            to=to,
            role=request.POST.get("role", Role.ANALYST),
            time=time,
            reason=request.POST.get("reason", ""),
            by=request.staff,
        )
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        end = row.expires_at
        messages.success(request, f"{to} gets in until {end:%d %b %Y, %H:%M} UTC.")
    return _back(request)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _back(request: StaffRequest) -> HttpResponse:
    return redirect("tenants:provider", provider=request.provider.slug)
