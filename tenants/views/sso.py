"""Signing in through the company: the door of a workspace, and OpenID Connect."""

import logging
import time
import uuid
from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from common.plain_text import one_line
from tenants.logic.arrivals import NotBelieved
from tenants.models import IdentityKind, Workspace
from tenants.scope import workspace_scope
from tenants.services.sign_on import openid, providers, questions, saml
from tenants.services.sign_on.questions import Asked
from tenants.services.sign_on.sessions import only
from tenants.views.sso_arrivals import (
    MAX_REASON,
    arrived,
    failed,
    found,
    ours_for,
    refused,
)

log = logging.getLogger(__name__)
GONE, TOO_MANY = 404, 429


@require_safe
def sso(request: HttpRequest) -> HttpResponse:
    """Ask for the short name of the workspace; every answer leads to a door."""
    slug = request.GET.get("workspace", "").strip().lower()
    if slug.isascii() and slug.replace("-", "").isalnum() and len(slug) <= 50:
        return redirect("tenants:sso-door", workspace=slug)
    return render(request, "tenants/sign_on/ask.html")


@never_cache
@require_safe
def door(request: HttpRequest, workspace: str) -> HttpResponse:
    """Show the identity providers of a workspace; without one it looks like nowhere."""
    place = Workspace.objects.filter(slug=workspace).first()
    if place is None:
        return _nowhere(request)
    with workspace_scope(place.pk):
        rows = providers.configured()
    if not rows:
        return _nowhere(request)
    context = {
        "place": place,
        "rows": rows,
        "onward": questions.safe_onward(request.GET.get("next", ""), slug=place.slug),
        "again": request.user.is_authenticated and only(request) is not None,
    }
    return render(request, "tenants/sign_on/door.html", context)


@never_cache
@require_POST
def start(
    request: HttpRequest, workspace: str, identity_provider: uuid.UUID
) -> HttpResponse:
    """Remember the question and lead to the identity provider."""
    if not ratelimit.consume(request, action="sign_on"):
        return render(request, "429.html", status=TOO_MANY)
    place, row, _ = found(workspace, identity_provider)
    asked = Asked(
        provider=str(row.pk),
        onward=questions.safe_onward(request.POST.get("next", ""), slug=place.slug),
        again=request.POST.get("again") == "1",
        at=time.time(),
        nonce=questions.new_secret(),
        verifier=questions.new_secret(),
    )
    here = ours_for(place, row)
    try:
        if row.kind == IdentityKind.OIDC:
            name = questions.new_secret()
            where = openid.address_to_ask(row, _question(name, asked, here))
        else:
            where, name = saml.address_to_ask(row, here=here, again=asked.again)
    except NotBelieved as error:
        # Anybody may ask, so this fills no ledger.
        log.warning(
            "Single sign-on of %s: %s",
            place.slug,
            one_line(str(error), limit=MAX_REASON),
        )
        return failed(request, f"{row.name} does not answer. Try again later.")
    questions.remember(request, name, asked)
    # Our policy lets forms go nowhere else, so a page leads on and not an answer.
    return render(request, "tenants/sign_on/onward.html", {"url": where, "row": row})


@never_cache
@require_GET
def callback(
    request: HttpRequest, workspace: str, identity_provider: uuid.UUID
) -> HttpResponse:
    """Take the answer of an OpenID provider."""
    place, row, secret = found(workspace, identity_provider)
    name = request.GET.get("state", "")
    asked = questions.take(request, name, row)
    if row.kind != IdentityKind.OIDC or asked is None:
        return failed(request)
    try:
        answer = request.GET.dict()
        question = _question(name, asked, ours_for(place, row))
        arrival = openid.read_answer(row, question, answer, secret=secret)
        return arrived(request, place, row, asked, arrival)
    except NotBelieved as error:
        return refused(request, place, row, error)


def _question(name: str, asked: Asked, here: str) -> openid.Question:
    return openid.Question(
        state=name,
        nonce=asked.nonce,
        verifier=asked.verifier,
        callback=f"{here}callback/",
        again=asked.again,
    )


def _nowhere(request: HttpRequest) -> HttpResponse:
    return render(request, "tenants/sign_on/nowhere.html", status=GONE)


_public: list[Any] = [sso, door, start, callback]
for _view in _public:
    _view.open_to_all = True  # see tenants.middleware
