"""Provider (who runs the service), Group (a holding) and Workspace (one customer)."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from common.ids import uuid7

COLOUR = RegexValidator(r"\A#[0-9a-f]{6}\Z", "Write a colour as #rrggbb.")


class Provider(models.Model):
    """A managed security provider, and how its portal and its mail look."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    # White label: empty means the product's own look.
    brand_name = models.CharField(max_length=60, blank=True, default="")
    accent = models.CharField(max_length=7, blank=True, default="", validators=[COLOUR])
    logo = models.BinaryField(blank=True, default=b"")  # always a PNG of our making
    sender_name = models.CharField(max_length=60, blank=True, default="")
    reply_to = models.EmailField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the provider's name."""
        return self.name


class ProviderRole(models.TextChoices):
    """What a person is at the provider; what they may do is in `tenants.access`."""

    ADMIN = "admin", "Provider administrator"
    MANAGER = "manager", "Provider manager"
    ANALYST = "analyst", "Provider analyst"


class Staff(models.Model):
    """A person who works for a provider. It opens no customer's workspace by itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="staff"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="employments"
    )
    role = models.CharField(max_length=12, choices=ProviderRole.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["user", "provider"],
                name="one_employment_per_provider",
                violation_error_message="This person works here already.",
            ),
        ]

    def __str__(self) -> str:
        """Return the person and the role."""
        return f"{self.user_id} at {self.provider_id}: {self.role}"


class Group(models.Model):
    """A holding: several workspaces of one provider that belong together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="groups"
    )
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                "provider",
                Lower("name"),
                name="one_group_per_name",
                violation_error_message="There is a group of this name already.",
            ),
        ]

    def __str__(self) -> str:
        """Return the group's name."""
        return self.name


class Portal(models.TextChoices):
    """How far the customer's own people get in."""

    OFF = "off", "Closed: only the provider works here"
    READ = "read", "Read only: the customer's people look and change nothing"
    FULL = "full", "Open: the customer's people do all that their role may"


class Workspace(models.Model):
    """One manufacturer, walled off from all others."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="workspaces"
    )
    group = models.ForeignKey(
        Group,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="workspaces",
    )
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    portal = models.CharField(max_length=4, choices=Portal.choices, default=Portal.FULL)
    # Roles that get in only with a second factor (RIGHTS' words, see Role).
    second_factor_roles = ArrayField(
        models.CharField(max_length=12), default=list, blank=True
    )
    # Only people whom the workspace's own identity provider vouches for get in.
    only_single_sign_on = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the customer's name."""
        return self.name
