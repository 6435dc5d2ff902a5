"""The planner's page: one plan, the changes ticked beside it, and what these do."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError
from common.htmx import render_page, wants_piece
from exposure.forms.plans import PlanForm
from exposure.models import PathRevision, Plan
from exposure.services import board as counting
from exposure.services import paths as answers
from exposure.services import plans as service
from exposure.services.plans import Wish
from exposure.views.board_page import board_of
from exposure.views.board_rows import MOST_TICKED, asked_in, ids_made
from exposure.views.links import link
from exposure.views.plan_rows import so_far, told
from exposure.views.plans import page_of_plans
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

BESIDE = 4
TICK, BY_HAND = "t", "hand"
GONE = "a line that is gone"


@require_safe
@needs(Right.READ)
def plan(request: MemberRequest, plan: uuid.UUID) -> HttpResponse:
    """Show one plan, or how far it is; with `hand`, what the changes in `t` do."""
    if not service.may_see():
        return page_of_plans(request)
    found = _found(plan)
    context = _head(request, found)
    answer = service.answer_of(found)
    is_tick = answer is not None and BY_HAND in request.GET
    if answer is not None:
        snapshot = answers.snapshot_of(found.revision_id)
        asked = asked_in(
            answer, is_told=is_tick, tokens=request.GET.getlist(TICK)[: MOST_TICKED + 1]
        )
        shown = board_of(found, answer, snapshot, asked)
        ticked = ids_made(answer.changes) if shown.is_own else asked.change_ids
        context["board"] = shown
        context["told"] = told(found, answer, snapshot, ticked or ())
        context["beside"] = is_tick and wants_piece(request)
        context["is_tickable"] = len(ids_made(answer.changes)) <= MOST_TICKED
    return render_page(
        request,
        "exposure/plans/detail.html",
        context,
        piece=f"exposure/plans/{'_ticked' if is_tick else '_plan'}.html",
    )


@require_POST
@needs(Right.PLAN)
def keep_set(request: MemberRequest, plan: uuid.UUID) -> HttpResponse:
    """Make a plan of exactly the changes that are ticked beside another one."""
    found = _found(plan)
    try:
        made = counting.keep(
            found, _ticked(found, request.POST.getlist(TICK)), by=request.membership
        )
    except DomainError as error:
        messages.error(request, str(error))
        made = found
    return HttpResponseRedirect(link(request, "exposure:plan", plan=made.pk))


def _ticked(found: Plan, tokens: Sequence[str]) -> frozenset[str]:
    """Return the ids of the ticked changes. Raises DomainError for strange ones."""
    answer = service.answer_of(found)
    if answer is None:
        return frozenset()
    asked = asked_in(answer, is_told=True, tokens=tokens[: MOST_TICKED + 1])
    if asked.notes:
        raise DomainError(asked.notes[0])
    return asked.change_ids or frozenset()


def _found(plan: uuid.UUID) -> Plan:
    rows = Plan.objects.select_related("made_by", "revision").defer(
        *(f"revision__{name}" for name in answers.HEAVY)
    )
    return get_object_or_404(rows, pk=plan)


def _head(request: MemberRequest, found: Plan) -> dict[str, Any]:
    wish, may_plan = Wish.of(found.wish), may(request.membership, Right.PLAN)
    names = service.line_names() if wish.lines else {}
    newest = PathRevision.objects.order_by("-number").values_list("number", flat=True)
    return {
        "plan": found,
        "wish": wish,
        "wish_lines": [(names.get(line, GONE), hours) for line, hours in wish.lines],
        "told": None,
        "found": so_far(found.points),
        "is_working": found.state in service.AT_WORK,
        "here": request.path,
        "newest": newest.first(),
        "others": _others(request, found),
        "plans_url": link(request, "exposure:plans"),
        "controls_url": link(request, "exposure:controls")
        if may(request.membership, Right.CONTROL)
        else "",
        "compare_url": link(request, "exposure:compare-plans"),
        "stop_url": link(request, "exposure:stop-plan", plan=found.pk),
        "keep_url": link(request, "exposure:keep-set", plan=found.pk)
        if may_plan
        else "",
        "make_url": link(request, "exposure:make-plan"),
        "sign_off_url": link(request, "workflows:plan-sign-off", plan=found.pk),
        "pairs_url": link(request, "workflows:plan-pairs", plan=found.pk),
        "may_send": may(request.membership, Right.PROPOSE),
        "form": PlanForm(initial=wish.as_json()) if may_plan else None,
    }


def _others(request: MemberRequest, found: Plan) -> list[tuple[Plan, str]]:
    """Return the newest plans, by number, with this one among them."""
    rows = Plan.objects.only("pk", "number", "wish", "workspace_id")
    latest = {row.pk: row for row in rows.order_by("-number")[:BESIDE]}
    latest[found.pk] = found
    return [
        (row, link(request, "exposure:plan", plan=row.pk))
        for row in sorted(latest.values(), key=lambda row: row.number)[-BESIDE - 1 :]
    ]
