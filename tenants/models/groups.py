"""Groups: several customers of one owner, and who sees their counts together."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from common.ids import uuid7
from tenants.models.workspaces import Provider


class GroupRole(models.TextChoices):
    """What a person is in a group; it opens no workspace."""

    VIEWER = "viewer", "Viewer"


class Group(models.Model):
    """A holding: customers of one provider that belong together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="groups"
    )
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            # a customer's key carries the provider, so that no group holds a stranger's
            models.UniqueConstraint(fields=["provider", "id"], name="group_key"),
        ]

    def __str__(self) -> str:
        """Return the group's name."""
        return self.name


class GroupSeat(models.Model):
    """A person who sees the counts of those customers that share them with the group."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="seats"
    )
    role = models.CharField(
        max_length=12, choices=GroupRole.choices, default=GroupRole.VIEWER
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["user", "group"],
                name="one_seat_per_group",
                violation_error_message="This person has a seat already.",
            ),
        ]

    def __str__(self) -> str:
        """Return the person and the group."""
        return f"{self.user_id} in {self.group_id}: {self.role}"
