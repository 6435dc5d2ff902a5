"""Opens the workspace scope around a view and its rendering."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from common.errors import Conflict, DomainError
from tenants.access import membership_or_404
from tenants.models import Membership
from tenants.scope import workspace_scope

BAD_REQUEST, CONFLICT, SERVER_ERROR = 400, 409, 500


class WorkspaceMiddleware:
    """URL part `workspace` -> membership -> scope; views never see the slug.

    Everything under a workspace needs a signed-in member. A lazy response is
    rendered before the transaction closes, and an error rolls it back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the work is done once the view is known."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Run views of a workspace inside its scope."""
        slug = kwargs.pop("workspace", None)
        if slug is None:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        membership = membership_or_404(request.user, slug)
        request.membership = membership  # type: ignore[attr-defined]  # see MemberRequest
        request.workspace = membership.workspace  # type: ignore[attr-defined]  # see MemberRequest
        with timezone.override(ZoneInfo(membership.workspace.time_zone)):
            try:
                return _in_scope(membership, lambda: view(request, *args, **kwargs))
            except DomainError as error:
                # A broken rule that the view did not show itself: say it, keep nothing.
                status = CONFLICT if isinstance(error, Conflict) else BAD_REQUEST
                page = loader.get_template("400.html")
                text = page.render({"message": str(error)}, request)
                return HttpResponse(text, status=status)


def _in_scope(
    membership: Membership, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    with workspace_scope(membership.workspace_id):
        response = answer()
        if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
            response = response.render()
        if response.status_code >= SERVER_ERROR:
            transaction.set_rollback(True)
        return response
