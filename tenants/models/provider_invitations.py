"""Invitations of a provider: to work for it, or to a seat in one of its groups."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from common.ids import uuid7
from tenants.models.groups import Group, GroupRole
from tenants.models.invitations import InvitationState
from tenants.models.workspaces import Provider, ProviderRole

ROLES = [*ProviderRole.choices, *GroupRole.choices]


class ProviderInvitation(models.Model):
    """A post at the provider, or a seat in a group. Only a hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(
        Group, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True, default="")
    role = models.CharField(max_length=12, choices=ROLES)
    state = models.CharField(
        max_length=12, choices=InvitationState.choices, default=InvitationState.SENT
    )
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["provider", "email"],
                condition=models.Q(state="sent", group__isnull=True),
                name="one_open_post_per_address",
                violation_error_message="This address is invited already.",
            ),
            models.UniqueConstraint(
                fields=["group", "email"],
                condition=models.Q(state="sent", group__isnull=False),
                name="one_open_seat_per_address",
                violation_error_message="This address is invited already.",
            ),
            models.CheckConstraint(
                name="a_seat_is_the_viewers_and_a_post_is_not",
                condition=models.Q(group__isnull=False, role="viewer")
                | models.Q(group__isnull=True) & ~models.Q(role="viewer"),
            ),
        ]

    def __str__(self) -> str:
        """Return who is invited as what."""
        return f"{self.email}: {self.role}"
