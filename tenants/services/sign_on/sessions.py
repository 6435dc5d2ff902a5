"""Which sessions came through which identity provider, and how they end."""

import uuid
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from tenants.scope import current_workspace_id

KEY = "sign_on"  # in the session
WORKSPACE, PROVIDER = "sign_on_workspace", "sign_on_provider"


@dataclass(frozen=True, slots=True)
class Only:
    """The one workspace that a session opens."""

    workspace_id: uuid.UUID
    slug: str


def only(request: HttpRequest) -> Only | None:
    """Return the one workspace that this session opens, or None if it is bound to none."""
    bound = _noted(request).get("only")
    return Only(uuid.UUID(bound[0]), bound[1]) if bound else None


def came_through(request: HttpRequest, workspace_id: uuid.UUID) -> uuid.UUID | None:
    """Return the identity provider of the workspace that this session came through."""
    named = _noted(request).get("through", {}).get(str(workspace_id))
    return uuid.UUID(named) if named else None


def of_the_same_door(request: HttpRequest) -> dict[str, str]:
    """Return the filter for rows of sessions that a session may see and end.

    One that a company's sign-in has opened sees those of the same workspace.
    """
    bound = only(request)
    return {f"data__{WORKSPACE}": str(bound.workspace_id)} if bound else {}


def note(session_key: str, *, provider_id: uuid.UUID) -> None:
    """Remember that a session came through an identity provider of this workspace."""
    UserSession.objects.filter(session_key=session_key).update(
        data={WORKSPACE: str(current_workspace_id()), PROVIDER: str(provider_id)}
    )


def end_sessions(
    *, provider_id: uuid.UUID | None = None, user_id: uuid.UUID | None = None
) -> int:
    """End sessions that came through this workspace's providers; return how many."""
    rows = UserSession.objects.filter(
        **{f"data__{WORKSPACE}": str(current_workspace_id())}
    )
    if provider_id is not None:
        rows = rows.filter(**{f"data__{PROVIDER}": str(provider_id)})
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    ended = list(rows)
    for row in ended:
        row.end()
    return len(ended)


def _noted(request: HttpRequest) -> dict[str, Any]:
    noted = request.session.get(KEY)
    return noted if isinstance(noted, dict) else {}
