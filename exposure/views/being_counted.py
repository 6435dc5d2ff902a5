"""What a page shows whose figures are not counted yet, and what takes its place."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from common.htmx import render_page
from exposure.services.counting import BeingCounted, NotCounted
from exposure.views.links import link

View = Callable[..., HttpResponse]
WATCHING = "counting"
"""The id of the part that asks again and again."""


def or_being_counted(view: View) -> View:
    """Make a page say that its figures are being counted, until they are.

    The page asks again by itself, and is loaded anew once there is an answer.
    """

    @functools.wraps(view)
    def shown(request: Any, **place: Any) -> HttpResponse:
        is_watching = bool(request.htmx) and request.htmx.target == WATCHING
        try:
            response = view(request, **place)
        except BeingCounted:
            return _page(request, "", is_watching=is_watching)
        except NotCounted as error:
            return _page(request, str(error), is_watching=is_watching)
        if is_watching:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return response

    return shown


def _page(request: Any, why_not: str, *, is_watching: bool) -> HttpResponse:
    context = {
        "why_not": why_not,
        "here": request.get_full_path(),
        "paths_url": link(request, "exposure:paths"),
    }
    if is_watching:
        return render(request, "exposure/paths/_counting.html", context)
    return render_page(
        request,
        "exposure/paths/being_counted.html",
        context,
        piece="exposure/paths/_being_counted.html",
    )
