"""What a customer lets its group see: counts, for as long as it agrees."""

import uuid

from django.db import transaction

from common.errors import Conflict
from tenants.models import Group, Membership, Workspace
from tenants.rights import Right
from tenants.services import ledger
from tenants.services.people import standing


@transaction.atomic
def share(group_id: uuid.UUID | str, *, by: Membership) -> None:
    """Let the people of the group see the counts of this workspace.

    Raises NotAllowed without the right, and Conflict when the workspace is not in the
    group that the page has shown, `group_id`.
    """
    by = standing(by, Right.SHARE)
    row = _locked(by)
    if row.group_id is None or str(row.group_id) != str(group_id):
        raise Conflict("The group has changed meanwhile. Look at the page again.")
    _set(row, by=by, shares=True)


@transaction.atomic
def withdraw(*, by: Membership) -> None:
    """End it at once; without consent nothing happens."""
    by = standing(by, Right.UNSHARE)
    _set(_locked(by), by=by, shares=False)


def shared_with(group: Group) -> list[Workspace]:
    """Return the customers that a group may see, by name."""
    rows = Workspace.objects.filter(group=group, shares_with_group=True)
    return list(rows.order_by("name"))


def _locked(by: Membership) -> Workspace:
    rows = Workspace.objects.select_for_update(of=("self",)).select_related("group")
    return rows.get(pk=by.workspace_id)


def _set(row: Workspace, *, by: Membership, shares: bool) -> None:
    if row.shares_with_group == shares:
        return
    row.shares_with_group = shares
    row.save(update_fields=["shares_with_group"])
    verb = "lets the group see" if shares else "does not let the group see"
    ledger.append(
        "group.shared" if shares else "group.unshared",
        about="group",
        by=by,
        text=f"{by.user} {verb} the counts: {row.group}.",
        change=ledger.Change(
            before={"shares": not shares},
            after={"shares": shares, "group": str(row.group_id)},
        ),
    )
