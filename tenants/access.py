"""The one door: who is a member, and who is let in."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from tenants.models import (
    ActingAs,
    Membership,
    Portal,
    Provider,
    ProviderRole,
    Role,
    Staff,
    User,
    Workspace,
)
from tenants.rights import (
    ADMIN_RIGHTS,
    KEPT,
    LOOKING,
    PROVIDER_RIGHTS,
    RIGHTS,
    WHOLE_WORKSPACE,
    ProviderRight,
    Right,
)

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request under /w/<workspace>/: the middleware found the membership."""

    user: User
    htmx: HtmxDetails
    workspace: Workspace
    membership: Membership
    acting_as: ActingAs | None


class StaffRequest(HttpRequest):
    """A request under /p/<provider>/: the middleware found the employment."""

    user: User
    htmx: HtmxDetails
    provider: Provider
    staff: Staff


def membership_or_404(user: User, slug: str) -> Membership:
    """Return the membership of `user` in the workspace; a stranger learns nothing."""
    membership = (
        Membership.objects.current()
        .select_related("workspace", "workspace__provider")
        .filter(user=user, workspace__slug=slug)
        .first()
    )
    if membership is None:
        raise Http404
    membership.user = user  # known already; services need not read it again
    return membership


def staff_or_404(user: User, slug: str) -> Staff:
    """Return the employment of `user` at the provider; a stranger learns nothing."""
    staff = (
        Staff.objects.select_related("provider")
        .filter(user=user, provider__slug=slug, user__is_active=True)
        .first()
    )
    if staff is None:
        raise Http404
    staff.user = user
    return staff


def may(membership: Membership, right: Right) -> bool:
    """Whether the member has the right, by the role or as an administrator.

    A portal that is not open leaves the customer's people less, see `left_by`. A scope
    of some sites leaves nobody what reaches over all of them. The membership's
    `workspace` must be loaded.
    """
    if membership.site_ids and right in WHOLE_WORKSPACE:
        return False
    if not membership.is_provider and right not in left_by(
        Portal(membership.workspace.portal), is_admin=membership.is_admin
    ):
        return False
    if membership.is_admin and right in ADMIN_RIGHTS:
        return True
    return Role(membership.role) in RIGHTS[right]


def left_by(portal: Portal, *, is_admin: bool) -> frozenset[Right]:
    """Return the rights that a portal of this level leaves the customer's people."""
    kept = KEPT if is_admin else frozenset()
    if portal == Portal.FULL:
        return frozenset(Right)
    if portal == Portal.READ:
        return LOOKING | {Right.LEAVE} | kept
    return kept


def staff_may(staff: Staff, right: ProviderRight) -> bool:
    """Whether the employee's role has the right."""
    return ProviderRole(staff.role) in PROVIDER_RIGHTS[right]


Request = TypeVar("Request", bound=HttpRequest)
# What a page is: it takes a member's or an employee's request and answers. Django calls
# it untyped.
Page = Callable[Concatenate[Request, P], HttpResponseBase]
Checked = Callable[..., HttpResponseBase]


def needs(right: Right) -> Callable[[Page[MemberRequest, P]], Checked]:
    """Let only members who have `right` in; others get a 403 that names it."""
    return guarded(
        right,
        lambda request: may(request.membership, right),
        "The administrator of the workspace can grant it.",
    )


def staff_needs(right: ProviderRight) -> Callable[[Page[StaffRequest, P]], Checked]:
    """Let only employees whose role has `right` in; others get a 403 that names it."""
    return guarded(
        right,
        lambda request: staff_may(request.staff, right),
        "An administrator of the provider can.",
    )


def guarded(
    right: models.TextChoices,
    allowed: Callable[[Request], bool],
    who_can: str,
) -> Callable[[Page[Request, P]], Checked]:
    """Let only requests in that are allowed; others get a 403 that names the right."""

    def decorate(view: Page[Request, P]) -> Checked:
        @wraps(view)
        def checked(
            request: Request, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not allowed(request):
                raise PermissionDenied(f"Your role may not {right.label}. {who_can}")
            return view(request, *args, **kwargs)

        checked.right = right  # type: ignore[attr-defined]  # tests walk over all routes
        return checked

    return decorate
