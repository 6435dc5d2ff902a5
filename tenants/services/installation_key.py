"""The installation's own key: signs what outlives a workspace."""

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction

from tenants.logic.ledger import Signer
from tenants.models import InstallationKey
from tenants.services.master_key import open_here, seal_here

CERTIFICATES = "certificates"
KEY_BYTES = 32


def signer() -> Signer:
    """Return the key that signs certificates; the first call makes it."""
    row = InstallationKey.objects.filter(purpose=CERTIFICATES).first()
    if row is None:
        try:
            with transaction.atomic():
                row = _new()
        except IntegrityError:  # somebody else was quicker
            row = InstallationKey.objects.get(purpose=CERTIFICATES)
    return Signer(_name(), open_here(bytes(row.sealed_private), context=_place()))


def reseal() -> int:
    """Seal the private half with the master key in use; return how many there were."""
    rows = list(InstallationKey.objects.all())
    for row in rows:
        private = open_here(bytes(row.sealed_private), context=_place())
        row.sealed_private = seal_here(private, context=_place())
        row.save(update_fields=["sealed_private"])
    return len(rows)


def _new() -> InstallationKey:
    private = os.urandom(KEY_BYTES)
    return InstallationKey.objects.create(
        purpose=CERTIFICATES,
        public=Signer(_name(), private).key.public,
        sealed_private=seal_here(private, context=_place()),
    )


def _name() -> str:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"sightline/{host}/{CERTIFICATES}"


def _place() -> str:
    return f"installation/{CERTIFICATES}-key"
