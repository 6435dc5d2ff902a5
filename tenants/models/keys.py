"""Keys: what seals a workspace's secrets, and what programs sign in with."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.ids import uuid7
from tenants.models.owned import WorkspaceOwned


class MasterKeyCheck(models.Model):
    """A known text sealed with the master key: a start with another key is refused."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key_id = models.CharField(max_length=8, unique=True)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the key's id."""
        return self.key_id


class DataKey(WorkspaceOwned):
    """A key of one workspace, sealed with the master key. The newest one seals."""

    key_id = models.CharField(max_length=8)  # hexadecimal, stands in every sealed blob
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "key_id"], name="one_data_key_per_id"
            ),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(retired_at__isnull=True),
                name="one_data_key_in_use",
            ),
        ]

    def __str__(self) -> str:
        """Return the key's id."""
        return self.key_id


class ApiKey(WorkspaceOwned):
    """What a program signs in with, for one workspace. Only a hash is kept."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(
        max_length=12
    )  # shown, so that people can tell keys apart
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=24))
    networks = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "prefix"], name="one_api_key_per_prefix"
            ),
        ]

    def __str__(self) -> str:
        """Return the name and the visible part."""
        return f"{self.name} ({self.prefix})"


class StoredFile(WorkspaceOwned):
    """A file outside the web root, encrypted with a data key of its workspace."""

    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=80)
    size = models.BigIntegerField()  # of the plain content, in bytes
    sha256 = models.CharField(max_length=64)  # of the plain content
    key_id = models.CharField(max_length=8)
    site_id = models.UUIDField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["workspace", "kind", "-created_at"], name="file_latest"
            ),
        ]

    def __str__(self) -> str:
        """Return the file's name."""
        return self.name
