"""The job table: outbox, fairness and lease in one."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites


class JobState(models.IntegerChoices):
    """Where a job is; small numbers, because enums cannot be index conditions here."""

    QUEUED = 0, "queued"
    SENT = 1, "sent"
    RUNNING = 2, "running"
    DONE = 3, "done"
    DEAD = 4, "dead"


class Job(WorkspaceOwned):
    """One piece of background work; the broker only carries its id."""

    SITE = AllSites("Work is asked for here; no page shows it.")

    task = models.CharField(max_length=80)
    queue = models.CharField(max_length=20)
    args = models.JSONField(default=dict)
    # Not empty: at most one job of this task and key waits at any time.
    key = models.CharField(max_length=120, blank=True, default="")
    state = models.SmallIntegerField(choices=JobState.choices, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "task", "key"],
                condition=models.Q(state=0) & ~models.Q(key=""),
                name="one_waiting_job_per_key",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the dispatcher picks what is due, per workspace
            models.Index(
                fields=["workspace", "run_after", "id"],
                name="job_due",
                condition=models.Q(state=0),
            ),
            # the sweep finds leases that ran out
            models.Index(
                fields=["lease_until"],
                name="job_lease",
                condition=models.Q(state__in=[1, 2]),
            ),
        ]

    def __str__(self) -> str:
        """Return the task's name."""
        return self.task
