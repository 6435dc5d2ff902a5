"""Pages: the stop button, what is stopped, and how fast each run obeyed."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from exposure.forms.scope import StopForm
from exposure.models import Site, StopEffect, StopOrder
from exposure.services import stopping as service
from exposure.services.halts import in_words, standing
from exposure.views.links import link
from exposure.views.submitting import REFUSED, chosen, submit
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

MOST_SHOWN = 20


@require_safe
@needs(Right.READ)
def stops(request: MemberRequest) -> HttpResponse:
    """Show what is stopped now and what was, and the button."""
    return _page(request)


@require_POST
@needs(Right.STOP)
def order_stop(request: MemberRequest) -> HttpResponse:
    """Stop everything, one plant or one range, from now on."""
    form = StopForm(request.POST, sites=_sites(request))
    done = submit(
        form,
        lambda data: service.order_stop(
            by=request.membership,
            level=data["level"],
            site_id=chosen(data["site"]),
            network=data["network"],
            reason=data["reason"],
        ),
    )
    if not done:
        return _page(request, form=form)
    messages.success(request, "Stopped. Nothing more is sent there until it is lifted.")
    return HttpResponseRedirect(link(request, "exposure:stops"))


@require_POST
@needs(Right.STOP)
def lift_stop(request: MemberRequest, order: uuid.UUID) -> HttpResponse:
    """Let runs start again."""
    mine = get_object_or_404(StopOrder, pk=order)
    attempt(
        request,
        lambda: service.lift_stop(mine.pk, by=request.membership),
        "The stop is lifted. Runs that it ended do not go on by themselves.",
    )
    return HttpResponseRedirect(link(request, "exposure:stops"))


def _page(request: MemberRequest, *, form: StopForm | None = None) -> HttpResponse:
    rows = StopOrder.objects.select_related("site", "by", "lifted_by")
    past = rows.exclude(lifted_at=None).order_by("-at", "-id")
    effects = StopEffect.objects.select_related("run").order_by("-asked_at", "-id")
    standing_rows = list(standing())
    context = {
        "standing": [
            {
                "row": each,
                "may_lift": service.may_lift(each, by=request.membership),
                "url": link(request, "exposure:lift-stop", order=each.pk),
            }
            for each in standing_rows
        ],
        "past": list(past[:MOST_SHOWN]),
        "effects": [
            {
                "run": each.run.number,
                "url": link(request, "exposure:run", number=each.run.number),
                "words": in_words(each),
                "seconds": each.closed_at - each.asked_at,
            }
            for each in effects[:MOST_SHOWN]
        ],
        "form": (form or StopForm(sites=_sites(request)))
        if may(request.membership, Right.STOP)
        else None,
    }
    status = REFUSED if form else 200
    return render(request, "exposure/scope/stops.html", context, status=status)


def _sites(request: MemberRequest) -> list[Site]:
    rows = Site.objects.order_by("name")
    return [row for row in rows if request.membership.covers(row.pk)]
