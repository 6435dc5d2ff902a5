"""One immutable answer of the path engine per change of what it looks at."""

from typing import Any, ClassVar

from django.db import models

from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import AllSites


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
