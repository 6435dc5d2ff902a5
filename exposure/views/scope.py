"""Pages: what may be touched, and who permits it."""

import uuid
from dataclasses import dataclass, fields

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from common.errors import Conflict, InvalidInput
from common.htmx import render_page, wants_piece
from exposure.forms import EntryForm, ExclusionForm, SignForm
from exposure.models import Authorisation, Vantage
from exposure.services import scope as service
from exposure.views.links import link
from exposure.views.scope_page import current_authorisation, scope_page
from tenants.access import MemberRequest, Right, may, needs

REFUSED, STALE = 422, 409


@dataclass(frozen=True, slots=True)
class Forms:
    """What the reader typed, where something was refused; else fresh forms."""

    entry: EntryForm | None = None
    exclusion: ExclusionForm | None = None
    sign: SignForm | None = None


@require_safe
@needs(Right.READ)
def scope(request: MemberRequest) -> HttpResponse:
    """Show what may be touched, by whom it was permitted and until when."""
    return _page(request, current_authorisation(), Forms())


@require_POST
@needs(Right.OPERATE)
def add_entry(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Add an address, a range or a name; the customer then signs again."""
    row = _authorisation(authorisation)
    form = EntryForm(request.POST, vantages=_vantages())
    if form.is_valid():
        try:
            entry = service.add_entry(
                row.pk,
                value=form.cleaned_data["value"],
                vantage_id=uuid.UUID(form.cleaned_data["vantage"]),
                by=request.membership,
            )
        except InvalidInput as error:
            form.add_error(error.field, error.message)
        else:
            messages.warning(
                request,
                f"{entry.value} was added. The customer signs the scope before the next run.",
            )
            return _done(request)
    return _page(request, row, Forms(entry=form), status=REFUSED)


@require_POST
@needs(Right.OPERATE)
def add_exclusion(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Exclude an address, a range, or one port of them, from now on."""
    row = _authorisation(authorisation)
    form = ExclusionForm(request.POST, prefix="not")
    if form.is_valid():
        try:
            exclusion = service.add_exclusion(
                row.pk,
                value=form.cleaned_data["value"],
                port=form.cleaned_data["port"],
                reason=form.cleaned_data["reason"],
                by=request.membership,
            )
        except InvalidInput as error:
            form.add_error("value", error.message)
        else:
            messages.success(request, f"{exclusion} is excluded from now on.")
            return _done(request)
    return _page(request, row, Forms(exclusion=form), status=REFUSED)


@require_POST
@needs(Right.AUTHORISE)
def sign(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Sign the scope that the page showed, for the customer."""
    row = _authorisation(authorisation)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, row, Forms(sign=form), status=REFUSED)
    try:
        service.sign(row.pk, by=request.membership, seen=form.cleaned_data["seen"])
    except Conflict as error:
        messages.error(request, str(error))
        return _page(request, row, Forms(), status=STALE)
    messages.success(request, f"You have signed {row.reference}.")
    return _done(request)


def _done(request: MemberRequest) -> HttpResponse:
    """Show the page anew: heading and signature have changed with the entry."""
    if wants_piece(request):
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    return HttpResponseRedirect(link(request, "exposure:scope"))


def _page(
    request: MemberRequest,
    authorisation: Authorisation | None,
    forms: Forms,
    *,
    status: int = 200,
) -> HttpResponse:
    page = scope_page(authorisation)
    context = {field.name: getattr(page, field.name) for field in fields(page)}
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
) -> dict[str, Form | str | None]:
    pk = authorisation.pk
    context: dict[str, Form | str | None] = {}
    if may(request.membership, Right.OPERATE):
        context |= {
            "add_form": forms.entry or EntryForm(vantages=_vantages()),
            "add_url": link(request, "exposure:add-entry", authorisation=pk),
            "exclude_form": forms.exclusion or ExclusionForm(prefix="not"),
            "exclude_url": link(request, "exposure:add-exclusion", authorisation=pk),
        }
    if may(request.membership, Right.AUTHORISE) and authorisation.signed_at is None:
        seen = service.fingerprint(authorisation)
        context |= {
            "authorise_form": forms.sign or SignForm(initial={"seen": seen}),
            "authorise_url": link(request, "exposure:sign-scope", authorisation=pk),
        }
    return context


def _authorisation(pk: uuid.UUID) -> Authorisation:
    rows = Authorisation.objects.select_related("site", "signed_by")
    return get_object_or_404(rows, pk=pk)


def _vantages() -> list[Vantage]:
    return list(Vantage.objects.order_by("name"))
