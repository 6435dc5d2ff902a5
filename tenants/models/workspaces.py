"""Provider (who runs the service), its staff, and Workspace (one customer)."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.ids import uuid7


class Provider(models.Model):
    """A managed security provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    # Roles of its people that get in only with a second factor (see ProviderRole).
    second_factor_roles = ArrayField(
        models.CharField(max_length=12), default=list, blank=True
    )
    # How the product looks to its customers; empty is our own look (see logic.brand).
    product_name = models.CharField(max_length=40, blank=True, default="")
    accent = models.CharField(max_length=7, blank=True, default="")
    accent_dark = models.CharField(max_length=7, blank=True, default="")
    logo_hash = models.CharField(max_length=64, blank=True, default="")
    mail_name = models.CharField(max_length=60, blank=True, default="")
    mail_address = models.EmailField(max_length=254, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the provider's name."""
        return self.name


class ProviderLogo(models.Model):
    """The logo of a provider, as we have encoded it; apart, because pages name it only."""

    provider = models.OneToOneField(
        Provider, on_delete=models.CASCADE, primary_key=True, related_name="logo"
    )
    png = models.BinaryField()

    def __str__(self) -> str:
        """Return whose it is."""
        return str(self.provider_id)


class ProviderRole(models.TextChoices):
    """What a person is at the provider; what they may do is in `tenants.rights`."""

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
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    portal = models.CharField(max_length=4, choices=Portal.choices, default=Portal.FULL)
    # Roles that get in only with a second factor (RIGHTS' words, see Role).
    second_factor_roles = ArrayField(
        models.CharField(max_length=12), default=list, blank=True
    )
    group = models.ForeignKey(
        "tenants.Group",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="workspaces",
    )
    # An administrator of the customer has agreed that this group sees its counts.
    shares_with_group = models.BooleanField(default=False)
    # Whether the customer's own people come in through their identity provider only.
    sign_on_required = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="nobody_shares_with_no_group",
                condition=models.Q(shares_with_group=False)
                | models.Q(group__isnull=False),
                violation_error_message="There is no group to share with.",
            ),
        ]

    def __str__(self) -> str:
        """Return the customer's name."""
        return self.name
