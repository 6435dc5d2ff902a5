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
from tenants import doors
from tenants.models import IdentityProvider, Invitation, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import invitations
from tenants.services.sign_on import identities, providers, questions
from tenants.services.sign_on.questions import Waiting
from tenants.services.sign_on.sessions import only
from tenants.views.sso_link import arrival_of

GONE, UNPROCESSABLE = 404, 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, workspace: str, token: str) -> HttpResponse:
    """Show an invitation; a POST accepts it. Looking at it changes nothing."""
    too_many: HttpResponse | None = consume_or_429(request, action="join")
    if too_many is not None:
        return too_many
    if only(request) is not None:  # another customer's sign-in takes no places here
        return doors.elsewhere(request)
    place = Workspace.objects.select_related("provider").filter(slug=workspace).first()
    if place is None:
        return _gone(request)
    with workspace_scope(place.pk):
        row = invitations.find(token)
        if row is None:
            return _gone(request)
        user = request.user if isinstance(request.user, User) else None
        known = User.objects.filter(email=row.email).exists()
        waits = None if user or known else _waiting_for(request, row)
        if request.method == "POST":
            return _accept(request, place, row, token, waits)
        context: dict[str, Any] = {
            "place": place,
            "row": row,
            "user": user,
            "known": known,
            "waits": waits,
            "companies": [] if user or known else providers.configured(),
        }
        if user is None and known:
            back = {"next": request.path}
            context["login_url"] = f"{reverse('account_login')}?{urlencode(back)}"
        return render(request, "tenants/join.html", context)


join.open_to_all = True  # type: ignore[attr-defined]  # see tenants.middleware


def _accept(
    request: HttpRequest,
    place: Workspace,
    row: Invitation,
    token: str,
    waits: Waiting | None,
) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    if user is not None and user.email != row.email:
        logout(request)
        return redirect(request.path)
    through = waits is not None and request.POST.get("through") == "1"
    try:
        if user is None:
            user = invitations.make_account(
                token,
                name=request.POST.get("name", ""),
                password=None if through else request.POST.get("password", ""),
            )
        invitations.accept(token, user=user)
        if waits is not None and through:
            _enter(request, user, waits)
    except DomainError as error:
        context = {
            "place": place,
            "row": row,
            "error": str(error),
            "user": None,
            "waits": waits,
        }
        return render(request, "tenants/join.html", context, status=UNPROCESSABLE)
    return redirect("workflows:today", workspace=place.slug)


def _waiting_for(request: HttpRequest, row: Invitation) -> Waiting | None:
    """Return who came through this workspace's sign-in with the invited address."""
    waits = questions.waiting(request)
    if waits is None or waits.email != row.email:
        return None
    here = IdentityProvider.objects.filter(pk=questions.provider_id(waits))
    return waits if here.exists() else None


def _enter(request: HttpRequest, user: User, waits: Waiting) -> None:
    """Link the new account, which nothing else hangs on, and sign it in."""
    provider = IdentityProvider.objects.get(pk=questions.provider_id(waits))
    identities.link(provider, subject=waits.subject, user=user, proof="invitation")
    doors.enter_by(request, user, provider, arrival_of(waits))
    identities.note_entry(provider, user, again=False)
    questions.wait_no_more(request)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "tenants/join_gone.html", status=GONE)
