import datetime as dt
import threading
import time
import uuid
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import connections, transaction
from django.utils import timezone

from tenants.models import Job, Workspace
from tenants.models.jobs import JobState
from tenants.scope import bound_workspace_id, workspace_scope
from tenants.services import dispatch, jobs
from tenants.work import REGISTRY, Registered, lease_kept, run_job

pytestmark = pytest.mark.django_db(
    transaction=True, databases=["default", "owner", "dispatch"]
)
TASK = "tests.work"


@pytest.fixture
def work(settings: LazySettings) -> Iterator[list[object]]:
    """A task that writes down for whom it worked."""
    done: list[object] = []
    settings.JOB_QUEUES = {**settings.JOB_QUEUES, TASK: "default"}
    settings.JOB_FLOW = {TASK: ("workflows.announce",)}

    def do(fail: str = "") -> None:
        if fail:
            raise RuntimeError(fail)
        done.append(bound_workspace_id())

    REGISTRY[TASK] = Registered(do, lambda **_: done.append("given up"))
    yield done
    del REGISTRY[TASK]


def _rows(workspace: Workspace) -> list[tuple[str, int]]:
    with workspace_scope(workspace.id):
        return list(Job.objects.order_by("id").values_list("task", "state"))


def _dispatch_and_run() -> None:
    for due in dispatch.claim(lease_seconds=60):
        run_job(due.workspace_id, due.id)


def test_a_job_runs_bound_to_its_workspace_and_its_follower_waits(
    northmill: Workspace, work: list[object]
) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)

    _dispatch_and_run()

    assert work == [northmill.id]
    assert _rows(northmill) == [
        (TASK, JobState.DONE),
        ("workflows.announce", JobState.QUEUED),
    ]


def test_a_job_is_kept_or_lost_with_the_change_that_needs_it(
    northmill: Workspace, work: list[object]
) -> None:
    with pytest.raises(LookupError), workspace_scope(northmill.id):
        _enqueue_and_break()

    assert dispatch.claim(lease_seconds=60) == []


def _enqueue_and_break() -> None:
    jobs.enqueue(TASK)
    raise LookupError


def test_with_a_key_only_one_waits(northmill: Workspace, work: list[object]) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK, key="flow")
        jobs.enqueue(TASK, key="flow")

    assert len(_rows(northmill)) == 1


def test_the_same_message_twice_is_work_once(
    northmill: Workspace, work: list[object]
) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)
    (due,) = dispatch.claim(lease_seconds=60)

    run_job(due.workspace_id, due.id)
    run_job(due.workspace_id, due.id)

    assert len(work) == 1


def test_a_message_that_names_another_workspace_does_nothing(
    northmill: Workspace, eastholm: Workspace, work: list[object]
) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)
    (due,) = dispatch.claim(lease_seconds=60)

    run_job(eastholm.id, due.id)
    run_job(eastholm.id, uuid.uuid4())

    assert work == []


def test_a_lost_worker_gives_the_job_back(
    northmill: Workspace, work: list[object]
) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)
    (due,) = dispatch.claim(lease_seconds=60)
    with workspace_scope(northmill.id):
        Job.objects.filter(pk=due.id).update(
            state=JobState.RUNNING, lease_until=timezone.now() - dt.timedelta(seconds=1)
        )

    assert dispatch.sweep() == 1
    _make_due(northmill)
    _dispatch_and_run()

    assert work == [northmill.id]


def test_a_lost_message_is_no_attempt(northmill: Workspace, work: list[object]) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)

    for _ in range(jobs.MAX_ATTEMPTS + 1):
        assert len(dispatch.claim(lease_seconds=0)) == 1
        assert dispatch.sweep() == 1
    _dispatch_and_run()

    assert work == [northmill.id]


def _make_due(workspace: Workspace) -> None:
    with workspace_scope(workspace.id):
        Job.objects.filter(state=JobState.QUEUED).update(run_after=timezone.now())


def test_a_failing_job_comes_back_later_and_is_given_up_in_the_end(
    northmill: Workspace, work: list[object]
) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK, args={"fail": "the PLC is on fire"})

    for _ in range(jobs.MAX_ATTEMPTS + 1):
        _dispatch_and_run()
        _make_due(northmill)

    with workspace_scope(northmill.id):
        job = Job.objects.get(task=TASK)
    assert job.state == JobState.DEAD
    assert "on fire" in job.error
    assert work == ["given up"]
    # What was done before the end goes on: the next step picks up rows by their state.
    assert ("workflows.announce", JobState.QUEUED) in _rows(northmill)


def test_an_error_that_quotes_a_target_can_be_kept(
    northmill: Workspace, work: list[object]
) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)
    (due,) = dispatch.claim(lease_seconds=60)
    with workspace_scope(northmill.id):
        job = jobs.start(due.id)
        assert job is not None

        jobs.fail(job, "It said \0\ud800\u202e" + "x" * 5000)

        job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert job.error.startswith("It said ?")


def test_the_worker_whose_lease_was_given_away_cannot_finish(
    northmill: Workspace, work: list[object]
) -> None:
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)
    (due,) = dispatch.claim(lease_seconds=60)
    with workspace_scope(northmill.id):
        mine = jobs.start(due.id)
        assert mine is not None
        Job.objects.filter(pk=due.id).update(attempts=1)

        assert jobs.renew(mine) is False
        jobs.finish(mine)

    assert _rows(northmill) == [(TASK, JobState.RUNNING)]


def test_a_busy_customer_does_not_delay_another(
    northmill: Workspace, eastholm: Workspace, work: list[object]
) -> None:
    for workspace, count in ((northmill, 20), (eastholm, 1)):
        with workspace_scope(workspace.id):
            for _ in range(count):
                jobs.enqueue(TASK)

    claimed = [due.workspace_id for due in dispatch.claim(lease_seconds=60)]

    assert claimed.count(northmill.id) == dispatch.IN_FLIGHT
    assert claimed.count(eastholm.id) == 1


def test_one_job_at_a_time_talks_to_the_devices_of_a_customer(
    northmill: Workspace,
    eastholm: Workspace,
    work: list[object],
    settings: LazySettings,
) -> None:
    settings.JOB_QUEUES = {**settings.JOB_QUEUES, TASK: dispatch.NETWORK}
    for workspace in (northmill, northmill, eastholm):
        with workspace_scope(workspace.id):
            jobs.enqueue(TASK)

    first = dispatch.claim(lease_seconds=60)
    meanwhile = dispatch.claim(lease_seconds=60)
    for due in first:
        run_job(due.workspace_id, due.id)
    then = dispatch.claim(lease_seconds=60)

    assert {due.workspace_id for due in first} == {northmill.id, eastholm.id}
    assert (len(first), meanwhile) == (2, [])
    assert [due.workspace_id for due in then if due.task == TASK] == [northmill.id]


def test_a_tick_waits_once_per_workspace(
    northmill: Workspace, eastholm: Workspace
) -> None:
    dispatch.tick("workflows.announce", queue="delivery")
    dispatch.tick("workflows.announce", queue="delivery")

    assert len(_rows(northmill)) == len(_rows(eastholm)) == 1


def test_the_dispatcher_sees_jobs_and_nothing_else(northmill: Workspace) -> None:
    with (
        pytest.raises(Exception, match="permission denied"),
        transaction.atomic(using="dispatch"),
        connections["dispatch"].cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM exposure_finding")


def test_a_lease_is_renewed_while_work_is_done_that_cannot_stop(
    northmill: Workspace, work: list[object], settings: LazySettings
) -> None:
    settings.JOB_LEASE_SECONDS = 1

    def think() -> None:
        ends, pause = time.monotonic() + 30, threading.Event()
        first = _lease()
        with lease_kept():
            while _lease() == first:
                assert time.monotonic() < ends
                pause.wait(0.02)
        work.append("thought")

    REGISTRY[TASK] = Registered(think, None)
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)

    _dispatch_and_run()

    assert work == ["thought"]
    assert _rows(northmill)[0] == (TASK, JobState.DONE)


def test_work_whose_lease_was_lost_on_the_way_ends_nothing(
    northmill: Workspace, work: list[object]
) -> None:
    def think() -> None:
        with lease_kept(), workspace_scope():
            Job.objects.filter(task=TASK).update(state=JobState.QUEUED)
        work.append("thought")

    REGISTRY[TASK] = Registered(think, None)
    with workspace_scope(northmill.id):
        jobs.enqueue(TASK)

    _dispatch_and_run()

    assert work == []
    assert _rows(northmill) == [(TASK, JobState.QUEUED)]


def _lease() -> dt.datetime | None:
    with workspace_scope():
        return Job.objects.get(task=TASK).lease_until
