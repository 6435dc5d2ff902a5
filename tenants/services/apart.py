"""Provider and customer are different people: who works for one has no place at the other."""

import uuid

from common.errors import NotAllowed
from tenants.models import GroupSeat, Membership, Staff, User
from tenants.models.memberships import PROVIDER_ROLES


def one_at_a_time(user: User) -> None:
    """Lock an account: a place and a post that are taken at once see each other."""
    User.objects.select_for_update().get(pk=user.pk)


def check_no_employee(email: str, *, workspace_id: uuid.UUID) -> None:
    """Raise NotAllowed for somebody who works for the provider of a workspace."""
    if Staff.objects.filter(
        user__email=email, provider__workspaces=workspace_id
    ).exists():
        raise NotAllowed("People of the provider cannot have a place at the customer.")


def check_no_employee_of(email: str, *, provider_id: uuid.UUID) -> None:
    """Raise NotAllowed for somebody who works for the provider."""
    if Staff.objects.filter(user__email=email, provider_id=provider_id).exists():
        raise NotAllowed("People of the provider see its customers on their own page.")


def check_no_customer(email: str, *, provider_id: uuid.UUID) -> None:
    """Raise NotAllowed for somebody with a place or a seat at a provider's customers."""
    places = Membership.objects.filter(
        user__email=email, workspace__provider_id=provider_id
    )
    seats = GroupSeat.objects.filter(user__email=email, group__provider_id=provider_id)
    if places.exclude(role__in=PROVIDER_ROLES).exists() or seats.exists():
        raise NotAllowed("People of a customer cannot work for its provider.")
