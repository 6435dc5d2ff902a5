"""Pages: what is looked at without anybody asking, and how often."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import (
    require_POST,
    require_safe,
)

from common.doing import attempt
from common.htmx import render_page
from exposure.forms import ScheduleForm
from exposure.models import Authorisation, Run, Schedule
from exposure.services import schedules as service
from exposure.views.links import link
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

REFUSED = 422


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One schedule; the fields are described in exposure/schedules/list.html."""

    site: str
    reference: str
    words: str
    profile: str
    manner: str
    on_new_check: bool
    enabled: bool
    next_at: dt.datetime | None
    last: Run | None
    trouble: str
    trouble_at: dt.datetime | None
    edit_url: str
    switch_url: str


@require_safe
@needs(Right.READ)
def schedules(request: MemberRequest) -> HttpResponse:
    """Show the published cadence, and what comes next."""
    return _page(request, _fresh(request))


@require_POST
@needs(Right.OPERATE)
def add(request: MemberRequest) -> HttpResponse:
    """Let runs start by the clock."""
    form = _form(request)
    if not form.is_valid():
        return _page(request, form, status=REFUSED)
    pk = uuid.UUID(form.cleaned_data["authorisation"])
    service.add(pk, plan=_plan(form), by=request.membership)
    messages.success(request, "The schedule is set.")
    return HttpResponseRedirect(link(request, "exposure:schedules"))


@require_safe
@needs(Right.READ)
def schedule(request: MemberRequest, schedule: uuid.UUID) -> HttpResponse:
    """Show one schedule; an operator edits it there."""
    row = _schedule(schedule)
    return _edit(request, row, _filled(row))


@require_POST
@needs(Right.OPERATE)
def change(request: MemberRequest, schedule: uuid.UUID) -> HttpResponse:
    """Take in an edited schedule."""
    row = _schedule(schedule)
    form = ScheduleForm(request.POST, authorisations=[row.authorisation])
    if not form.is_valid():
        return _edit(request, row, form, status=REFUSED)
    service.change(row.pk, plan=_plan(form), by=request.membership)
    messages.success(request, "The schedule is changed.")
    return HttpResponseRedirect(link(request, "exposure:schedules"))


@require_POST
@needs(Right.OPERATE)
def switch(request: MemberRequest, schedule: uuid.UUID) -> HttpResponse:
    """Switch a schedule on, or off."""
    on = request.POST.get("on") == "yes"  # anything else is off
    attempt(
        request,
        lambda: service.switch(schedule, on=on, by=request.membership),
        "It is switched on." if on else "It is switched off.",
    )
    return HttpResponseRedirect(link(request, "exposure:schedules"))


def _page(
    request: MemberRequest, form: ScheduleForm, *, status: int = 200
) -> HttpResponse:
    operator = may(request.membership, Right.OPERATE)
    rows = [_row(request, row, operator=operator) for row in _schedules()]
    on = sum(1 for row in rows if row.enabled)
    context = {
        "claim": _claim(rows, on=on),
        "rows": rows,
        "form": form if operator and form.fields["authorisation"].choices else None,  # type: ignore[attr-defined]  # a ChoiceField
        "add_url": link(request, "exposure:add-schedule"),
        "runs_url": link(request, "exposure:runs"),
    }
    return render_page(request, "exposure/schedules/list.html", context, status=status)


def _edit(
    request: MemberRequest, row: Schedule, form: ScheduleForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "schedule": row,
        "form": form if may(request.membership, Right.OPERATE) else None,
        "change_url": link(request, "exposure:change-schedule", schedule=row.pk),
        "back_url": link(request, "exposure:schedules"),
    }
    return render_page(request, "exposure/schedules/edit.html", context, status=status)


def _claim(rows: list[ScheduleRow], *, on: int) -> str:
    if not rows:
        return "Runs start only when somebody asks"
    if not on:
        return "Every schedule is switched off"
    first = next(row for row in rows if row.enabled)
    if on == 1:
        return f"{first.site} is looked at {first.words}"
    return f"{on} schedules look at the plants"


def _schedule(pk: uuid.UUID) -> Schedule:
    rows = Schedule.objects.select_related("authorisation")
    found: Schedule = get_object_or_404(rows, pk=pk)
    return found


def _schedules() -> list[Schedule]:
    rows = Schedule.objects.select_related("site", "authorisation")
    return list(
        rows.prefetch_related("runs").order_by("-enabled", "next_at", "created_at")
    )


def _row(request: MemberRequest, row: Schedule, *, operator: bool) -> ScheduleRow:
    runs = sorted(row.runs.all(), key=lambda run: run.number)
    to = {
        name: link(request, f"exposure:{name}", schedule=row.pk) if operator else ""
        for name in ("schedule", "switch-schedule")
    }
    return ScheduleRow(
        site=row.site.name,
        reference=row.authorisation.reference,
        words=row.cadence.words(),
        profile=row.looks.label,
        manner=row.looks.words(),
        on_new_check=row.on_new_check,
        enabled=row.enabled,
        next_at=row.next_at,
        last=runs[-1] if runs else None,
        trouble=row.trouble,
        trouble_at=row.trouble_at,
        edit_url=to["schedule"],
        switch_url=to["switch-schedule"],
    )


def _fresh(request: MemberRequest) -> ScheduleForm:
    return ScheduleForm(
        authorisations=_authorisations(), zone=request.workspace.time_zone
    )


def _form(request: MemberRequest) -> ScheduleForm:
    return ScheduleForm(request.POST, authorisations=_authorisations())


def _authorisations() -> list[Authorisation]:
    return list(Authorisation.objects.order_by("reference"))


def _filled(row: Schedule) -> ScheduleForm:
    values = {
        "authorisation": str(row.authorisation_id),
        "profile": row.profile,
        "every": row.every,
        "weekday": row.weekday,
        "day": row.day,
        "at": row.at,
        "zone": row.zone,
        "on_new_check": row.on_new_check,
    }
    return ScheduleForm(initial=values, authorisations=[row.authorisation])


def _plan(form: ScheduleForm) -> service.Plan:
    values = dict(form.cleaned_data)
    del values["authorisation"]
    return service.plan(**values)
