"""Accepting an invitation to a workspace."""

from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tenants import doors
from tenants.models import Invitation, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import invitations
from tenants.services.sign_on import identities, providers, questions
from tenants.views.joining import Company, Offered, answer, gone
from tenants.views.sso_link import arrival_of


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
        return answer(request, _offered(request, place, row, token))


join.open_to_all = True  # type: ignore[attr-defined]  # see tenants.middleware


def _offered(
    request: HttpRequest, place: Workspace, row: Invitation, token: str
) -> Offered:
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
        company=_company(request, place, row),
    )


def _company(request: HttpRequest, place: Workspace, row: Invitation) -> Company:
    rows = providers.configured()
    waits = questions.waiting(request)
    named = {str(each.pk): each for each in rows}
    if waits is None or waits.email != row.email or waits.provider not in named:
        waits = None

    def enter(user: User) -> None:
        if waits is None:
            return
        provider = named[waits.provider]
        identities.link(provider, subject=waits.subject, user=user, proof="invitation")
        doors.enter_by(request, user, provider, arrival_of(waits))
        identities.note_entry(provider, user, again=False)
        questions.wait_no_more(request)

    return Company(place.slug, rows, waits, enter)
