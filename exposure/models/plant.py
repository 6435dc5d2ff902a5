"""The plant after IEC 62443 and ISA-95: sites, zones, lines, assets and endpoints."""

from typing import Any, ClassVar

from django.db import models

from exposure.logic.priority import (
    Mission,
    Safety,
    consequence_points,
    human_impact,
)
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import SITE_ITSELF, Sited
from tenants.rls import WorkspaceFK


class Site(WorkspaceOwned):
    """One plant."""

    SITE = SITE_ITSELF

    name = models.CharField(max_length=120)
    time_zone = models.CharField(
        max_length=64, blank=True, default="", help_text="Empty: the workspace's"
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("site_key"),
            models.UniqueConstraint(fields=["workspace", "name"], name="site_name"),
        ]

    def __str__(self) -> str:
        """Return the plant's name."""
        return self.name


SAFETY_WORDS = {
    Safety.NEGLIGIBLE: "Negligible",
    Safety.MARGINAL: "Marginal",
    Safety.CRITICAL: "Critical",
    Safety.CATASTROPHIC: "Catastrophic",
}
MISSION_WORDS = {
    Mission.DEGRADED: "Degraded",
    Mission.CRIPPLED: "Support crippled",
    Mission.MEF_FAILURE: "Essential function lost",
    Mission.MISSION_FAILURE: "Mission lost",
}


class Line(WorkspaceOwned):
    """A production line or unit, with what an hour of it costs (owned by OT)."""

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=200, blank=True, default="")
    hourly_cost = models.PositiveIntegerField(help_text="Euro per hour of stop")
    safety = models.CharField(
        max_length=12,
        choices=[(code.value, word) for code, word in SAFETY_WORDS.items()],
        default=Safety.MARGINAL.value,
    )
    mission = models.CharField(
        max_length=16,
        choices=[(code.value, word) for code, word in MISSION_WORDS.items()],
        default=Mission.CRIPPLED.value,
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("line_key"),
            WorkspaceFK(field="site", name="line_site"),
            models.UniqueConstraint(
                fields=["workspace", "site", "name"], name="line_name"
            ),
        ]

    def __str__(self) -> str:
        """Return the line's name."""
        return self.name

    @property
    def points(self) -> int:
        """Return the consequence points of losing this line: 1, 3, 10 or 30."""
        impact = human_impact(Safety(self.safety), mission=Mission(self.mission))
        return consequence_points(impact)


class Zone(WorkspaceOwned):
    """A security zone with its Purdue level."""

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    name = models.CharField(max_length=120)
    level = models.FloatField(help_text="Purdue level: 5, 4, 3.5, 3, 2, 1 or 0")
    is_safety = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("zone_key"),
            WorkspaceFK(field="site", name="zone_site"),
            models.UniqueConstraint(
                fields=["workspace", "site", "name"], name="zone_name"
            ),
            models.CheckConstraint(
                name="zone_level_is_a_purdue_level",
                condition=models.Q(level__in=[0, 1, 2, 3, 3.5, 4, 5]),
                violation_error_message="A Purdue level is 0, 1, 2, 3, 3.5, 4 or 5.",
            ),
        ]

    def __str__(self) -> str:
        """Return the zone's name."""
        return self.name


class AssetKind(models.TextChoices):
    """What a device is in the plant."""

    PLC = "plc", "Controller"
    HMI = "hmi", "Operator panel"
    SCADA = "scada", "Supervisory system"
    EWS = "ews", "Engineering station"
    HISTORIAN = "historian", "Historian"
    GATEWAY = "gateway", "Remote access gateway"
    ROUTER = "router", "Router"
    JUMP = "jump", "Jump host"
    SERVER = "server", "Server"
    SIS = "sis", "Safety system"
    OTHER = "other", "Device"


class Asset(WorkspaceOwned):
    """A device. One that a run found and nobody described has no zone."""

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    zone = models.ForeignKey(
        Zone, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )
    line = models.ForeignKey(
        Line,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        help_text="The line that stops when somebody controls this device",
    )
    name = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=12, choices=AssetKind.choices, default=AssetKind.OTHER
    )
    description = models.CharField(max_length=200, blank=True, default="")
    # Whether somebody who controls it can send packets of his own from it.
    sends_packets = models.BooleanField(default=True)
    described = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("asset_key"),
            WorkspaceFK(field="site", name="asset_site"),
            WorkspaceFK(field="zone", name="asset_zone"),
            WorkspaceFK(field="line", name="asset_line"),
            models.UniqueConstraint(
                fields=["workspace", "site", "name"], name="asset_name"
            ),
        ]

    def __str__(self) -> str:
        """Return the asset's tag."""
        return self.name


class Endpoint(WorkspaceOwned):
    """Where an asset answers: an address, or one port of it that a router forwards."""

    SITE = Sited("asset")

    asset = models.ForeignKey(
        Asset,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="endpoints",
    )
    address = models.GenericIPAddressField()
    port = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="asset", name="endpoint_asset"),
            models.UniqueConstraint(
                fields=["workspace", "address", "port"],
                name="endpoint_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        """Return the address, with the port if only that one is meant."""
        return f"{self.address}:{self.port}" if self.port else self.address


class Basis(models.TextChoices):
    """How we know that somebody may talk to somebody."""

    OBSERVED = "observed", "Observed"
    IMPORTED = "imported", "Imported"
    ASSUMED = "assumed", "Assumed"


class Conduit(WorkspaceOwned):
    """Who may talk to whom, on which ports, and how we know."""

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    name = models.CharField(max_length=120)
    from_zone = models.ForeignKey(
        Zone,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="conduits_out",
        help_text="Empty: the internet",
    )
    to_zone = models.ForeignKey(
        Zone,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="conduits_in",
    )
    to_asset = models.ForeignKey(
        Asset,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="conduits_in",
    )
    ports = models.JSONField(default=list, help_text="Empty: any port")
    basis = models.CharField(max_length=10, choices=Basis.choices)
    source = models.CharField(max_length=200, help_text="Who says so, and when")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("conduit_key"),
            WorkspaceFK(field="site", name="conduit_site"),
            WorkspaceFK(field="from_zone", name="conduit_from"),
            WorkspaceFK(field="to_zone", name="conduit_to_zone"),
            WorkspaceFK(field="to_asset", name="conduit_to_asset"),
            models.UniqueConstraint(
                fields=["workspace", "site", "name"], name="conduit_name"
            ),
            models.CheckConstraint(
                name="conduit_ends_in_a_zone_or_an_asset",
                condition=models.Q(to_zone__isnull=True)
                ^ models.Q(to_asset__isnull=True),
                violation_error_message="A conduit ends in a zone or at an asset.",
            ),
        ]

    def __str__(self) -> str:
        """Return the conduit's name."""
        return self.name
