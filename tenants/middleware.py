"""Opens the workspace scope around a view and its rendering."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from common.errors import Conflict, DomainError
from tenants import doors
from tenants.access import membership_or_404, staff_or_404
from tenants.api.entrance import by_key
from tenants.entrance import enter, origin_of
from tenants.group_access import seat_or_404
from tenants.models import User
from tenants.origin import coming_from, origin
from tenants.scope import site_scope, workspace_scope
from tenants.second_factor import needs_second
from tenants.services.fresh import ask_for_second, is_strong

PLACES = frozenset({"workspace", "provider", "group"})
BAD_REQUEST, CONFLICT, SERVER_ERROR = 400, 409, 500


class WorkspaceMiddleware:
    """URL part `workspace` -> membership -> scope; views never see the slug.

    Everything under a workspace needs a signed-in member, everything under a provider
    a signed-in employee, everything under a group somebody with a seat in it. Inside, a
    member reads the own sites. A lazy response is rendered before the transaction closes,
    and an error rolls it back. A view that is `open_to_all`, such as an invitation's,
    keeps the slug and opens the scope itself. A view that `takes_key` is the API's: the
    key decides, and who is signed in does not matter.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the work is done once the view is known."""
        with coming_from(origin_of(request)):
            return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Run views of a workspace inside its scope, views of a provider for its staff."""
        if getattr(view, "takes_key", False):
            slug = kwargs.pop("workspace")
            return by_key(
                request, slug, lambda: _answer(lambda: view(request, *args, **kwargs))
            )
        away = doors.turn_away(request, view, kwargs)
        if away is not None:
            return away
        if getattr(view, "open_to_all", False) or not kwargs.keys() & PLACES:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            return self._inside(request, view, args, kwargs)
        except DomainError as error:
            # A broken rule that the view did not show itself: say it, keep nothing.
            status = CONFLICT if isinstance(error, Conflict) else BAD_REQUEST
            page = loader.get_template("400.html")
            text = page.render({"message": str(error)}, request)
            return HttpResponse(text, status=status)

    def _inside(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse:
        assert isinstance(request.user, User)  # noqa: S101 - signed in, see the caller
        if "group" in kwargs:
            return _for_a_group(request, request.user, view, args, kwargs)
        if "provider" in kwargs:
            return _for_a_provider(request, request.user, view, args, kwargs)
        membership = membership_or_404(request.user, kwargs.pop("workspace"))
        if doors.is_shut(request, membership):
            logout(request)
            return redirect_to_login(request.get_full_path())
        if doors.must_come_through(request, membership):
            return doors.to_the_company(request, membership.workspace.slug)
        if needs_second(membership) and not is_strong(
            request, at=membership.workspace_id
        ):
            return ask_for_second(request)
        request.membership = membership  # type: ignore[attr-defined]  # see MemberRequest
        request.workspace = membership.workspace  # type: ignore[attr-defined]  # see MemberRequest
        with (
            timezone.override(ZoneInfo(membership.workspace.time_zone)),
            workspace_scope(membership.workspace_id),
            coming_from(enter(request, membership, view)),
            site_scope(membership.site_ids),
            # Who looks with another person's eyes sees what both of them may.
            site_scope(request.membership.site_ids),  # type: ignore[attr-defined]  # see MemberRequest
        ):
            return _answer(lambda: view(request, *args, **kwargs))


def _for_a_provider(
    request: HttpRequest,
    user: User,
    view: Callable[..., HttpResponse],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponse:
    staff = staff_or_404(user, kwargs.pop("provider"))
    if staff.role in staff.provider.second_factor_roles and not is_strong(request):
        return ask_for_second(request)
    request.staff = staff  # type: ignore[attr-defined]  # see StaffRequest
    request.provider = staff.provider  # type: ignore[attr-defined]  # see StaffRequest
    ours = replace(origin(), kind="provider")
    with transaction.atomic(), coming_from(ours):
        return _answer(lambda: view(request, *args, **kwargs))


def _for_a_group(
    request: HttpRequest,
    user: User,
    view: Callable[..., HttpResponse],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponse:
    seat = seat_or_404(user, kwargs.pop("group"))
    request.seat = seat  # type: ignore[attr-defined]  # see SeatRequest
    request.group = seat.group  # type: ignore[attr-defined]  # see SeatRequest
    with transaction.atomic():
        return _answer(lambda: view(request, *args, **kwargs))


def _answer(answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer in the transaction that is open; a fault takes back what was done."""
    response = answer()
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        response = response.render()
    if response.status_code >= SERVER_ERROR:
        transaction.set_rollback(True)
    return response
