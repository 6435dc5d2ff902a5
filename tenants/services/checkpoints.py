"""Signs the state of a ledger, verifies it, and keeps the key that signs."""

import datetime as dt
import os
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.moments import microseconds
from tenants.logic.ledger import (
    Signer,
    checkpoint_text,
    origin_of,
    signature_holds,
)
from tenants.logic.proofs import Key, Tree, Unreadable, Walk, chain, read_note
from tenants.models import (
    Checkpoint,
    LedgerCheck,
    LedgerEntry,
    LedgerHead,
    LedgerKey,
)
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services import ledger
from tenants.services.secrets import open_secret, seal_secret

EVERY = 1000  # entries
PAUSE = dt.timedelta(minutes=15)
HASH = 32  # bytes
BATCH = 2000
MOST_PROBLEMS = 100
PLACE = "ledger-key"


def signer() -> Signer:
    """Return the key of the current workspace's ledger; the first call makes it."""
    row = LedgerKey.objects.first()
    if row is None:
        try:
            with transaction.atomic():
                row = _new_key()
        except IntegrityError:  # somebody else was quicker
            row = LedgerKey.objects.get()
    return Signer(row.name, open_secret(bytes(row.sealed_private), context=PLACE))


def public_key() -> Key | None:
    """Return the key to verify with; None while nothing has been signed."""
    row = LedgerKey.objects.first()
    return Key(row.name, bytes(row.public)) if row else None


def _new_key() -> LedgerKey:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    name = origin_of(host, str(current_workspace_id()))
    new = Signer(name, os.urandom(HASH))
    row = LedgerKey.objects.create(
        name=name,
        public=new.key.public,
        sealed_private=seal_secret(new.secret, context=PLACE),
    )
    ledger.append(
        "audit.key_made", about="ledger", text=f"The key is {new.key.text()}."
    )
    return row


def reseal() -> int:
    """Seal the private key with the data key in use; return how many there were."""
    rows = list(LedgerKey.objects.all())
    for row in rows:
        secret = open_secret(bytes(row.sealed_private), context=PLACE)
        row.sealed_private = seal_secret(secret, context=PLACE)
        row.save(update_fields=["sealed_private"])
    return len(rows)


def sign_when_due() -> Checkpoint | None:
    """Sign the ledger if it has grown, after a quarter of an hour or a thousand entries."""
    with workspace_scope():
        last = Checkpoint.objects.order_by("-size").first()
        head = LedgerHead.objects.first()
        grown = (head.size if head else 0) - (last.size if last else 0)
        rested = last is None or timezone.now() - last.at >= PAUSE
        if grown < 1 or not (rested or grown >= EVERY):
            return None
    return sign_now()


def sign_now() -> Checkpoint | None:
    """Sign the ledger as it stands; None if nothing was added since the last time.

    Starts from the subtrees of the checkpoint before, so it reads new entries only.
    """
    with workspace_scope():
        key = (
            signer()
        )  # its making is an entry of its own, which is signed with the rest
    with workspace_scope():
        # One at a time: whoever comes second finds nothing new.
        head = LedgerHead.objects.first()
        last = Checkpoint.objects.order_by("-size").first()
        if head is None or (last and last.size == head.size):
            return None
        tree, chained = _tree_of(last)
        size = head.size
        for row in ledger.stretch(tree.size, size):
            tree.add(bytes(row.line))
            chained = chain(chained, bytes(row.line))
        now = timezone.now()
        body = checkpoint_text(
            key.name,
            tree=tree,
            head=chained,
            at_us=microseconds(now),
        )
        checkpoint, _ = Checkpoint.objects.get_or_create(
            size=size,
            defaults={
                "root": tree.root(),
                "note": key.sign(body),
                "peaks": b"".join(tree.peaks),
                "at": now,
            },
        )
        return checkpoint


def _tree_of(last: Checkpoint | None) -> tuple[Tree, bytes]:
    """Return tree and chain where a checkpoint left them."""
    if last is None:
        return Tree(), b""
    peaks = bytes(last.peaks)
    parts = [peaks[at : at + HASH] for at in range(0, len(peaks), HASH)]
    entry = LedgerEntry.objects.get(seq=last.size)
    return Tree(last.size, tuple(parts)), bytes(entry.chain)


def verify() -> LedgerCheck:
    """Verify the whole ledger from its stored bytes, and write down what came out.

    Chain, numbers, stored hashes and every checkpoint. A failure is an entry itself.
    """
    began = time.perf_counter()
    with workspace_scope():
        key = public_key()
        notes = {row.size: row for row in Checkpoint.objects.order_by("size")}
        head = LedgerHead.objects.first()
        walk = Walk(str(current_workspace_id()))
    size = head.size if head else 0
    while walk.tree.size < size:
        with workspace_scope():
            upto = min(walk.tree.size + BATCH, size)
            rows = ledger.stretch(walk.tree.size, upto)
            found = list(rows.values_list("line", "chain"))
        if not found:
            break
        for line, stored in found:
            _step(walk, bytes(line), stored=bytes(stored))
            if walk.tree.size in notes:
                _compare(walk, notes.pop(walk.tree.size), key)
    _compare_end(walk, head, sorted(notes))
    return _write(walk, seconds=time.perf_counter() - began)


def _step(walk: Walk, line: bytes, *, stored: bytes) -> None:
    walk.step(line)
    if stored != walk.head:
        walk.problems.append(
            f"entry {walk.tree.size}: its bytes do not give the hash beside them"
        )
        walk.head = stored  # so that one changed entry is one problem


def _compare(walk: Walk, row: Checkpoint, key: Key | None) -> None:
    where = f"the checkpoint over {row.size} entries"
    try:
        if key is None:
            raise Unreadable("the key of the ledger is gone")
        told = read_note(row.note, key, signature_holds)
    except Unreadable as error:
        walk.problems.append(f"{where}: {error}")
        return
    if (told.root, told.head) != (walk.tree.root(), walk.head):
        walk.problems.append(f"{where} was signed over other entries")


def _compare_end(walk: Walk, head: LedgerHead | None, left: list[int]) -> None:
    if head is not None and (walk.tree.size, walk.head) != (
        head.size,
        bytes(head.head),
    ):
        walk.problems.append(
            f"the ledger should have {head.size} entries and has {walk.tree.size}"
        )
    walk.problems += [f"entries up to {size} were signed and are gone" for size in left]


def _write(walk: Walk, *, seconds: float) -> LedgerCheck:
    with workspace_scope():
        check = LedgerCheck.objects.create(
            at=timezone.now(),
            size=walk.tree.size,
            holds=not walk.problems,
            problems=walk.problems[:MOST_PROBLEMS],
            seconds=round(seconds, 2),
        )
        if walk.problems:
            ledger.append(
                "audit.verification_failed",
                about="ledger",
                text=f"The ledger does not hold: {walk.problems[0]}.",
            )
        return check
