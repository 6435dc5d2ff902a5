"""The jobs of tenants: what to do is in the services."""

from tenants.work import workspace_task


@workspace_task("tenants.ledger_grew")
def ledger_grew() -> None:
    """Do nothing: what people are told of follows by the flow."""
