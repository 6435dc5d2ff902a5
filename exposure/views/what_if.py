"""The page on which changes are ticked and the figures move."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from common.htmx import render_page, wants_piece
from exposure.services import paths as answers
from exposure.services.making import makings
from exposure.services.what_if import try_changes
from exposure.views.being_counted import or_being_counted
from exposure.views.change_rows import (
    change_rows,
    order_in,
    order_rows,
    token_of,
    tried_rows,
)
from exposure.views.links import link
from exposure.views.notices import notices
from exposure.views.paths import counted_in
from exposure.views.plan_fixed import planner_link
from tenants.access import MemberRequest, needs
from tenants.rights import Right

MOST_SHOWN = 100
MOST_TICKED = 200


@require_safe
@needs(Right.READ)
@or_being_counted
def what_if(request: MemberRequest) -> HttpResponse:
    """Show what the changes in `off` leave together; `grade` says how it is counted."""
    counted, order = counted_in(request), order_in(request.GET.get("order", ""))
    answer = answers.latest(counted)
    context: dict[str, Any] = {
        "counted_as": counted,
        "order": order,
        "paths_url": link(request, "exposure:paths"),
        "what_if_url": link(request, "exposure:what-if"),
        "notices": [] if wants_piece(request) else notices(),
        "tried": None,
        "changes": [],
    }
    if answer is not None:
        off = frozenset(request.GET.getlist("off")[:MOST_TICKED])
        changes = answer.analysis.changes
        ticked = frozenset(row.id for row in changes if token_of(row) in off)
        context["tried"] = tried_rows(try_changes(answer, ticked))
        tokens = sorted(token_of(row) for row in changes if row.id in ticked)
        if ticked:
            context["plan_with_url"] = planner_link(request, tokens)
        context["changes"] = change_rows(
            changes,
            answer.snapshot,
            known=makings(answer),
            most=MOST_SHOWN,
            order=order,
            ticked=ticked,
        )
        context["orders"] = order_rows(
            order, query=lambda each: _query(counted, each, tokens)
        )
    return render_page(
        request,
        "exposure/paths/what_if.html",
        context,
        piece="exposure/paths/_what_if.html",
    )


def _query(counted: str, order: str, tokens: Iterable[str]) -> str:
    asked = [("grade", counted), ("order", order), *(("off", each) for each in tokens)]
    return "?" + urlencode([pair for pair in asked if pair[1]])
