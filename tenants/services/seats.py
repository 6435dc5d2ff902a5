"""Seats in a group: offered by the provider, taken by mail, given up at once."""

from django.db import transaction

from common.errors import Conflict
from tenants.models import (
    Group,
    GroupRole,
    GroupSeat,
    ProviderInvitation,
    Staff,
    User,
)
from tenants.scope import workspace_scope
from tenants.services import (
    apart,
    groups,
    ledger,
    provider_invitations,
    provider_record,
)
from tenants.services.accounts import mail_address


@transaction.atomic
def invite(email: str, group: Group, *, name: str, by: Staff) -> ProviderInvitation:
    """Offer somebody a seat by mail.

    Raises NotAllowed without the right and for the provider's own people, InvalidInput
    for an address that cannot be, Conflict for somebody who sits here or is invited.
    """
    groups.check_may(by)
    email = mail_address(email)
    _check_person(email, group)
    return provider_invitations.offer(
        email, role=GroupRole.VIEWER, name=name, by=by, group=group
    )


@transaction.atomic
def accept(row: ProviderInvitation, *, user: User) -> GroupSeat:
    """Take the offered seat; raises Conflict for an invitation that works no more."""
    row = provider_invitations.take(row, user=user)
    group = row.group
    assert group is not None  # noqa: S101 - the view asks for invitations to a group
    groups.hold(group)
    apart.one_at_a_time(user)
    _check_person(row.email, group)
    seat = GroupSeat.objects.create(
        group=group, user=user, role=row.role, granted_by=row.invited_by
    )
    _note(seat, "seat.taken", f"{user} took a seat in {group}", by=user)
    _tell(seat, "access.granted", f"{user} sees the counts in {group}", by=user)
    return seat


@transaction.atomic
def end(seat: GroupSeat, *, by: Staff) -> None:
    """End a seat; from the next page on the person sees nothing."""
    groups.check_may(by)
    _note(seat, "seat.ended", f"{by.user} ended the seat of {seat.user}", by=by.user)
    gone = f"{seat.user} sees the counts in {seat.group} no more"
    _tell(seat, "access.revoked", gone, by=by.user)
    seat.delete()


def _check_person(email: str, group: Group) -> None:
    apart.check_no_employee_of(email, provider_id=group.provider_id)
    if GroupSeat.objects.filter(user__email=email, group=group).exists():
        raise Conflict("This person has a seat already.")


def _note(seat: GroupSeat, action: str, text: str, *, by: User) -> None:
    provider_record.note(
        seat.group.provider,
        action,
        about=f"person {seat.user_id}",
        by=by,
        text=f"{text}.",
        change=ledger.Change(after={"group": str(seat.group_id), "role": seat.role}),
    )


def _tell(seat: GroupSeat, action: str, text: str, *, by: User) -> None:
    """Tell each customer that shares with the group, in its own ledger."""
    sharing = seat.group.workspaces.filter(shares_with_group=True)
    for workspace in sharing.order_by("pk"):
        with workspace_scope(workspace.pk):
            ledger.append(
                action, about=f"person {seat.user_id}", by=by, text=f"{text}."
            )
