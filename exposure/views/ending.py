"""Page: what ends every way to one line, or why there is none and what would open one."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from common.htmx import render_page, wants_piece
from exposure.models import Line
from exposure.services import paths as answers
from exposure.services.change_offers import offers
from exposure.services.ending import ending_of
from exposure.services.paths import PathAnswer
from exposure.views.being_counted import or_being_counted
from exposure.views.ending_rows import EndingPage, ending_page
from exposure.views.links import link
from exposure.views.notices import notices
from exposure.views.path_page import VIEWS
from exposure.views.path_rows import Choice, ViewRow
from exposure.views.paths import counted_in, pages_of
from exposure.views.route_rows import Routes, routes_of
from tenants.access import MemberRequest, needs
from tenants.rights import Right


@require_safe
@needs(Right.READ)
@or_being_counted
def ending(request: MemberRequest, line: uuid.UUID) -> HttpResponse:
    """Show it for a line; 404 for one that is not the reader's."""
    mine = get_object_or_404(Line, pk=line)
    counted = counted_in(request)
    answer = answers.latest(counted)
    page = _page(request, answer, str(mine.pk))
    context = {
        "name": mine.name,
        "ending": page,
        "notices": [] if wants_piece(request) else notices(),
        "routes": _routes(request, answer, str(mine.pk)),
        "method_url": link(request, "exposure:method"),
        "paths_url": link(request, "exposure:paths"),
        "plans_url": link(request, "exposure:plans"),
        "costs_url": link(request, "exposure:costs"),
        "views": [
            ViewRow(Choice(counted=how).query(), label, current=how == counted)
            for label, how in VIEWS
        ],
    }
    return render_page(
        request,
        "exposure/paths/ending.html",
        context,
        piece="exposure/paths/_ending.html" if page else None,
    )


def _page(
    request: MemberRequest, answer: PathAnswer | None, line_id: str
) -> EndingPage | None:
    found = ending_of(answer, line_id) if answer else None
    if found is None:
        return None
    known = offers() if found.ending else {}
    lines = list(Line.objects.values_list("pk", "name", "hourly_cost"))
    return ending_page(
        found,
        lines={str(pk): name for pk, name, _ in lines},
        rates={str(pk): float(rate) for pk, _, rate in lines if rate},
        own=known.__contains__,
        url_of=lambda key: link(request, "exposure:cost", change=key),
    )


def _routes(
    request: MemberRequest, answer: PathAnswer | None, line_id: str
) -> Routes | None:
    if answer is None:
        return None
    line = next((row for row in answer.analysis.lines if row.line_id == line_id), None)
    return routes_of(answer, line, pages_of(request, answer.counted))
