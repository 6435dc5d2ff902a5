"""Invitations: how people come to have an account and a place."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models.memberships import Role, Side
from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites


class InvitationState(models.TextChoices):
    """Where an invitation is; it ends by itself at `expires_at`."""

    HELD = "held", "Waits for an administrator"
    SENT = "sent", "Sent"
    ACCEPTED = "accepted", "Accepted"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Ended by itself"


class Invitation(WorkspaceOwned):
    """A place in a workspace, offered to an address. Only a hash of its token is kept."""

    SITE = AllSites("Everybody reads who gets in.")

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True, default="")
    role = models.CharField(max_length=12, choices=Role.choices)
    side = models.CharField(max_length=2, choices=Side.choices, blank=True, default="")
    site_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    is_admin = models.BooleanField(default=False)
    state = models.CharField(
        max_length=12, choices=InvitationState.choices, default=InvitationState.SENT
    )
    token_hash = models.CharField(max_length=64)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # Whether the provider made it, and which administrator stands behind it.
    from_provider = models.BooleanField(default=False)
    vouched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(state__in=["held", "sent"]),
                name="one_open_invitation_per_address",
                violation_error_message="This address is invited already.",
            ),
            models.UniqueConstraint(
                fields=["workspace", "token_hash"], name="invitation_token"
            ),
        ]

    def __str__(self) -> str:
        """Return who is invited as what."""
        return f"{self.email}: {self.role}"
