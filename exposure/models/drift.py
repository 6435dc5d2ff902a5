"""What changed about a service, and in which run it was seen. Append-only."""

from typing import Any, ClassVar

from django.db import models

from exposure.logic.drift import LONGEST, Change
from exposure.models.observed import Service
from exposure.models.runs import Run
from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK

CHANGE_WORDS = {
    Change.NEW: "New",
    Change.GONE: "Gone",
    Change.BACK: "Back",
    Change.PROTOCOL: "Other protocol",
    Change.PRODUCT: "Product",
    Change.VERSION: "Version",
    Change.CERTIFICATE: "Certificate",
    Change.ACCESS: "Access",
    Change.LEVEL: "Proof",
    Change.ANOMALY: "Anomaly",
}


class ServiceChange(WorkspaceOwned):
    """One difference between two looks at one service."""

    SITE = Sited("service")

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, db_constraint=False, related_name="changes"
    )
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, related_name="changes"
    )
    at = models.DateTimeField()
    kind = models.CharField(
        max_length=12,
        choices=[(kind.value, word) for kind, word in CHANGE_WORDS.items()],
    )
    before = models.CharField(max_length=LONGEST, blank=True, default="")
    after = models.CharField(max_length=LONGEST, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="service", name="change_service"),
            WorkspaceFK(field="run", name="change_run"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the feed, newest first
            models.Index(fields=["workspace", "-at", "-id"], name="change_feed"),
            # what one run changed, for its page and the list of runs
            models.Index(fields=["workspace", "run", "kind"], name="change_of_run"),
        ]

    def __str__(self) -> str:
        """Return what changed and how."""
        return f"{self.get_kind_display()}: {self.before} → {self.after}"
