"""One immutable answer of the path engine per change of what it looks at."""

from typing import Any, ClassVar

from django.db import models

from exposure.models.plant import Site
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import AllSites, Sited
from tenants.rls import WorkspaceFK


class PathRevision(WorkspaceOwned):
    """What was computed from which input; the same input gives the same bytes."""

    SITE = AllSites(
        "One picture of all sites; services.paths cuts out the reader's part."
    )

    number = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=200)
    # What is different from the revision before: [{"subject_id": id, "words": words}].
    # A reader of some sites is told of subjects of theirs only.
    because = models.JSONField(default=list, blank=True)
    # The version of the path engine; "" in revisions that were stored before it had one.
    engine = models.CharField(max_length=20, blank=True, default="")
    snapshot_hash = models.CharField(max_length=64)
    policy_hash = models.CharField(max_length=64)
    worlds = models.PositiveIntegerField()
    exposure_units = models.FloatField()
    reachable_lines = models.PositiveSmallIntegerField()
    # What overviews show, so that they need not read the whole answer; empty in
    # revisions that were stored before there was such a thing.
    reached_assets = models.PositiveIntegerField(null=True, blank=True)
    summary = models.JSONField(null=True, blank=True)
    # For each line, by its id: {"units": exposure units, "reached": whether it is}.
    by_line = models.JSONField(default=dict)
    snapshot = models.BinaryField()
    result = models.BinaryField()
    # What exposure.logic.paths.blob writes, already compressed; None: stored before.
    graph = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("path_revision_key"),
            models.UniqueConstraint(
                fields=["workspace", "number"], name="path_revision_number"
            ),
        ]

    def __str__(self) -> str:
        """Return the revision's number."""
        return f"Revision {self.number}"


class SiteExposure(WorkspaceOwned):
    """What the lines of one site add to the exposure of one revision.

    A roll-up over many customers reads these rows; no answer has to be opened for it.
    """

    SITE = Sited("site")

    revision = models.ForeignKey(
        PathRevision, on_delete=models.CASCADE, db_constraint=False
    )
    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    units = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    # Units more, or less, than in the revision before; None: that did not count it.
    moved = models.FloatField(null=True, blank=True)
    lines = models.PositiveIntegerField()
    reached = models.PositiveIntegerField()
    # The line with most units, "" where none has any.
    worst_line = models.CharField(max_length=120, blank=True, default="")
    # The one change that removes most here, and how much of these units; "" for none.
    # What it changes may stand at another site: readers of this one get no name then.
    change_label = models.CharField(max_length=300, blank=True, default="")
    change_site_id = models.UUIDField(null=True, blank=True)
    change_removes = models.FloatField(default=0.0)
    # When a rebuild last found that nothing has changed since the revision.
    checked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="revision", name="site_exposure_revision"),
            WorkspaceFK(field="site", name="site_exposure_site"),
            models.UniqueConstraint(
                fields=["workspace", "revision", "site"], name="site_exposure_once"
            ),
        ]

    def __str__(self) -> str:
        """Return the site and its units."""
        return f"{self.site_id}: {self.units:.1f}"


class PathRefusal(WorkspaceOwned):
    """Why the plant as it is now cannot be counted; the row goes when it can."""

    SITE = AllSites(
        "It may name what stands at any site: pages show it to who sees all of them."
    )

    words = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace"], name="one_path_refusal"),
        ]

    def __str__(self) -> str:
        """Return the sentence."""
        return self.words
