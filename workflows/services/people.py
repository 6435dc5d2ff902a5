"""The people of the current workspace, as the rules of sign-off see them."""

import uuid

from tenants.models import Membership
from tenants.scope import current_workspace_id
from workflows.logic.signoff import Member


def members_now(*, site_id: uuid.UUID | None = None) -> list[Member]:
    """Return everybody who is a member at this moment, as seen from one site."""
    rows = (
        Membership.objects.current()
        .select_related("user")
        .filter(workspace_id=current_workspace_id())
    )
    return [as_member(row, site_id=site_id) for row in rows]


def member_now(by: Membership, *, site_id: uuid.UUID | None = None) -> Member:
    """Return what the person is now, whatever the page knew when it was opened.

    The row is locked, so that a change of role waits until the answer is recorded.
    Who is no member any more comes back as inactive.
    """
    row = (
        Membership.objects.current()
        .select_for_update(of=("self",))
        .select_related("user")
        .filter(user_id=by.user_id, workspace_id=current_workspace_id())
        .first()
    )
    if row is None:
        return Member(str(by.user_id), by.user.name, role="", side="", active=False)
    return as_member(row, site_id=site_id)


def as_member(row: Membership, *, site_id: uuid.UUID | None = None) -> Member:
    """Return the member behind a row; away from their sites they answer for nothing."""
    return Member(
        person=str(row.user_id),
        name=str(row.user),
        role=row.role,
        side=row.side,
        active=row.user.is_active and row.covers(site_id),
    )
