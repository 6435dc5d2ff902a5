"""Who can sign in where, and which vendors come in from outside. Never a secret itself."""

import datetime as dt
from typing import Any, ClassVar

from django.db import models

from exposure.models.plant import Asset, Basis, Conduit, Site, Zone
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class Credential(WorkspaceOwned):
    """A sign-in of the plant by what it is called ("local admin of the cells").

    There is no column for the secret, and there must never be one: the paths need to
    know who gets where with it, not what it is.
    """

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    name = models.CharField(max_length=120)
    shared = models.BooleanField(
        default=True, help_text="The same password on all of them, not one person's"
    )
    stored = models.BooleanField(
        default=False, help_text="Kept where it is held: a foothold there is enough"
    )
    mfa = models.BooleanField(default=False)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    source = models.CharField(max_length=200, help_text="Who says so, and when")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("credential_key"),
            WorkspaceFK(field="site", name="credential_site"),
            models.UniqueConstraint(
                fields=["workspace", "site", "name"], name="credential_name"
            ),
        ]

    def __str__(self) -> str:
        """Return what it is called."""
        return self.name


class PlaceUse(models.TextChoices):
    """What a credential has to do with a place."""

    HELD = "held", "Held on"
    OPENS = "opens", "Opens"


class CredentialPlace(WorkspaceOwned):
    """Where a credential is held, or what it opens: an asset, or all logins of a zone."""

    SITE = Sited("credential")

    credential = models.ForeignKey(
        Credential,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="places",
    )
    use = models.CharField(max_length=5, choices=PlaceUse.choices)
    asset = models.ForeignKey(
        Asset, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )
    zone = models.ForeignKey(
        Zone, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="credential", name="credentialplace_of"),
            WorkspaceFK(field="asset", name="credentialplace_asset"),
            WorkspaceFK(field="zone", name="credentialplace_zone"),
            models.UniqueConstraint(
                fields=["workspace", "credential", "use", "asset", "zone"],
                name="credentialplace_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="credentialplace_is_an_asset_or_a_zone_that_it_opens",
                condition=models.Q(asset__isnull=False, zone__isnull=True)
                | models.Q(
                    asset__isnull=True, zone__isnull=False, use=PlaceUse.OPENS.value
                ),
            ),
        ]

    def __str__(self) -> str:
        """Return the use and the id of the place."""
        return f"{self.use} {self.asset_id or self.zone_id}"


class Opened(models.TextChoices):
    """When a vendor's access is open."""

    ALWAYS = "always", "Always on"
    ON_REQUEST = "on_request", "Opened on request"


class VendorAccess(WorkspaceOwned):
    """One remote access of a vendor: through what, to where, until when.

    `until` is its last day by agreement; whether it really ended is for the network to
    say: what still answers is still open.
    """

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    vendor = models.CharField(max_length=120)
    entry = models.ForeignKey(
        Asset,
        on_delete=models.SET_NULL,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="The device it comes in through, such as a VPN gateway",
    )
    entry_port = models.PositiveIntegerField(null=True, blank=True)
    to_zone = models.ForeignKey(
        Zone,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    to_asset = models.ForeignKey(
        Asset,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    ports = models.JSONField(default=list, help_text="Empty: any port")
    conduit = models.ForeignKey(
        Conduit,
        on_delete=models.SET_NULL,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    basis = models.CharField(max_length=10, choices=Basis.choices)
    source = models.CharField(max_length=200, help_text="Who says so, and when")
    mfa = models.BooleanField(default=False)
    opened = models.CharField(
        max_length=10, choices=Opened.choices, default=Opened.ALWAYS
    )
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("vendoraccess_key"),
            WorkspaceFK(field="site", name="vendoraccess_site"),
            WorkspaceFK(
                field="entry", name="vendoraccess_entry", on_delete="NO ACTION"
            ),
            WorkspaceFK(field="to_zone", name="vendoraccess_to_zone"),
            WorkspaceFK(field="to_asset", name="vendoraccess_to_asset"),
            WorkspaceFK(
                field="conduit", name="vendoraccess_conduit", on_delete="NO ACTION"
            ),
            models.UniqueConstraint(
                fields=["workspace", "site", "vendor", "to_zone", "to_asset"],
                name="vendoraccess_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="vendoraccess_ends_in_a_zone_or_an_asset",
                condition=models.Q(to_zone__isnull=True)
                ^ models.Q(to_asset__isnull=True),
                violation_error_message="A vendor's access leads to a zone or an asset.",
            ),
        ]

    def __str__(self) -> str:
        """Return whose access it is."""
        return f"Remote access of {self.vendor}"

    def is_past(self, today: dt.date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and self.until < today
