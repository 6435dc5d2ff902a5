"""The background steps of exposure: three lines each."""

import uuid

from exposure.services import discovery, rebuild, runs, validation
from tenants.scope import workspace_scope
from tenants.tasks import keep_lease, workspace_task


def give_up_run(run_id: str) -> None:
    """End a run whose work failed too often."""
    with workspace_scope():
        runs.fail_run(
            uuid.UUID(run_id),
            error="The run was interrupted several times and is given up.",
        )


@workspace_task("exposure.discover", on_dead=give_up_run)
def discover(run_id: str) -> None:
    """Sweep and identify what a run covers."""
    discovery.discover(uuid.UUID(run_id), heartbeat=keep_lease)


@workspace_task("exposure.validate")
def validate() -> None:
    """Check new findings a second time."""
    validation.validate_findings(heartbeat=keep_lease)


@workspace_task("exposure.retest")
def retest(finding_id: str, by: str = "") -> None:  # noqa: ARG001 - kept on the job row
    """Look once more at one finding."""
    validation.retest(uuid.UUID(finding_id), heartbeat=keep_lease)


@workspace_task("exposure.rebuild_paths")
def rebuild_paths() -> None:
    """Recompute attack paths."""
    rebuild.rebuild_paths()
