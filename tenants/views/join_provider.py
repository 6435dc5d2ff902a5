"""Accepting an invitation of a provider: a post, or a seat in a group."""

from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tenants.models import Group, Provider, ProviderInvitation, User
from tenants.services import provider_invitations, seats, staffing
from tenants.views.joining import Offered, answer, gone


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_provider(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Show an invitation; a POST accepts it. Looking at it changes nothing."""
    too_many: HttpResponse | None = consume_or_429(request, action="join")
    if too_many is not None:
        return too_many
    place = Provider.objects.filter(slug=provider).first()
    row = provider_invitations.find(token, provider=place) if place else None
    if row is None:
        return gone(request)
    return answer(request, _seat(row, row.group) if row.group else _post(row))


join_provider.open_to_all = True  # type: ignore[attr-defined]  # see tenants.middleware


def _post(row: ProviderInvitation) -> Offered:
    def accept(user: User) -> str:
        staffing.accept(row, user=user)
        return reverse("tenants:provider", args=[row.provider.slug])

    return Offered(
        provider=row.provider,
        email=row.email,
        name=row.name,
        title=f"{row.provider} invites you to work with it",
        text=f"As {row.get_role_display().lower()}, invited by {row.invited_by}.",
        accept=accept,
    )


def _seat(row: ProviderInvitation, group: Group) -> Offered:
    def accept(user: User) -> str:
        seats.accept(row, user=user)
        return reverse("workflows:group", args=[group.slug])

    return Offered(
        provider=row.provider,
        email=row.email,
        name=row.name,
        title=f"{row.provider} invites you to {group}",
        text="You see the counts of those companies that share them with the group, "
        "and no workspace.",
        accept=accept,
    )
