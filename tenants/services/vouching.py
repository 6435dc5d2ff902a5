"""Who administers a workspace now, and which invitations their word still carries."""

import uuid

from tenants.logic import ladder
from tenants.models import Invitation, InvitationState, Membership
from tenants.scope import current_workspace_id
from tenants.services import ledger


def admins_now() -> frozenset[uuid.UUID]:
    """Return who administers the current workspace."""
    rows = Membership.objects.current().filter(
        workspace_id=current_workspace_id(), is_admin=True
    )
    return frozenset(rows.values_list("user_id", flat=True))


def stands(row: Invitation) -> bool:
    """Whether the invitation can be accepted, as far as its ground goes."""
    admins = admins_now()
    return ladder.stands(
        from_provider=row.from_provider,
        vouched=row.vouched_by_id in admins,
        led=bool(admins),
    )


def hold_unvouched(*, by: Membership) -> None:
    """Let sent invitations wait whose ground is gone; an administrator confirms them.

    Called in every change of who administers: the provider's word ends when somebody
    leads, an administrator's word with the place.
    """
    sent = Invitation.objects.select_for_update().filter(state=InvitationState.SENT)
    for row in sent:
        if stands(row):
            continue
        row.state = InvitationState.HELD
        row.save(update_fields=["state"])
        ledger.append(
            "people.held",
            about=f"invitation {row.pk}",
            by=by,
            text=f"The invitation of {row.email} waits for an administrator.",
            change=ledger.Change(
                before={"state": InvitationState.SENT.value},
                after={"state": row.state.value},
            ),
        )
