"""Describes the credentials of a plant: what they are called, where they get you."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from common.errors import InvalidInput
from exposure.models import (
    Asset,
    Credential,
    CredentialPlace,
    PlaceUse,
    Site,
    Zone,
)
from exposure.services.access_words import (
    assets_named,
    check_basis,
    check_describes,
    check_names_only,
    note,
)
from tenants.models import Membership
from tenants.services import ledger

MOST_OF_A_SITE = 500


@dataclass(frozen=True, slots=True)
class CredentialText:
    """What somebody says about a credential; assets are named as in the plant."""

    name: str
    basis: str
    source: str
    held_on: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    opens_zones: tuple[uuid.UUID, ...] = ()
    shared: bool = True
    stored: bool = False
    mfa: bool = False


@transaction.atomic
def add_credential(
    site_id: uuid.UUID, text: CredentialText, *, by: Membership
) -> Credential:
    """Add a credential to a plant, by name only.

    Raises NotAllowed, and InvalidInput with the field: for what looks like a secret, a
    name that is taken or an asset that is not there.
    """
    check_describes(by)
    site = Site.objects.select_for_update().get(pk=site_id)
    if Credential.objects.filter(site=site).count() >= MOST_OF_A_SITE:
        raise InvalidInput("name", f"At most {MOST_OF_A_SITE} credentials of a plant.")
    row = Credential(site=site)
    _write(row, text)
    _note("plant.credential_added", row, by=by, text=f"Added the credential {row}.")
    return row


@transaction.atomic
def change_credential(
    credential_id: uuid.UUID, text: CredentialText, *, by: Membership
) -> Credential:
    """Say something else about a credential; raises as `add_credential`."""
    check_describes(by)
    row = Credential.objects.select_for_update().get(pk=credential_id)
    before = _state(row)
    _write(row, text)
    _note(
        "plant.credential_changed",
        row,
        by=by,
        text=f"Changed the credential {row}.",
        before=before,
    )
    return row


@transaction.atomic
def remove_credential(credential_id: uuid.UUID, *, by: Membership) -> None:
    """Forget a credential: it is not there any more, or never was."""
    check_describes(by)
    row = Credential.objects.select_for_update().get(pk=credential_id)
    before = _state(row)
    row.delete()
    note(
        "plant.credential_removed",
        about=f"credential {row}",
        by=by,
        text=f"Removed the credential {row}.",
        change=ledger.Change(before=before),
        site_id=row.site_id,
    )


def _write(row: Credential, text: CredentialText) -> None:
    check_names_only(name=text.name, source=text.source)
    check_basis(text.basis)
    held = assets_named(row.site, text.held_on, field="held_on")
    opened = assets_named(row.site, text.opens, field="opens")
    zones = list(Zone.objects.filter(site=row.site, pk__in=text.opens_zones))
    if len(zones) < len({*text.opens_zones}):
        raise InvalidInput("opens_zones", "Choose zones of this plant.")
    for name in ("name", "basis", "source", "shared", "stored", "mfa"):
        setattr(row, name, getattr(text, name))
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise InvalidInput(
            "name", f"There is a credential {text.name} already."
        ) from error
    _place(row, held=held, opened=opened, zones=zones)


def _place(
    row: Credential,
    *,
    held: Iterable[Asset],
    opened: Iterable[Asset],
    zones: Iterable[Zone],
) -> None:
    row.places.all().delete()
    places = [
        *(CredentialPlace(use=PlaceUse.HELD, asset=asset) for asset in held),
        *(CredentialPlace(use=PlaceUse.OPENS, asset=asset) for asset in opened),
        *(CredentialPlace(use=PlaceUse.OPENS, zone=zone) for zone in zones),
    ]
    for place in places:
        place.credential = row
        place.workspace_id = row.workspace_id
    CredentialPlace.objects.bulk_create(places)


def _state(row: Credential) -> dict[str, object]:
    uses = row.places.values_list("use", flat=True)
    return {
        "name": row.name,
        "basis": row.basis,
        "source": row.source,
        "shared": row.shared,
        "stored": row.stored,
        "mfa": row.mfa,
        "held_on": sum(use == PlaceUse.HELD for use in uses),
        "opens": sum(use == PlaceUse.OPENS for use in uses),
    }


def _note(
    action: str,
    row: Credential,
    *,
    by: Membership,
    text: str,
    before: dict[str, object] | None = None,
) -> None:
    note(
        action,
        about=f"credential {row}",
        by=by,
        text=text,
        change=ledger.Change(before=before, after=_state(row)),
        site_id=row.site_id,
    )
