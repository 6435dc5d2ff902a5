"""What happened: timeline, mail and webhook all read the same row. Append-only."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK
from workflows.models.cases import Case


class Event(WorkspaceOwned):
    """One thing that happened, in the words people read."""

    SITE = Sited("site_id")

    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    case = models.ForeignKey(
        Case,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="events",
    )
    # Whose site it is about; empty: no one's. Not a key: events outlive sites.
    site_id = models.UUIDField(null=True, blank=True)
    # What it is about, such as "SL-12" or "run 3", and its number in that series.
    object_ref = models.CharField(max_length=40)
    sequence = models.PositiveIntegerField()
    text = models.CharField(max_length=300)
    path = models.CharField(max_length=200, blank=True, default="")
    data = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("event_key"),
            WorkspaceFK(field="case", name="event_case"),
            models.UniqueConstraint(
                fields=["workspace", "object_ref", "sequence"], name="event_sequence"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "-at"], name="event_latest"),
        ]

    def __str__(self) -> str:
        """Return the sentence."""
        return self.text
