"""Pages: the controls of the plants, and the tests that give them credit."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.htmx import render_page
from exposure.forms.controls import ControlForm, ControlTestForm
from exposure.logic.controls import Standing
from exposure.models import Conduit, Control, Finding, Site
from exposure.services import controls as service
from exposure.views.control_rows import control_row, known_controls, tests_of
from exposure.views.links import link
from exposure.views.submitting import REFUSED, submit
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

ON_A_PAGE, MOST_TESTS = 50, 100


@require_safe
@needs(Right.READ)
def controls(request: MemberRequest) -> HttpResponse:
    """Show the controls; `on` in the query says what a new one stands on."""
    return _page(request)


@require_POST
@needs(Right.CONTROL)
def add_control(request: MemberRequest) -> HttpResponse:
    """Describe one more control."""
    form = _form(request)
    made: list[Control] = []
    done = submit(
        form,
        lambda _: made.append(
            service.add_control(form.site_id(), form.text(), by=request.membership)
        ),
    )
    if not done:
        return _page(request, form=form)
    messages.success(request, "The control is described. It counts once it is tested.")
    return HttpResponseRedirect(link(request, "exposure:control", control=made[0].pk))


@require_safe
@needs(Right.READ)
def control(request: MemberRequest, control: uuid.UUID) -> HttpResponse:
    """Show one control with its tests; an owner records one there."""
    return _one(request, _control(control))


@require_POST
@needs(Right.CONTROL)
def record_test(request: MemberRequest, control: uuid.UUID) -> HttpResponse:
    """Record a test of a control."""
    row = _control(control)
    form = ControlTestForm(request.POST)
    done = submit(
        form,
        lambda _: service.record_test(row.pk, form.text(), by=request.membership),
    )
    if not done:
        return _one(request, row, form=form)
    messages.success(request, "The test is recorded.")
    return HttpResponseRedirect(link(request, "exposure:control", control=row.pk))


@require_POST
@needs(Right.CONTROL)
def retire_control(request: MemberRequest, control: uuid.UUID) -> HttpResponse:
    """Say that a control is not in place any more."""
    attempt(
        request,
        lambda: service.retire_control(control, by=request.membership),
        "The control is retired.",
    )
    return HttpResponseRedirect(link(request, "exposure:control", control=control))


def _control(pk: uuid.UUID) -> Control:
    found: Control = get_object_or_404(known_controls(), pk=pk)
    return found


def _form(request: MemberRequest) -> ControlForm:
    """Return the form as it was sent, or an empty one that knows what `on` names."""
    sites = list(Site.objects.order_by("name"))
    return ControlForm(
        request.POST if request.method == "POST" else None,
        initial=_asked(request.GET.get("on", "")),
        sites=sites,
        owners=service.owners_of(sites, by=request.membership),
    )


def _asked(on: str) -> dict[str, str]:
    """Return what a form begins with, from "conduit:<id>" or "finding:<id>"."""
    kind, _, key = on.partition(":")
    try:
        pk = uuid.UUID(key)
    except ValueError:
        return {}
    if kind == "conduit" and (conduit := Conduit.objects.filter(pk=pk).first()):
        return {"site": str(conduit.site_id), "conduit": conduit.name}
    if kind == "finding" and (finding := Finding.objects.filter(pk=pk).first()):
        return {"site": str(finding.site_id), "finding": finding.ref}
    return {}


def _page(request: MemberRequest, *, form: ControlForm | None = None) -> HttpResponse:
    page = Paginator(known_controls(), ON_A_PAGE).get_page(request.GET.get("page"))
    refused = form is not None
    if form is None and may(request.membership, Right.CONTROL):
        form = _form(request)
    context = {
        "page": page,
        "rows": [
            control_row(row, url=link(request, "exposure:control", control=row.pk))
            for row in page
        ],
        "form": form if form and form.fields["site"].choices else None,  # type: ignore[attr-defined]  # a ChoiceField
        "add_url": link(request, "exposure:add-control"),
        "plant_url": link(request, "exposure:plant"),
    }
    status = REFUSED if refused else 200
    return render_page(request, "exposure/controls/list.html", context, status=status)


def _one(
    request: MemberRequest, row: Control, *, form: ControlTestForm | None = None
) -> HttpResponse:
    refused = form is not None
    shown = control_row(row, url=request.path)
    in_place = shown.mark.standing is not Standing.RETIRED
    if form is None:
        form = ControlTestForm(initial={"tested_at": timezone.now()})
    context = {
        "row": shown,
        "tests": tests_of(row, most=MOST_TESTS),
        "form": form if in_place and may(request.membership, Right.CONTROL) else None,
        "is_owner": row.owner_id == request.user.pk,
        "finding_url": link(request, "workflows:finding", ref=shown.ref)
        if shown.ref
        else "",
        "test_url": link(request, "exposure:test-control", control=row.pk),
        "retire_url": link(request, "exposure:retire-control", control=row.pk),
        "back_url": link(request, "exposure:controls"),
    }
    status = REFUSED if refused else 200
    return render(request, "exposure/controls/detail.html", context, status=status)
