"""Who gets in with a second factor only: the customer asks, and so may the provider."""

from collections.abc import Sequence

from tenants.models import Membership, Staff, User


def needs_second(membership: Membership) -> bool:
    """Whether the member gets in with a second factor only.

    The customer asks it of roles there, the provider of roles of its own people.
    """
    workspace = membership.workspace
    if membership.role in workspace.second_factor_roles:
        return True
    roles = workspace.provider.second_factor_roles
    if not roles or not membership.is_provider:
        return False
    return Staff.objects.filter(
        user_id=membership.user_id, provider_id=workspace.provider_id, role__in=roles
    ).exists()


def provider_asks_for_second(user: User, *, places: Sequence[Membership]) -> bool:
    """Whether the person works for a provider that asks its role for a second factor.

    `places` are the person's places at customers; where no provider of them asks
    anybody, nothing is read.
    """
    if places and not any(row.workspace.provider.second_factor_roles for row in places):
        return False
    rows = Staff.objects.select_related("provider").filter(user=user)
    return any(row.role in row.provider.second_factor_roles for row in rows)
