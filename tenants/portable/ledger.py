"""Writes a ledger into an archive, so that anybody can verify it without us."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

from tenants.logic.ledger import verifier
from tenants.models import Checkpoint, LedgerDetail, LedgerEntry, LedgerHead
from tenants.portable.parcel import Parcel
from tenants.scope import workspace_scope
from tenants.services.checkpoints import public_key
from tenants.services.ledger import stretch

BATCH = 1000
README = """The ledger of a workspace. Verify it on any machine with Python 3.9 or newer:

    python3 verify_ledger.py THIS_FOLDER_OR_ZIP --key KEY

KEY is the public key as you know it from somewhere else: the ledger page, or an earlier
mail. Without it the verifier takes the key in key.txt and says so. Give it checkpoints
that you kept with --checkpoint FILE. docs/ledger.md describes every byte.
"""
# Yields the signatures that decisions carry: (payload hash, payload).
Signatures = Callable[[], Iterator[tuple[str, bytes]]]


def write_ledger(
    parcel: Parcel, *, folder: str, signatures: Signatures
) -> Iterator[bytes]:
    """Write entries, details, checkpoints and signatures; yield the zip's next bytes.

    Call it while bound to the workspace. What is appended meanwhile is left out.
    """
    with workspace_scope():
        head = LedgerHead.objects.first()
        key = public_key()
    size, noted = head.size if head else 0, dict[str, int]()
    yield from parcel.lines(f"{folder}details.jsonl", _details(size, noted))
    yield from parcel.lines(f"{folder}entries.jsonl", _entries(size))
    yield from parcel.lines(f"{folder}checkpoints.jsonl", _notes(size))
    yield from parcel.lines(
        f"{folder}signatures.jsonl",
        (
            _json({"seq": noted[name], "payload": base64.b64encode(raw).decode()})
            for name, raw in signatures()
            if name in noted
        ),
    )
    yield from parcel.text(f"{folder}key.txt", key.text() if key else "")
    yield from parcel.text(f"{folder}verify_ledger.py", verifier())
    yield from parcel.text(f"{folder}README.txt", README)


def _entries(size: int) -> Iterator[bytes]:
    for rows in _batches(size):
        yield from (bytes(row.line) for row in rows)


def _details(size: int, noted: dict[str, int]) -> Iterator[bytes]:
    """Yield the details; note the entry of each signature by its payload's hash."""
    for rows in _batches(size):
        with workspace_scope():
            details = LedgerDetail.objects.in_bulk([row.pk for row in rows])
        for row in rows:
            if row.pk in details:
                yield _json(_detail(row.seq, details[row.pk], noted))


def _notes(size: int) -> Iterator[bytes]:
    last = 0
    while True:
        with workspace_scope():
            signed = Checkpoint.objects.filter(size__gt=last, size__lte=size)
            rows = list(signed.order_by("size").values_list("size", "note")[:BATCH])
        if not rows:
            return
        last = rows[-1][0]
        yield from (_json({"note": note}) for _, note in rows)


def _batches(size: int) -> Iterator[list[LedgerEntry]]:
    """Yield the entries up to `size`; memory stays flat, transactions short."""
    last = 0
    while True:
        with workspace_scope():
            rows = list(stretch(last, size).only("seq", "line")[:BATCH])
        if not rows:
            return
        last = rows[-1].seq
        yield rows


def _detail(seq: int, row: LedgerDetail, noted: dict[str, int]) -> dict[str, Any]:
    text = bytes(row.body).decode()
    values = json.loads(text)
    if payload_hash := (values["after"] or {}).get("payload_hash"):
        noted[payload_hash] = seq
    return {
        "seq": seq,
        "salt": bytes(row.salt).hex(),
        "detail": text,
        "before": part(text, "before"),
        "after": part(text, "after"),
    }


def part(text: str, name: str) -> str | None:
    """Return the exact text of one value of a canonical object; None for null."""
    decoder = json.JSONDecoder()
    start = _start(text, name, decoder)
    value, end = decoder.raw_decode(text, start)
    return None if value is None else text[start:end]


def _start(text: str, name: str, decoder: json.JSONDecoder) -> int:
    """Walk over the members of a canonical object to where a value begins."""
    at = 1
    while True:
        key, at = decoder.raw_decode(text, at)
        if key == name:
            return at + 1
        _, at = decoder.raw_decode(text, at + 1)
        at += 1


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
