"""What the customer has on the internet by name or number, and how we know."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.plant import Site
from exposure.models.runs import Run
from exposure.models.scope import Authorisation
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class HoldingKind(models.TextChoices):
    """What a holding is."""

    NAME = "name", "Name"
    ADDRESS = "address", "Address"
    RANGE = "range", "Range"


class HoldingState(models.TextChoices):
    """How a holding compares with the look before."""

    NEW = "new", "New"
    UNCHANGED = "unchanged", "Unchanged"
    CHANGED = "changed", "Changed"
    GONE = "gone", "Gone"


class OwnerAnswer(models.TextChoices):
    """What the owner says to a holding that is not in the scope."""

    NONE = "", "Not answered"
    OURS = "ours", "Ours"
    NOT_OURS = "not_ours", "Not ours"


class Holding(WorkspaceOwned):
    """A name, an address or a range that belongs, or may belong, to a site.

    `value` is canonical: a name in ASCII, an address, a range in CIDR notation; `shown`
    is the name as people write it. `facts` are flat, see exposure.logic.names.hygiene.
    `in_scope` is as of the last look.
    """

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    kind = models.CharField(max_length=7, choices=HoldingKind.choices)
    value = models.CharField(max_length=253)
    shown = models.CharField(max_length=253)
    state = models.CharField(
        max_length=9, choices=HoldingState.choices, default=HoldingState.NEW
    )
    in_scope = models.BooleanField(default=False)
    answer = models.CharField(
        max_length=8, choices=OwnerAnswer.choices, blank=True, default=OwnerAnswer.NONE
    )
    answer_reason = models.CharField(max_length=300, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    confidence = models.FloatField(default=0)
    facts = models.JSONField(default=dict)
    to_act_on = models.PositiveSmallIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("holding_key"),
            WorkspaceFK(field="site", name="holding_site"),
            models.UniqueConstraint(
                fields=["workspace", "site", "kind", "value"], name="holding_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The list of names and ranges, a page at a time.
            models.Index(fields=["workspace", "kind", "value"], name="holding_list"),
        ]

    def __str__(self) -> str:
        """Return what it is called."""
        return self.shown


class NameRecord(WorkspaceOwned):
    """One DNS record of a name, and since when and until when it was seen."""

    SITE = Sited("holding")

    holding = models.ForeignKey(
        Holding, on_delete=models.CASCADE, db_constraint=False, related_name="records"
    )
    type = models.CharField(max_length=6)
    value = models.CharField(max_length=500)
    ttl = models.PositiveIntegerField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="holding", name="record_of_holding"),
            models.UniqueConstraint(
                fields=["workspace", "holding", "type", "value"],
                name="one_row_per_record",
            ),
        ]

    def __str__(self) -> str:
        """Return the record."""
        return f"{self.type} {self.value}"


class Sighting(WorkspaceOwned):
    """How a holding was found: by which source, and from which other sighting.

    `depth` is the number of hops from the root, which is greater than that of
    `derived_from`: no trail goes round in a circle.
    """

    SITE = Sited("holding")

    holding = models.ForeignKey(
        Holding, on_delete=models.CASCADE, db_constraint=False, related_name="sightings"
    )
    source = models.CharField(max_length=40)
    derived_from = models.ForeignKey(
        "self", on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )
    depth = models.PositiveSmallIntegerField(default=1)
    detail = models.CharField(max_length=300, blank=True, default="")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("sighting_key"),
            WorkspaceFK(field="holding", name="sighting_holding"),
            WorkspaceFK(field="derived_from", name="sighting_derived_from"),
            models.UniqueConstraint(
                fields=["workspace", "holding", "source", "derived_from"],
                nulls_distinct=False,
                name="sighting_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "derived_from"], name="sighting_next"),
        ]

    def __str__(self) -> str:
        """Return the source."""
        return self.source


class SearchState(models.TextChoices):
    """Where a search for names is."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Looking"
    FINISHED = "finished", "Finished"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


class NameSearch(WorkspaceOwned):
    """One look for the names of one site, under one authorisation.

    `zones_done` are those whose guesses were tried, so that a search that was
    interrupted goes on; `counts` are figures for people.
    """

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    authorisation = models.ForeignKey(
        Authorisation, on_delete=models.CASCADE, db_constraint=False
    )
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )
    state = models.CharField(
        max_length=10, choices=SearchState.choices, default=SearchState.QUEUED
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    stop_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    error = models.CharField(max_length=300, blank=True, default="")
    zones_done = models.JSONField(default=list)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="site", name="search_site"),
            WorkspaceFK(field="authorisation", name="search_authorisation"),
            WorkspaceFK(field="run", name="search_run"),
            models.UniqueConstraint(
                fields=["workspace", "site"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_search_at_a_time_per_site",
                violation_error_message="Names of this site are being looked up already.",
            ),
        ]

    def __str__(self) -> str:
        """Return when it was asked for."""
        return f"Search of {self.requested_at:%Y-%m-%d %H:%M}"
