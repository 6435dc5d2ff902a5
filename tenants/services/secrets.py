"""Seals the secrets of a workspace with a key of its own (envelope encryption)."""

import os
import threading
import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.sealing import KEY_BYTES, SealBroken, key_id, open_sealed, seal, sealed_with
from tenants.models import DataKey
from tenants.scope import current_workspace_id
from tenants.services import ledger
from tenants.services.master_key import keys as master_keys
from tenants.services.master_key import open_here, seal_here

MOST_OPEN = 1000
_lock = threading.Lock()
# Opened keys, by workspace and id: whoever works for another workspace finds nothing.
_open: dict[tuple[uuid.UUID, str], bytes] = {}


def seal_secret(plaintext: bytes, *, context: str) -> bytes:
    """Seal a secret of the current workspace for one place, such as a column of a row."""
    _, key = key_in_use()
    return seal(plaintext, key=key, context=_bound(context))


def open_secret(blob: bytes, *, context: str) -> bytes:
    """Open what was sealed in this workspace for this place; raises SealBroken.

    What was sealed with the master key itself, before workspaces had keys, opens too.
    """
    wanted = sealed_with(blob)
    if wanted in {key_id(key) for key in master_keys()}:
        return open_here(blob, context=context)
    key = key_named(wanted.hex())
    return open_sealed(blob, key=key, context=_bound(context))


def key_in_use() -> tuple[str, bytes]:
    """Return id and bytes of the key that seals now; the first call makes it."""
    row = DataKey.objects.filter(retired_at=None).first()
    if row is None:
        try:
            with transaction.atomic():
                row = _new_key()
        except IntegrityError:  # somebody else was quicker
            row = DataKey.objects.get(retired_at=None)
    return row.key_id, _opened(row)


def key_named(name: str) -> bytes:
    """Return the key with an id, of this workspace only; raises SealBroken."""
    here = _open.get((current_workspace_id(), name))
    if here is not None:
        return here
    row = DataKey.objects.filter(key_id=name).first()
    if row is None:
        raise SealBroken("The stored secret belongs to another place.")
    return _opened(row)


@transaction.atomic
def replace_key() -> str:
    """Retire the key in use and make a new one; return its id. Old ones still open."""
    DataKey.objects.filter(retired_at=None).update(retired_at=timezone.now())
    return _new_key().key_id


def reseal_keys() -> int:
    """Seal every data key of the workspace with the master key in use; return how many."""
    rows = list(DataKey.objects.select_for_update())
    for row in rows:
        key = open_here(bytes(row.sealed), context=_place(row.key_id))
        row.sealed = seal_here(key, context=_place(row.key_id))
        row.save(update_fields=["sealed"])
    return len(rows)


def opened_keys() -> list[tuple[DataKey, bytes]]:
    """Return every data key of the workspace, opened: for a sealed backup only."""
    return [(row, _opened(row)) for row in DataKey.objects.order_by("created_at", "pk")]


def sealed_key(name: str, key: bytes, *, before: bytes) -> bytes:
    """Return a data key sealed for this installation; `before` where that opens here."""
    try:
        if open_here(before, context=_place(name)) == key:
            return before
    except SealBroken:
        pass  # it comes from an installation with another master key
    return seal_here(key, context=_place(name))


def forget_open_keys() -> None:
    """Forget the keys that this process has opened."""
    with _lock:
        _open.clear()


def _new_key() -> DataKey:
    key = os.urandom(KEY_BYTES)
    name = key_id(key).hex()
    row = DataKey.objects.create(
        key_id=name, sealed=seal_here(key, context=_place(name))
    )
    ledger.append(
        "key.data_key_made", about=f"data key {name}", text="Made a data key."
    )
    return row


def _opened(row: DataKey) -> bytes:
    place = (row.workspace_id, row.key_id)
    with _lock:
        if place in _open:
            return _open[place]
    key = open_here(bytes(row.sealed), context=_place(row.key_id))
    with _lock:
        if len(_open) >= MOST_OPEN:
            _open.clear()
        _open[place] = key
    return key


def _bound(context: str) -> str:
    return f"workspace:{current_workspace_id()}/{context}"


def _place(name: str) -> str:
    return f"workspace:{current_workspace_id()}/data-key:{name}"
