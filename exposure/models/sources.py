"""Outside sources: which ones may be asked, what was asked, and what they say."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from exposure.models.plant import Site
from exposure.models.runs import Transport
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import AllSites, Sited
from tenants.rls import WorkspaceFK


class SourceGrant(WorkspaceOwned):
    """What a workspace has settled about one source: the customer's consent, and a key.

    `source` is a name of exposure.collectors.passive.sources. Without consent nothing is
    asked, and where a key is needed not without one.
    """

    SITE = AllSites("a consent to ask an outside source is given for all sites")

    source = models.CharField(max_length=20)
    consented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    consented_at = models.DateTimeField(null=True, blank=True)
    sealed_key = models.BinaryField(null=True, blank=True)
    key_set_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("sourcegrant_key"),
            models.UniqueConstraint(
                fields=["workspace", "source"], name="one_grant_per_source"
            ),
        ]

    def __str__(self) -> str:
        """Return the source's name."""
        return self.source


class SourceAnswer(WorkspaceOwned):
    """The last time a source was asked about one name or address, and what came of it."""

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    source = models.CharField(max_length=20)
    kind = models.CharField(max_length=7)
    value = models.CharField(max_length=253)
    asked_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True, default="")
    told = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="site", name="sourceanswer_site"),
            models.UniqueConstraint(
                fields=["workspace", "site", "source", "kind", "value"],
                name="one_answer_per_question",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "source", "due_at"], name="answer_due"),
        ]

    def __str__(self) -> str:
        """Return what was asked."""
        return f"{self.source} about {self.value}"


class ServiceElsewhere(WorkspaceOwned):
    """A service that an outside source says it has seen; nothing was sent to find it.

    `seen_at` is the source's time, and None where it tells none. `gone_at` is set when
    the source no longer says so.
    """

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    source = models.CharField(max_length=20)
    address = models.GenericIPAddressField()
    port = models.PositiveIntegerField()
    transport = models.CharField(
        max_length=3, choices=Transport.choices, default=Transport.TCP
    )
    protocol = models.CharField(max_length=40, blank=True, default="")
    product = models.CharField(max_length=200, blank=True, default="")
    weaknesses = models.JSONField(default=list)
    seen_at = models.DateTimeField(null=True, blank=True)
    first_told = models.DateTimeField()
    last_told = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="site", name="elsewhere_site"),
            models.UniqueConstraint(
                fields=["workspace", "site", "source", "address", "port", "transport"],
                name="told_once_per_source",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["workspace", "address", "port"], name="elsewhere_list"
            ),
        ]

    def __str__(self) -> str:
        """Return where it is."""
        return f"{self.address}:{self.port}"
