"""What stands before a weakness or on a way, and how its tests went."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.findings import Finding
from exposure.models.plant import Conduit, Site
from tenants.models import Side
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK

LONGEST_CADENCE = 180


class Control(WorkspaceOwned):
    """A control on one conduit or before one finding, with its owner and its test.

    It counts while its newest test passed and is not older than `cadence_days`; see
    logic.controls. One that is taken away is retired, and its tests stay.
    """

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    conduit = models.ForeignKey(
        Conduit,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="controls",
    )
    finding = models.ForeignKey(
        Finding,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="controls",
    )
    name = models.CharField(max_length=120)
    does = models.CharField(max_length=300)
    how_tested = models.CharField(max_length=300)
    cadence_days = models.PositiveSmallIntegerField()
    # Who answers for it, and the side they were on when it was described.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    side = models.CharField(max_length=2, choices=Side.choices)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("control_key"),
            WorkspaceFK(field="site", name="control_site"),
            WorkspaceFK(field="conduit", name="control_conduit"),
            WorkspaceFK(field="finding", name="control_finding"),
            models.CheckConstraint(
                name="control_is_on_a_conduit_or_a_finding",
                condition=models.Q(conduit__isnull=True)
                ^ models.Q(finding__isnull=True),
                violation_error_message="A control is on one way or one exposure.",
            ),
            models.CheckConstraint(
                name="control_is_tested_again_in_half_a_year",
                condition=models.Q(
                    cadence_days__gte=1, cadence_days__lte=LONGEST_CADENCE
                ),
            ),
            models.CheckConstraint(
                name="control_has_an_owner_with_a_side",
                condition=models.Q(side__in=[Side.IT.value, Side.OT.value]),
            ),
        ]

    def __str__(self) -> str:
        """Return what it is called."""
        return self.name


class ControlTest(WorkspaceOwned):
    """One test of a control: when, by whom, how, and whether it passed. Append-only."""

    SITE = Sited("control")

    control = models.ForeignKey(
        Control,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="tests",
    )
    tested_at = models.DateTimeField()
    tested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    passed = models.BooleanField()
    result = models.CharField(max_length=1000)
    noted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="control", name="control_test_of"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["workspace", "control", "-tested_at", "-noted_at"],
                name="control_test_newest",
            ),
        ]

    def __str__(self) -> str:
        """Return whether it passed, and when."""
        word = "passed" if self.passed else "failed"
        return f"{word} on {self.tested_at:%Y-%m-%d}"
