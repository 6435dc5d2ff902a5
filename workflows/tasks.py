"""The jobs of workflows: what to do is in the services."""

import uuid

from tenants.scope import workspace_scope
from tenants.work import workspace_task
from workflows.services import (
    announcements,
    deliveries,
    evidence_watch,
    ledger_watch,
    routing,
)


@workspace_task("workflows.route")
def route() -> None:
    """Open cases for new findings."""
    with workspace_scope():
        routing.route_open_findings()


@workspace_task("workflows.follow_evidence")
def follow_evidence() -> None:
    """Let decisions follow the evidence."""
    evidence_watch.follow()


@workspace_task("workflows.follow_ledger")
def follow_ledger() -> None:
    """Tell what the ledger says about access."""
    with workspace_scope():
        ledger_watch.follow()
        ledger_watch.tell_checkpoint()


@workspace_task("workflows.announce")
def announce() -> None:
    """Tell who wants to know."""
    with workspace_scope():
        announcements.announce()


@workspace_task("workflows.deliver")
def deliver(delivery_id: str) -> None:
    """Make one attempt to deliver."""
    deliveries.deliver(uuid.UUID(delivery_id))
