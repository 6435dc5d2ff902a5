"""Stored files: what is known of each; the content lies sealed on the disk."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited


class FileKind(models.TextChoices):
    """What a file is to us."""

    EVIDENCE = "evidence", "Evidence"
    UPLOAD = "upload", "Document"
    REPORT = "report", "Report"
    EXPORT = "export", "Export"


class StoredFile(WorkspaceOwned):
    """One file of a workspace. A removed one keeps its row, without content and key."""

    SITE = Sited("site_id")

    # Random as a whole: this id names the file on the disk and in its address.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=FileKind.choices)
    media_type = models.CharField(max_length=100)  # found out from the bytes
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)  # of the content before it was sealed
    key_id = models.CharField(max_length=8)  # of the data key that seals the file's key
    sealed_key = models.BinaryField()
    about = models.CharField(max_length=80)  # such as "SL-12"
    site_id = models.UUIDField(null=True, blank=True)  # None: the whole workspace
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,  # None: made by the product
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    deleted_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("stored_file_key"),
            models.CheckConstraint(
                name="a_removed_file_has_no_key",
                condition=models.Q(deleted_at__isnull=True) & ~models.Q(sealed_key=b"")
                | models.Q(deleted_at__isnull=False, sealed_key=b""),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the list of files on a page
            models.Index(
                fields=["workspace", "about", "created_at"], name="stored_file_about"
            ),
            # what the daily sweep removes
            models.Index(
                fields=["workspace", "expires_at"],
                name="stored_file_expires",
                condition=models.Q(deleted_at__isnull=True, expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name
