"""Figures that are kept beside the rows they count, for overviews over many rows."""

from typing import Any, ClassVar

from django.db import models

from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites


class Tally(WorkspaceOwned):
    """So many findings more, or less, of one kind; the sum is how many there are.

    The database writes a row with every change of a finding, in the same transaction.
    Rows are only added, so nobody waits for anybody; the rebuild puts them together.
    """

    SITE = AllSites("Counts of a whole workspace, for roll-ups of the provider only.")

    state = models.CharField(max_length=12)
    urgency = models.PositiveSmallIntegerField()
    in_hand = models.BooleanField()
    number = models.IntegerField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["workspace"],
                include=["state", "urgency", "in_hand", "number"],
                name="tally_of_workspace",
            ),
        ]

    def __str__(self) -> str:
        """Return the change."""
        return f"{self.number:+d} {self.state}"


class Occurrence(WorkspaceOwned):
    """One thing a plant has, and how often: what "which customers have X?" looks at.

    Either what answers on a port (no check), or one weakness of it. No names of assets
    and no addresses; the rebuild writes all of them anew.
    """

    SITE = AllSites("Counts of a whole workspace, for roll-ups of the provider only.")

    check_id = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200, blank=True)
    product = models.CharField(max_length=200, blank=True)
    protocol = models.CharField(max_length=20)
    port = models.PositiveIntegerField()
    # All texts in small letters, one below the other, to look in with one comparison.
    words = models.TextField(blank=True)
    services = models.PositiveIntegerField()
    exposures = models.PositiveIntegerField()
    grade = models.CharField(max_length=2, blank=True)
    urgency = models.PositiveSmallIntegerField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=[
                    "workspace",
                    "check_id",
                    "title",
                    "product",
                    "protocol",
                    "port",
                ],
                name="occurrence_once",
            ),
        ]

    def __str__(self) -> str:
        """Return what it is."""
        return self.title or f"{self.product} ({self.protocol} {self.port})"
