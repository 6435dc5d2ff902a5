"""Writes entries of the ledger, in the transaction of the change they tell of."""

import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from common.canonical import canonical_bytes
from common.ids import uuid7
from common.moments import microseconds
from tenants.models import LedgerDetail, LedgerEntry, LedgerPending, Membership, User
from tenants.origin import named, origin
from tenants.services.jobs import enqueue

SALT_BYTES = 16
MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, as JSON objects: how it was and how it is."""

    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def append(
    action: str,
    *,
    about: str,
    by: Membership | User | None = None,
    text: str = "",
    change: Change | None = None,
    site_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Append an entry to the ledger of the current workspace; return its id.

    `action` is a word such as "access.granted", `about` what it happened to ("SL-12",
    a person's id), `text` one sentence for people. The values of `change` and all names
    can be erased later without breaking the chain, which holds salted hashes of them. With `site_id`, people whose scope is
    other sites do not see the entry. It is chained when the transaction commits: a
    change that is rolled back leaves none, and no change commits without its entry.
    """
    now, salt, entry_id = timezone.now(), os.urandom(SALT_BYTES), uuid7()
    source, actor, kind, name = origin(), *_actor(by)
    what = change or Change()
    detail = {
        "after": None if what.after is None else dict(what.after),
        "before": None if what.before is None else dict(what.before),
        "ip": source.ip,
        "name": name,
        "on_behalf_of": source.seen_as_name,
        "text": text[:MAX_TEXT],
    }
    readable = canonical_bytes(detail)
    body = {
        "action": action,
        "actor": _text(actor),
        "actor_kind": kind,
        "after": _commitment(salt, detail["after"]),
        "at_us": microseconds(now),
        "before": _commitment(salt, detail["before"]),
        "detail": hashlib.sha256(salt + readable).hexdigest(),
        "object": about,
        "on_behalf_of": _text(source.seen_as),
        "request": source.request,
        "site": _text(site_id),
        "v": 1,
    }
    LedgerDetail.objects.create(id=entry_id, salt=salt, body=readable)
    LedgerPending.objects.create(
        id=entry_id,
        at=now,
        action=action,
        object_ref=about,
        actor_id=actor,
        site_id=site_id,
        body=canonical_bytes(body),
    )
    if action.startswith(settings.LEDGER_TOLD):
        enqueue(settings.LEDGER_TELLS, key="flow")
    return entry_id


def stretch(after: int, upto: int) -> models.QuerySet[LedgerEntry]:
    """Return the entries after one number up to another, in their order."""
    return LedgerEntry.objects.filter(seq__gt=after, seq__lte=upto).order_by("seq")


def visible() -> models.QuerySet[LedgerEntry]:
    """Return what the reader may read, newest first: in a scope of sites not all of it."""
    return LedgerEntry.objects.order_by("-seq")


def _actor(by: Membership | User | None) -> tuple[uuid.UUID | None, str, str]:
    """Return id, kind and name of who did it; a key is one of its maker's, and says so."""
    if by is None:
        return None, "system", ""
    kind, user = origin().kind, by.user if isinstance(by, Membership) else by
    if origin().key:
        kind = "key"
    elif isinstance(by, Membership):
        kind = "provider" if by.is_provider else "person"
    return user.pk, kind, named(user)


def _commitment(salt: bytes, value: object) -> str | None:
    if value is None:
        return None
    return hashlib.sha256(salt + canonical_bytes(value)).hexdigest()


def _text(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)
