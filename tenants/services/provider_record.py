"""Adds to the record of a provider, in the transaction of the change it tells of."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tenants.models import Provider, ProviderEvent, User
from tenants.origin import origin
from tenants.services.ledger import MAX_TEXT, Change


def note(
    provider: Provider,
    action: str,
    *,
    about: str,
    by: User,
    text: str,
    change: Change | None = None,
) -> None:
    """Write down a change at a provider, as `ledger.append` does for a workspace."""
    source, what = origin(), change or Change()
    ProviderEvent.objects.create(
        provider=provider,
        at=timezone.now(),
        action=action,
        about=about,
        actor=by,
        actor_name=str(by),
        text=text[:MAX_TEXT],
        before=_plain(what.before),
        after=_plain(what.after),
        request=source.request,
        ip=source.ip,
    )


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else dict(values)
