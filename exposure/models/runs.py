"""A discovery run, its targets, its log and the ledger of what was sent."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.plant import Site
from exposure.models.scope import Authorisation, Vantage
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class Transport(models.TextChoices):
    """What carries the bytes."""

    TCP = "tcp", "TCP"
    UDP = "udp", "UDP"


class RunState(models.TextChoices):
    """Where a run is; the moves are in `exposure.logic.run_states`."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


class Stage(models.TextChoices):
    """The steps of a run, in order."""

    SCOPE = "scope", "Check authorisation and scope"
    SWEEP = "sweep", "Open ports"
    IDENTIFY = "identify", "Identify services, read only"
    VALIDATE = "validate", "Second, independent check"
    PATHS = "paths", "Recompute attack paths"


class Run(WorkspaceOwned):
    """One look at one site under one authorisation."""

    SITE = Sited("site")

    number = models.PositiveIntegerField()
    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    authorisation = models.ForeignKey(
        Authorisation, on_delete=models.CASCADE, db_constraint=False
    )
    state = models.CharField(
        max_length=10, choices=RunState.choices, default=RunState.QUEUED
    )
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.SCOPE)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    stop_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    resumed = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    # Seconds spent in each stage, for people who wait: {"sweep": 1.2}
    stage_seconds = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("run_key"),
            WorkspaceFK(field="site", name="run_site"),
            WorkspaceFK(field="authorisation", name="run_authorisation"),
            models.UniqueConstraint(fields=["workspace", "number"], name="run_number"),
            models.UniqueConstraint(
                fields=["workspace", "site"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_run_at_a_time_per_site",
                violation_error_message="A run of this site is under way already.",
            ),
        ]

    def __str__(self) -> str:
        """Return the run's number."""
        return f"Run {self.number}"


class TargetState(models.TextChoices):
    """How far one address of a run has come."""

    PENDING = "pending", "Waiting"
    SWEPT = "swept", "Ports known"
    DONE = "done", "Done"


class RunTarget(WorkspaceOwned):
    """One address of a run; a run that was interrupted goes on with the others."""

    SITE = Sited("run")

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, related_name="targets"
    )
    vantage = models.ForeignKey(Vantage, on_delete=models.CASCADE, db_constraint=False)
    address = models.GenericIPAddressField()
    port_hints = models.JSONField(default=dict)
    state = models.CharField(
        max_length=8, choices=TargetState.choices, default=TargetState.PENDING
    )
    open_ports = models.JSONField(default=list)
    answered = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="run", name="target_run"),
            WorkspaceFK(field="vantage", name="target_vantage"),
            models.UniqueConstraint(
                fields=["workspace", "run", "vantage", "address"],
                name="one_target_per_address",
            ),
        ]

    def __str__(self) -> str:
        """Return the address."""
        return self.address


class RunEvent(WorkspaceOwned):
    """One line of the run's log, for people."""

    SITE = Sited("run")

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, related_name="events"
    )
    at = models.DateTimeField()
    target = models.CharField(max_length=64, blank=True, default="")
    text = models.CharField(max_length=300)
    notable = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [WorkspaceFK(field="run", name="log_run")]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "run", "-at"], name="run_log"),
        ]

    def __str__(self) -> str:
        """Return the line."""
        return self.text
