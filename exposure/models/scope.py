"""What may be touched, from where, by whom signed and until when."""

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from exposure.models.plant import Site, Zone
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK

# A worker says every 15 seconds that it is there; after this it is missed.
SILENCE = dt.timedelta(seconds=60)


class Vantage(WorkspaceOwned):
    """Where something is sent from: the internet, or a worker inside a plant."""

    SITE = Sited("zone")

    name = models.CharField(max_length=120)
    zone = models.ForeignKey(
        Zone,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
        help_text="Empty: the internet",
    )
    # A worker elsewhere, subscribed to `queue`; else the installation's own looks.
    own_worker = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_as = models.CharField(max_length=100, blank=True, default="")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("vantage_key"),
            WorkspaceFK(field="zone", name="vantage_zone"),
            models.UniqueConstraint(fields=["workspace", "name"], name="vantage_name"),
        ]

    def __str__(self) -> str:
        """Return the vantage's name."""
        return self.name

    @property
    def queue(self) -> str:
        """Return the queue of its worker: the random end of its id, which is enough."""
        return f"vantage-{self.pk.hex[-12:]}" if self.own_worker else "discovery"

    @property
    def has_worker(self) -> bool:
        """Whether a worker looks from there at this moment."""
        if not self.own_worker:
            return True
        return self.seen_at is not None and timezone.now() - self.seen_at < SILENCE


class Authorisation(WorkspaceOwned):
    """The customer's signed permission to look at a site, with an end."""

    SITE = Sited("site")

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False)
    reference = models.CharField(max_length=40)
    statement = models.TextField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    packets_per_second = models.PositiveIntegerField(default=500)
    # What the signer ticked besides, by the names of `exposure.logic.consents`.
    consents = models.JSONField(default=list, blank=True)
    # Signed with the rest: workers inside the plant may look as from outside.
    all_from_inside = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("authorisation_key"),
            WorkspaceFK(field="site", name="authorisation_site"),
            models.UniqueConstraint(
                fields=["workspace", "reference"], name="authorisation_reference"
            ),
            models.CheckConstraint(
                name="authorisation_ends_after_it_starts",
                condition=models.Q(valid_until__gt=models.F("valid_from")),
                violation_error_message="An authorisation ends after it starts.",
            ),
        ]

    def __str__(self) -> str:
        """Return the reference that people use."""
        return self.reference


class ScopeEntry(WorkspaceOwned):
    """One address, range or name that may be looked at from one vantage."""

    SITE = Sited("authorisation")

    authorisation = models.ForeignKey(
        Authorisation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="entries",
    )
    vantage = models.ForeignKey(Vantage, on_delete=models.CASCADE, db_constraint=False)
    value = models.CharField(max_length=253)
    # Protocols known to answer on another port, as behind a forwarding router: an
    # object from the port, as text, to the protocol.
    port_hints = models.JSONField(default=dict, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("scope_entry_key"),
            WorkspaceFK(field="authorisation", name="entry_authorisation"),
            WorkspaceFK(field="vantage", name="entry_vantage"),
            models.UniqueConstraint(
                fields=["workspace", "authorisation", "vantage", "value"],
                name="scope_entry_once",
                violation_error_message="This entry is in the scope already.",
            ),
        ]

    def __str__(self) -> str:
        """Return the entry as it was written."""
        return self.value


class Exclusion(WorkspaceOwned):
    """What must never be touched although a range contains it."""

    SITE = Sited("authorisation")

    authorisation = models.ForeignKey(
        Authorisation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="exclusions",
    )
    value = models.CharField(
        max_length=253,
        blank=True,
        help_text="An address or a range; empty: every address",
    )
    port = models.PositiveIntegerField(null=True, blank=True)
    probe = models.CharField(
        max_length=40, blank=True, default="", help_text="Empty: every probe"
    )
    reason = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="authorisation", name="exclusion_authorisation"),
            models.CheckConstraint(
                name="exclusion_of_something",
                condition=~models.Q(value="", port=None, probe=""),
                violation_error_message="An exclusion names an address, a port or a probe.",
            ),
        ]

    def __str__(self) -> str:
        """Return what is excluded."""
        where = f"{self.value}:{self.port}" if self.port else self.value
        if not self.value:
            where = f"port {self.port}" if self.port else "every address"
        return f"{where}, probe {self.probe}" if self.probe else where
