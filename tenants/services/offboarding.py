"""What an employee had at the customers: ended or lowered, in each customer's ledger."""

from django.utils import timezone

from tenants.logic.employment import is_cut
from tenants.models import (
    Invitation,
    InvitationState,
    Membership,
    Provider,
    Role,
    User,
    Workspace,
)
from tenants.models.memberships import PROVIDER_ROLES
from tenants.scope import workspace_scope
from tenants.services import acting, ledger
from tenants.services.people import shown

OPEN = (InvitationState.HELD, InvitationState.SENT)


def end_everything(user: User, provider: Provider, *, by: User) -> int:
    """End all access of somebody to a provider's customers; return to how many.

    Looks that are open end, and invitations that wait are withdrawn: nobody gets in on
    the word of somebody who has left. Customers are taken in one order, so that two
    such acts cannot block each other.
    """
    ended = 0
    for workspace in Workspace.objects.filter(provider=provider).order_by("pk"):
        with workspace_scope(workspace.pk):
            acting.end_looks_of(user, by=by)
            _withdraw(user, by=by)
            ended += _end_place(user, workspace, provider, by=by)
    return ended


def lower_to(role: str, user: User, provider: Provider, *, by: User) -> int:
    """Lower access that is above a new role, until it ends as before; return how often."""
    rows = (
        Membership.objects.select_for_update(of=("self",))
        .filter(user=user, workspace__provider=provider, role__in=PROVIDER_ROLES)
        .order_by("workspace_id")
    )
    high = [row for row in rows if is_cut(row.role, role=role)]
    for row in high:
        with workspace_scope(row.workspace_id):
            before, row.role = shown(row), Role.ANALYST
            row.save(update_fields=["role"])
            ledger.append(
                "access.lowered",
                about=f"person {user.pk}",
                by=by,
                text=f"{user} of {provider} is {Role(row.role).label.lower()} from now on.",
                change=ledger.Change(before=before, after=shown(row)),
            )
    return len(high)


def _end_place(
    user: User, workspace: Workspace, provider: Provider, *, by: User
) -> int:
    row = (
        Membership.objects.select_for_update(of=("self",))
        .filter(user=user, workspace=workspace, role__in=PROVIDER_ROLES)
        .first()
    )
    if row is None:
        return 0
    ledger.append(
        "access.revoked",
        about=f"person {user.pk}",
        by=by,
        text=f"{user} works for {provider} no more; the access has ended.",
        change=ledger.Change(before=shown(row)),
    )
    row.delete()
    return 1


def _withdraw(user: User, *, by: User) -> None:
    for row in Invitation.objects.select_for_update(of=("self",)).filter(
        invited_by=user, vouched_by=None, state__in=OPEN
    ):
        before, row.state = row.state, InvitationState.WITHDRAWN
        row.ended_at = timezone.now()
        row.save(update_fields=["state", "ended_at"])
        ledger.append(
            "people.withdrawn",
            about=f"invitation {row.pk}",
            by=by,
            text=f"The invitation of {row.email} is withdrawn: {user} has left the provider.",
            change=ledger.Change(before={"state": before}, after={"state": row.state}),
        )
