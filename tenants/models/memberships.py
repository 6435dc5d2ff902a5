"""Membership: what one person is in one workspace."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.ids import uuid7
from tenants.models.workspaces import Workspace


class Role(models.TextChoices):
    """Who may do what; the rights table is in `tenants.access`."""

    ANALYST = "analyst", "Provider analyst"
    MANAGER = "manager", "Provider manager"
    OWNER = "owner", "Owner"
    APPROVER = "approver", "Approver"
    AUDITOR = "auditor", "Auditor"
    PORTAL = "portal", "Portal user"


PROVIDER_ROLES = frozenset({Role.ANALYST, Role.MANAGER})


class Side(models.TextChoices):
    """Whose production or whose network an owner answers for."""

    IT = "it", "IT"
    OT = "ot", "OT"
    NONE = "", "None"


class Membership(models.Model):
    """A person's role, side and sites in one workspace; no row, no access."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role.choices)
    side = models.CharField(max_length=2, choices=Side.choices, blank=True, default="")
    # Ids of sites this person answers for; empty means every site of the workspace.
    site_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["user", "workspace"],
                name="one_membership_per_workspace",
                violation_error_message="This person is already a member.",
            ),
            models.CheckConstraint(
                name="an_owner_has_a_side_and_nobody_else",
                condition=models.Q(role="owner", side__in=["it", "ot"])
                | (~models.Q(role="owner") & models.Q(side="")),
                violation_error_message="Only an owner has a side, IT or OT.",
            ),
        ]

    def __str__(self) -> str:
        """Return the person and the customer."""
        return f"{self.user_id} in {self.workspace_id}: {self.role}"

    @property
    def is_provider(self) -> bool:
        """Whether this person works for the provider, not for the customer."""
        return self.role in PROVIDER_ROLES
