"""Who works for a provider: invited, changed and let go by its administrators."""

import uuid
from collections.abc import Collection

from django.db import transaction

from common.errors import Conflict, InvalidInput, NotAllowed
from tenants.access import staff_may
from tenants.logic import employment
from tenants.logic.ladder import Place
from tenants.models import (
    InvitationState,
    Provider,
    ProviderInvitation,
    ProviderRole,
    Staff,
    User,
)
from tenants.rights import ProviderRight
from tenants.services import apart, offboarding, provider_invitations, provider_record
from tenants.services.accounts import end_sessions, mail_address
from tenants.services.ledger import Change


@transaction.atomic
def invite(email: str, role: str, *, name: str, by: Staff) -> ProviderInvitation:
    """Offer somebody a post by mail.

    Raises NotAllowed after the rules of `logic.employment` and for people of customers,
    InvalidInput for an address or role that cannot be, and Conflict for somebody who
    works here or is invited already.
    """
    employment.check_employ(_place(_again(by)))
    _check_role(role)
    email = mail_address(email)
    _check_person(email, by.provider)
    return provider_invitations.offer(email, role=role, name=name, by=by)


@transaction.atomic
def accept(row: ProviderInvitation, *, user: User) -> Staff:
    """Take the offered post; raises Conflict for an invitation that works no more."""
    row = provider_invitations.take(row, user=user)
    apart.one_at_a_time(user)
    _check_person(row.email, row.provider)
    made = Staff.objects.create(provider=row.provider, user=user, role=row.role)
    _note(made, "staff.joined", f"{user} took the post of", by=user, before=None)
    return made


@transaction.atomic
def change(staff_id: uuid.UUID, role: str, *, by: Staff) -> Staff:
    """Give a colleague another role; access above it is lowered at once.

    Raises NotAllowed after the rules, InvalidInput for an unknown role and
    Staff.DoesNotExist for somebody who does not work here.
    """
    _check_role(role)
    row, me, admins = _locked(staff_id, by=by)
    employment.check_change(_place(me), _place(row), role=role, admins=admins)
    before, row.role = row.role, role
    row.save(update_fields=["role"])
    _withdraw_what_no_role_allows(row, by=me)
    offboarding.lower_to(role, row.user, row.provider, by=me.user)
    _note(row, "staff.changed", f"{me.user} made {row.user}", by=me.user, before=before)
    return row


@transaction.atomic
def remove(staff_id: uuid.UUID, *, by: Staff) -> int:
    """End a colleague's employment, all access to customers and all sessions.

    Return at how many customers access ended. Raises as `change` does.
    """
    row, me, admins = _locked(staff_id, by=by)
    employment.check_change(_place(me), _place(row), role="", admins=admins)
    user, provider = row.user, row.provider
    _withdraw_what_no_role_allows(row, by=me, left=True)
    ended = offboarding.end_everything(user, provider, by=me.user)
    end_sessions(user)
    provider_record.note(
        provider,
        "staff.removed",
        about=f"person {user.pk}",
        by=me.user,
        text=f"{me.user} ended the employment of {user}.",
        change=Change(before={"role": row.role, "customers": ended}),
    )
    row.delete()
    return ended


@transaction.atomic
def require_second_factor(roles: Collection[str], *, by: Staff) -> None:
    """Let these roles of the provider's people in with a second factor only."""
    if not staff_may(by, ProviderRight.SECURE):
        raise NotAllowed(f"Your role may not {ProviderRight.SECURE.label}.")
    if not set(roles) <= set(ProviderRole):
        raise InvalidInput("roles", "Choose among the roles.")
    provider = Provider.objects.select_for_update().get(pk=by.provider_id)
    before, provider.second_factor_roles = (
        provider.second_factor_roles,
        sorted(set(roles)),
    )
    provider.save(update_fields=["second_factor_roles"])
    provider_record.note(
        provider,
        "provider.second_factor",
        about="provider",
        by=by.user,
        text=f"{by.user} changed which colleagues need a second factor.",
        change=Change(
            before={"roles": before}, after={"roles": provider.second_factor_roles}
        ),
    )


def _check_role(role: str) -> None:
    if role not in employment.ROLES:
        raise InvalidInput("role", "Choose a role of the provider.")


def _check_person(email: str, provider: Provider) -> None:
    apart.check_no_customer(email, provider_id=provider.pk)
    if Staff.objects.filter(user__email=email, provider=provider).exists():
        raise Conflict("This person works here already.")


def _place(row: Staff) -> Place:
    return Place(str(row.user_id), row.role)


def _again(by: Staff) -> Staff:
    """Return what somebody is now, whatever the page knew, and hold it."""
    rows = Staff.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(pk=by.pk).first()
    if found is None:
        raise NotAllowed("You do not work here any more.")
    return found


def _locked(staff_id: uuid.UUID, *, by: Staff) -> tuple[Staff, Staff, list[str]]:
    """Return an employee, who asks as they are now, and who administers.

    All of the provider's people are locked, so that two acts at once see each other.
    """
    rows = list(
        Staff.objects.select_for_update(of=("self",))
        .select_related("user", "provider")
        .filter(provider_id=by.provider_id)
        .order_by("pk")
    )
    known = {row.pk: row for row in rows}
    if by.pk not in known:
        raise NotAllowed("You do not work here any more.")
    if staff_id not in known:
        raise Staff.DoesNotExist
    admins = [
        str(row.user_id)
        for row in rows
        if row.role == ProviderRole.ADMIN and row.user.is_active
    ]
    return known[staff_id], known[by.pk], admins


def _withdraw_what_no_role_allows(row: Staff, *, by: Staff, left: bool = False) -> None:
    """Withdraw what somebody has offered and might not offer any more."""
    open_ones = ProviderInvitation.objects.filter(
        provider_id=row.provider_id, invited_by=row.user, state=InvitationState.SENT
    )
    for each in open_ones.order_by("pk"):
        needed = ProviderRight.GROUPS if each.group_id else ProviderRight.EMPLOY
        if left or not staff_may(row, needed):
            provider_invitations.withdraw(each, by=by.user)


def _note(row: Staff, action: str, did: str, *, by: User, before: str | None) -> None:
    provider_record.note(
        row.provider,
        action,
        about=f"person {row.user_id}",
        by=by,
        text=f"{did} {ProviderRole(row.role).label.lower()}.",
        change=Change(
            before={"role": before} if before else None, after={"role": row.role}
        ),
    )
