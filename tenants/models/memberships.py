"""Membership: what one person is in one workspace."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from common.ids import uuid7
from tenants.models.workspaces import Workspace


class Role(models.TextChoices):
    """Who may do what; the table is in `tenants.rights`."""

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


class MembershipManager(models.Manager["Membership"]):
    """Knows which memberships count."""

    def current(self) -> models.QuerySet["Membership"]:
        """Return memberships that open something now: not over, account not closed."""
        return self.filter(
            models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=timezone.now()),
            user__is_active=True,
        )


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
    # An administrator of the customer's: manages people, sign-in rules, keys, exports.
    is_admin = models.BooleanField(default=False)
    # The provider's people come for a time and a reason that the customer can read.
    expires_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[MembershipManager] = MembershipManager()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="the_provider_comes_for_a_time_and_a_reason",
                condition=~models.Q(role__in=["analyst", "manager"])
                | models.Q(expires_at__isnull=False) & ~models.Q(reason=""),
                violation_error_message="Access of the provider needs an end and a reason.",
            ),
            models.CheckConstraint(
                name="an_administrator_is_the_customers",
                condition=models.Q(is_admin=False)
                | ~models.Q(role__in=["analyst", "manager"]),
                violation_error_message="Only the customer's people administer a workspace.",
            ),
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

    def covers(self, site_id: uuid.UUID | None) -> bool:
        """Whether the person's scope of sites holds this site; None is every site's."""
        return site_id is None or not self.site_ids or site_id in self.site_ids
