"""Seals what belongs to an account and not to a workspace: seeds of second factors."""

import base64

from allauth.mfa.models import Authenticator
from django.db import transaction

from tenants.services.master_key import open_here, seal_here

PLACE = "sign-in/second-factor"
SEALED = ("secret", "seed")  # what the library asks to be sealed, by type of factor


def seal_text(text: str) -> str:
    """Return the sealed form of a secret text, in base64."""
    return base64.b64encode(seal_here(text.encode(), context=PLACE)).decode()


def open_text(sealed: str) -> str:
    """Return the text; raises SealBroken."""
    return open_here(base64.b64decode(sealed), context=PLACE).decode()


def reseal() -> int:
    """Seal every second factor with the master key in use; return how many."""
    count = 0
    for pk in list(Authenticator.objects.values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            names = [name for name in SEALED if row.data.get(name)]
            for name in names:
                row.data[name] = seal_text(open_text(row.data[name]))
            if names:
                row.save(update_fields=["data"])
                count += 1
    return count
