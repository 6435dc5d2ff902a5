"""The jobs of workflows do their work for the workspace of their row."""

import pytest
from django.conf import settings
from django.utils import timezone

from exposure import tasks as exposure_tasks
from exposure.models import Finding
from tenants.models import User, Workspace
from tenants.models.jobs import Job, JobState
from tenants.scope import workspace_scope
from tenants.services.jobs import enqueue
from tenants.work import REGISTRY, run_job
from tests import factories
from tests.workflows.conftest import learn
from workflows import tasks
from workflows.models import Case, Delivery, Event


@pytest.fixture
def with_finding(northmill: Workspace, ida: User) -> Workspace:
    """Northmill with an open finding that nobody has routed."""
    with workspace_scope(northmill.id):
        site = factories.make_site()
        asset = factories.make_asset(factories.make_zone(site))
        run = factories.make_run(factories.make_authorisation(site, signed_by=ida))
        learn(factories.make_finding(factories.make_service(asset, run)))
    return northmill


def work_off(workspace: Workspace) -> list[str]:
    """Run every waiting job, also those that the first ones ask for."""
    done = []
    while True:
        with workspace_scope(workspace.id):
            due = Job.objects.filter(
                state=JobState.QUEUED, run_after__lte=timezone.now()
            )
            job = due.order_by("run_after", "id").first()
        if job is None:
            return done
        run_job(workspace.id, job.pk)
        done.append(job.task)


def test_every_job_of_workflows_has_its_task() -> None:
    ours = {name for name in settings.JOB_QUEUES if name.startswith("workflows.")}

    assert {name for name in REGISTRY if name.startswith("workflows.")} == ours
    assert tasks.route is REGISTRY["workflows.route"].work
    assert exposure_tasks.retest is REGISTRY["exposure.retest"].work


def test_a_new_finding_ends_in_a_mail(
    with_finding: Workspace, mailoutbox: list[object]
) -> None:
    with workspace_scope(with_finding.id):
        enqueue("workflows.route")

    done = work_off(with_finding)

    assert set(done) == {
        "workflows.route",
        "workflows.follow_evidence",
        "workflows.announce",
        "workflows.deliver",
        "exposure.refresh_figures",
    }
    assert len(mailoutbox) == 1
    with workspace_scope(with_finding.id):
        assert Job.objects.exclude(state=JobState.DONE).count() == 0
        assert Delivery.objects.get().tries[0]["answer"].startswith("The mail server")


def test_a_job_of_another_workspace_sees_nothing(
    with_finding: Workspace, eastholm: Workspace
) -> None:
    with workspace_scope(eastholm.id):
        enqueue("workflows.route")

    work_off(eastholm)

    with workspace_scope(with_finding.id):
        assert Finding.objects.count() == 1
        assert not Case.objects.exists()
        assert not Event.objects.exists()
