"""A provider's invitations: sent by mail, found by their link, taken back."""

import logging
import uuid
from smtplib import SMTPException

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from common.errors import Conflict, NotAllowed
from tenants.models import (
    Group,
    InvitationState,
    Provider,
    ProviderInvitation,
    Staff,
    User,
)
from tenants.services import provider_record
from tenants.services.accounts import mail_address, name_or_none
from tenants.services.ledger import Change
from tenants.services.offer_mail import send_offer
from tenants.services.tokens import GONE, LASTS, hash_of, new_token

log = logging.getLogger(__name__)
SENT = InvitationState.SENT


def offer(
    email: str, *, role: str, name: str, by: Staff, group: Group | None = None
) -> ProviderInvitation:
    """Offer a post, or a seat in a group; the caller has checked that `by` may.

    The mail goes out when the transaction has committed. Raises Conflict for an address
    that is invited already.
    """
    email, name = mail_address(email), name_or_none(name)
    _end_what_is_over(email, by.provider)
    try:
        with transaction.atomic():
            row = ProviderInvitation.objects.create(
                provider=by.provider,
                group=group,
                email=email,
                name=name,
                role=role,
                token_hash=hash_of(new_token()),
                invited_by=by.user,
                expires_at=timezone.now() + LASTS,
            )
    except IntegrityError as error:
        raise Conflict("This address is invited already.") from error
    _note(row, "invited", by=by.user)
    _send_later(row)
    return row


def send(invitation_id: uuid.UUID) -> bool:
    """Send the mail with a fresh link; an earlier link works no more. Say if it went.

    Jobs belong to workspaces, and this mail to none. So it goes out at once; when the
    mail server is away the page says so, and has a button that tries again.
    """
    row = (
        ProviderInvitation.objects.select_related("provider", "group")
        .filter(pk=invitation_id, state=SENT)
        .first()
    )
    if row is None:
        return False
    token = new_token()
    row.token_hash = hash_of(token)
    row.save(update_fields=["token_hash"])
    try:
        _mail(row, token)
    except (SMTPException, OSError):
        log.exception("The mail of invitation %s did not go out.", row.pk)
        return False
    row.mailed_at = timezone.now()
    row.save(update_fields=["mailed_at"])
    return True


@transaction.atomic
def send_again(row: ProviderInvitation, *, by: Staff) -> None:
    """Send a fresh link, good for another seven days; the earlier one works no more."""
    row = _open_one(row.pk)
    row.expires_at, row.mailed_at = timezone.now() + LASTS, None
    row.save(update_fields=["expires_at", "mailed_at"])
    _note(row, "invited again", by=by.user)
    _send_later(row)


@transaction.atomic
def withdraw(row: ProviderInvitation, *, by: User) -> None:
    """Take an invitation back; its link works no more."""
    row = _open_one(row.pk)
    _end(row, InvitationState.WITHDRAWN)
    _note(row, "withdrew the invitation of", by=by)


def find(token: str, *, provider: Provider) -> ProviderInvitation | None:
    """Return the invitation of a provider that a link belongs to, if it still works."""
    rows = ProviderInvitation.objects.select_related("provider", "group", "invited_by")
    return rows.filter(
        provider=provider,
        token_hash=hash_of(token),
        state=SENT,
        expires_at__gt=timezone.now(),
    ).first()


def take(row: ProviderInvitation, *, user: User) -> ProviderInvitation:
    """Use an invitation up, once; raises Conflict if somebody was quicker.

    Call it in the transaction that gives what was offered.
    """
    locked = (
        ProviderInvitation.objects.select_for_update(of=("self",))
        .select_related("provider", "group", "invited_by")
        .filter(pk=row.pk, token_hash=row.token_hash, state=SENT)
        .filter(expires_at__gt=timezone.now())
        .first()
    )
    if locked is None:
        raise Conflict(GONE)
    if user.email != locked.email:
        raise NotAllowed("The invitation is for another address.")
    _end(locked, InvitationState.ACCEPTED)
    return locked


def _end_what_is_over(email: str, provider: Provider) -> None:
    """Close invitations that have run out, so that the address can be invited anew."""
    ProviderInvitation.objects.filter(
        provider=provider, email=email, state=SENT, expires_at__lte=timezone.now()
    ).update(state=InvitationState.EXPIRED, ended_at=F("expires_at"))


def _open_one(invitation_id: uuid.UUID) -> ProviderInvitation:
    rows = ProviderInvitation.objects.select_for_update(of=("self",))
    return rows.select_related("provider", "group").get(pk=invitation_id, state=SENT)


def _end(row: ProviderInvitation, state: InvitationState) -> None:
    row.state, row.ended_at = state, timezone.now()
    row.save(update_fields=["state", "ended_at"])


def _send_later(row: ProviderInvitation) -> None:
    transaction.on_commit(lambda: send(row.pk))


def _mail(row: ProviderInvitation, token: str) -> None:
    send_offer(
        "provider_invitation",
        row,
        provider=row.provider,
        place=row.group.name if row.group else row.provider.name,
        link=f"/join-provider/{row.provider.slug}/{token}/",
        more={"group": row.group},
    )


def _note(row: ProviderInvitation, verb: str, *, by: User) -> None:
    where = f" to {row.group}" if row.group else ""
    provider_record.note(
        row.provider,
        "invitation.seat" if row.group else "invitation.post",
        about=f"invitation {row.pk}",
        by=by,
        text=f"{by} {verb} {row.email} ({row.get_role_display().lower()}){where}.",
        change=Change(
            after={
                "role": row.role,
                "group": str(row.group_id) if row.group_id else None,
                "state": row.state,
            }
        ),
    )
