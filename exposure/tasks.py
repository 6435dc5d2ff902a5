"""The background steps of exposure: three lines each."""

import uuid

from exposure.services import (
    asking_sources,
    counting,
    discovery,
    figures,
    giving_up,
    ownership,
    path_counts,
    planning,
    probe_ledger,
    rebuild,
    rechecks,
    schedules,
    validation,
)
from exposure.services import find_names as names
from tenants.models import User
from tenants.scope import workspace_scope
from tenants.work import keep_lease, lease_kept, workspace_task


@workspace_task("exposure.discover", on_dead=giving_up.give_up_run)
def discover(run_id: str) -> None:
    """Sweep and identify what a run covers."""
    discovery.discover(uuid.UUID(run_id), heartbeat=keep_lease)


@workspace_task("exposure.find_names", on_dead=giving_up.give_up_search)
def find_names(search_id: str) -> None:
    """Look up the names that an authorisation covers."""
    names.find_names(uuid.UUID(search_id), heartbeat=keep_lease)


@workspace_task("exposure.discover_from", on_dead=giving_up.give_up_part)
def discover_from(run_id: str, vantage_id: str) -> None:
    """Do what a run has to do from one vantage, second check and all."""
    place = uuid.UUID(vantage_id)
    discovery.discover(
        uuid.UUID(run_id),
        heartbeat=keep_lease,
        vantage_id=place,
        afterwards=lambda watch: validation.validate_from(place, watch=watch),
    )


@workspace_task("exposure.mind_runs")
def mind_runs() -> None:
    """Start runs that are due, and let go on what waited for its hours."""
    schedules.mind()


@workspace_task("exposure.validate", on_dead=giving_up.give_up_validation)
def validate() -> None:
    """Check new findings a second time."""
    validation.validate_findings(heartbeat=keep_lease)


@workspace_task("exposure.retest", on_dead=giving_up.give_up_retest)
def retest(finding_id: str, by: str = "") -> None:  # noqa: ARG001 - kept on the job row
    """Look once more at one finding."""
    validation.retest(uuid.UUID(finding_id), heartbeat=keep_lease)


@workspace_task("exposure.rebuild_paths", on_dead=giving_up.give_up_paths)
def rebuild_paths() -> None:
    """Recompute attack paths."""
    with lease_kept():  # with ten thousand findings the writing takes long as well
        rebuild.rebuild_paths()


@workspace_task(counting.TASK, on_dead=giving_up.give_up_count)
def count_paths(
    revision: str, sites: list[str] | None, counted: str, asset: str, until: str
) -> None:
    """Count what a page waits for."""
    path_counts.count(
        uuid.UUID(revision), sites=sites, counted=counted, asset=asset, until=until
    )


@workspace_task("exposure.check_revision", on_dead=giving_up.give_up_check)
def check_revision(number: int, by: str) -> None:
    """Count a large revision again."""
    with lease_kept(), workspace_scope():
        rechecks.check_now(number, by=User.objects.get(pk=by))


@workspace_task("exposure.plan", on_dead=giving_up.give_up_plan)
def plan(plan_id: str) -> None:
    """Work out a plan."""
    planning.work_out(uuid.UUID(plan_id))


@workspace_task("exposure.keep_ledger_months")
def keep_ledger_months() -> None:
    """Make room for the probe ledger of the next months."""
    with workspace_scope():
        probe_ledger.keep_months()


@workspace_task("exposure.ask_sources")
def ask_sources() -> None:
    """Ask outside sources what is due."""
    asking_sources.ask_sources(heartbeat=keep_lease)


@workspace_task("exposure.refresh_figures")
def refresh_figures() -> None:
    """Count anew, once it is said how soon to act on what was found."""
    with workspace_scope():
        figures.refresh()


@workspace_task("exposure.check_ownership", on_dead=ownership.give_up)
def check_ownership() -> None:
    """Check the proofs of ownership that people asked for, and those that end soon."""
    ownership.check_due(heartbeat=keep_lease)
