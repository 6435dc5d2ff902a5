"""Background work: inserted with the change that needs it, claimed by one UPDATE."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from tenants.models.jobs import Job, JobState
from tenants.scope import current_workspace_id, workspace_scope

CHANNEL = "job_ready"
MAX_ATTEMPTS = 5


def enqueue(
    task: str,
    *,
    args: Mapping[str, Any] | None = None,
    key: str = "",
    run_after: dt.datetime | None = None,
    queue: str = "",
) -> None:
    """Insert a job in the caller's transaction and workspace.

    It goes to the queue of its task, or to another `queue` that a worker elsewhere is
    subscribed to.

    With a `key`, at most one job of this task and key waits: a second call does
    nothing. The scheduler is told at commit; without it the next sweep finds the row.
    """
    now = timezone.now()
    row = Job(
        workspace_id=current_workspace_id(),
        task=task,
        queue=queue or settings.JOB_QUEUES[task],
        args=dict(args or {}),
        key=key,
        run_after=run_after or now,
    )
    Job.objects.bulk_create([row], ignore_conflicts=True)
    _wake_dispatcher()


def start(job_id: uuid.UUID) -> Job | None:
    """Claim the job for this worker; None if somebody else has or had it."""
    with workspace_scope():
        mine = Job.objects.filter(
            pk=job_id, state__in=[JobState.QUEUED, JobState.SENT]
        ).update(state=JobState.RUNNING, lease_until=_lease())
        return Job.objects.get(pk=job_id) if mine else None


def renew(job: Job) -> bool:
    """Keep the job for another lease; False when it was given to somebody else."""
    with workspace_scope():
        return bool(_ours(job).update(lease_until=_lease()))


def finish(job: Job) -> None:
    """Mark the job done and enqueue what follows it, both or neither."""
    with workspace_scope():
        done = _ours(job).update(
            state=JobState.DONE,
            lease_until=None,
            finished_at=timezone.now(),
            error="",
        )
        if done:
            _follow(job)


def fail(job: Job, error: str) -> None:
    """Put the job back, with growing pauses; `is_hopeless` ends it later."""
    attempts = job.attempts + 1
    with workspace_scope():
        _ours(job).update(
            state=JobState.QUEUED,
            key="",  # a twin with the same key may wait already
            attempts=attempts,
            run_after=timezone.now() + dt.timedelta(seconds=min(300, 2**attempts)),
            lease_until=None,
            error=_storable(error)[:2000],
        )


def is_hopeless(job: Job) -> bool:
    """Whether the job failed, or took its worker down, too often to try again."""
    return job.attempts >= MAX_ATTEMPTS


def bury(job: Job) -> None:
    """Mark the job as given up; its last error stays on the row.

    What follows it goes on all the same: each step picks up rows by their state, and
    what was done before the end must not wait for somebody else's next job.
    """
    with workspace_scope():
        dead = _ours(job).update(
            state=JobState.DEAD, lease_until=None, finished_at=timezone.now()
        )
        if dead:
            _follow(job)


def _follow(job: Job) -> None:
    _wake_dispatcher()  # there is room for another job of this customer
    for follower in settings.JOB_FLOW.get(job.task, ()):
        enqueue(follower, key="flow")


def _storable(text: str) -> str:
    """Return an error without what no text column takes: it may quote a target."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _ours(job: Job) -> Any:
    # The number of attempts is the fence: after a sweep the row is no longer ours.
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)


def _lease() -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _wake_dispatcher() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
