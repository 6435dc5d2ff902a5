"""Linking an account to the company's sign-in: once, by its own person."""

import datetime as dt
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.errors import DomainError
from tenants import doors
from tenants.logic.arrivals import Arrival
from tenants.models import IdentityProvider, User, Workspace
from tenants.scope import workspace_scope
from tenants.services.fresh import ask_again, authenticated
from tenants.services.sign_on import identities, questions
from tenants.services.sign_on.questions import Waiting
from tenants.services.sign_on.sessions import only

FORBIDDEN, UNPROCESSABLE = 403, 422
PAGE = "tenants/sign_on/link.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, workspace: str) -> HttpResponse:
    """Ask the person whom the company named; a POST links. Looking changes nothing.

    They show a factor of their own first. A company's word for a mail address is no
    proof: whoever runs its sign-in can write any address into it.
    """
    waits = questions.waiting(request)
    place = Workspace.objects.filter(slug=workspace).first()
    if waits is None or place is None:
        return _failed(request)
    if not isinstance(request.user, User):
        return redirect_to_login(request.path)
    with workspace_scope(place.pk):
        row = IdentityProvider.objects.filter(pk=waits.provider).first()
        if row is None:
            return _failed(request)
        context = {"place": place, "row": row, "waits": waits}
        if request.user.email != waits.email or only(request) is not None:
            return render(request, PAGE, {**context, "other": True}, status=FORBIDDEN)
        if request.method == "POST":
            return _link(request, row, waits, context)
        return render(request, PAGE, context)


link.open_to_all = True  # type: ignore[attr-defined]  # see tenants.middleware


def _link(
    request: HttpRequest,
    row: IdentityProvider,
    waits: Waiting,
    context: dict[str, Any],
) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101 - signed in, see the caller
    shown = authenticated(request, now=timezone.now())
    if not shown.is_fresh:
        return ask_again(request, back_to=request.path)
    proof = ", ".join(shown.factors)
    try:
        identities.link(row, subject=waits.subject, user=request.user, proof=proof)
    except DomainError as error:
        page = {**context, "error": str(error)}
        return render(request, PAGE, page, status=UNPROCESSABLE)
    doors.enter_by(request, request.user, row, arrival_of(waits))
    questions.wait_no_more(request)
    return redirect(waits.onward)


def _failed(request: HttpRequest) -> HttpResponse:
    return render(request, "tenants/sign_on/failed.html", status=FORBIDDEN)


def arrival_of(waits: Waiting) -> Arrival:
    """Return what the identity provider had said of somebody who waited."""
    return Arrival(
        subject=waits.subject,
        email=waits.email,
        email_is_verified=None,
        name=waits.name,
        at=dt.datetime.fromtimestamp(waits.at, dt.UTC) if waits.at else None,
        contexts=frozenset(waits.contexts),
        message_id="",
    )
