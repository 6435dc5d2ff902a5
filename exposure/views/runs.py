"""Pages: the runs, one run while it goes on, and its start and stop."""

from dataclasses import fields
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.errors import Conflict
from common.htmx import render_page, wants_piece
from exposure.forms import StartForm
from exposure.logic.profiles import PROFILES
from exposure.logic.run_states import LIVE
from exposure.models import Authorisation, Run, RunState
from exposure.services import pausing
from exposure.services import runs as service
from exposure.services.run_counts import counted_runs
from exposure.views.links import link
from exposure.views.run_page import Links, run_page
from exposure.views.runs_page import runs_page
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

# htmx takes this answer in and asks no more; it is no error and no redirect.
STOP_ASKING = 286
REFUSED, STALE = 422, 409


@require_safe
@needs(Right.READ)
def runs(request: MemberRequest) -> HttpResponse:
    """Show what was tested, and whether a run may start now."""
    return _list(request)


@require_POST
@needs(Right.OPERATE)
def start(request: MemberRequest) -> HttpResponse:
    """Ask for a run of everything an authorisation covers."""
    form = StartForm(
        request.POST, authorisations=list(Authorisation.objects.order_by("reference"))
    )
    if not form.is_valid():
        words = "Choose an authorisation and a profile."
        return _list(request, refused=words, status=REFUSED)
    try:
        run = service.start_run(
            form.cleaned_data["authorisation"],
            by=request.user,
            profile=PROFILES[form.cleaned_data["profile"]],
        )
    except service.NotAuthorised as error:
        return _list(request, refused=str(error), status=REFUSED)
    except Conflict as error:
        return _list(request, refused=str(error), status=STALE)
    return HttpResponseRedirect(link(request, "exposure:run", number=run.number))


@require_safe
@needs(Right.READ)
def run(request: MemberRequest, number: int) -> HttpResponse:
    """Show one run."""
    return render_page(
        request, "exposure/runs/detail.html", _context(request, _run(number))
    )


@require_safe
@needs(Right.READ)
def live(request: MemberRequest, number: int) -> HttpResponse:
    """Answer what a watching page asks for; an ended run says to ask no more."""
    row = _run(number)
    over = row.state not in LIVE and wants_piece(request)
    return render_page(
        request,
        "exposure/runs/detail.html",
        _context(request, row),
        piece="exposure/runs/_live.html",
        status=STOP_ASKING if over else 200,
    )


@require_POST
@needs(Right.STOP)
def stop(request: MemberRequest, number: int) -> HttpResponse:
    """Ask the run to stop, and show what came of it."""
    row = service.request_stop(_run(number).pk, by=request.user)
    if row.state not in LIVE and row.state != RunState.STOPPED:
        messages.info(request, f"Run {row.number} had ended already.")
    return _shown(request, number)


@require_POST
@needs(Right.STOP)
def pause(request: MemberRequest, number: int) -> HttpResponse:
    """Put the run aside; it can go on where it was."""
    row = _run(number)
    attempt(request, lambda: pausing.request_pause(row.pk, by=request.user), "")
    return _shown(request, number)


@require_POST
@needs(Right.OPERATE)
def resume(request: MemberRequest, number: int) -> HttpResponse:
    """Let a paused run go on with what was not done."""
    row = _run(number)
    attempt(request, lambda: pausing.resume_run(row.pk, by=request.user), "")
    return _shown(request, number)


def _shown(request: MemberRequest, number: int) -> HttpResponse:
    """Show what came of it: the piece, or the page."""
    if wants_piece(request):
        return render_page(
            request,
            "exposure/runs/detail.html",
            _context(request, _run(number)),
            piece="exposure/runs/_live.html",
        )
    return HttpResponseRedirect(link(request, "exposure:run", number=number))


def _list(
    request: MemberRequest, *, refused: str = "", status: int = 200
) -> HttpResponse:
    page = runs_page(
        number=request.GET.get("page", ""),
        run_url=lambda number: link(request, "exposure:run", number=number),
    )
    context = {field.name: getattr(page, field.name) for field in fields(page)}
    operator = may(request.membership, Right.OPERATE)
    context |= {
        "blocked": refused or page.blocked,
        "start_form": StartForm(authorisations=page.authorisations)
        if operator and page.authorisations
        else None,
        "start_url": link(request, "exposure:start-run"),
        "scope_url": link(request, "exposure:scope"),
        "schedules_url": link(request, "exposure:schedules"),
        "vantages_url": link(request, "exposure:vantages"),
    }
    return render_page(request, "exposure/runs/list.html", context, status=status)


def _run(number: int) -> Run:
    return get_object_or_404(counted_runs(), number=number)


def _context(request: MemberRequest, row: Run) -> dict[str, Any]:
    stoppable = may(request.membership, Right.STOP)
    operable = may(request.membership, Right.OPERATE)

    def to(view: str, *, allowed: bool = True) -> str:
        return link(request, view, number=row.number) if allowed else ""

    page = run_page(
        row,
        links=Links(
            live=to("exposure:run-live"),
            stop=to("exposure:stop-run", allowed=stoppable),
            pause=to("exposure:pause-run", allowed=stoppable),
            resume=to("exposure:resume-run", allowed=operable),
            record=to("exposure:ledger"),
            changes=f"{link(request, 'exposure:drift')}?run={row.number}",
        ),
    )
    return {field.name: getattr(page, field.name) for field in fields(page)}
