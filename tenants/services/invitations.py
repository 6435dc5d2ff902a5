"""Invitations: a place is offered by mail, and taken by who owns the mailbox."""

import uuid

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from common.errors import Conflict, NotAllowed
from tenants.logic import ladder
from tenants.models import (
    Invitation,
    InvitationState,
    Membership,
    User,
    Workspace,
)
from tenants.rights import Right
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services import apart, ledger
from tenants.services.accounts import (
    mail_address,
    name_or_none,
)
from tenants.services.jobs import enqueue
from tenants.services.offer_mail import send_offer
from tenants.services.people import Offer, check_offer, place_of, standing
from tenants.services.tokens import GONE, LASTS, hash_of, new_token
from tenants.services.vouching import admins_now, hold_unvouched, stands

OPEN = (InvitationState.HELD, InvitationState.SENT)


@transaction.atomic
def invite(
    email: str,
    offer: Offer,
    *,
    name: str,
    by: Membership,
    sites: frozenset[uuid.UUID],
) -> Invitation:
    """Offer a place by mail. It waits for an administrator if the provider invites.

    Raises NotAllowed after the rules of `logic.ladder`, InvalidInput for an address or
    a place that cannot be, Conflict for somebody who is here or invited already.
    """
    by = standing(by, Right.INVITE)
    email, name = mail_address(email), name_or_none(name)
    led = bool(admins_now())
    place = place_of(by)
    ladder.check_invite(place, role=offer.role, is_admin=offer.is_admin, led=led)
    check_offer(offer, sites=sites)
    _check_person(email)
    held = ladder.must_wait(place, led=led)
    _end_what_is_over(email)
    try:
        with transaction.atomic():
            row = Invitation.objects.create(
                email=email,
                name=name,
                role=offer.role,
                side=offer.side,
                site_ids=list(offer.site_ids),
                is_admin=offer.is_admin,
                state=InvitationState.HELD if held else InvitationState.SENT,
                token_hash=hash_of(new_token()),
                invited_by=by.user,
                from_provider=place.is_provider,
                vouched_by=None if place.is_provider else by.user,
                expires_at=timezone.now() + LASTS,
            )
    except IntegrityError as error:
        raise Conflict("This address is invited already.") from error
    _record("people.invited", row, by=by, verb="invited")
    if not held:
        _send(row)
    return row


@transaction.atomic
def confirm(invitation_id: uuid.UUID, *, by: Membership) -> Invitation:
    """Let an invitation of the provider go out; an administrator's right."""
    by = standing(by, Right.CONFIRM)
    row = _open_one(invitation_id)
    if row.state == InvitationState.HELD:
        row.state, row.expires_at = InvitationState.SENT, timezone.now() + LASTS
        row.vouched_by = by.user
        row.save(update_fields=["state", "expires_at", "vouched_by"])
        _record("people.confirmed", row, by=by, verb="confirmed the invitation of")
        _send(row)
    return row


@transaction.atomic
def withdraw(invitation_id: uuid.UUID, *, by: Membership) -> None:
    """Take an invitation back; its link works no more."""
    by = standing(by, Right.INVITE)
    row = _open_one(invitation_id)
    vouched = row.vouched_by_id is not None
    if not ladder.may_withdraw(
        place_of(by), from_provider=row.from_provider, vouched=vouched
    ):
        raise NotAllowed("An administrator of the customer decides about this one.")
    row.state, row.ended_at = InvitationState.WITHDRAWN, timezone.now()
    row.save(update_fields=["state", "ended_at"])
    _record("people.withdrawn", row, by=by, verb="withdrew the invitation of")


def send(invitation_id: uuid.UUID) -> None:
    """Send the mail with a fresh link; an earlier link works no more.

    The token is made here, so that no job and no table ever holds it.
    """
    token = new_token()
    with workspace_scope():
        row = _sent().filter(pk=invitation_id).first()
        if row is None or not stands(row):
            return
        row.token_hash = hash_of(token)
        row.save(update_fields=["token_hash"])
        workspace = Workspace.objects.select_related("provider").get(
            pk=row.workspace_id
        )
    send_offer(
        "invitation",
        row,
        provider=workspace.provider,
        place=workspace.name,
        link=f"/join/{workspace.slug}/{token}/",
        more={"workspace": workspace.name},
    )


def find(token: str) -> Invitation | None:
    """Return the invitation that a link belongs to, if it still works."""
    row = _sent().select_related("invited_by").filter(token_hash=hash_of(token)).first()
    return row if row is not None and stands(row) else None


@transaction.atomic
def accept(token: str, *, user: User) -> Membership:
    """Take the offered place; raises Conflict for a link that works no more."""
    row = _sent().select_for_update().filter(token_hash=hash_of(token)).first()
    if row is None or not stands(row):
        raise Conflict(GONE)
    if user.email != row.email:
        raise NotAllowed("The invitation is for another address.")
    apart.one_at_a_time(user)
    _check_person(row.email)
    member = Membership.objects.create(
        user=user,
        workspace_id=row.workspace_id,
        role=row.role,
        side=row.side,
        site_ids=row.site_ids,
        is_admin=row.is_admin,
        granted_by=row.invited_by,
    )
    row.state, row.ended_at = InvitationState.ACCEPTED, timezone.now()
    row.save(update_fields=["state", "ended_at"])
    _record("people.joined", row, by=member, verb="accepted the invitation of")
    hold_unvouched(by=member)
    return member


def _sent() -> QuerySet[Invitation]:
    """Return the invitations whose link has gone out and has not ended."""
    return Invitation.objects.filter(
        state=InvitationState.SENT, expires_at__gt=timezone.now()
    )


def _end_what_is_over(email: str) -> None:
    """Close an invitation that has run out, so that the address can be invited anew."""
    Invitation.objects.filter(
        email=email, state=InvitationState.SENT, expires_at__lte=timezone.now()
    ).update(state=InvitationState.EXPIRED, ended_at=F("expires_at"))


def _open_one(invitation_id: uuid.UUID) -> Invitation:
    return Invitation.objects.select_for_update().get(pk=invitation_id, state__in=OPEN)


def _send(row: Invitation) -> None:
    enqueue("tenants.send_invitation", args={"invitation_id": str(row.pk)})


def _check_person(email: str) -> None:
    here = current_workspace_id()
    if Membership.objects.filter(user__email=email, workspace_id=here).exists():
        raise Conflict("This person is a member already.")
    apart.check_no_employee(email, workspace_id=here)


def _record(action: str, row: Invitation, *, by: Membership, verb: str) -> None:
    ledger.append(
        action,
        about=f"invitation {row.pk}",
        by=by,
        text=f"{by.user} {verb} {row.email} ({row.get_role_display().lower()}).",
        change=ledger.Change(
            after={
                "role": row.role,
                "side": row.side,
                "sites": sorted(str(site) for site in row.site_ids),
                "administrator": row.is_admin,
                "state": row.state,
            }
        ),
    )
