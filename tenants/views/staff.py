"""A provider's own people: who works here, who is invited, who needs a second factor."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from tenants.access import StaffRequest, staff_may, staff_needs
from tenants.models import (
    InvitationState,
    ProviderInvitation,
    ProviderRole,
    Staff,
)
from tenants.rights import ProviderRight
from tenants.services import provider_invitations, staffing


@require_safe
@staff_needs(ProviderRight.LOOK)
def staff(request: StaffRequest) -> HttpResponse:
    """Show who works here; administrators change it."""
    rows = Staff.objects.filter(provider=request.provider).select_related("user")
    may_employ = staff_may(request.staff, ProviderRight.EMPLOY)
    context: dict[str, Any] = {
        "provider": request.provider,
        "me": request.staff,
        "rows": rows.order_by("user__name", "user__email"),
        "invitations": _posts(request).order_by("email") if may_employ else (),
        "roles": ProviderRole.choices,
        "may_employ": may_employ,
        "may_secure": staff_may(request.staff, ProviderRight.SECURE),
        "second": [
            (role, role.label, role in request.provider.second_factor_roles)
            for role in ProviderRole
        ],
    }
    return render(request, "tenants/provider/staff.html", context)


@require_POST
@staff_needs(ProviderRight.EMPLOY)
def invite_colleague(request: StaffRequest) -> HttpResponse:
    """Offer somebody a post."""
    return act(
        request,
        lambda: staffing.invite(
            request.POST.get("email", ""),
            request.POST.get("role", ""),
            name=request.POST.get("name", ""),
            by=request.staff,
        ),
        "Noted. The mail goes out now; the list says whether it did.",
    )


@require_POST
@staff_needs(ProviderRight.EMPLOY)
def change_colleague(request: StaffRequest, staff_id: uuid.UUID) -> HttpResponse:
    """Give a colleague another role."""
    return act(
        request,
        lambda: staffing.change(
            staff_id, request.POST.get("role", ""), by=request.staff
        ),
        "The role is changed.",
    )


@require_POST
@staff_needs(ProviderRight.EMPLOY)
def remove_colleague(request: StaffRequest, staff_id: uuid.UUID) -> HttpResponse:
    """End a colleague's employment."""
    return act(
        request,
        lambda: staffing.remove(staff_id, by=request.staff),
        "The employment, all access to customers and all sessions have ended.",
    )


@require_POST
@staff_needs(ProviderRight.EMPLOY)
def withdraw_post(request: StaffRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Take the invitation of a colleague back."""
    row = get_object_or_404(_posts(request), pk=invitation_id)
    return act(
        request,
        lambda: provider_invitations.withdraw(row, by=request.user),
        "The invitation is withdrawn.",
    )


@require_POST
@staff_needs(ProviderRight.EMPLOY)
def send_post(request: StaffRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Send the invitation of a colleague again, with a fresh link."""
    row = get_object_or_404(_posts(request), pk=invitation_id)
    return act(
        request,
        lambda: provider_invitations.send_again(row, by=request.staff),
        "A fresh link goes out; the earlier one works no more.",
    )


@require_POST
@staff_needs(ProviderRight.SECURE)
def staff_second_factor(request: StaffRequest) -> HttpResponse:
    """Say which of the provider's roles need a second factor."""
    roles = request.POST.getlist("roles")
    return act(
        request,
        lambda: staffing.require_second_factor(roles, by=request.staff),
        "Noted. It counts from the next page on.",
    )


def act(
    request: StaffRequest,
    service: Callable[[], object],
    done: str,
    *,
    back: str = "tenants:staff",
) -> HttpResponse:
    """Do something at a provider, say how it went and go back to a page of it."""
    attempt(request, service, done)
    return redirect(back, provider=request.provider.slug)


def id_of(text: str) -> uuid.UUID:
    """Return an id that a form names; what is none is not found."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


def _posts(request: StaffRequest) -> Any:
    return ProviderInvitation.objects.filter(
        provider=request.provider, group=None, state=InvitationState.SENT
    )
