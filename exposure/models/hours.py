"""When a site may be looked at: the signed weekly hours, and blackouts of the plant."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.plant import Line, Site
from exposure.models.scope import Authorisation
from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class WeeklyHours(WorkspaceOwned):
    """Hours of a week in which an authorisation holds; without any it always does.

    They are part of what is signed: other hours need another signature.
    """

    SITE = Sited("authorisation")

    authorisation = models.ForeignKey(
        Authorisation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="weekly_hours",
    )
    # Digits of the weekdays, Monday is 0: "01234" is Monday to Friday.
    days = models.CharField(max_length=7)
    begins = models.TimeField()
    ends = models.TimeField(help_text="Not later than the beginning: the next morning")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="authorisation", name="weekly_hours_authorisation"),
            models.UniqueConstraint(
                fields=["workspace", "authorisation", "days", "begins", "ends"],
                name="weekly_hours_once",
            ),
        ]

    def __str__(self) -> str:
        """Return days and times."""
        return f"{self.days} {self.begins:%H:%M}-{self.ends:%H:%M}"


class Blackout(WorkspaceOwned):
    """A time in which nothing is sent to a site. It only takes away: nobody signs it."""

    SITE = Sited("site")

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, db_constraint=False, related_name="blackouts"
    )
    line = models.ForeignKey(
        Line,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        help_text="Whose production it is for; the whole site is left alone all the same",
    )
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    # Of an event of a calendar file; importing the file again changes this row.
    source = models.CharField(max_length=64, blank=True, default="")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="site", name="blackout_site"),
            WorkspaceFK(field="line", name="blackout_line"),
            models.CheckConstraint(
                name="blackout_ends_after_it_begins",
                condition=models.Q(ends_at__gt=models.F("begins_at")),
                violation_error_message="A blackout ends after it begins.",
            ),
            models.UniqueConstraint(
                fields=["workspace", "site", "source"],
                condition=~models.Q(source=""),
                name="blackout_once_per_event",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # What the fence asks: the blackouts of a site that are not over.
            models.Index(fields=["workspace", "site", "ends_at"], name="blackout_next"),
        ]

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason
