"""What becomes of work that failed too often: it ends in words, and nothing waits for ever."""

import uuid

from exposure.logic.run_states import AT_WORK
from exposure.models import EvidenceKind, Finding, FindingState, Run, Stage
from exposure.services import (
    findings,
    name_searches,
    path_counts,
    planning,
    rechecks,
    standing,
)
from exposure.services.runs import enter_stage, fail_run, log_line
from tenants.scope import workspace_scope

INTERRUPTED = "It was interrupted several times and is given up. That proves nothing."

PATHS_INTERRUPTED = (
    "The count was interrupted several times; it is tried again every hour."
)


def give_up_run(run_id: str) -> None:
    """End a run whose work failed too often."""
    with workspace_scope():
        fail_run(
            uuid.UUID(run_id),
            error="The run was interrupted several times and is given up.",
        )


def give_up_search(search_id: str) -> None:
    """End a search for names whose work failed too often."""
    with workspace_scope():
        name_searches.give_up(search_id)


def give_up_part(run_id: str, vantage_id: str) -> None:  # noqa: ARG001 - the job's arguments
    """End a run whose part at a vantage failed too often."""
    give_up_run(run_id)


def give_up_validation() -> None:
    """Open what waits for a second check, with the grade it had, and let runs go on."""
    with workspace_scope():
        for run in _runs_at(Stage.VALIDATE):
            log_line(run, f"The second check: {INTERRUPTED}")
            enter_stage(run, Stage.PATHS)
        waiting = Finding.objects.filter(state=FindingState.VALIDATING)
        for finding in waiting.select_for_update():
            findings.leave_open(finding, INTERRUPTED, kind=EvidenceKind.SECOND)


def give_up_retest(finding_id: str, by: str = "") -> None:  # noqa: ARG001 - the job's arguments
    """Open a finding whose re-test failed too often; somebody may ask again."""
    with workspace_scope():
        finding = Finding.objects.select_for_update().get(pk=uuid.UUID(finding_id))
        if finding.state == FindingState.VERIFYING:
            findings.leave_open(finding, INTERRUPTED, kind=EvidenceKind.RETEST)


def give_up_paths() -> None:
    """Say that attack paths could not be counted, and end the runs that wait for them."""
    with workspace_scope():
        standing.refuse(PATHS_INTERRUPTED)
        for run in _runs_at(Stage.PATHS):
            fail_run(run.pk, error="The attack paths could not be recomputed.")


def give_up_count(
    revision: str,
    sites: list[str] | None,
    counted: str,
    asset: str,
    until: str,  # noqa: ARG001 - the job's arguments
) -> None:
    """Tell the pages that wait for figures that they could not be counted."""
    path_counts.give_up(uuid.UUID(revision), sites=sites, counted=counted, asset=asset)


def give_up_plan(plan_id: str) -> None:
    """End a plan whose work failed too often."""
    planning.give_up(uuid.UUID(plan_id))


def give_up_check(number: int, by: str) -> None:  # noqa: ARG001 - the job's arguments
    """Say that a revision could not be checked."""
    with workspace_scope():
        rechecks.give_up(number)


def _runs_at(stage: Stage) -> list[Run]:
    return list(Run.objects.filter(state__in=AT_WORK, stage=stage).select_for_update())
