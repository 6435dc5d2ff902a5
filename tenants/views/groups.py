"""Groups of a provider: holdings, the customers in them and their people."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from tenants.access import StaffRequest, staff_needs
from tenants.models import (
    Group,
    GroupSeat,
    InvitationState,
    ProviderInvitation,
    Workspace,
)
from tenants.rights import ProviderRight
from tenants.services import groups, provider_invitations, seats
from tenants.views.staff import act, id_of

BACK = "tenants:groups"


@dataclass(frozen=True, slots=True)
class Holding:
    """One group with what is in it."""

    group: Group
    customers: list[Workspace]
    seats: list[GroupSeat]
    invitations: list[ProviderInvitation]


@require_safe
@staff_needs(ProviderRight.GROUPS)
def all_groups(request: StaffRequest) -> HttpResponse:
    """Show the groups, and every customer's place in them."""
    customers = list(
        Workspace.objects.filter(provider=request.provider).order_by("name")
    )
    taken = list(_seats(request).order_by("user__name"))
    invited = list(_invitations(request).order_by("email"))
    rows = Group.objects.filter(provider=request.provider).order_by("name")
    context: dict[str, Any] = {
        "provider": request.provider,
        "customers": customers,
        "groups": [
            Holding(
                group,
                [each for each in customers if each.group_id == group.pk],
                [each for each in taken if each.group_id == group.pk],
                [each for each in invited if each.group_id == group.pk],
            )
            for group in rows
        ],
    }
    return render(request, "tenants/provider/groups.html", context)


@require_POST
@staff_needs(ProviderRight.GROUPS)
def make_group(request: StaffRequest) -> HttpResponse:
    """Make a group."""
    return act(
        request,
        lambda: groups.make(
            request.POST.get("name", ""),
            slug=request.POST.get("slug", ""),
            by=request.staff,
        ),
        "The group is there. Put customers into it.",
        back=BACK,
    )


@require_POST
@staff_needs(ProviderRight.GROUPS)
def rename_group(request: StaffRequest, group_id: uuid.UUID) -> HttpResponse:
    """Give a group another name."""
    group, name = _group(request, group_id), request.POST.get("name", "")
    return act(
        request,
        lambda: groups.rename(group, name, by=request.staff),
        "The group has another name.",
        back=BACK,
    )


@require_POST
@staff_needs(ProviderRight.GROUPS)
def remove_group(request: StaffRequest, group_id: uuid.UUID) -> HttpResponse:
    """Dissolve a group."""
    group = _group(request, group_id)
    return act(
        request,
        lambda: groups.remove(group, by=request.staff),
        "The group is dissolved.",
        back=BACK,
    )


@require_POST
@staff_needs(ProviderRight.GROUPS)
def place_customer(request: StaffRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """Put a customer into a group, or into none."""
    place = get_object_or_404(Workspace, provider=request.provider, pk=workspace_id)
    named = request.POST.get("group", "")
    group = _group(request, id_of(named)) if named else None
    return act(
        request,
        lambda: groups.place(place, group, by=request.staff),
        f"{place.name} is in {group or 'no group'}.",
        back=BACK,
    )


@require_POST
@staff_needs(ProviderRight.GROUPS)
def invite_viewer(request: StaffRequest, group_id: uuid.UUID) -> HttpResponse:
    """Offer somebody a seat in a group."""
    group = _group(request, group_id)
    return act(
        request,
        lambda: seats.invite(
            request.POST.get("email", ""),
            group,
            name=request.POST.get("name", ""),
            by=request.staff,
        ),
        "Noted. The mail goes out now; the list says whether it did.",
        back=BACK,
    )


@require_POST
@staff_needs(ProviderRight.GROUPS)
def withdraw_seat(request: StaffRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Take the invitation to a seat back."""
    row = get_object_or_404(_invitations(request), pk=invitation_id)
    return act(
        request,
        lambda: provider_invitations.withdraw(row, by=request.user),
        "The invitation is withdrawn.",
        back=BACK,
    )


@require_POST
@staff_needs(ProviderRight.GROUPS)
def send_seat(request: StaffRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Send the invitation to a seat again, with a fresh link."""
    row = get_object_or_404(_invitations(request), pk=invitation_id)
    return act(
        request,
        lambda: provider_invitations.send_again(row, by=request.staff),
        "A fresh link goes out; the earlier one works no more.",
        back=BACK,
    )


@require_POST
@staff_needs(ProviderRight.GROUPS)
def end_seat(request: StaffRequest, seat_id: uuid.UUID) -> HttpResponse:
    """End a seat."""
    seat = get_object_or_404(_seats(request), pk=seat_id)
    return act(
        request,
        lambda: seats.end(seat, by=request.staff),
        "The person sees nothing any more.",
        back=BACK,
    )


def _group(request: StaffRequest, group_id: uuid.UUID) -> Group:
    return get_object_or_404(
        Group.objects.select_related("provider"), provider=request.provider, pk=group_id
    )


def _seats(request: StaffRequest) -> Any:
    rows = GroupSeat.objects.select_related("user", "group__provider")
    return rows.filter(group__provider=request.provider)


def _invitations(request: StaffRequest) -> Any:
    return ProviderInvitation.objects.filter(
        provider=request.provider, group__isnull=False, state=InvitationState.SENT
    )
