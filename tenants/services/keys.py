"""Keys of the API: made and revoked by people who may, and known again when they come."""

import datetime as dt
import hmac
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from allauth.mfa.utils import is_mfa_enabled
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from common.plain_text import reads_as_stored
from tenants.access import may
from tenants.key_scopes import RIGHT_OF, KeyScope
from tenants.logic.api_tokens import Token, new_token
from tenants.models import ApiKey, Membership, Portal
from tenants.rights import Right
from tenants.second_factor import needs_second
from tenants.services import ledger
from tenants.services.people import standing

LONGEST = dt.timedelta(days=365)
MAX_NAME = 80
NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; its secret is nowhere else."""

    row: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a key; no site means all that its maker answers for."""

    name: str
    scopes: Collection[str]
    expires_at: dt.datetime
    site_ids: Collection[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Bearer:
    """A key that was shown, with what its maker is in the workspace right now."""

    key: ApiKey
    membership: Membership

    @property
    def sites(self) -> frozenset[uuid.UUID] | None:
        """The sites the key gets at: its own and its maker's; None is every site."""
        own, makers = frozenset(self.key.site_ids), self.membership.site_ids
        if own and makers:
            return own.intersection(makers)
        return own or frozenset(makers) or None

    def check(self, scope: KeyScope) -> None:
        """Raise NotAllowed unless key and maker may do it, at this moment."""
        if scope not in self.key.scopes:
            raise NotAllowed(f"This key may not {scope.label}: it lacks {scope.value}.")
        right = RIGHT_OF[scope]
        if not may(self.membership, right):
            raise NotAllowed(
                f"Whoever made this key may not {right.label} (any more), so the key "
                "may not either."
            )

    def check_door(self) -> None:
        """Raise NotAllowed where its maker would not get in either."""
        row, place = self.membership, self.membership.workspace
        if not row.is_provider and place.portal == Portal.OFF:
            raise NotAllowed("The portal of this workspace is closed.")
        if needs_second(row) and not is_mfa_enabled(row.user):
            raise NotAllowed("Whoever made this key needs a second factor first.")


@transaction.atomic
def make(wish: Wish, *, by: Membership, sites: frozenset[uuid.UUID]) -> NewKey:
    """Make a key; return it with its secret, which is shown this once.

    `sites` are those that there are. Raises NotAllowed without the right, InvalidInput
    for a field, and Conflict for a name that is taken.
    """
    me = standing(by, Right.KEYS)
    name = " ".join(wish.name.split())
    if not 0 < len(name) <= MAX_NAME or not reads_as_stored(name):
        raise InvalidInput("name", f"Give it a name of at most {MAX_NAME} characters.")
    scopes = _scopes(wish.scopes, me)
    _check_sites(wish.site_ids, me, sites)
    now = timezone.now()
    if not now < wish.expires_at <= now + LONGEST:
        raise InvalidInput("expires_at", "A key ends within a year.")
    _free_names(now)
    token = new_token(me.workspace_id)
    try:
        with transaction.atomic():
            row = ApiKey.objects.create(
                name=name,
                handle=token.handle,
                token_hash=token.sha256,
                scopes=scopes,
                site_ids=sorted(set(wish.site_ids)),
                made_by=me.user,
                place_id=me.pk,
                expires_at=wish.expires_at,
            )
    except IntegrityError as error:
        raise Conflict("A key with this name is there already.") from error
    _record("key.made", row, by=me, verb="made")
    return NewKey(row, token.text)


@transaction.atomic
def revoke(key_id: uuid.UUID, *, by: Membership) -> ApiKey:
    """End a key at once; ending it twice changes nothing.

    Raises NotAllowed without the right and ApiKey.DoesNotExist.
    """
    me = standing(by, Right.KEYS)
    row = ApiKey.objects.select_for_update().get(pk=key_id)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = timezone.now(), me.user
        row.save(update_fields=["revoked_at", "revoked_by"])
        _record("key.revoked", row, by=me, verb="revoked")
    return row


def recognise(token: Token) -> Bearer | None:
    """Return who shows this secret, or None; call it in the scope of its workspace.

    Unknown, wrong, expired, revoked, and made by somebody who is no member any more:
    all the same to whoever asks.
    """
    row = ApiKey.objects.filter(handle=token.handle).first()
    right = hmac.compare_digest(row.token_hash if row else NO_HASH, token.sha256)
    if row is None or not right:
        return None
    if row.revoked_at is not None or row.expires_at <= timezone.now():
        return None
    member = (
        Membership.objects.current()
        .select_related("user", "workspace__provider")
        .filter(pk=row.place_id, user_id=row.made_by_id, workspace_id=row.workspace_id)
        .first()
    )
    return Bearer(row, member) if member else None


def note_use(key: ApiKey) -> None:
    """Write down that the key was used in this hour, once."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    if key.used_at != hour:
        ApiKey.objects.filter(pk=key.pk).update(used_at=hour)


def grantable(by: Membership) -> list[KeyScope]:
    """Return what this person may give to a key: what they may do themselves."""
    return [scope for scope in KeyScope if may(by, RIGHT_OF[scope])]


def _scopes(asked: Collection[str], by: Membership) -> list[str]:
    if not asked or not set(asked) <= set(KeyScope.values):
        raise InvalidInput("scopes", "Choose what the key may do.")
    able = {scope.value for scope in grantable(by)}
    if beyond := sorted(set(asked) - able):
        raise NotAllowed(f"You cannot give what you may not do: {', '.join(beyond)}.")
    return [scope.value for scope in KeyScope if scope.value in asked]


def _free_names(now: dt.datetime) -> None:
    """Let go of the names of keys that have ended by their date."""
    over = ApiKey.objects.filter(revoked_at=None, expires_at__lte=now)
    over.update(revoked_at=models.F("expires_at"))


def _check_sites(
    asked: Collection[uuid.UUID], by: Membership, there: frozenset[uuid.UUID]
) -> None:
    if not there.issuperset(asked):
        raise InvalidInput("sites", "Choose sites of this workspace.")
    if by.site_ids and not set(by.site_ids).issuperset(asked):
        raise NotAllowed("You cannot give sites that you do not answer for.")


def _record(action: str, row: ApiKey, *, by: Membership, verb: str) -> None:
    ledger.append(
        action,
        about=f"key {row.handle}",
        by=by,
        text=f"{by.user} {verb} the key {row.name}.",
        change=ledger.Change(
            after={
                "name": row.name,
                "handle": row.handle,
                "scopes": row.scopes,
                "sites": sorted(str(site) for site in row.site_ids),
                "until": row.expires_at.isoformat(),
                "revoked": row.revoked_at is not None,
            }
        ),
    )
