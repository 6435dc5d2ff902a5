"""Signing in through the company: the door of a workspace, there and back."""

import datetime as dt
import logging
import secrets
import time
import uuid
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from common.errors import DomainError
from common.plain_text import one_line
from tenants import doors
from tenants.logic.arrivals import Arrival, NotBelieved, check_asked_again
from tenants.models import IdentityKind, IdentityProvider, Workspace
from tenants.scope import workspace_scope
from tenants.services.sign_on import identities, openid, providers, questions, saml
from tenants.services.sign_on.questions import Asked, Waiting
from tenants.services.sign_on.sessions import only

log = logging.getLogger(__name__)
FORBIDDEN, GONE, TOO_MANY = 403, 404, 429
TICKET_SECONDS = 60
MAX_REASON = 300


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
    place, row, _ = _found(workspace, identity_provider)
    asked = Asked(
        provider=str(row.pk),
        onward=questions.safe_onward(request.POST.get("next", ""), slug=place.slug),
        again=request.POST.get("again") == "1",
        at=time.time(),
        nonce=questions.new_secret(),
        verifier=questions.new_secret(),
    )
    here = _here(place, row)
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
        return _failed(request, f"{row.name} does not answer. Try again later.")
    questions.remember(request, name, asked)
    # Our policy lets forms go nowhere else, so a page leads on and not an answer.
    return render(request, "tenants/sign_on/onward.html", {"url": where, "row": row})


@never_cache
@require_GET
def callback(
    request: HttpRequest, workspace: str, identity_provider: uuid.UUID
) -> HttpResponse:
    """Take the answer of an OpenID provider."""
    place, row, secret = _found(workspace, identity_provider)
    name = request.GET.get("state", "")
    asked = questions.take(request, name, row)
    if row.kind != IdentityKind.OIDC or asked is None:
        return _failed(request)
    try:
        answer = request.GET.dict()
        question = _question(name, asked, _here(place, row))
        arrival = openid.read_answer(row, question, answer, secret=secret)
        return _arrived(request, place, row, asked, arrival)
    except NotBelieved as error:
        return _refused(request, place, row, error)


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
    place, row, _ = _found(workspace, identity_provider)
    said = request.POST.get("SAMLResponse", "")
    if row.kind != IdentityKind.SAML or not 0 < len(said) <= saml.MAX_RESPONSE:
        return _failed(request)
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
    place, row, _ = _found(workspace, identity_provider)
    key = _ticket(row, request.GET.get("ticket", "")[:100])
    said = cache.get(key)
    cache.delete(key)
    if not isinstance(said, str):
        return _failed(request)
    try:
        answer = saml.Answer(row, said, here=_here(place, row))
    except NotBelieved:
        return _failed(request)  # whose it is was not to be read
    asked = questions.take(request, answer.question, row)
    if asked is None:
        return _failed(request)
    try:
        return _arrived(request, place, row, asked, answer.read())
    except NotBelieved as error:
        return _refused(request, place, row, error)


@require_safe
def metadata(
    request: HttpRequest,  # noqa: ARG001 - what Django calls a view with
    workspace: str,
    identity_provider: uuid.UUID,
) -> HttpResponse:
    """Describe us to a SAML provider."""
    place, row, _ = _found(workspace, identity_provider)
    if row.kind != IdentityKind.SAML:
        raise Http404
    text = saml.metadata(row, here=_here(place, row))
    return HttpResponse(text, content_type="application/samlmetadata+xml")


_public: list[Any] = [sso, door, start, callback, acs, finish, metadata]
for _view in _public:
    _view.open_to_all = True  # see tenants.middleware


def _arrived(
    request: HttpRequest,
    place: Workspace,
    row: IdentityProvider,
    asked: Asked,
    arrival: Arrival,
) -> HttpResponse:
    """Sign somebody in who is linked; let others prove who they are."""
    if asked.again:
        asked_at = dt.datetime.fromtimestamp(asked.at, dt.UTC)
        check_asked_again(arrival, asked_at=asked_at)
    with workspace_scope(place.pk):
        try:
            identity = identities.find(row, arrival)
            if identity is None:
                return _first_time(request, row, asked, arrival)
            user = identities.admit(identity)
        except DomainError as error:
            identities.note_refusal(row, str(error))
            return _failed(request, str(error))
        if asked.again and request.user != user:
            identities.note_refusal(row, "It named another person than asked for.")
            return _failed(request)
        doors.enter_by(request, user, row, arrival)
        identities.note_entry(row, user, again=asked.again)
    return redirect(asked.onward)


def _first_time(
    request: HttpRequest, row: IdentityProvider, asked: Asked, arrival: Arrival
) -> HttpResponse:
    """Lead somebody who is not linked to where they prove who they are."""
    user = identities.candidate(row, arrival)
    if user is not None and not identities.needs_proof(user):
        identities.link(row, subject=arrival.subject, user=user, proof="invitation")
        doors.enter_by(request, user, row, arrival)
        identities.note_entry(row, user, again=False)
        return redirect(asked.onward)
    if user is None and not asked.onward.startswith("/join/"):
        raise identities.NoPlace(
            f"{row.name} knows you, but you have no place here. "
            "Ask the administrator of your workspace."
        )
    questions.let_wait(request, _waiting(row, asked, arrival))
    if user is None:
        return redirect(asked.onward)
    slug = Workspace.objects.values_list("slug", flat=True).get(pk=row.workspace_id)
    return redirect("tenants:sso-link", workspace=slug)


def _waiting(row: IdentityProvider, asked: Asked, arrival: Arrival) -> Waiting:
    return Waiting(
        provider=str(row.pk),
        subject=arrival.subject,
        email=arrival.email,
        name=arrival.name,
        onward=asked.onward,
        at=arrival.at.timestamp() if arrival.at else 0.0,
        contexts=sorted(arrival.contexts),
        until=time.time() + questions.LASTS,
    )


def _found(slug: str, pk: uuid.UUID) -> tuple[Workspace, IdentityProvider, str]:
    """Return the workspace, its identity provider and the client secret, or 404."""
    place = Workspace.objects.filter(slug=slug).first()
    if place is None:
        raise Http404
    with workspace_scope(place.pk):
        row = IdentityProvider.objects.filter(pk=pk).first()
        if row is None:
            raise Http404
        return place, row, providers.secret_of(row)


def _here(place: Workspace, row: IdentityProvider) -> str:
    """Return our address for one identity provider, whatever the Host header says."""
    return f"{settings.SITE_URL}/sso/{place.slug}/{row.pk}/"


def _question(name: str, asked: Asked, here: str) -> openid.Question:
    return openid.Question(
        state=name,
        nonce=asked.nonce,
        verifier=asked.verifier,
        callback=f"{here}callback/",
        again=asked.again,
    )


def _ticket(row: IdentityProvider, ticket: str) -> str:
    return f"sso-answer:{row.workspace_id}:{row.pk}:{ticket}"


def _nowhere(request: HttpRequest) -> HttpResponse:
    return render(request, "tenants/sign_on/nowhere.html", status=GONE)


def _failed(request: HttpRequest, why: str = "") -> HttpResponse:
    return render(
        request, "tenants/sign_on/failed.html", {"why": why}, status=FORBIDDEN
    )


def _refused(
    request: HttpRequest, place: Workspace, row: IdentityProvider, error: NotBelieved
) -> HttpResponse:
    """Keep the reason for the customer's ledger; the page says that it did not work."""
    reason = one_line(str(error), limit=MAX_REASON)
    log.warning("Single sign-on of %s refused: %s", place.slug, reason)
    with workspace_scope(place.pk):
        identities.note_refusal(row, reason)
    return _failed(request)
