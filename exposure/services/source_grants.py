"""Which outside sources may be asked: the customer's consent, and the keys."""

from django.db import transaction
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from common.sealing import SealBroken
from exposure.collectors.passive.contract import Source
from exposure.collectors.passive.sources import BY_NAME
from exposure.models import SourceGrant
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.scope import current_workspace_id
from tenants.services import ledger
from tenants.services.jobs import enqueue
from tenants.services.secrets import open_secret, seal_secret

LONGEST_KEY = 500


def source_named(name: str) -> Source:
    """Return a source. Raises InvalidInput for an unknown one."""
    if name not in BY_NAME:
        raise InvalidInput("source", "There is no such source.")
    return BY_NAME[name]


def is_open(grant: SourceGrant, source: Source) -> bool:
    """Say whether the source may be asked at all."""
    return grant.consented_at is not None and (
        not source.needs_key or grant.sealed_key is not None
    )


@transaction.atomic
def consent(name: str, *, by: Membership) -> SourceGrant:
    """Allow a source to be asked about the scope, for the customer.

    Raises NotAllowed for people who cannot permit that, above all the provider's.
    """
    source = source_named(name)
    _check_permits(by)
    grant = _grant(name)
    if grant.consented_at is None:
        grant.consented_by, grant.consented_at = by.user, timezone.now()
        grant.save(update_fields=["consented_by", "consented_at"])
        text = f"Allowed {source.title} to be asked. It learns: {source.learns}"
        _record("sources.allowed", grant, by=by, text=text)
        if is_open(grant, source):
            ask_soon()
    return grant


@transaction.atomic
def withdraw(name: str, *, by: Membership) -> SourceGrant:
    """Take the consent back: nothing more is asked. What was told stays."""
    source = source_named(name)
    _check_permits(by)
    grant = _grant(name)
    if grant.consented_at is not None:
        grant.consented_by = grant.consented_at = None
        grant.save(update_fields=["consented_by", "consented_at"])
        text = f"{source.title} is not asked any more."
        _record("sources.withdrawn", grant, by=by, text=text)
    return grant


@transaction.atomic
def set_key(name: str, key: str, *, by: Membership) -> SourceGrant:
    """Keep a key, sealed; it is never shown again. An empty one removes it.

    Raises InvalidInput for a source without keys, or a key that no source gives.
    """
    source = source_named(name)
    if not may(by, Right.OPERATE):
        raise NotAllowed("Your role may not set keys of sources.")
    key = key.strip()
    if not source.needs_key:
        raise InvalidInput("key", f"{source.title} takes no key.")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise InvalidInput("key", "This is not a key that a source gives.")
    grant = _grant(name)
    grant.sealed_key = seal_secret(key.encode(), context=_place(grant)) if key else None
    grant.key_set_at = timezone.now() if key else None
    grant.paused_until, grant.trouble = None, ""
    grant.save()
    word = "Set" if key else "Removed"
    _record(
        "sources.key_changed", grant, by=by, text=f"{word} the key of {source.title}."
    )
    if is_open(grant, source):
        ask_soon()
    return grant


def key_of(grant: SourceGrant) -> str:
    """Return the key; "" without one, or when it cannot be opened here."""
    if grant.sealed_key is None:
        return ""
    try:
        return open_secret(bytes(grant.sealed_key), context=_place(grant)).decode()
    except SealBroken:
        return ""


def reseal() -> int:
    """Seal the keys of all sources with the key in use; return how many."""
    rows = list(SourceGrant.objects.select_for_update().exclude(sealed_key=None))
    for grant in rows:
        grant.sealed_key = seal_secret(key_of(grant).encode(), context=_place(grant))
        grant.save(update_fields=["sealed_key"])
    return len(rows)


def ask_soon() -> None:
    """Have the sources asked now, once."""
    enqueue("exposure.ask_sources", key="asked")


def _grant(name: str) -> SourceGrant:
    SourceGrant.objects.get_or_create(source=name)
    return SourceGrant.objects.select_for_update(of=("self",)).get(source=name)


def _check_permits(by: Membership) -> None:
    if not may(by, Right.AUTHORISE) or by.site_ids:
        raise NotAllowed(
            "Only the customer's owners and approvers of all sites allow a source."
        )


def _record(action: str, grant: SourceGrant, *, by: Membership, text: str) -> None:
    ledger.append(action, about=f"source {grant.source}", by=by, text=text)


def _place(grant: SourceGrant) -> str:
    return f"workspace:{current_workspace_id()}/source:{grant.source}/key"
