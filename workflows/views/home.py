"""The start page: it only knows where a person goes on."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from tenants.models import GroupSeat, Membership, User


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send the provider's people to their customers, and others to plant or group."""
    user = request.user
    if isinstance(user, AnonymousUser):  # the decorator has turned them away
        return redirect("account_login")
    first = _own_workplace(user)
    seat = None if first else _first_seat(user)
    if seat is not None:
        return redirect("workflows:group", group=seat.group.slug)
    if first is None or first.is_provider:
        return redirect("workflows:customers")
    return redirect("workflows:today", workspace=first.workspace.slug)


def _own_workplace(user: User) -> Membership | None:
    """Return a membership, one for the provider before all others."""
    rows = list(
        Membership.objects.select_related("workspace")
        .filter(user=user)
        .order_by("workspace__name")
    )
    return next((row for row in rows if row.is_provider), rows[0] if rows else None)


def _first_seat(user: User) -> GroupSeat | None:
    rows = GroupSeat.objects.select_related("group").filter(user=user)
    return rows.order_by("group__name").first()
