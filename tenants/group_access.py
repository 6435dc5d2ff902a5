"""The door of a group: who has a seat in it, and what a seat shows."""

from collections.abc import Callable
from typing import ParamSpec

from django.db import models
from django.http import Http404, HttpRequest
from django_htmx.middleware import HtmxDetails

from tenants.access import Checked, Page, guarded
from tenants.models import Group, GroupRole, GroupSeat, User

P = ParamSpec("P")


class GroupRight(models.TextChoices):
    """One thing a person of a group may do; none of them opens a workspace."""

    COUNTS = "counts", "see the counts of the customers that share them with the group"


GROUP_RIGHTS: dict[GroupRight, frozenset[GroupRole]] = {
    GroupRight.COUNTS: frozenset(GroupRole),
}


class SeatRequest(HttpRequest):
    """A request under /g/<group>/: the middleware found the seat."""

    user: User
    htmx: HtmxDetails
    group: Group
    seat: GroupSeat


def seat_or_404(user: User, slug: str) -> GroupSeat:
    """Return the seat of `user` in the group; a stranger learns nothing."""
    rows = GroupSeat.objects.select_related("group__provider")
    seat = rows.filter(user=user, group__slug=slug, user__is_active=True).first()
    if seat is None:
        raise Http404
    return seat


def seat_needs(right: GroupRight) -> Callable[[Page[SeatRequest, P]], Checked]:
    """Let only people of the group whose role has `right` in."""
    return guarded(
        right,
        lambda request: GroupRole(request.seat.role) in GROUP_RIGHTS[right],
        "The provider can change it.",
    )
