"""Pages: names and ranges, how we know of each, and what the owner says to them."""

import uuid
from dataclasses import fields
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.errors import Conflict, InvalidInput, NotAllowed
from common.htmx import render_page
from exposure.forms import AnswerForm, LookForm
from exposure.models import Holding, NameSearch, OwnerAnswer
from exposure.services import name_searches, owner_answers
from exposure.services.runs import NotAuthorised
from exposure.views.holding_page import holding_page
from exposure.views.links import link
from exposure.views.names_page import asked_for, authorisations_here, names_page
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

REFUSED, STALE = 422, 409


@require_safe
@needs(Right.READ)
def names(request: MemberRequest) -> HttpResponse:
    """Show what the customer has, and may have, on the internet."""
    return _list(request)


@require_POST
@needs(Right.OPERATE)
def look(request: MemberRequest) -> HttpResponse:
    """Ask for a look at the names of an authorisation."""
    form = LookForm(request.POST, authorisations=authorisations_here())
    if not form.is_valid():
        return _list(request, refused="Choose an authorisation.", status=REFUSED)
    try:
        name_searches.start(
            uuid.UUID(form.cleaned_data["authorisation"]), by=request.user
        )
    except NotAuthorised as error:
        return _list(request, refused=str(error), status=REFUSED)
    except Conflict as error:
        return _list(request, refused=str(error), status=STALE)
    messages.success(request, "The names are being looked up. Reload to see what came.")
    return HttpResponseRedirect(link(request, "exposure:names"))


@require_POST
@needs(Right.STOP)
def stop_looking(request: MemberRequest, name_search: uuid.UUID) -> HttpResponse:
    """Ask a search for names to stop."""
    get_object_or_404(NameSearch.objects.all(), pk=name_search)
    name_searches.request_stop(name_search, by=request.user)
    messages.success(request, "Nothing more is asked.")
    return HttpResponseRedirect(link(request, "exposure:names"))


@require_safe
@needs(Right.READ)
def holding(request: MemberRequest, holding: uuid.UUID) -> HttpResponse:
    """Show one name, address or range."""
    return _detail(request, _holding(holding))


@require_POST
@needs(Right.AUTHORISE)
def answer_holding(request: MemberRequest, holding: uuid.UUID) -> HttpResponse:
    """Say for the customer whether something is theirs."""
    row = _holding(holding)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _detail(request, row, form=form, status=REFUSED)
    try:
        row = owner_answers.answer(
            row.pk,
            says=OwnerAnswer(form.cleaned_data["says"]),
            reason=form.cleaned_data["reason"],
            by=request.membership,
        )
    except InvalidInput as error:
        form.add_error(error.field, error.message)
        return _detail(request, row, form=form, status=REFUSED)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except Conflict as error:
        messages.error(request, str(error))
        return _detail(request, _holding(holding), status=STALE)
    messages.success(request, f"You have said: {row.get_answer_display().lower()}.")
    return HttpResponseRedirect(link(request, "exposure:holding", holding=row.pk))


@require_POST
@needs(Right.OPERATE)
def add_holding(request: MemberRequest, holding: uuid.UUID) -> HttpResponse:
    """Add what the owner confirmed to the scope; the customer then signs again."""
    row = _holding(holding)
    attempt(
        request,
        partial(owner_answers.add_to_scope, row.pk, by=request.membership),
        f"{row.value} was added. The customer signs the scope before the next run.",
    )
    return HttpResponseRedirect(link(request, "exposure:holding", holding=row.pk))


def _holding(pk: uuid.UUID) -> Holding:
    return get_object_or_404(
        Holding.objects.select_related("site", "answered_by"), pk=pk
    )


def _list(
    request: MemberRequest, *, refused: str = "", status: int = 200
) -> HttpResponse:
    asked = asked_for(*(request.GET.get(name, "") for name in ("view", "state", "q")))
    page = names_page(
        asked,
        number=request.GET.get("page", ""),
        here=link(request, "exposure:names"),
        url_of=lambda row: link(request, "exposure:holding", holding=row.pk),
    )
    context: dict[str, Any] = {
        field.name: getattr(page, field.name) for field in fields(page)
    }
    context["refused"] = refused
    authorisations = authorisations_here()
    if may(request.membership, Right.OPERATE) and authorisations and not page.live:
        context["look_form"] = LookForm(authorisations=authorisations)
        context["look_url"] = link(request, "exposure:look-at-names")
    if may(request.membership, Right.STOP):
        context["stop_urls"] = [
            link(request, "exposure:stop-looking", name_search=search.pk)
            for search in page.searches
            if search.state in name_searches.LIVE
        ]
    return render_page(
        request,
        "exposure/names/list.html",
        context,
        piece="exposure/names/_table.html",
        status=status,
    )


def _detail(
    request: MemberRequest,
    row: Holding,
    *,
    form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = holding_page(row)
    context: dict[str, Any] = {
        field.name: getattr(page, field.name) for field in fields(page)
    }
    membership = request.membership
    disowned = row.answer == OwnerAnswer.NOT_OURS
    if may(membership, Right.AUTHORISE) and (disowned or not row.in_scope):
        context["answer_form"] = form or AnswerForm(
            initial={"says": row.answer, "reason": row.answer_reason}
        )
        context["answer_url"] = link(request, "exposure:answer-holding", holding=row.pk)
    confirmed = row.answer == OwnerAnswer.OURS and not row.in_scope
    if may(membership, Right.OPERATE) and confirmed:
        context["add_url"] = link(request, "exposure:add-holding", holding=row.pk)
    return render_page(request, "exposure/names/detail.html", context, status=status)
