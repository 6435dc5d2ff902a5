"""A case: one finding on its way to a proven fix, with who must answer and why."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from exposure.models import Finding
from tenants.models import Side
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class Case(WorkspaceOwned):
    """One finding, routed to the people who must agree."""

    SITE = Sited("site_id", empty=False, same=("finding",))

    # The finding's, kept by the database (migration 0004), so that lists need no join.
    site_id = models.UUIDField(null=True, editable=False)
    finding = models.OneToOneField(
        Finding, on_delete=models.CASCADE, db_constraint=False, related_name="case"
    )
    lead = models.CharField(max_length=2, choices=Side.choices)
    slots = ArrayField(models.CharField(max_length=8))
    rule = models.CharField(max_length=20)
    reason = models.CharField(max_length=300)
    band = models.CharField(max_length=16)
    indicated_band = models.CharField(max_length=16)
    routed_at = models.DateTimeField()
    decide_by = models.DateTimeField()
    # The last evidence revision and state this case has reacted to.
    seen_revision = models.PositiveIntegerField(default=0)
    seen_state = models.CharField(max_length=12, blank=True, default="")
    # What people sign besides the finding: targets, paths and consequence.
    path_hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("case_key"),
            WorkspaceFK(field="finding", name="case_finding"),
        ]

    def __str__(self) -> str:
        """Return whose case it is."""
        return f"Case of {self.finding_id}"
