"""The end of a workspace: asked for by two people, carried out later, certified."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from common.ids import uuid7
from tenants.models.owned import WorkspaceOwned
from tenants.models.workspaces import Provider


class Closing(WorkspaceOwned):
    """A request to delete the workspace with all that is in it."""

    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(cancelled_at__isnull=True),
                name="one_closing_at_a_time",
                violation_error_message="Closing has been asked for already.",
            ),
            models.CheckConstraint(
                name="closing_takes_two_people",
                condition=models.Q(confirmed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("asked_by")),
                violation_error_message="Another person confirms the closing.",
            ),
        ]

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason


class DeletionCertificate(models.Model):
    """What remains of a workspace that was deleted: a signed note, no customer data."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    closed_id = models.UUIDField(unique=True)
    closed_slug = models.CharField(max_length=50)
    closed_name = models.CharField(max_length=120)
    note = models.TextField()
    public_key = models.CharField(max_length=300)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Return whose certificate it is."""
        return f"Deletion of {self.closed_name}"


class Retention(WorkspaceOwned):
    """For how many days one class of data is kept."""

    kind = models.CharField(max_length=24)
    days = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "kind"], name="one_retention_per_kind"
            ),
        ]

    def __str__(self) -> str:
        """Return the class and its time."""
        return f"{self.kind}: {self.days} days"
