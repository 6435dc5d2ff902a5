"""The register of vendors' remote access, and which of it answers on the internet."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import InvalidInput
from exposure.logic.paths.snapshot import Window
from exposure.models import (
    Asset,
    Conduit,
    Opened,
    Service,
    ServiceState,
    Site,
    VendorAccess,
    Zone,
)
from exposure.services.access_words import (
    assets_named,
    check_basis,
    check_describes,
    check_names_only,
    checked_ports,
    note,
)
from exposure.services.hours import zone_of
from tenants.models import Membership
from tenants.services import ledger

MOST_OF_A_SITE = 500
TAKEN = "This vendor's access to the same place is in the register already."


@dataclass(frozen=True, slots=True)
class VendorText:
    """What somebody says about a vendor's access; assets and conduits by their names."""

    vendor: str
    basis: str
    source: str
    to_zone: uuid.UUID | None = None
    to_asset: str = ""
    ports: tuple[int, ...] = ()
    conduit: str = ""
    entry: str = ""
    entry_port: int | None = None
    mfa: bool = False
    opened: str = Opened.ALWAYS.value
    until: dt.date | None = None


@transaction.atomic
def add_vendor_access(
    site_id: uuid.UUID, text: VendorText, *, by: Membership
) -> VendorAccess:
    """Add a vendor's access to the register of a plant.

    Raises NotAllowed, and InvalidInput with the field.
    """
    check_describes(by)
    site = Site.objects.select_for_update().get(pk=site_id)
    if VendorAccess.objects.filter(site=site).count() >= MOST_OF_A_SITE:
        raise InvalidInput("vendor", f"At most {MOST_OF_A_SITE} accesses of a plant.")
    row = VendorAccess(site=site)
    _write(row, text)
    _note("plant.vendor_access_added", row, by=by, text=f"Registered: {row}.")
    return row


@transaction.atomic
def change_vendor_access(
    access_id: uuid.UUID, text: VendorText, *, by: Membership
) -> VendorAccess:
    """Say something else about a vendor's access; raises as `add_vendor_access`."""
    check_describes(by)
    row = VendorAccess.objects.select_for_update().get(pk=access_id)
    before = _state(row)
    _write(row, text)
    _note(
        "plant.vendor_access_changed",
        row,
        by=by,
        text=f"Changed in the register: {row}.",
        before=before,
    )
    return row


@transaction.atomic
def remove_vendor_access(access_id: uuid.UUID, *, by: Membership) -> None:
    """Take a vendor's access out of the register."""
    check_describes(by)
    row = VendorAccess.objects.select_for_update().get(pk=access_id)
    before = _state(row)
    row.delete()
    note(
        "plant.vendor_access_removed",
        about=str(row),
        by=by,
        text=f"Taken out of the register: {row}.",
        change=ledger.Change(before=before),
        site_id=row.site_id,
    )


def answering(accesses: Iterable[VendorAccess]) -> dict[uuid.UUID, list[Service]]:
    """Return for each access the services of its entry that answer, by port.

    An access whose entry is not named, or out of the reader's sight, has none: nothing
    is known of it.
    """
    rows = list(accesses)
    entries = {row.entry_id for row in rows if row.entry_id}
    services = (
        Service.objects.select_related("observation")
        .exclude(state=ServiceState.GONE)
        .filter(asset__in=entries)
    )
    by_asset: dict[uuid.UUID, list[Service]] = {}
    for service in services.order_by("port", "id"):
        by_asset.setdefault(service.asset_id, []).append(service)
    return {
        row.pk: [
            each
            for each in (by_asset.get(row.entry_id, []) if row.entry_id else [])
            if row.entry_port in (None, each.port)
        ]
        for row in rows
    }


def window_of(row: VendorAccess, *, answers: bool, today: dt.date) -> Window:
    """Return when an access is open. Its last day alone closes nothing.

    It is over when the last day has passed, the entry is named, and nothing of it
    answers.
    """
    if row.is_past(today) and row.entry_id and not answers:
        return Window.OVER
    return Window(row.opened)


def today_at(site: Site) -> dt.date:
    """Return the day by the clocks of a plant: an access ends with its last day there."""
    return timezone.localdate(timezone=ZoneInfo(zone_of(site)))


def _write(row: VendorAccess, text: VendorText) -> None:
    check_names_only(vendor=text.vendor, source=text.source)
    check_basis(text.basis)
    if text.opened not in Opened.values:
        raise InvalidInput("opened", "Say when it is open.")
    row.vendor, row.basis, row.source = text.vendor, text.basis, text.source
    row.mfa, row.opened, row.until = text.mfa, text.opened, text.until
    row.to_zone, row.to_asset = _leads_to(row.site, text)
    row.ports = checked_ports(text.ports)
    row.conduit = _conduit(row.site, text.conduit)
    row.entry = _one_asset(row.site, text.entry, field="entry")
    ports = checked_ports([text.entry_port] if text.entry_port else [])
    row.entry_port = ports[0] if ports and row.entry else None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise InvalidInput("vendor", TAKEN) from error


def _leads_to(site: Site, text: VendorText) -> tuple[Zone | None, Asset | None]:
    asset = _one_asset(site, text.to_asset, field="to_asset")
    if (text.to_zone is None) == (asset is None):
        raise InvalidInput("to_zone", "It leads to one zone, or to one asset.")
    zone = (
        Zone.objects.filter(site=site, pk=text.to_zone).first()
        if text.to_zone
        else None
    )
    if text.to_zone is not None and zone is None:
        raise InvalidInput("to_zone", "Choose a zone of this plant.")
    return zone, asset


def _one_asset(site: Site, name: str, *, field: str) -> Asset | None:
    return next(iter(assets_named(site, [name], field=field)), None)


def _conduit(site: Site, name: str) -> Conduit | None:
    if not name.strip():
        return None
    row = Conduit.objects.filter(site=site, name=name.strip()).first()
    if row is None:
        raise InvalidInput("conduit", f"{site} has no conduit called {name[:120]}.")
    return row


def _state(row: VendorAccess) -> dict[str, object]:
    return {
        "vendor": row.vendor,
        "basis": row.basis,
        "source": row.source,
        "leads_to": str(row.to_zone_id or row.to_asset_id),
        "ports": row.ports,
        "mfa": row.mfa,
        "opened": row.opened,
        "until": row.until.isoformat() if row.until else None,
    }


def _note(
    action: str,
    row: VendorAccess,
    *,
    by: Membership,
    text: str,
    before: dict[str, object] | None = None,
) -> None:
    note(
        action,
        about=str(row),
        by=by,
        text=text,
        change=ledger.Change(before=before, after=_state(row)),
        site_id=row.site_id,
    )
