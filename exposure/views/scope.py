"""Pages: what may be touched, and who permits it."""

import datetime as dt
import uuid
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.errors import Conflict
from common.htmx import render_page, wants_piece
from exposure.forms.scope import (
    CreateForm,
    EntryForm,
    ExclusionForm,
    SignForm,
    TermsForm,
)
from exposure.models import Authorisation, Site, Vantage
from exposure.probes.identity import user_agent
from exposure.services import scope as service
from exposure.services.entries import published_sources
from exposure.views.links import link
from exposure.views.scope_page import authorisations, scope_page
from exposure.views.submitting import REFUSED, authorisation_or_404, submit
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

STALE = 409


@dataclass(frozen=True, slots=True)
class Forms:
    """What the reader typed, where something was refused; else fresh forms."""

    entry: EntryForm | None = None
    exclusion: ExclusionForm | None = None
    sign: SignForm | None = None
    terms: TermsForm | None = None
    create: CreateForm | None = None


@require_safe
@needs(Right.READ)
def scope(request: MemberRequest) -> HttpResponse:
    """Show what may be touched, by whom it was permitted and until when."""
    return scope_response(request, None, Forms())


@require_safe
@needs(Right.READ)
def scope_of(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Show one of several authorisations."""
    return scope_response(request, authorisation_or_404(authorisation), Forms())


@require_POST
@needs(Right.OPERATE)
def add_entry(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Add an address, a range or a name; the customer then signs again."""
    row = authorisation_or_404(authorisation)
    form = EntryForm(request.POST, vantages=_vantages())
    done = submit(
        form,
        lambda data: service.add_entry(
            row.pk,
            value=data["value"],
            vantage_id=uuid.UUID(data["vantage"]),
            by=request.membership,
        ),
    )
    if not done:
        return scope_response(request, row, Forms(entry=form), status=REFUSED)
    value = form.cleaned_data["value"].strip()
    messages.warning(
        request, f"{value} was added. The customer signs the scope before the next run."
    )
    return _done(request, row)


@require_POST
@needs(Right.RESTRICT)
def add_exclusion(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Exclude an address, a range, a port or a probe, from now on."""
    row = authorisation_or_404(authorisation)
    form = ExclusionForm(request.POST, prefix="not")
    done = submit(
        form,
        lambda data: service.add_exclusion(row.pk, by=request.membership, **data),
    )
    if not done:
        return scope_response(request, row, Forms(exclusion=form), status=REFUSED)
    messages.success(request, "It is excluded from now on.")
    return _done(request, row)


@require_POST
@needs(Right.AUTHORISE)
def sign(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Sign the scope that the page showed, for the customer."""
    row = authorisation_or_404(authorisation)
    form = SignForm(request.POST)
    if not form.is_valid():
        return scope_response(request, row, Forms(sign=form), status=REFUSED)
    try:
        service.sign(
            row.pk,
            by=request.membership,
            seen=form.cleaned_data["seen"],
            consents=form.cleaned_data["consents"],
        )
    except Conflict as error:
        messages.error(request, str(error))
        return scope_response(request, row, Forms(), status=STALE)
    messages.success(request, f"You have signed {row.reference}.")
    return _done(request, row)


def _done(request: MemberRequest, row: Authorisation) -> HttpResponse:
    """Show the page anew: heading and signature have changed with the entry."""
    if wants_piece(request):
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    if row in authorisations()[:1]:
        return HttpResponseRedirect(link(request, "exposure:scope"))
    path = link(request, "exposure:scope-of", authorisation=row.pk)
    return HttpResponseRedirect(path)


def scope_response(
    request: MemberRequest,
    authorisation: Authorisation | None,
    forms: Forms,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render the page of one authorisation, with the forms that the reader may use.

    None: of the one that people work on, if there is any.
    """
    rows = authorisations()
    authorisation = authorisation or next(iter(rows), None)
    page = scope_page(authorisation)
    context: dict[str, Any] = {
        field.name: getattr(page, field.name) for field in fields(page)
    }
    context |= {
        "others": [
            (
                f"{row.reference}, {row.site}",
                link(request, "exposure:scope-of", authorisation=row.pk),
            )
            for row in rows
            if row != authorisation
        ],
        "stops_url": link(request, "exposure:stops"),
        "sources": published_sources(),
        "agent": user_agent(),
        "contact": settings.SCAN_ABUSE_CONTACT,
    }
    if may(request.membership, Right.OPERATE) and (sites := sites_of(request)):
        context |= {
            "create_form": forms.create or CreateForm(prefix="new", sites=sites),
            "create_url": link(request, "exposure:create-scope"),
        }
    if authorisation is not None:
        context |= _forms(request, authorisation, forms)
    return render_page(
        request,
        "exposure/scope/detail.html",
        context,
        piece="exposure/scope/_entries.html",
        status=status,
    )


def _forms(
    request: MemberRequest, authorisation: Authorisation, forms: Forms
) -> dict[str, Form | str | bool | None]:
    def at(view: str) -> str:
        return link(request, f"exposure:{view}", authorisation=authorisation.pk)

    member = request.membership
    customer = may(member, Right.AUTHORISE) and member.covers(authorisation.site_id)
    context: dict[str, Form | str | bool | None] = {
        "hours_url": at("hours"),
        "ownership_url": at("ownership"),
        "withdraw_url": at("withdraw-consent") if customer else "",
        "may_lift": customer,
    }
    if may(member, Right.OPERATE):
        context |= {
            "add_form": forms.entry or EntryForm(vantages=_vantages()),
            "add_url": at("add-entry"),
            "terms_form": forms.terms
            or TermsForm(prefix="terms", initial=_terms(authorisation)),
            "terms_url": at("change-terms"),
        }
    if may(member, Right.RESTRICT):
        context |= {
            "exclude_form": forms.exclusion or ExclusionForm(prefix="not"),
            "exclude_url": at("add-exclusion"),
        }
    if customer and authorisation.signed_at is None:
        seen = service.fingerprint(authorisation)
        context |= {
            "authorise_form": forms.sign or SignForm(initial={"seen": seen}),
            "authorise_url": at("sign-scope"),
        }
    return context


def sites_of(request: MemberRequest) -> list[Site]:
    """Return the plants that the reader answers for."""
    rows = Site.objects.order_by("name")
    return [row for row in rows if request.membership.covers(row.pk)]


def _terms(row: Authorisation) -> dict[str, Any]:
    # The last day that is wholly inside; the end itself may be a midnight.
    last = timezone.localtime(row.valid_until - dt.timedelta(microseconds=1))
    return {
        "statement": row.statement,
        "valid_from": timezone.localtime(row.valid_from).date(),
        "valid_until": last.date(),
        "packets_per_second": row.packets_per_second,
    }


def _vantages() -> list[Vantage]:
    return list(Vantage.objects.order_by("name"))
