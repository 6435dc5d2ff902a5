"""The jobs of tenants: what to do is in the services."""

import uuid

from tenants.scope import workspace_scope
from tenants.services import acting, checkpoints, closing, files, invitations
from tenants.work import workspace_task


@workspace_task("tenants.sign_ledger")
def sign_ledger() -> None:
    """Sign the state of the ledger."""
    checkpoints.sign_when_due()


@workspace_task("tenants.verify_ledger")
def verify_ledger() -> None:
    """Verify the whole ledger."""
    checkpoints.verify()


@workspace_task("tenants.sweep_files")
def sweep_files() -> None:
    """Remove files whose time is over, and content that no row refers to."""
    with workspace_scope():
        files.sweep()


@workspace_task("tenants.send_invitation")
def send_invitation(invitation_id: str) -> None:
    """Send an invitation by mail."""
    invitations.send(uuid.UUID(invitation_id))


@workspace_task("tenants.end_looks")
def end_looks() -> None:
    """Write down the end of looks whose hour is over."""
    acting.end_overdue()


@workspace_task("tenants.close_workspace")
def close_workspace() -> None:
    """Delete the workspace if its time has come, and finish what others left undone."""
    closing.delete_when_due()
    closing.finish_deletions()
