"""To whom things are told, and each attempt to tell them."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import AllSites, Sited
from tenants.rls import WorkspaceFK
from workflows.models.events import Event


class ChannelKind(models.TextChoices):
    """How a channel tells."""

    EMAIL = "email", "Mail"
    WEBHOOK = "webhook", "Webhook"


class Channel(WorkspaceOwned):
    """One member's mailbox or one endpoint, and what it wants to hear."""

    SITE = AllSites("Everybody reads who is told; what they are told is in deliveries.")

    kind = models.CharField(max_length=8, choices=ChannelKind.choices)
    name = models.CharField(max_length=120)
    # Mail goes to a member, to the address of the account, while the membership lasts.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    url = models.URLField(max_length=500, blank=True, default="")
    sealed_secret = models.BinaryField(default=b"")
    # Event types or prefixes such as "decision."; empty means all.
    wants = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("channel_key"),
            models.CheckConstraint(
                name="a_channel_has_one_recipient",
                condition=models.Q(kind="email", member__isnull=False, url="")
                | models.Q(kind="webhook", member__isnull=True) & ~models.Q(url=""),
                violation_error_message="Mail goes to a member, a webhook to an address.",
            ),
            models.UniqueConstraint(
                fields=["workspace", "member"],
                name="one_mail_channel_per_member",
                violation_error_message="This person gets mail already.",
            ),
        ]

    def __str__(self) -> str:
        """Return the channel's name."""
        return self.name


class DeliveryState(models.TextChoices):
    """Where a delivery is."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Delivered"
    FAILED = "failed", "Given up"


class Delivery(WorkspaceOwned):
    """One event for one channel: told once, however often it is tried."""

    SITE = Sited("event")

    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, db_constraint=False, related_name="deliveries"
    )
    channel = models.ForeignKey(
        Channel,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="deliveries",
    )
    state = models.CharField(
        max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True, default="")
    # Every try, oldest first: {"at": time after ISO 8601, "answer": what came back}.
    tries = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="event", name="delivery_event"),
            WorkspaceFK(field="channel", name="delivery_channel"),
            models.UniqueConstraint(
                fields=["workspace", "event", "channel"], name="told_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["workspace", "due_at"],
                name="delivery_due",
                condition=models.Q(state="waiting"),
            ),
        ]

    def __str__(self) -> str:
        """Return what goes where."""
        return f"{self.event_id} to {self.channel_id}"
