"""Pages: plans of what to change, and when lines may stand still."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.htmx import render_page
from exposure.forms.plans import PlanForm, WindowForm
from exposure.logic.paths.plans.freezing import network_of
from exposure.logic.paths.plans.items import NETWORK
from exposure.models import Line, MaintenanceWindow, Plan, Site, Zone
from exposure.services import maintenance
from exposure.services import plans as service
from exposure.services.hours import zone_of
from exposure.services.plant_calendar import plant_calendars
from exposure.views.calendar_rows import calendar_rows
from exposure.views.links import link
from exposure.views.plan_fixed import fixed_rows
from exposure.views.submitting import REFUSED, submit
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

MOST_SHOWN = 20


@require_safe
@needs(Right.READ)
def plans(request: MemberRequest) -> HttpResponse:
    """Show the plans, a form for the next one, and the maintenance windows."""
    return page_of_plans(request)


@require_POST
@needs(Right.PLAN)
def make(request: MemberRequest) -> HttpResponse:
    """Let a plan be made."""
    form, made = PlanForm(request.POST), []
    done = submit(
        form,
        lambda _: made.append(service.ask_plan(form.wish(), by=request.membership)),
    )
    if not done:
        return page_of_plans(request, plan_form=form, status=REFUSED)
    return HttpResponseRedirect(_url(request, "plan", made[0].pk))


@require_POST
@needs(Right.PLAN)
def stop(request: MemberRequest, plan: uuid.UUID) -> HttpResponse:
    """End the work on a plan."""
    attempt(
        request,
        lambda: service.stop_plan(plan, by=request.membership),
        "The work ends; the best that was found is kept.",
    )
    return HttpResponseRedirect(_url(request, "plan", plan))


@require_POST
@needs(Right.PROPOSE)
def add_window(request: MemberRequest) -> HttpResponse:
    """Say when a line may stand still, or a network be worked on."""
    lines, sites, said = _lines(), _sites(), request.POST.get("line")
    places = {str(row.pk): row.site for row in lines}
    places |= {network_of(str(row.pk)): row for row in sites}
    site = places.get(said or "")
    zone = zone_of(site) if site else timezone.get_current_timezone()
    with timezone.override(zone):
        form = WindowForm(request.POST, lines=lines, sites=sites)
        done = submit(form, lambda data: _add(request, data))
    if not done:
        return page_of_plans(request, window_form=form, status=REFUSED)
    messages.success(request, "The window is added.")
    return HttpResponseRedirect(link(request, "exposure:plans"))


@require_POST
@needs(Right.PROPOSE)
def remove_window(request: MemberRequest, window: uuid.UUID) -> HttpResponse:
    """Take a window back."""
    attempt(
        request,
        lambda: maintenance.remove_window(window, by=request.membership),
        "The window is removed.",
    )
    return HttpResponseRedirect(link(request, "exposure:plans"))


def _add(request: MemberRequest, data: dict[str, Any]) -> MaintenanceWindow:
    place, by = data.pop("line"), request.membership
    if place.startswith(NETWORK):
        site = uuid.UUID(place.removeprefix(NETWORK))
        return maintenance.add_network_window(site, by=by, **data)
    return maintenance.add_window(uuid.UUID(place), by=by, **data)


def page_of_plans(
    request: MemberRequest,
    *,
    plan_form: PlanForm | None = None,
    window_form: WindowForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the list of plans, with a form that was refused in place of an empty one."""
    lines, may_see = _lines(), service.may_see()
    rows = Plan.objects.defer("result", "points") if may_see else Plan.objects.none()
    may_plan = may(request.membership, Right.PLAN)
    may_open = may(request.membership, Right.PROPOSE)
    context = {
        "plans": [
            (row, _url(request, "plan", row.pk), service.Wish.of(row.wish).chosen)
            for row in rows.select_related("made_by").order_by("-number")[:MOST_SHOWN]
        ],
        "may_see": may_see,
        "form": (plan_form or PlanForm()) if may_plan else None,
        "make_url": link(request, "exposure:make-plan"),
        "window_form": (window_form or WindowForm(lines=lines, sites=_sites()))
        if may_open and lines
        else None,
        "add_window_url": link(request, "exposure:add-window"),
        "windows": [
            (row, zone_of(row.site), _remove_url(request, row) if may_open else "")
            for row in maintenance.windows_to_come()
        ],
        "calendars": calendar_rows(plant_calendars()),
        "fixed": fixed_rows(_carried(request)) if may_see else [],
        "compare_url": link(request, "exposure:compare-plans"),
        "paths_url": link(request, "exposure:paths"),
    }
    return render_page(request, "exposure/plans/list.html", context, status=status)


def _carried(request: MemberRequest) -> list[str]:
    """Return what came along from What if; a form that was refused has it still."""
    return request.POST.getlist("off") or request.GET.getlist("off")


def _lines() -> list[Line]:
    return list(
        Line.objects.select_related("site__workspace").order_by("site__name", "name")
    )


def _sites() -> list[Site]:
    """Return the sites that have something to change: zones or lines."""
    rows = Site.objects.filter(
        Q(pk__in=Zone.objects.values("site")) | Q(pk__in=Line.objects.values("site"))
    )
    return list(rows.select_related("workspace").order_by("name"))


def _remove_url(request: MemberRequest, row: MaintenanceWindow) -> str:
    return link(request, "exposure:remove-window", window=row.pk)


def _url(request: MemberRequest, name: str, pk: uuid.UUID) -> str:
    return link(request, f"exposure:{name}", plan=pk)
