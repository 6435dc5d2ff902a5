"""Provider (who runs the service) and Workspace (one customer)."""

from django.db import models

from common.ids import uuid7


class Provider(models.Model):
    """A managed security provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the provider's name."""
        return self.name


class Workspace(models.Model):
    """One manufacturer, walled off from all others."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="workspaces"
    )
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the customer's name."""
        return self.name
