"""The jobs of tenants: what to do is in the services."""

from tenants.services import checkpoints
from tenants.work import workspace_task


@workspace_task("tenants.ledger_grew")
def ledger_grew() -> None:
    """Do nothing: what people are told of follows by the flow."""


@workspace_task("tenants.sign_ledger")
def sign_ledger() -> None:
    """Sign the state of the ledger."""
    checkpoints.sign_when_due()


@workspace_task("tenants.verify_ledger")
def verify_ledger() -> None:
    """Verify the whole ledger."""
    checkpoints.verify()
