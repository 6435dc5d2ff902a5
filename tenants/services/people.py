"""Places of people: changed, left and ended by those who may, and written down."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from tenants.access import may, staff_may
from tenants.logic import ladder
from tenants.logic.employment import is_cut
from tenants.models import Membership, Role, Side, Staff, User, Workspace
from tenants.models.memberships import PROVIDER_ROLES
from tenants.rights import ProviderRight, Right
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services import ledger
from tenants.services.sign_on import identities
from tenants.services.vouching import admins_now, hold_unvouched

LONGEST_OWN = dt.timedelta(hours=24)
LONGEST = dt.timedelta(days=90)
MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class Offer:
    """A place at the customer: role, side for owners, sites (none: all), administrator."""

    role: str
    side: str = ""
    site_ids: tuple[uuid.UUID, ...] = ()
    is_admin: bool = False


def place_of(row: Membership) -> ladder.Place:
    """Return what the rules need of a membership."""
    return ladder.Place(str(row.user_id), row.role, is_admin=row.is_admin)


def check_offer(offer: Offer, *, sites: frozenset[uuid.UUID]) -> None:
    """Raise InvalidInput for a place that cannot be; `sites` are those that there are."""
    if offer.role not in set(Role) - PROVIDER_ROLES:
        raise InvalidInput("role", "Choose a role of the customer.")
    owner = offer.role == Role.OWNER
    if owner != (offer.side in {Side.IT, Side.OT}):
        raise InvalidInput("side", "An owner has a side, IT or OT; nobody else has.")
    if not sites.issuperset(offer.site_ids):
        raise InvalidInput("sites", "Choose sites of this workspace.")
    if offer.is_admin and offer.site_ids:
        raise InvalidInput(
            "sites", "An administrator answers for all sites: choose none."
        )


@transaction.atomic
def change(
    person_id: uuid.UUID,
    offer: Offer,
    *,
    by: Membership,
    sites: frozenset[uuid.UUID],
) -> Membership:
    """Give a person of the customer another place.

    Raises NotAllowed after the rules of `logic.ladder`, InvalidInput for a place that
    cannot be, Membership.DoesNotExist for somebody who is no member here.
    """
    row, me, admins = _locked(person_id), standing(by, Right.PEOPLE), _admins()
    ladder.check_change(
        place_of(me), place_of(row), admins=admins, stays=offer.is_admin
    )
    check_offer(offer, sites=sites)
    if offer.is_admin and not row.is_admin and not me.is_admin and admins:
        raise NotAllowed("Only an administrator makes administrators.")
    before = shown(row)
    row.role, row.side, row.is_admin = offer.role, offer.side, offer.is_admin
    row.site_ids = list(offer.site_ids)
    row.save(update_fields=["role", "side", "is_admin", "site_ids"])
    _record("people.changed", row, by=me, verb="changed", before=before)
    hold_unvouched(by=me)
    return row


@transaction.atomic
def remove(person_id: uuid.UUID, *, by: Membership) -> None:
    """Take a person of the customer out; what they signed stays."""
    row, me = _locked(person_id), standing(by, Right.PEOPLE)
    ladder.check_change(place_of(me), place_of(row), admins=_admins(), stays=False)
    before = shown(row)
    _record("people.removed", row, by=me, verb="removed", before=before, gone=True)
    identities.forget(row.user_id)
    row.delete()
    hold_unvouched(by=me)


@transaction.atomic
def leave(*, by: Membership) -> None:
    """Give up the own place, unless nobody would lead then."""
    row = _locked(by.user_id)
    if row.is_admin:
        ladder.check_led(place_of(row), admins=_admins())
    action = "access.revoked" if row.is_provider else "people.left"
    _record(action, row, by=by, verb="left as", before=shown(row), gone=True)
    identities.forget(row.user_id)
    row.delete()
    hold_unvouched(by=by)


@transaction.atomic
def end_access(person_id: uuid.UUID, *, by: Membership) -> None:
    """End the access of somebody of the provider at once, whatever the portal's level."""
    row, me = _locked(person_id), standing(by, Right.END)
    if not ladder.may_end(place_of(me), place_of(row)):
        raise NotAllowed(
            "An administrator of the customer ends access of the provider, "
            "a manager that of an analyst."
        )
    _record(
        "access.revoked",
        row,
        by=me,
        verb="ended the access of",
        before=shown(row),
        gone=True,
    )
    row.delete()


@transaction.atomic
def open_access(
    workspace: Workspace,
    *,
    to: User,
    role: str,
    time: dt.timedelta,
    reason: str,
    by: Staff,
) -> Membership:
    """Let somebody of the provider into a workspace, for a time and a reason.

    The own access lasts a day at most; a colleague's, opened by a manager, ninety.
    Nobody opens access above the own level. Raises NotAllowed, InvalidInput, and
    Staff.DoesNotExist when the person does not work for this provider.
    """
    # Locked: whoever is let go at this moment is not let in.
    employed = Staff.objects.select_for_update().order_by("pk")
    colleague = employed.get(user=to, provider_id=by.provider_id)
    own = to.pk == by.user_id
    needed = ProviderRight.OPEN if own else ProviderRight.GRANT
    if workspace.provider_id != by.provider_id or not staff_may(by, needed):
        raise NotAllowed(f"Your role may not {needed.label}.")
    if is_cut(role, role=colleague.role) or is_cut(role, role=by.role):
        raise NotAllowed("Nobody gets in above the own level.")
    if not dt.timedelta(0) < time <= (LONGEST_OWN if own else LONGEST):
        longest = "24 hours" if own else "90 days"
        raise InvalidInput("time", f"At most {longest}.")
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidInput("reason", f"Say why, in at most {MAX_REASON} characters.")
    with workspace_scope(workspace.pk):
        return _open(workspace, to, role, timezone.now() + time, reason, by.user)


def _open(
    workspace: Workspace,
    to: User,
    role: str,
    until: dt.datetime,
    reason: str,
    by: User,
) -> Membership:
    there = Membership.objects.filter(user=to, workspace=workspace).first()
    if there is not None and not there.is_provider:
        raise NotAllowed("This person has a place at the customer already.")
    row, _ = Membership.objects.update_or_create(
        user=to,
        workspace=workspace,
        defaults={
            "role": role,
            "expires_at": until,
            "reason": reason,
            "granted_by": by,
        },
    )
    ledger.append(
        "access.granted",
        about=f"person {to.pk}",
        by=by,
        text=f"{to} of {workspace.provider} may come in as {Role(role).label.lower()} "
        f"until {until:%d %b %Y, %H:%M} UTC: {reason}",
        change=ledger.Change(before=shown(there) if there else None, after=shown(row)),
    )
    return row


def shown(row: Membership) -> dict[str, Any]:
    """Return a place as the ledger keeps it."""
    return {
        "role": row.role,
        "side": row.side,
        "sites": sorted(str(site) for site in row.site_ids),
        "administrator": row.is_admin,
        "until": row.expires_at.isoformat() if row.expires_at else None,
        "reason": row.reason,
    }


def standing(by: Membership, right: Right) -> Membership:
    """Return the person's place as it is now, locked until the change is done.

    Raises NotAllowed without the right: what the page knew may be over by now.
    """
    now = (
        Membership.objects.current()
        .select_for_update(of=("self",))
        .select_related("user", "workspace__provider")
        .filter(pk=by.pk)
        .first()
    )
    if now is None or not may(now, right):
        raise NotAllowed(f"Your role may not {right.label}.")
    return now


def _admins() -> list[str]:
    return [str(person) for person in admins_now()]


def _locked(person_id: uuid.UUID) -> Membership:
    """Return a membership; whoever administers is locked, so that one always stays."""
    here = Membership.objects.select_for_update(of=("self",)).select_related("user")
    rows = list(here.filter(workspace_id=current_workspace_id()).order_by("pk"))
    for row in rows:
        if row.user_id == person_id:
            return row
    raise Membership.DoesNotExist


def _record(
    action: str,
    row: Membership,
    *,
    by: Membership,
    verb: str,
    before: dict[str, Any],
    gone: bool = False,
) -> None:
    ledger.append(
        action,
        about=f"person {row.user_id}",
        by=by,
        text=f"{by.user} {verb} {row.user}.",
        change=ledger.Change(before=before, after=None if gone else shown(row)),
    )
