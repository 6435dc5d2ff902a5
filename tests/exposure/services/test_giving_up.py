"""Work that failed too often ends in words; nothing waits for ever."""

import pytest

import exposure.tasks  # noqa: F401 - fills the registry
from exposure.models import (
    EvidenceKind,
    Finding,
    FindingState,
    Run,
    RunEvent,
    RunState,
    Stage,
)
from exposure.services import findings, giving_up
from tenants.models.jobs import Job
from tenants.work import REGISTRY

EXPOSURE = ["discover", "validate", "retest", "rebuild_paths"]


@pytest.mark.parametrize("name", EXPOSURE)
def test_every_step_says_what_becomes_of_it(name: str) -> None:
    assert REGISTRY[f"exposure.{name}"].on_dead is not None


def test_a_re_test_that_cannot_end_leaves_the_finding_open(finding: Finding) -> None:
    findings.request_retest(finding.pk, by=None)
    job = Job.objects.get(task="exposure.retest")

    giving_up.give_up_retest(**job.args)
    giving_up.give_up_retest(**job.args)

    finding.refresh_from_db()
    item = finding.evidence.get(kind=EvidenceKind.RETEST)
    assert finding.state == FindingState.OPEN
    assert (item.holds, item.grade) == (None, finding.grade)
    assert "given up" in item.text
    findings.request_retest(finding.pk, by=None)  # somebody may ask again


def test_a_second_check_that_cannot_end_opens_with_the_grade_there_was(
    finding: Finding,
) -> None:
    Finding.objects.update(state=FindingState.VALIDATING, grade="E3")
    Run.objects.update(state=RunState.RUNNING, stage=Stage.VALIDATE)

    giving_up.give_up_validation()

    finding.refresh_from_db()
    run = Run.objects.get()
    assert (finding.state, finding.grade) == (FindingState.OPEN, "E3")
    assert finding.evidence.get(kind=EvidenceKind.SECOND).holds is None
    assert run.stage == Stage.PATHS
    assert "given up" in RunEvent.objects.get().text


def test_paths_that_cannot_be_computed_end_the_run(finding: Finding) -> None:
    Run.objects.update(state=RunState.RUNNING, stage=Stage.PATHS)

    giving_up.give_up_paths()

    run = Run.objects.get()
    assert run.state == RunState.FAILED
    assert "could not be recomputed" in run.error


def test_a_run_that_cannot_go_on_ends(finding: Finding) -> None:
    run = Run.objects.get()
    Run.objects.update(state=RunState.RUNNING)

    giving_up.give_up_run(str(run.pk))

    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "given up" in run.error
