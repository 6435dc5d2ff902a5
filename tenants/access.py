"""The one door: who is a member, and which roles may do what."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from tenants.models import Membership, Role, User, Workspace

P = ParamSpec("P")


class Right(models.TextChoices):
    """One thing a member may do; the table below is printed in the docs."""

    READ = "read", "read everything of the workspace"
    OPERATE = "operate", "start runs, describe the plant and edit the scope"
    STOP = "stop", "stop a run"
    AUTHORISE = "authorise", "sign an authorisation to scan"
    PROPOSE = "propose", "propose a treatment"
    SIGN = "sign", "sign for the own side"
    CLAIM = "claim", "say that a treatment was carried out"
    RETEST = "retest", "ask for a re-test"
    NOTIFY = "notify", "edit notifications"


RIGHTS: dict[Right, frozenset[Role]] = {
    Right.READ: frozenset(Role),
    Right.OPERATE: frozenset({Role.ANALYST, Role.MANAGER}),
    Right.STOP: frozenset(Role) - {Role.AUDITOR},
    Right.AUTHORISE: frozenset({Role.OWNER, Role.APPROVER}),
    Right.PROPOSE: frozenset({Role.ANALYST, Role.MANAGER, Role.OWNER}),
    Right.SIGN: frozenset({Role.OWNER, Role.APPROVER}),
    Right.CLAIM: frozenset({Role.OWNER}),
    Right.RETEST: frozenset({Role.ANALYST, Role.MANAGER, Role.OWNER, Role.PORTAL}),
    Right.NOTIFY: frozenset({Role.ANALYST, Role.MANAGER}),
}


class MemberRequest(HttpRequest):
    """A request under /w/<workspace>/: the middleware found the membership."""

    user: User
    htmx: HtmxDetails
    workspace: Workspace
    membership: Membership


def membership_or_404(user: User, slug: str) -> Membership:
    """Return the membership of `user` in the workspace; a stranger learns nothing."""
    membership = (
        Membership.objects.select_related("workspace", "workspace__provider")
        .filter(user=user, workspace__slug=slug, user__is_active=True)
        .first()
    )
    if membership is None:
        raise Http404
    membership.user = user  # known already; services need not read it again
    return membership


def may(membership: Membership, right: Right) -> bool:
    """Whether the member's role has the right."""
    return Role(membership.role) in RIGHTS[right]


# What a page is: it takes a member's request and answers. Django calls it untyped.
Page = Callable[Concatenate[MemberRequest, P], HttpResponse]


def needs(right: Right) -> Callable[[Page[P]], Callable[..., HttpResponse]]:
    """Let only members whose role has `right` in; others get a 403 that names it."""

    def decorate(view: Page[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(
            request: MemberRequest, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            if not may(request.membership, right):
                raise PermissionDenied(
                    f"Your role may not {right.label}. "
                    "The administrator of the workspace can grant it."
                )
            return view(request, *args, **kwargs)

        checked.right = right  # type: ignore[attr-defined]  # tests walk over all routes
        return checked

    return decorate
