"""Accepting an invitation: the link proves the mailbox, a click accepts."""

from typing import Any

from allauth.core.ratelimit import consume_or_429
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.errors import DomainError
from tenants.models import Invitation, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import invitations

GONE, UNPROCESSABLE = 404, 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, workspace: str, token: str) -> HttpResponse:
    """Show an invitation; a POST accepts it. Looking at it changes nothing."""
    too_many: HttpResponse | None = consume_or_429(request, action="join")
    if too_many is not None:
        return too_many
    place = Workspace.objects.select_related("provider").filter(slug=workspace).first()
    if place is None:
        return _gone(request)
    with workspace_scope(place.pk):
        row = invitations.find(token)
        if row is None:
            return _gone(request)
        user = request.user if isinstance(request.user, User) else None
        known = User.objects.filter(email=row.email).exists()
        if request.method == "POST":
            return _accept(request, place, row, token)
        context: dict[str, Any] = {
            "place": place,
            "row": row,
            "user": user,
            "known": known,
        }
        if user is None and known:
            back = {"next": request.path}
            context["login_url"] = f"{reverse('account_login')}?{urlencode(back)}"
        return render(request, "tenants/join.html", context)


join.open_to_all = True  # type: ignore[attr-defined]  # see tenants.middleware


def _accept(
    request: HttpRequest, place: Workspace, row: Invitation, token: str
) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    if user is not None and user.email != row.email:
        logout(request)
        return redirect(request.path)
    try:
        if user is None:
            user = invitations.make_account(
                token,
                name=request.POST.get("name", ""),
                password=request.POST.get("password", ""),
            )
        invitations.accept(token, user=user)
    except DomainError as error:
        context = {"place": place, "row": row, "error": str(error), "user": None}
        return render(request, "tenants/join.html", context, status=UNPROCESSABLE)
    return redirect("workflows:today", workspace=place.slug)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "tenants/join_gone.html", status=GONE)
