"""What a customer decides about its own data: exports, how long, a hold, the end."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from common.ids import uuid7
from tenants.models.files import StoredFile
from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites
from tenants.models.workspaces import Portal, Provider
from tenants.rls import WorkspaceFK


class ExportState(models.TextChoices):
    """Where an export is."""

    WAITING = "waiting", "Being written"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    GONE = "gone", "Removed"


class Export(WorkspaceOwned):
    """Everything of the workspace in one file, asked for by an administrator."""

    SITE = AllSites("Everybody reads who takes the data out, and nobody what is in it.")

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(
        max_length=8, choices=ExportState.choices, default=ExportState.WAITING
    )
    rows = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    ready_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="file", name="export_file"),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(state="waiting"),
                name="one_export_at_a_time",
                violation_error_message="An export is being written already.",
            ),
        ]

    def __str__(self) -> str:
        """Return when it was asked for and where it is."""
        return f"{self.asked_at:%Y-%m-%d %H:%M}: {self.state}"

    @property
    def percent(self) -> int:
        """Return how far it is."""
        return min(100, 100 * self.done // self.rows) if self.rows else 0


class DataPolicy(WorkspaceOwned):
    """How long what is kept, and whether all deletion is on hold."""

    SITE = AllSites("It holds for the workspace as a whole.")

    # Days by class, where they differ from the defaults; see `tenants.logic.retention`.
    days = models.JSONField(default=dict)
    hold = models.CharField(max_length=300, blank=True, default="")  # why; "" is none
    hold_since = models.DateTimeField(null=True, blank=True)
    hold_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace"], name="one_data_policy"),
        ]

    def __str__(self) -> str:
        """Return whether there is a hold."""
        return f"hold: {self.hold}" if self.hold else "no hold"


class Closure(WorkspaceOwned):
    """The wish of an administrator that the workspace be deleted.

    The database sets `asked_at`, `due_at`, `confirmed_at` and `called_off_at` by its own
    clock; the application cannot make a workspace due earlier.
    """

    SITE = AllSites("It is about the workspace as a whole.")

    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    portal_before = models.CharField(max_length=4, choices=Portal.choices)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    called_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(called_off_at__isnull=True),
                name="one_open_closure",
                violation_error_message="The deletion was asked for already.",
            ),
        ]

    def __str__(self) -> str:
        """Return when it is due."""
        return f"due {self.due_at:%Y-%m-%d %H:%M}"


class DeletionCertificate(models.Model):
    """What was deleted, when and for whom: all that stays of a workspace. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="certificates"
    )
    deleted_id = models.UUIDField(db_index=True)  # of the workspace that was
    made_at = models.DateTimeField()
    note = models.TextField()  # a C2SP signed note, see docs/data.md
    key = models.CharField(max_length=300)  # the public key, as people copy it
    # Until it was sent; then nothing of the person stays.
    send_to = models.EmailField(max_length=254, blank=True, default="")

    def __str__(self) -> str:
        """Return which workspace was deleted."""
        return f"{self.deleted_id}, {self.made_at:%Y-%m-%d}"


class InstallationKey(models.Model):
    """The key that signs certificates; the private half is sealed with the master key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=20, unique=True)
    public = models.BinaryField()
    sealed_private = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return what it signs."""
        return self.purpose
