"""Acts on the terms of an authorisation: written, renewed, and consents withdrawn."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from common.doing import attempt
from exposure.forms.scope import CreateForm, TermsForm
from exposure.models import Exclusion
from exposure.services import scope, terms
from exposure.views.links import link
from exposure.views.scope import Forms, scope_response, sites_of
from exposure.views.submitting import REFUSED, authorisation_or_404, chosen, submit
from tenants.access import MemberRequest, needs
from tenants.rights import Right


@require_POST
@needs(Right.OPERATE)
def create(request: MemberRequest) -> HttpResponse:
    """Write an authorisation for a plant; nothing is allowed before it is signed."""
    form = CreateForm(request.POST, prefix="new", sites=sites_of(request))
    made: list[uuid.UUID] = []

    def write(data: dict[str, Any]) -> None:
        site = chosen(data["site"])
        assert site is not None  # noqa: S101 - the form asks for one
        row = terms.create_authorisation(
            site,
            reference=data["reference"],
            terms=_terms(data),
            by=request.membership,
        )
        made.append(row.pk)

    if submit(form, write):
        messages.success(request, "The authorisation is written. Add its scope now.")
        path = link(request, "exposure:scope-of", authorisation=made[0])
        return HttpResponseRedirect(path)
    return scope_response(request, None, Forms(create=form), status=REFUSED)


@require_POST
@needs(Right.OPERATE)
def change(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Put other terms, or another end, in front of the customer."""
    row = authorisation_or_404(authorisation)
    form = TermsForm(request.POST, prefix="terms")
    done = submit(
        form,
        lambda data: terms.change_terms(
            row.pk, terms=_terms(data), by=request.membership
        ),
    )
    if not done:
        return scope_response(request, row, Forms(terms=form), status=REFUSED)
    messages.warning(request, "The customer signs the new terms before the next run.")
    path = link(request, "exposure:scope-of", authorisation=row.pk)
    return HttpResponseRedirect(path)


@require_POST
@needs(Right.AUTHORISE)
def withdraw_consent(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Take one consent back, for the customer."""
    row = authorisation_or_404(authorisation)
    attempt(
        request,
        lambda: terms.withdraw_consent(
            row.pk, consent=request.POST.get("consent", ""), by=request.membership
        ),
        "The consent is withdrawn.",
    )
    path = link(request, "exposure:scope-of", authorisation=row.pk)
    return HttpResponseRedirect(path)


@require_POST
@needs(Right.AUTHORISE)
def lift_exclusion(request: MemberRequest, exclusion: uuid.UUID) -> HttpResponse:
    """Take an exclusion back, for the customer."""
    mine = get_object_or_404(Exclusion, pk=exclusion)
    attempt(
        request,
        lambda: scope.lift_exclusion(mine.pk, by=request.membership),
        f"{mine} is not excluded any more.",
    )
    path = link(request, "exposure:scope-of", authorisation=mine.authorisation_id)
    return HttpResponseRedirect(path)


def _terms(data: dict[str, Any]) -> terms.Terms:
    """Return terms that hold from the first day's beginning to the last day's end."""
    return terms.Terms(
        statement=data["statement"],
        valid_from=_midnight(data["valid_from"]),
        valid_until=_midnight(data["valid_until"] + dt.timedelta(days=1)),
        packets_per_second=data["packets_per_second"],
    )


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(0)))
