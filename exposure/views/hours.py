"""Pages: the hours in which a plant may be looked at, and its blackouts."""

import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.uploads import takes_up_to
from exposure.forms.scope import BlackoutForm, CalendarForm, HoursForm, ZoneForm
from exposure.logic.hours import in_words
from exposure.logic.ics import LARGEST
from exposure.models import Authorisation, Blackout, Line, WeeklyHours
from exposure.services import calendar as service
from exposure.services.hours import next_opening, opening_of, weekly_of, zone_of
from exposure.views.links import link
from exposure.views.submitting import REFUSED, authorisation_or_404, chosen, submit
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

LARGEST_BODY = LARGEST + 64 * 1024
MOST_SHOWN = 100


@require_safe
@needs(Right.READ)
def hours(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Show when work is allowed at a plant, and when not."""
    return _page(request, authorisation_or_404(authorisation))


@require_POST
@needs(Right.OPERATE)
def add_hours(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Add weekly hours; the customer then signs again."""
    row = authorisation_or_404(authorisation)
    form = HoursForm(request.POST)
    done = submit(
        form, lambda data: service.add_hours(row.pk, by=request.membership, **data)
    )
    return _back(request, row) if done else _page(request, row, hours_form=form)


@require_POST
@needs(Right.OPERATE)
def remove_hours(
    request: MemberRequest, authorisation: uuid.UUID, hours: uuid.UUID
) -> HttpResponse:
    """Remove weekly hours; the customer then signs again."""
    row = authorisation_or_404(authorisation)
    mine = get_object_or_404(WeeklyHours, pk=hours, authorisation=row)
    attempt(
        request,
        lambda: service.remove_hours(mine.pk, by=request.membership),
        "The hours are removed. The customer signs the scope before the next run.",
    )
    return _back(request, row)


@require_POST
@needs(Right.OPERATE)
def set_zone(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Say by which clock the plant works."""
    row = authorisation_or_404(authorisation)
    form = ZoneForm(request.POST)
    done = submit(
        form,
        lambda data: service.set_zone(
            row.site_id, zone=data["zone"], by=request.membership
        ),
    )
    return _back(request, row) if done else _page(request, row, zone_form=form)


@require_POST
@needs(Right.RESTRICT)
def add_blackout(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Send nothing to the plant for a time."""
    row = authorisation_or_404(authorisation)
    with timezone.override(zone_of(row.site)):
        form = BlackoutForm(request.POST, lines=_lines(row), prefix="not")
        done = submit(form, _adding(request, row))
    return _back(request, row) if done else _page(request, row, blackout_form=form)


def _adding(
    request: MemberRequest, row: Authorisation
) -> Callable[[dict[str, Any]], object]:
    def add(data: dict[str, Any]) -> object:
        line = chosen(data.pop("line"))
        return service.add_blackout(
            row.site_id, by=request.membership, line_id=line, **data
        )

    return add


@require_POST
@needs(Right.AUTHORISE)
def lift_blackout(
    request: MemberRequest, authorisation: uuid.UUID, blackout: uuid.UUID
) -> HttpResponse:
    """Take a blackout back, for the customer."""
    row = authorisation_or_404(authorisation)
    mine = get_object_or_404(Blackout, pk=blackout, site_id=row.site_id)
    attempt(
        request,
        lambda: service.lift_blackout(mine.pk, by=request.membership),
        "The blackout is lifted.",
    )
    return _back(request, row)


@require_POST
@takes_up_to(LARGEST_BODY)
@needs(Right.RESTRICT)
def import_calendar(request: MemberRequest, authorisation: uuid.UUID) -> HttpResponse:
    """Make blackouts of a production calendar."""
    row = authorisation_or_404(authorisation)
    form = CalendarForm(request.POST, request.FILES, lines=_lines(row), prefix="ics")
    done = submit(
        form,
        lambda data: service.import_calendar(
            row.site_id,
            data["file"].read(LARGEST + 1),
            line_id=chosen(data["line"]),
            by=request.membership,
        ),
    )
    return _back(request, row) if done else _page(request, row, calendar_form=form)


def _back(request: MemberRequest, row: Authorisation) -> HttpResponse:
    return HttpResponseRedirect(link(request, "exposure:hours", authorisation=row.pk))


def _page(request: MemberRequest, row: Authorisation, **refused: Form) -> HttpResponse:
    zone, now = zone_of(row.site), timezone.now()
    opening = opening_of(row)
    weekly = list(row.weekly_hours.order_by("days", "begins", "id"))
    ahead = row.site.blackouts.filter(ends_at__gt=now).select_related(
        "line", "added_by"
    )
    context = {
        "row": row,
        "zone": zone,
        "closed": opening.why_closed(now),
        "next_opening": next_opening(row, now),
        "weekly": [
            {
                "words": in_words(weekly_of(each)),
                "url": link(
                    request,
                    "exposure:remove-hours",
                    authorisation=row.pk,
                    hours=each.pk,
                ),
            }
            for each in weekly
        ],
        "blackouts": [
            {
                "row": each,
                "url": link(
                    request,
                    "exposure:lift-blackout",
                    authorisation=row.pk,
                    blackout=each.pk,
                ),
            }
            for each in ahead.order_by("begins_at", "id")[:MOST_SHOWN]
        ],
        "blackout_count": ahead.count(),
        "may_edit": may(request.membership, Right.OPERATE),
        "may_lift": may(request.membership, Right.AUTHORISE)
        and request.membership.covers(row.site_id),
        **_forms(request, row, zone),
        **refused,
    }
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        return render(
            request,
            "exposure/scope/hours.html",
            context,
            status=REFUSED if refused else 200,
        )


def _forms(request: MemberRequest, row: Authorisation, zone: str) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    if may(request.membership, Right.OPERATE):
        forms |= {"hours_form": HoursForm(), "zone_form": ZoneForm({"zone": zone})}
    if may(request.membership, Right.RESTRICT):
        lines = _lines(row)
        forms |= {
            "blackout_form": BlackoutForm(lines=lines, prefix="not"),
            "calendar_form": CalendarForm(lines=lines, prefix="ics"),
        }
    return forms


def _lines(row: Authorisation) -> list[Line]:
    return list(Line.objects.filter(site_id=row.site_id).order_by("name"))
