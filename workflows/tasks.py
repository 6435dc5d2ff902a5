"""The jobs of workflows: what to do is in the services."""

import uuid

from tenants.scope import workspace_scope
from tenants.work import workspace_task
from workflows.services import (
    announcements,
    deliveries,
    evidence_watch,
    exports,
    keeping,
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


def give_export_up(export_id: str) -> None:
    """Say that an export could not be written."""
    exports.give_up(uuid.UUID(export_id))


@workspace_task("workflows.export_workspace", on_dead=give_export_up)
def export_workspace(export_id: str) -> None:
    """Write everything of the workspace into one file."""
    exports.write(uuid.UUID(export_id))


@workspace_task("workflows.forget")
def forget() -> None:
    """Remove what was kept long enough."""
    keeping.forget()
