"""Through which door a session came, and what it opens.

Accounts are known by their address to the whole installation, identity providers belong
to one customer. So a session that a customer's identity provider has opened opens this
customer's workspace and nothing else. Whoever signed in here and then came through the
company as well keeps what they had.
"""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import user_logged_in
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from tenants.logic.arrivals import Arrival
from tenants.models import IdentityProvider, Membership, User, Workspace
from tenants.scope import workspace_scope
from tenants.services.fresh import COMPANY, is_strong
from tenants.services.sign_on import identities, sessions
from tenants.services.sign_on.sessions import KEY, came_through, only

FORBIDDEN = 403
# What a session of one workspace opens besides it: leaving, and confirming with a
# factor of one's own. Whatever is not named here stays shut.
OPEN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "usersessions_list",
        "usersessions_end",
        "tenants-api:openapi",  # the same for everybody, and so are the looks
        "tenants:brand-css",
        "tenants:brand-png",
    }
)
# Open to all, but one customer's sign-in takes no place elsewhere.
TAKEN_IN_PERSON = frozenset({"tenants:join", "tenants:join-provider"})
# Pages that show all places of a person: such a session has one.
LEAD_IN = frozenset({"workflows:home", "workflows:customers", "tenants:switch"})


def enter_by(
    request: HttpRequest, user: User, row: IdentityProvider, arrival: Arrival
) -> None:
    """Sign a person in through an identity provider; inside its workspace's scope."""
    bound, same = only(request), request.user == user
    if not same or (bound is not None and bound.workspace_id != row.workspace_id):
        if request.user.is_authenticated:
            logout(request)
        get_adapter().login(request, user)
        user_logged_in.send(sender=User, request=request, user=user)
        slug = Workspace.objects.values_list("slug", flat=True).get(pk=row.workspace_id)
        request.session[KEY] = {"only": [str(row.workspace_id), slug]}
        sessions.note(str(request.session.session_key), provider_id=row.pk)
    noted = dict(request.session.get(KEY) or {})
    through = {**noted.get("through", {}), str(row.workspace_id): str(row.pk)}
    request.session[KEY] = {**noted, "through": through}
    record_authentication(
        request,
        user,
        method=COMPANY,
        type=row.method,
        at=arrival.at.timestamp() if arrival.at else 0.0,
        workspace=str(row.workspace_id),
        strong=identities.counts_as_two(row, arrival),
    )


def turn_away(
    request: HttpRequest, view: Callable[..., object], kwargs: Mapping[str, Any]
) -> HttpResponse | None:
    """Return the refusal of a page that this session does not open, or None.

    It is the same for a place that the person has elsewhere and for one that is not
    there: the identity provider could ask in their name.
    """
    bound = only(request)
    if bound is None or not request.user.is_authenticated:
        return None
    match = request.resolver_match
    name = match.view_name if match else ""
    if getattr(view, "open_to_all", False) and name not in TAKEN_IN_PERSON:
        return None
    if not kwargs.keys() & {"workspace", "provider", "group"}:
        if name in LEAD_IN:
            return redirect("workflows:today", workspace=bound.slug)
        if name in OPEN:
            return None
    elif kwargs.get("workspace") == bound.slug and name not in TAKEN_IN_PERSON:
        return None
    return elsewhere(request)


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Say that this session does not lead there."""
    return render(request, "tenants/sign_on/elsewhere.html", status=FORBIDDEN)


def must_come_through(request: HttpRequest, membership: Membership) -> bool:
    """Whether the workspace asks this person to come in through the company.

    Its administrators get in with a second factor of their own as well: an identity
    provider that broke down must not lock everybody out for good.
    """
    if membership.is_provider or not membership.workspace.sign_on_required:
        return False
    if came_through(request, membership.workspace_id) is not None:
        return False
    return not (membership.is_admin and is_strong(request))


def to_the_company(request: HttpRequest, slug: str) -> HttpResponse:
    """Send somebody to the company's sign-in; from there they come back to the page."""
    safe = request.method in {"GET", "HEAD"}
    back = {"next": request.get_full_path()} if safe else {}
    path = reverse("tenants:sso-door", args=[slug])
    if back:
        path = f"{path}?{urlencode(back)}"
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(path)
    return HttpResponseRedirect(path)


def is_shut(request: HttpRequest, membership: Membership) -> bool:
    """Whether the link that this session came through is undone, so that it is over.

    Whoever signed in here besides only comes through the company no more.
    """
    bound = only(request)
    if bound is not None and membership.is_provider:
        return True
    provider_id = came_through(request, membership.workspace_id)
    if provider_id is None:
        return bound is not None
    with workspace_scope(membership.workspace_id):
        if identities.is_linked(membership.user_id, provider_id=provider_id):
            return False
    noted = dict(request.session[KEY])
    del noted["through"][str(membership.workspace_id)]
    request.session[KEY] = noted
    return bound is not None
