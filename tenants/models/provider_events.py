"""The record of a provider: what was changed outside of any workspace."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from common.ids import uuid7
from tenants.models.workspaces import Provider


class ProviderEvent(models.Model):
    """One change at a provider. The application may add events and read them, no more."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    about = models.CharField(max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # As the person was called then: a later change of the name rewrites no record.
    actor_name = models.CharField(max_length=254)
    text = models.CharField(max_length=2000)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request = models.CharField(max_length=32, blank=True, default="")
    ip = models.CharField(max_length=45, blank=True, default="")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # the page shows the newest first
            models.Index(fields=["provider", "-at", "-id"], name="provider_event_new"),
        ]

    def __str__(self) -> str:
        """Return the action."""
        return self.action
