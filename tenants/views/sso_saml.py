"""Signing in through the company with SAML: the answer that comes by a form."""

import secrets
import uuid
from typing import Any

from allauth.core import ratelimit
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from tenants.logic.arrivals import NotBelieved
from tenants.models import IdentityKind, IdentityProvider
from tenants.services.sign_on import questions, saml
from tenants.views.sso_arrivals import arrived, failed, found, ours_for, refused

TOO_MANY = 429
TICKET_SECONDS = 60


@csrf_exempt
@never_cache
@require_POST
def acs(
    request: HttpRequest, workspace: str, identity_provider: uuid.UUID
) -> HttpResponse:
    """Take the answer of a SAML provider aside: no cookie comes with it.

    It comes by a form of another site. A minute later at most the browser fetches the
    next page by itself, and then its session is there.
    """
    if not ratelimit.consume(request, action="sign_on"):
        return render(request, "429.html", status=TOO_MANY)
    place, row, _ = found(workspace, identity_provider)
    said = request.POST.get("SAMLResponse", "")
    if row.kind != IdentityKind.SAML or not 0 < len(said) <= saml.MAX_RESPONSE:
        return failed(request)
    ticket = secrets.token_urlsafe(32)
    cache.set(_ticket(row, ticket), said, TICKET_SECONDS)
    path = reverse("tenants:sso-finish", args=[place.slug, row.pk])
    return redirect(f"{path}?ticket={ticket}")


@never_cache
@require_GET
def finish(
    request: HttpRequest, workspace: str, identity_provider: uuid.UUID
) -> HttpResponse:
    """Read the answer of a SAML provider, once."""
    place, row, _ = found(workspace, identity_provider)
    key = _ticket(row, request.GET.get("ticket", "")[:100])
    said = cache.get(key)
    cache.delete(key)
    if not isinstance(said, str):
        return failed(request)
    try:
        answer = saml.Answer(row, said, here=ours_for(place, row))
    except NotBelieved:
        return failed(request)  # whose it is was not to be read
    asked = questions.take(request, answer.question, row)
    if asked is None:
        return failed(request)
    try:
        return arrived(request, place, row, asked, answer.read())
    except NotBelieved as error:
        return refused(request, place, row, error)


@require_safe
def metadata(
    request: HttpRequest,  # noqa: ARG001 - what Django calls a view with
    workspace: str,
    identity_provider: uuid.UUID,
) -> HttpResponse:
    """Describe us to a SAML provider."""
    place, row, _ = found(workspace, identity_provider)
    if row.kind != IdentityKind.SAML:
        raise Http404
    text = saml.metadata(row, here=ours_for(place, row))
    return HttpResponse(text, content_type="application/samlmetadata+xml")


def _ticket(row: IdentityProvider, ticket: str) -> str:
    return f"sso-answer:{row.workspace_id}:{row.pk}:{ticket}"


_public: list[Any] = [acs, finish, metadata]
for _view in _public:
    _view.open_to_all = True  # see tenants.middleware
