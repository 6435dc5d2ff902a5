"""What was seen (append-only) and what is there now."""

from typing import Any, ClassVar

from django.db import models

from exposure.logic.ports import port_name
from exposure.models.plant import Asset
from exposure.models.runs import Run, Transport
from exposure.models.scope import Vantage
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class Observation(WorkspaceOwned):
    """One answer of one probe, with every byte of it. Append-only."""

    SITE = Sited("run", empty=False)  # without a run: a re-test of any site

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )
    vantage = models.ForeignKey(Vantage, on_delete=models.CASCADE, db_constraint=False)
    at = models.DateTimeField()
    address = models.GenericIPAddressField()
    port = models.PositiveIntegerField()
    transport = models.CharField(
        max_length=3, choices=Transport.choices, default=Transport.TCP
    )
    probe = models.CharField(max_length=20)
    probe_version = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=20)
    level = models.CharField(max_length=2, blank=True, default="")
    facts = models.JSONField(default=dict)
    # A list of objects with at (seconds), direction (sent or received) and hex.
    exchanges = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("observation_key"),
            WorkspaceFK(field="run", name="observation_run"),
            WorkspaceFK(field="vantage", name="observation_vantage"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["workspace", "address", "port", "-at"], name="observed_last"
            ),
        ]

    def __str__(self) -> str:
        """Return what was asked where."""
        return f"{self.probe} at {self.address}:{self.port}"


class ServiceState(models.TextChoices):
    """How a service compares with the run before."""

    NEW = "new", "New"
    UNCHANGED = "unchanged", "Unchanged"
    CHANGED = "changed", "Changed"
    GONE = "gone", "Gone"


class Service(WorkspaceOwned):
    """What answers on one port, seen from one vantage, as of the last run."""

    SITE = Sited("asset")

    asset = models.ForeignKey(
        Asset, on_delete=models.CASCADE, db_constraint=False, related_name="services"
    )
    vantage = models.ForeignKey(Vantage, on_delete=models.CASCADE, db_constraint=False)
    address = models.GenericIPAddressField()
    port = models.PositiveIntegerField()
    transport = models.CharField(
        max_length=3, choices=Transport.choices, default=Transport.TCP
    )
    protocol = models.CharField(max_length=20)
    product = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=ServiceState.choices, default=ServiceState.NEW
    )
    observation = models.ForeignKey(
        Observation, on_delete=models.CASCADE, db_constraint=False
    )
    first_run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    last_run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    # Runs in a row that asked over UDP and heard nothing at all.
    silent_runs = models.PositiveSmallIntegerField(default=0)
    # Why the host looks like a decoy; empty where it does not.
    doubt = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("service_key"),
            WorkspaceFK(field="asset", name="service_asset"),
            WorkspaceFK(field="vantage", name="service_vantage"),
            WorkspaceFK(field="observation", name="service_observation"),
            WorkspaceFK(field="first_run", name="service_first_run"),
            WorkspaceFK(field="last_run", name="service_last_run"),
            models.UniqueConstraint(
                fields=["workspace", "vantage", "address", "port", "transport"],
                name="one_service_per_socket",
            ),
        ]

    @property
    def port_name(self) -> str:
        """Return the port as people write it: 102, or 47808/udp."""
        return port_name(self.port, self.transport)

    def __str__(self) -> str:
        """Return protocol and place."""
        return f"{self.protocol} at {self.address}:{self.port}"
