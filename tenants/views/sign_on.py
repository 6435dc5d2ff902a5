"""The page of a workspace about its sign-in: identity providers, and whether they must."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError, InvalidInput, NotAllowed
from tenants.access import MemberRequest, may, needs
from tenants.forms.sign_on import FORMS, SignOnForm, changing
from tenants.models import Identity, IdentityKind, IdentityProvider
from tenants.rights import Right
from tenants.services.sign_on import identities, providers
from tenants.services.sign_on.sessions import came_through
from tenants.services.sign_on.setup import fingerprints

UNPROCESSABLE = 422


@require_safe
@needs(Right.ACCESS)
def sign_on(request: MemberRequest) -> HttpResponse:
    """Show how the customer's people sign in through their company."""
    return _page(request)


@require_POST
@needs(Right.SIGN_ON)
def add(request: MemberRequest, kind: str) -> HttpResponse:
    """Set up an identity provider."""
    form = FORMS[kind](request.POST, auto_id=f"id_{kind}_%s")
    if form.is_valid():
        try:
            providers.add(kind, form.setup(), by=request.membership)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, "Set up. Try it before you ask everybody for it.")
            return _back(request)
    return _page(request, refused={kind: form})


@require_POST
@needs(Right.SIGN_ON)
def change(request: MemberRequest, identity_provider: uuid.UUID) -> HttpResponse:
    """Change an identity provider; a secret that is left empty stays."""
    row = IdentityProvider.objects.filter(pk=identity_provider).first()
    if row is None:
        raise Http404
    form = changing(row, request.POST)
    if form.is_valid():
        try:
            providers.change(row.pk, form.setup(), by=request.membership)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, "Changed.")
            return _back(request)
    return _page(request, refused={str(row.pk): form})


@require_POST
@needs(Right.SIGN_ON)
def remove(request: MemberRequest, identity_provider: uuid.UUID) -> HttpResponse:
    """Remove an identity provider; sessions that came through it end."""
    return _do(
        request,
        lambda: providers.remove(identity_provider, by=request.membership),
        "Removed. Whoever came through it is signed out.",
    )


@require_POST
@needs(Right.SIGN_ON)
def require(request: MemberRequest) -> HttpResponse:
    """Ask the customer's own people to come in through the company, or no more."""
    proven = came_through(request, request.workspace.pk) is not None
    required = request.POST.get("required") == "1"
    return _do(
        request,
        lambda: providers.require(
            required=required, by=request.membership, proven=proven
        ),
        "Noted. It counts from the next page on.",
    )


@require_POST
@needs(Right.SIGN_ON)
def unlink(request: MemberRequest, identity: uuid.UUID) -> HttpResponse:
    """Undo somebody's link."""
    return _do(
        request,
        lambda: identities.unlink(identity, by=request.membership),
        "Undone. Their sessions through the company have ended.",
    )


def _do(
    request: MemberRequest, service: Callable[[], object], done: str
) -> HttpResponse:
    try:
        service()
    except (IdentityProvider.DoesNotExist, Identity.DoesNotExist) as error:
        raise Http404 from error
    except InvalidInput as error:
        messages.error(request, str(error))
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return _back(request)


def _back(request: MemberRequest) -> HttpResponse:
    return redirect("tenants:sign-on", workspace=request.workspace.slug)


def _page(
    request: MemberRequest, *, refused: dict[str, SignOnForm] | None = None
) -> HttpResponse:
    me, refused = request.membership, refused or {}
    can = may(me, Right.SIGN_ON)
    base = f"{settings.SITE_URL}/sso/{request.workspace.slug}/"
    rows = [
        {
            "row": row,
            "here": f"{base}{row.pk}/",
            "prints": fingerprints(row.certificates),
            "form": refused.get(str(row.pk)) or (changing(row) if can else None),
        }
        for row in providers.configured()
    ]
    linked = Identity.objects.select_related("user", "provider")
    context: dict[str, Any] = {
        "rows": rows,
        "base": base,
        "can": can,
        "links": linked.order_by("user__name") if can else linked.filter(user=me.user),
        "new": [
            (
                kind,
                kind.label,
                refused.get(kind) or FORMS[kind](auto_id=f"id_{kind}_%s"),
            )
            for kind in IdentityKind
            if can
        ],
        "came_through": came_through(request, request.workspace.pk) is not None,
    }
    status = UNPROCESSABLE if refused else 200
    return render(request, "tenants/sign_on/settings.html", context, status=status)
