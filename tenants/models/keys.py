"""Keys: what seals the secrets of a workspace."""

from typing import Any, ClassVar

from django.db import models

from common.ids import uuid7
from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites


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

    SITE = AllSites("A workspace has one set of keys.")

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
