"""Makes keys of the API."""

import datetime as dt
import uuid
from typing import Any

from django.utils import timezone

from tenants.key_scopes import KeyScope
from tenants.logic.api_tokens import new_token
from tenants.models import ApiKey, Membership, User
from tenants.scope import current_workspace_id


def make_key(user: User, *scopes: KeyScope, **values: Any) -> tuple[ApiKey, str]:
    """Make a key of the API in the current workspace; return it and its secret.

    Without scopes it may do everything that a key can.
    """
    token = new_token(current_workspace_id())
    values.setdefault("name", f"Key {token.handle}")
    values.setdefault("expires_at", timezone.now() + dt.timedelta(days=30))
    row = ApiKey.objects.create(
        handle=token.handle,
        token_hash=token.sha256,
        scopes=[scope.value for scope in scopes or KeyScope],
        made_by=user,
        place_id=_place_of(user),
        **values,
    )
    return row, token.text


def _place_of(user: User) -> uuid.UUID:
    """Return the person's place in the current workspace, or that of nobody."""
    here = Membership.objects.filter(user=user, workspace_id=current_workspace_id())
    return here.values_list("pk", flat=True).first() or uuid.uuid4()
