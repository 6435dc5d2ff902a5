"""Accepting an invitation to a workspace."""

from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tenants.models import Invitation, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import invitations
from tenants.views.joining import Offered, answer, gone


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, workspace: str, token: str) -> HttpResponse:
    """Show an invitation; a POST accepts it. Looking at it changes nothing."""
    too_many: HttpResponse | None = consume_or_429(request, action="join")
    if too_many is not None:
        return too_many
    place = Workspace.objects.select_related("provider").filter(slug=workspace).first()
    if place is None:
        return gone(request)
    with workspace_scope(place.pk):
        row = invitations.find(token)
        if row is None:
            return gone(request)
        return answer(request, _offered(place, row, token))


join.open_to_all = True  # type: ignore[attr-defined]  # see tenants.middleware


def _offered(place: Workspace, row: Invitation, token: str) -> Offered:
    def accept(user: User) -> str:
        invitations.accept(token, user=user)
        return reverse("workflows:today", args=[place.slug])

    side = f" for {row.get_side_display()}" if row.side else ""
    admin = " and administrator" if row.is_admin else ""
    role = row.get_role_display().lower()
    return Offered(
        provider=place.provider,
        email=row.email,
        name=row.name,
        title=f"{place.name} invites you",
        text=f"As {role}{side}{admin}, looked after by {place.provider.name}.",
        accept=accept,
    )
