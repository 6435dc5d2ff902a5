"""Plans of what to change, and when a line may stand still for it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.paths import PathRevision
from exposure.models.plant import Line, Site
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import AllSites, Sited
from tenants.rls import WorkspaceFK


class MaintenanceWindow(WorkspaceOwned):
    """A time in which a line may stand still, or the network of a plant is worked on.

    It allows nothing by itself. Without a line it is about the network of its site.
    """

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    line = models.ForeignKey(
        Line, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True, default="")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="site", name="maintenance_window_site"),
            WorkspaceFK(field="line", name="maintenance_window_line"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")),
                name="maintenance_window_ends_later",
                violation_error_message="A window ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        """Return line or network, and beginning."""
        return f"{self.place} {self.begins_at:%Y-%m-%d %H:%M}"

    @property
    def place(self) -> str:
        """What it is about: the name of a line, or the network of a site."""
        return self.line.name if self.line else f"Network of {self.site.name}"


class PlanState(models.TextChoices):
    """Where the work on a plan is."""

    QUEUED = "queued", "Waiting"
    WORKING = "working", "Being worked out"
    DONE = "done", "Ready"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Could not be made"


class Plan(WorkspaceOwned):
    """The best set of changes for some limits, worked out on one revision.

    A proposal in figures only: nothing is decided by it and nothing changed.
    """

    SITE = AllSites("A plan weighs all lines at once; see services.plans.may_see.")

    number = models.PositiveIntegerField()
    revision = models.ForeignKey(
        PathRevision, on_delete=models.CASCADE, db_constraint=False
    )
    state = models.CharField(
        max_length=10, choices=PlanState.choices, default=PlanState.QUEUED
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    # What services.plans.Wish holds: hours, downtime, windows, fixed and forbidden.
    wish = models.JSONField(default=dict)
    # Points of logic.paths.plans.answer, in the order in which they were found.
    points = models.JSONField(default=list, blank=True)
    # Plan.to_json of logic.paths.plans.answer; None until it is ready.
    result = models.BinaryField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("plan_key"),
            WorkspaceFK(field="revision", name="plan_revision"),
            models.UniqueConstraint(fields=["workspace", "number"], name="plan_number"),
        ]

    def __str__(self) -> str:
        """Return the plan's number."""
        return f"Plan {self.number}"
