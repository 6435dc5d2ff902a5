"""The order of the flow: which job follows which, and what happens by the clock.

`exposure` never knows that `workflows` exists, so the step from a finding to its
case is written here and nowhere else.
"""

from typing import Final, NamedTuple


class Tick(NamedTuple):
    """A job that is enqueued for every workspace every `seconds`."""

    task: str
    seconds: int


# Which worker queue carries which job.
QUEUES: Final[dict[str, str]] = {
    "exposure.discover": "discovery",
    "exposure.find_names": "discovery",
    # Always enqueued with the queue of its vantage instead.
    "exposure.discover_from": "discovery",
    "exposure.mind_runs": "default",
    "exposure.validate": "discovery",
    "exposure.retest": "discovery",
    "exposure.check_ownership": "discovery",
    # A queue of their own: an export or a check of the ledger holds up no figures.
    "exposure.rebuild_paths": "paths",
    "exposure.count_paths": "paths",
    "exposure.plan": "planning",
    "exposure.check_revision": "analysis",
    "exposure.refresh_figures": "analysis",
    "exposure.keep_ledger_months": "default",
    "exposure.ask_sources": "delivery",
    "tenants.end_looks": "default",
    "tenants.send_invitation": "delivery",
    "tenants.sign_ledger": "default",
    "tenants.verify_ledger": "analysis",
    "tenants.sweep_files": "default",
    "tenants.close_workspace": "default",
    "workflows.export_workspace": "analysis",
    "workflows.follow_ledger": "default",
    "workflows.forget": "default",
    "workflows.route": "default",
    "workflows.follow_evidence": "default",
    "workflows.announce": "delivery",
    "workflows.deliver": "delivery",
}

# When a job of the left name is done, these are enqueued in the same transaction.
FLOW: Final[dict[str, tuple[str, ...]]] = {
    "exposure.discover": ("exposure.validate",),
    "exposure.discover_from": ("exposure.validate",),
    "exposure.validate": ("exposure.rebuild_paths",),
    "exposure.rebuild_paths": ("workflows.route",),
    "exposure.retest": ("exposure.rebuild_paths",),
    "tenants.sign_ledger": ("workflows.follow_ledger",),
    "workflows.follow_ledger": ("workflows.announce",),
    "workflows.route": ("workflows.follow_evidence",),
    "workflows.follow_evidence": ("workflows.announce", "exposure.refresh_figures"),
}

# Entries of the ledger that people are told of, by how their action begins, and the job
# that tells them.
TOLD: Final[tuple[str, ...]] = (
    "access.deletion",
    "access.granted",
    "access.revoked",
    "access.impersonation_started",
    "access.impersonation_ended",
    "people.joined",
    "audit.verification_failed",
    "scan.scope_drift",
    "discovery.device_changed",
    "scope.stop_",
    "run.not_started",
)
TELLS: Final = "workflows.follow_ledger"

TICKS: Final[tuple[Tick, ...]] = (
    Tick("workflows.announce", 30),
    Tick("exposure.mind_runs", 60),
    Tick("exposure.rebuild_paths", 3600),
    Tick("exposure.check_ownership", 6 * 3600),
    Tick("tenants.end_looks", 300),
    Tick("tenants.sign_ledger", 300),
    Tick("tenants.verify_ledger", 24 * 3600),
    Tick("tenants.sweep_files", 24 * 3600),
    Tick("tenants.close_workspace", 3600),
    Tick("workflows.forget", 24 * 3600),
    Tick("exposure.keep_ledger_months", 24 * 3600),
    Tick("exposure.ask_sources", 24 * 3600),
)
