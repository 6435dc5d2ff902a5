"""The door of the API: a key opens the scope of its workspace, and nothing else does."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from common.errors import NotAllowed
from tenants.api.limits import is_spent, spend
from tenants.api.problems import in_our_shape, problem, too_many, unauthorised
from tenants.entrance import address_of
from tenants.logic.api_tokens import Token, read_token
from tenants.origin import coming_from, origin
from tenants.scope import site_scope, workspace_scope
from tenants.services.keys import Bearer, note_use, recognise
from tenants.services.visits import note_visit

ROOM = "/api/"


class ApiEdge:
    """What holds for every answer below /api/, also where no view was reached.

    Cookies are taken away before anybody looks at them: a session is no key. Errors are
    problem details, and nothing is kept by caches.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let a request of the API through, if its address asks not too often."""
        if not request.path_info.startswith(ROOM):
            return self.get_response(request)
        request.COOKIES = {}
        wait = spend("address", address_of(request))
        answer = too_many(wait) if wait else in_our_shape(self.get_response(request))
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def by_key(
    request: HttpRequest, slug: str, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    """Answer inside the scope of the workspace of the key that the request shows.

    Everything that is no valid key gets the same 401, whatever the address. A valid key
    at the address of another workspace finds nothing, as at one that is not there.
    """
    address, token = address_of(request), _shown(request)
    if wait := is_spent("wrong", address):
        return too_many(wait)
    if token is None:
        spend("wrong", address)
        return unauthorised()
    with timezone.override(dt.UTC), workspace_scope(token.workspace_id):
        bearer = recognise(token)
        if bearer is None:
            spend("wrong", address)
            return unauthorised()
        if bearer.membership.workspace.slug != slug:
            return problem(404)
        return _let_in(request, bearer, answer)


def _shown(request: HttpRequest) -> Token | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return read_token(text) if scheme.lower() == "bearer" else None


def _let_in(
    request: HttpRequest, bearer: Bearer, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    key, member = bearer.key, bearer.membership
    workspace = str(key.workspace_id)
    if wait := spend("key", str(key.pk)) or spend("workspace", workspace):
        return too_many(wait)
    kind = "provider" if member.is_provider else "person"
    with coming_from(replace(origin(), kind=kind, key=key.name)):
        try:
            bearer.check_door()
        except NotAllowed as error:
            return problem(403, str(error))
        if member.is_provider:
            note_visit(member)
        note_use(key)
        request.bearer = bearer  # type: ignore[attr-defined]  # see tenants.api.endpoints
        with site_scope(member.site_ids), site_scope(key.site_ids):
            return answer()
