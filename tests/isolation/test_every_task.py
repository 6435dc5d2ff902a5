"""Every background task, given the ids of another customer, touches nothing there."""

import uuid

import pytest
from django.db import connections

import exposure.tasks
import tenants.tasks  # noqa: F401 - see below
import workflows.tasks  # noqa: F401 - all three fill the registry
from config.schedule import FLOW, QUEUES, TICKS
from exposure.models import (
    Finding,
    FindingState,
    Observation,
    ProbeRecord,
    Run,
    RunState,
)
from tenants import work
from tenants.models import Export, Job, User, Workspace
from tenants.scope import ScopeMissing, bind_workspace, workspace_scope
from tests import factories
from workflows.models import Channel, Delivery, Event

pytestmark = pytest.mark.django_db(
    transaction=True, databases=["default", "owner", "dispatch"]
)


def test_every_task_has_a_queue_and_every_queue_a_task() -> None:
    ours = {name for name in work.REGISTRY if not name.startswith("tests.")}

    assert ours == set(QUEUES)
    assert {tick.task for tick in TICKS} <= ours
    assert {name for names in FLOW.values() for name in names} <= ours


@pytest.fixture
def theirs(northmill: Workspace, ida: User) -> dict[str, uuid.UUID]:
    """Northmill's rows that a task could be pointed at."""
    with workspace_scope(northmill.id):
        site = factories.make_site()
        asset = factories.make_asset(factories.make_zone(site))
        authorisation = factories.make_authorisation(site, signed_by=ida)
        done = factories.make_run(authorisation)
        finding = factories.make_finding(
            factories.make_service(asset, done), state=FindingState.VERIFYING
        )
        run = factories.make_run(authorisation, state=RunState.QUEUED)
        channel = Channel.objects.create(kind="email", name="Ida", member=ida)
        event = Event.objects.create(
            type="finding.routed",
            at=finding.detected_at,
            object_ref=finding.ref,
            sequence=1,
            text="routed",
        )
        delivery = Delivery.objects.create(event=event, channel=channel)
        export = Export.objects.create(asked_by=ida)
        vantage = factories.make_vantage()
    return {
        "export_id": export.pk,
        "run_id": run.pk,
        "vantage_id": vantage.pk,
        "finding_id": finding.pk,
        "delivery_id": delivery.pk,
    }


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_a_task_of_eastholm_cannot_touch_northmill(
    name: str,
    theirs: dict[str, uuid.UUID],
    northmill: Workspace,
    eastholm: Workspace,
) -> None:
    wanted = {
        "exposure.discover": ["run_id"],
        "exposure.discover_from": ["run_id", "vantage_id"],
        "exposure.retest": ["finding_id"],
        "workflows.deliver": ["delivery_id"],
        "workflows.export_workspace": ["export_id"],
    }.get(name, [])
    before = _picture(northmill)
    with workspace_scope(eastholm.id):
        job = Job.objects.create(
            task=name,
            queue=QUEUES[name],
            args={key: str(theirs[key]) for key in wanted},
        )

    work.run_job(eastholm.id, job.pk)

    assert _picture(northmill) == before
    with workspace_scope(eastholm.id):
        assert not Observation.objects.exists()
        assert not ProbeRecord.objects.exists()


def _picture(workspace: Workspace) -> list[object]:
    with bind_workspace(workspace.id), workspace_scope():
        return [
            list(Run.objects.values("pk", "state")),
            list(Finding.objects.values("pk", "state", "revision")),
            list(Delivery.objects.values("pk", "state", "attempts")),
            list(Export.objects.values("pk", "state", "done")),
            Event.objects.count(),
            Observation.objects.count(),
        ]


def test_a_task_needs_a_workspace(northmill: Workspace) -> None:
    with pytest.raises(ScopeMissing):
        exposure.tasks.rebuild_paths()
    for connection in connections.all():
        connection.close()
