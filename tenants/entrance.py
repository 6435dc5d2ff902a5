"""What happens at the door of a workspace, before a page is made."""

import uuid
from collections.abc import Callable
from dataclasses import replace

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from tenants.access import may
from tenants.models import ActingAs, Membership, Portal
from tenants.origin import Origin, coming_from, origin
from tenants.services import acting, visits

LOOK = "acting_as"  # in the session: the id of a look that was begun in this browser
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def origin_of(request: HttpRequest) -> Origin:
    """Return what the ledger keeps of a request; trusted proxies are looked through."""
    return Origin(request=uuid.uuid4().hex, ip=address_of(request))


def address_of(request: HttpRequest) -> str:
    """Return the address somebody asks from, behind the proxies that we trust."""
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        # It did not come through the proxies that we trust, or says so falsely.
        return str(request.META.get("REMOTE_ADDR", ""))


def enter(
    request: HttpRequest, membership: Membership, view: Callable[..., object]
) -> Origin:
    """Give the request its membership, or refuse it; runs inside the workspace's scope.

    The provider's visit is written down. Somebody who looks with another person's eyes
    gets that person's membership, and can change nothing.
    """
    request.acting_as = None  # type: ignore[attr-defined]  # see MemberRequest
    if not membership.is_provider:
        if membership.workspace.portal == Portal.OFF:
            _check_closed_portal(membership, view)
        return origin()
    ours = replace(origin(), kind="provider")
    visits.note_visit(membership)
    look = _look_of(request, membership)
    if look is None or getattr(view, "ends_acting", False):
        return ours
    return _with_other_eyes(request, membership, look)


def _check_closed_portal(membership: Membership, view: Callable[..., object]) -> None:
    right = getattr(view, "right", None)
    if right is None or not may(membership, right):
        raise PermissionDenied(
            "The portal of this workspace is closed. Your provider can open it; "
            'administrators still see "Who gets in" and end access there.'
        )


def _look_of(request: HttpRequest, membership: Membership) -> ActingAs | None:
    """Return the look this browser is in; the session names it, the row decides."""
    named = request.session.get(LOOK)
    return acting.current(uuid.UUID(named), by=membership) if named else None


def _with_other_eyes(
    request: HttpRequest, membership: Membership, look: ActingAs
) -> Origin:
    other = (
        Membership.objects.current()
        .select_related("workspace__provider", "user")
        .filter(user_id=look.person_id, workspace_id=membership.workspace_id)
        .first()
    )
    if other is None:  # removed meanwhile: nobody's eyes are left to look with
        acting.end(by=membership)
        return replace(origin(), kind="provider")
    if request.method not in SAFE:
        raise PermissionDenied(
            f"You look at the portal as {other.user}. Looking changes nothing: "
            "end it first, and then act in your own name."
        )
    seen = replace(
        origin(), kind="provider", seen_as=other.user_id, seen_as_name=str(other.user)
    )
    with coming_from(seen):
        acting.note_page(look, by=membership, path=request.path)
    request.membership = other  # type: ignore[attr-defined]  # see MemberRequest
    request.acting_as = look  # type: ignore[attr-defined]  # see MemberRequest
    return seen
