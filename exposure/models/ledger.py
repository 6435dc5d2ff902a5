"""The probe ledger: every single thing that was sent, stored compactly."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from exposure.models.runs import Run, Transport
from exposure.models.scope import Vantage
from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class ProbeBatch(WorkspaceOwned):
    """Things of one kind that were sent to one address, with the same result. Append-only.

    `ports` and `after_ms` are as long as each other: the n-th thing went to the n-th
    port, so many milliseconds after `at`. The other columns hold for each of them. A
    million records a day would fill a disk as rows of their own; like this, a record
    costs about twenty bytes. The table is partitioned by month, see docs/decisions/0023.
    """

    SITE = Sited("run", empty=False)  # without a run: a re-test of any site

    run = models.ForeignKey(
        Run,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="batches",
        null=True,
        blank=True,
        help_text="Empty: a re-test of one finding",
    )
    at = models.DateTimeField()
    vantage = models.ForeignKey(Vantage, on_delete=models.CASCADE, db_constraint=False)
    address = models.GenericIPAddressField()
    transport = models.CharField(
        max_length=3, choices=Transport.choices, default=Transport.TCP
    )
    probe = models.CharField(max_length=20)
    probe_version = models.PositiveSmallIntegerField()
    result = models.CharField(max_length=20)
    connections = models.PositiveSmallIntegerField()
    bytes_out = models.PositiveIntegerField()
    bytes_in = models.PositiveIntegerField()
    ports = ArrayField(models.PositiveIntegerField())
    after_ms = ArrayField(models.PositiveIntegerField())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="run", name="batch_run"),
            WorkspaceFK(field="vantage", name="batch_vantage"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "run", "at"], name="batch_of_run"),
            models.Index(fields=["workspace", "at"], name="batch_by_time"),
        ]

    def __str__(self) -> str:
        """Return the probe and where it went."""
        return f"{self.probe} to {self.address}, {len(self.ports)} ports"


class ProbeRecord(WorkspaceOwned):
    """One thing sent to one target: the plant's proof of what we did.

    A view over `ProbeBatch`: for reading only, a row for each thing sent. It sees what
    the reader of the batches sees.
    """

    SITE = Sited("run", empty=False)

    id = models.CharField(max_length=48, primary_key=True)  # type: ignore[assignment]  # a view has no key of its own
    workspace = models.ForeignKey(
        "tenants.Workspace",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        editable=False,
    )
    run = models.ForeignKey(
        Run,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="records",
        null=True,
    )
    batch_at = models.DateTimeField(help_text="When its batch began; indexed")
    at = models.DateTimeField()
    vantage = models.ForeignKey(
        Vantage, on_delete=models.DO_NOTHING, db_constraint=False
    )
    address = models.GenericIPAddressField()
    port = models.PositiveIntegerField()
    transport = models.CharField(max_length=3, choices=Transport.choices)
    probe = models.CharField(max_length=20)
    probe_version = models.PositiveSmallIntegerField()
    connections = models.PositiveSmallIntegerField()
    bytes_out = models.PositiveIntegerField()
    bytes_in = models.PositiveIntegerField()
    result = models.CharField(max_length=20)

    class Meta:
        managed = False
        db_table = "exposure_proberecord"

    def __str__(self) -> str:
        """Return the probe and where it went."""
        return f"{self.probe} to {self.address}:{self.port}"
