"""A discovery run, its targets, its log and the ledger of what was sent."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.logic.profiles import Profile, profile_named
from exposure.logic.vantage_rules import WORDS, Mode
from exposure.models.plant import Site
from exposure.models.schedules import PROFILE_CHOICES, Schedule
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
    PAUSED = "paused", "Paused"
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
    profile = models.CharField(max_length=16, choices=PROFILE_CHOICES, default="normal")
    profile_version = models.PositiveSmallIntegerField(default=1)
    schedule = models.ForeignKey(
        Schedule,
        on_delete=models.PROTECT,  # a schedule is switched off, never deleted
        db_constraint=False,
        null=True,
        blank=True,
        related_name="runs",
        help_text="Empty: somebody asked",
    )
    # The checks it uses: an object from the id of a check to its version.
    checks = models.JSONField(default=dict)
    pause_requested_at = models.DateTimeField(null=True, blank=True)
    pause_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the hours of the authorisation closed",
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    # When it goes on by itself; empty: when somebody says so.
    goes_on_at = models.DateTimeField(null=True, blank=True)
    # The last connection that was opened, and when the last socket was closed.
    last_packet_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")
    # Seconds spent in each stage, for people who wait: {"sweep": 1.2}
    stage_seconds = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("run_key"),
            WorkspaceFK(field="site", name="run_site"),
            WorkspaceFK(field="authorisation", name="run_authorisation"),
            WorkspaceFK(field="schedule", name="run_schedule", on_delete="NO ACTION"),
            models.UniqueConstraint(fields=["workspace", "number"], name="run_number"),
            models.UniqueConstraint(
                fields=["workspace", "site"],
                condition=models.Q(state__in=["queued", "running", "paused"]),
                name="one_run_at_a_time_per_site",
                violation_error_message="A run of this site is under way already.",
            ),
        ]

    def __str__(self) -> str:
        """Return the run's number."""
        return f"Run {self.number}"

    @property
    def looks(self) -> Profile:
        """Return how carefully it looks."""
        return profile_named(self.profile)

    @property
    def packets_per_second(self) -> int:
        """Return the limit that holds: the profile's, within the authorisation's."""
        return self.looks.rate_within(self.authorisation.packets_per_second)


class PartState(models.TextChoices):
    """How far the part of a run is that one worker does."""

    WAITING = "waiting", "Waits for its worker"
    WORKING = "working", "Working"
    DONE = "done", "Done"


class RunPart(WorkspaceOwned):
    """What one worker does of a run: the installation's own, or that of a vantage."""

    SITE = Sited("run")

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, related_name="parts"
    )
    vantage = models.ForeignKey(
        Vantage,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        help_text="Empty: every vantage that the installation's own worker looks from",
    )
    state = models.CharField(
        max_length=8, choices=PartState.choices, default=PartState.WAITING
    )
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="run", name="part_run"),
            WorkspaceFK(field="vantage", name="part_vantage"),
            models.UniqueConstraint(
                fields=["workspace", "run", "vantage"],
                nulls_distinct=False,
                name="one_part_per_worker",
            ),
        ]

    def __str__(self) -> str:
        """Return where it is done from."""
        return self.vantage.name if self.vantage else "this installation"


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
    # UDP ports that were asked, and those of them that answered. A port that stays
    # silent is in the first list only: that it is closed, nobody can say.
    udp_asked = models.JSONField(default=list)
    udp_answered = models.JSONField(default=list)
    # Why it is treated as a controller, why it was not asked further, and why it looks
    # like a decoy; each empty where it is not so.
    careful_because = models.CharField(max_length=300, blank=True, default="")
    left_because = models.CharField(max_length=300, blank=True, default="")
    doubt = models.CharField(max_length=300, blank=True, default="")
    # How far a look from inside the plant may go; see exposure.logic.vantage_rules.
    mode = models.CharField(
        max_length=8,
        choices=[(mode.value, words) for mode, words in WORDS.items()],
        default=Mode.FULL.value,
    )

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
