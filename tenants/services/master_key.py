"""The master key: seals the keys of workspaces and what belongs to accounts."""

import logging

from django.conf import settings
from django.db import DatabaseError

from common.errors import DomainError
from common.sealing import SealBroken, key_id, open_with_any, seal
from tenants.models import MasterKeyCheck

KNOWN = b"This installation's secrets are sealed with this key."
PLACE = "installation/master-key-check"


log = logging.getLogger(__name__)


class WrongMasterKey(DomainError):
    """The secrets of this installation cannot be opened with the key it was given."""


def keys() -> list[bytes]:
    """Return the master key, and the one before it while it is being replaced."""
    return [settings.MASTER_KEY, *settings.MASTER_KEYS_BEFORE]


def seal_here(plaintext: bytes, *, context: str) -> bytes:
    """Seal something that belongs to the installation or to an account."""
    return seal(plaintext, key=settings.MASTER_KEY, context=context)


def open_here(blob: bytes, *, context: str) -> bytes:
    """Open what `seal_here` sealed; raises SealBroken."""
    return open_with_any(blob, keys=keys(), context=context)


def remember_master_key() -> None:
    """Keep a known text sealed with the key, so that another key is recognised."""
    check_master_key()
    name = key_id(settings.MASTER_KEY).hex()
    if not MasterKeyCheck.objects.filter(key_id=name).exists():
        sealed = seal_here(KNOWN, context=PLACE)
        MasterKeyCheck.objects.create(key_id=name, sealed=sealed)


def forget_other_keys() -> None:
    """Forget the known texts of earlier keys, once nothing is sealed with them."""
    MasterKeyCheck.objects.exclude(key_id=key_id(settings.MASTER_KEY).hex()).delete()


def check_master_key() -> None:
    """Raise WrongMasterKey unless the keys given open all that was ever sealed here."""
    for row in MasterKeyCheck.objects.all():
        try:
            open_here(bytes(row.sealed), context=PLACE)
        except SealBroken as error:
            raise WrongMasterKey(
                f"SIGHTLINE_MASTER_KEY is not the key of this database (that one has the "
                f"id {row.key_id}). Give the right key, or the old one beside the new one "
                "as SIGHTLINE_MASTER_KEY_PREVIOUS. Nothing was changed."
            ) from error


def check_at_start() -> None:
    """Stop a process that has the wrong key; one that starts before the database goes on."""
    try:
        check_master_key()
    except DatabaseError as error:
        log.warning("The master key could not be checked: %s", error)
    except WrongMasterKey as error:
        raise SystemExit(str(error)) from error
