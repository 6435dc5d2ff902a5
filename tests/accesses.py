"""Makes credentials and vendors' access, and reads what the ledger says of them."""

import json
from typing import Any

from exposure.models import (
    Asset,
    Basis,
    Credential,
    CredentialPlace,
    PlaceUse,
    Site,
    VendorAccess,
)
from tenants.models import LedgerDetail, LedgerEntry
from tests import factories


def make_credential(
    site: Site,
    name: str = "Local admin of the cells",
    *,
    held_on: tuple[Asset, ...] = (),
    opens: tuple[Asset, ...] = (),
    **values: Any,
) -> Credential:
    """Make a credential, which is a name."""
    values = {"basis": Basis.IMPORTED, "source": "Otto's notebook", **values}
    row = Credential.objects.create(site=site, name=name, **values)
    for use, assets in ((PlaceUse.HELD, held_on), (PlaceUse.OPENS, opens)):
        for asset in assets:
            CredentialPlace.objects.create(credential=row, use=use, asset=asset)
    return row


def make_vendor_access(
    site: Site, vendor: str = "Pumpwright", **values: Any
) -> VendorAccess:
    """Register a vendor's access."""
    values = {"basis": Basis.IMPORTED, "source": "Service contract", **values}
    return VendorAccess.objects.create(site=site, vendor=vendor, **values)


def in_the_ledger(action: str) -> dict[str, Any]:
    """Return the readable part of the only entry of this kind."""
    factories.commit()
    entry = LedgerEntry.objects.get(action=action)
    told: dict[str, Any] = json.loads(bytes(LedgerDetail.objects.get(pk=entry.pk).body))
    return told
