"""The stop button: orders to send nothing, and how fast each run obeyed."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.plant import Site
from exposure.models.runs import Run
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class StopLevel(models.TextChoices):
    """How much an order stops."""

    WORKSPACE = "workspace", "Everything"
    SITE = "site", "One plant"
    RANGE = "range", "One address or range"


class StopOrder(WorkspaceOwned):
    """Nothing is sent to what this names until somebody who may lifts it."""

    SITE = Sited("site")  # without a site: everybody reads that all is stopped

    level = models.CharField(max_length=9, choices=StopLevel.choices)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )
    network = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    by_customer = models.BooleanField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("stop_order_key"),
            WorkspaceFK(field="site", name="stop_order_site"),
            models.CheckConstraint(
                name="stop_order_says_what",
                condition=models.Q(level="workspace", site=None, network="")
                | models.Q(level="site", site__isnull=False, network="")
                | (models.Q(level="range") & ~models.Q(network="")),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # What the fence asks five times a second: the orders that stand.
            models.Index(
                fields=["workspace"],
                name="stop_order_stands",
                condition=models.Q(lifted_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Return what is stopped, in words."""
        if self.level == StopLevel.RANGE:
            return self.network
        return "one plant" if self.level == StopLevel.SITE else "everything"


class StopEffect(WorkspaceOwned):
    """How one run stopped: asked, its last connection, its last socket closed."""

    SITE = Sited("run")

    run = models.ForeignKey(
        Run,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="stop_effects",
    )
    asked_at = models.DateTimeField()
    last_sent_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="run", name="stop_effect_run"),
            models.UniqueConstraint(
                fields=["workspace", "run"], name="stop_effect_once"
            ),
        ]

    def __str__(self) -> str:
        """Return the seconds from asking to the last socket."""
        return f"{(self.closed_at - self.asked_at).total_seconds():.1f} s"
