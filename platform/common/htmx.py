"""One view, two answers: the whole page, or the piece of it that htmx asked for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

# The request headers that decide which of the two is sent; caches must keep them apart.
DECIDING_HEADERS = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request")


class HtmxRequest(HttpRequest):
    """A request that passed the htmx middleware."""

    htmx: HtmxDetails


def wants_piece(request: HttpRequest) -> bool:
    """Say whether htmx asked for a part of a page it already shows.

    A boosted link and a restored history entry replace the whole page, so they get
    the page. A request that did not pass the htmx middleware gets the page too.
    """
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if not htmx:
        return False
    return not (htmx.boosted or htmx.history_restore_request)


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    piece: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or `piece` when htmx asked for it and the page has one.

    Both get the same context. `piece` is the name of a template with an underscore
    that `template` includes. Answer 422 to a form with errors: htmx swaps it in.
    """
    name = piece if piece is not None and wants_piece(request) else template
    response = render(request, name, dict(context), status=status)
    patch_vary_headers(response, DECIDING_HEADERS)
    return response
