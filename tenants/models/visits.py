"""What the customer sees of its provider: visits, and pages seen with somebody's eyes."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites


class Visit(WorkspaceOwned):
    """A person of the provider was here during this hour (UTC)."""

    SITE = AllSites("Everybody reads who of the provider was here.")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    hour = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "user", "hour"], name="one_visit_per_hour"
            ),
        ]

    def __str__(self) -> str:
        """Return who and when."""
        return f"{self.user_id} at {self.hour:%Y-%m-%d %H:00}"


class ActingAs(WorkspaceOwned):
    """A person of the provider looks at the portal as one of the customer's people.

    Looking only: whatever role the other person has, nothing can be changed.
    """

    SITE = AllSites("Everybody reads who looked as whom.")

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "actor"],
                condition=models.Q(ended_at__isnull=True),
                name="one_pair_of_eyes_at_a_time",
                violation_error_message="End the other look first.",
            ),
            models.CheckConstraint(
                name="nobody_acts_as_themselves",
                condition=~models.Q(actor=models.F("person")),
            ),
        ]

    def __str__(self) -> str:
        """Return who looks as whom."""
        return f"{self.actor_id} as {self.person_id}"
