"""What the plant says that a change costs, in place of the table of assumptions."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.plant import Site
from tenants.models import Side
from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class ChangeCost(WorkspaceOwned):
    """What an owner said of one change that could be made; empty is as the table.

    The change is a candidate of logic.paths.plans, by its id ("patch:finding:7"), which
    is the same in every revision. The row outlives the change: what comes back costs
    what it did.
    """

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    change = models.CharField(max_length=200)
    # What it was called when it was said.
    label = models.CharField(max_length=300)
    hours = models.FloatField(null=True, blank=True)
    # Hours that each line stands still, by the line's id: {id: hours}.
    downtime = models.JSONField(null=True, blank=True)
    # The share of worlds in which the causes outlive the change: 0 ends them.
    keep = models.FloatField(null=True, blank=True)
    # Ids of changes of the same site that must be made too.
    needs = models.JSONField(default=list, blank=True)
    # Ids of the maintenance windows in which alone it may be made; none: any.
    only_in = models.JSONField(default=list, blank=True)
    # Why it cannot be made here at all; "" if it can.
    cannot = models.CharField(max_length=200, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    side = models.CharField(max_length=2, choices=Side.choices)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="site", name="change_cost_site"),
            models.UniqueConstraint(
                fields=["workspace", "change"], name="change_cost_once"
            ),
            models.CheckConstraint(
                name="change_cost_takes_no_negative_hours",
                condition=models.Q(hours__isnull=True) | models.Q(hours__gte=0),
            ),
            models.CheckConstraint(
                name="change_cost_leaves_a_share",
                condition=models.Q(keep__isnull=True)
                | models.Q(keep__gte=0, keep__lte=1),
            ),
            models.CheckConstraint(
                name="change_cost_is_said_by_a_side",
                condition=models.Q(side__in=[Side.IT.value, Side.OT.value]),
            ),
        ]

    def __str__(self) -> str:
        """Return what the change is called."""
        return self.label
