"""When a site is looked at without anybody asking."""

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.logic.cadence import Cadence, Every
from exposure.logic.profiles import PROFILES, Profile, profile_named
from exposure.models.plant import Site
from exposure.models.scope import Authorisation
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK

PROFILE_CHOICES = [(each.name, each.label) for each in PROFILES.values()]
EVERY_CHOICES = [
    (Every.DAY.value, "Every day"),
    (Every.WEEK.value, "Every week"),
    (Every.MONTH.value, "Every month"),
]


class Schedule(WorkspaceOwned):
    """One cadence for one authorisation: what is published and what starts runs."""

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    authorisation = models.ForeignKey(
        Authorisation, on_delete=models.CASCADE, db_constraint=False
    )
    profile = models.CharField(max_length=16, choices=PROFILE_CHOICES)
    every = models.CharField(max_length=8, choices=EVERY_CHOICES)
    at = models.TimeField(help_text="Local time of `zone`")
    zone = models.CharField(max_length=64)
    weekday = models.PositiveSmallIntegerField(default=0, help_text="Monday is 0")
    day = models.PositiveSmallIntegerField(default=1)
    # A graver check that no run has used yet starts one before its time.
    on_new_check = models.BooleanField(default=True)
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    # Why the last start did not happen, or waits; "" when it did.
    trouble = models.CharField(max_length=300, blank=True, default="")
    trouble_at = models.DateTimeField(null=True, blank=True)
    # The set of checks for which it started, or tried to, out of turn.
    checks_seen = models.CharField(max_length=64, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("schedule_key"),
            WorkspaceFK(field="site", name="schedule_site"),
            WorkspaceFK(field="authorisation", name="schedule_authorisation"),
            models.CheckConstraint(
                name="schedule_day_of_a_month",
                condition=models.Q(day__gte=1, day__lte=31, weekday__lte=6),
                violation_error_message="A month has days 1 to 31.",
            ),
        ]

    def __str__(self) -> str:
        """Return the cadence in words."""
        return self.cadence.words()

    @property
    def cadence(self) -> Cadence:
        """Return when it is due."""
        return Cadence(
            Every(self.every), self.at, self.zone, weekday=self.weekday, day=self.day
        )

    @property
    def looks(self) -> Profile:
        """Return how carefully it looks."""
        return profile_named(self.profile)

    def due_after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return when it starts next; None while it is switched off."""
        return self.cadence.next_after(moment) if self.enabled else None
