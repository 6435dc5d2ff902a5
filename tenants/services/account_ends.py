"""Accounts of people who have no place left: closed, and made nameless where possible."""

import uuid
from collections.abc import Collection

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection, transaction

from tenants.models import GroupSeat, Membership, Staff, User

NAMELESS = "Erased account"


def named_elsewhere(people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return whom a row of another customer names; call it inside a workspace scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenants_named(%s)", [list(people)])
        return set(cursor.fetchone()[0])


def has_place(person_id: uuid.UUID) -> bool:
    """Whether the account opens anything: a workspace, a provider's pages, a group."""
    return any(
        model._base_manager.filter(user_id=person_id).exists()
        for model in (Membership, Staff, GroupSeat)
    )


@transaction.atomic
def close(person_id: uuid.UUID, *, erase: bool) -> None:
    """Close an account: nobody signs in to it any more; with `erase`, nobody knows whose.

    What signs in goes: password, second factors, sessions.
    """
    user = User.objects.select_for_update().get(pk=person_id)
    user.is_active = False
    user.set_unusable_password()
    if erase:
        user.name, user.email = NAMELESS, f"erased-{user.pk}@invalid.invalid"
    user.save(update_fields=["is_active", "password", "name", "email"])
    for model in (Authenticator, EmailAddress, UserSession):
        model.objects.filter(user=user).delete()
