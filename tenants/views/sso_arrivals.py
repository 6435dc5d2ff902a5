"""What follows when an identity provider has sent somebody back."""

import datetime as dt
import logging
import time
import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from common.errors import DomainError
from common.plain_text import one_line
from tenants import doors
from tenants.logic.arrivals import Arrival, NotBelieved, check_asked_again
from tenants.models import IdentityProvider, Workspace
from tenants.scope import workspace_scope
from tenants.services.sign_on import identities, providers, questions
from tenants.services.sign_on.questions import Asked, Waiting

log = logging.getLogger(__name__)
FORBIDDEN = 403
MAX_REASON = 300


def arrived(
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
            return failed(request, str(error))
        if asked.again and request.user != user:
            identities.note_refusal(row, "It named another person than asked for.")
            return failed(request)
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


def found(slug: str, pk: uuid.UUID) -> tuple[Workspace, IdentityProvider, str]:
    """Return the workspace, its identity provider and the client secret, or 404."""
    place = Workspace.objects.filter(slug=slug).first()
    if place is None:
        raise Http404
    with workspace_scope(place.pk):
        row = IdentityProvider.objects.filter(pk=pk).first()
        if row is None:
            raise Http404
        return place, row, providers.secret_of(row)


def ours_for(place: Workspace, row: IdentityProvider) -> str:
    """Return our address for one identity provider, whatever the Host header says."""
    return f"{settings.SITE_URL}/sso/{place.slug}/{row.pk}/"


def failed(request: HttpRequest, why: str = "") -> HttpResponse:
    """Say that nobody was signed in; `why` is what the person can know of it."""
    return render(
        request, "tenants/sign_on/failed.html", {"why": why}, status=FORBIDDEN
    )


def refused(
    request: HttpRequest, place: Workspace, row: IdentityProvider, error: NotBelieved
) -> HttpResponse:
    """Keep the reason for the customer's ledger; the page says that it did not work."""
    reason = one_line(str(error), limit=MAX_REASON)
    log.warning("Single sign-on of %s refused: %s", place.slug, reason)
    with workspace_scope(place.pk):
        identities.note_refusal(row, reason)
    return failed(request)
